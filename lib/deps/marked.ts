/** Markdown in tokens. @module */
export { Lexer, type Token } from "npm:marked@18.2.1";
