/** Reads TOML with the position of every key, which error messages need. @module */
export { getStaticTOMLValue, ParseError, parseTOML } from "npm:toml-eslint-parser@1.0.3";
export type { AST } from "npm:toml-eslint-parser@1.0.3";
