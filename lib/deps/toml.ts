/** Writes TOML. (Its reader gives no positions: `toml_parser.ts` reads.) The package ships no types: `toml.d.ts` has them. @module */

// @ts-types="./toml.d.ts"
export { stringify as stringifyToml } from "npm:deno-std@1.4.0/toml/stringify.js";
