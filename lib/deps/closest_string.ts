/**
 * The nearest of several words, for "did you mean". The package ships no types: `closest_string.d.ts` has them.
 *
 * @module
 */

// @ts-types="./closest_string.d.ts"
export { closestString } from "npm:deno-std@1.4.0/text/closest_string.js";
// @ts-types="./closest_string.d.ts"
export { levenshteinDistance } from "npm:deno-std@1.4.0/text/levenshtein_distance.js";
export type { ClosestStringOptions } from "./closest_string.d.ts";
