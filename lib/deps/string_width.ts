/** How many columns a text takes on a terminal. (The std library's own is unusable from npm: it misses its table.) @module */
export { default as stringWidth } from "npm:string-width@9.0.0";
