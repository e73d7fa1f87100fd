/** The types of `npm:deno-std/toml`, which ships none. Only what `toml.ts` re-exports. @module */

/** The object as a TOML document. */
export function stringify(object: Record<string, unknown>): string;
