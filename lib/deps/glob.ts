/** Globs, such as declared inputs have. The package ships no types: `glob.d.ts` has them. @module */

// @ts-types="./glob.d.ts"
export { globToRegExp } from "npm:deno-std@1.4.0/path/posix/glob_to_regexp.js";
