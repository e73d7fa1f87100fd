/** The types of `npm:deno-std/ulid`, which ships none. Only what `ulid.ts` re-exports. @module */

/** A ULID: 26 characters that sort by the time given, in milliseconds since 1970. */
export function ulid(seedTime?: number): string;
