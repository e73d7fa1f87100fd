/** JSON Schema, checked: for tests, which hold servers to their vendors' descriptions. @module */
export { Ajv, type ValidateFunction } from "npm:ajv@8.20.0";
export { default as addFormats } from "npm:ajv-formats@3.0.1";
