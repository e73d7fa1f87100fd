/** Properties, tried on generated values: for tests. @module */
export { default as fc } from "npm:fast-check@4.10.2";
