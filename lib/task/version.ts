/** The version of muster; `deno.json` has the same, held by a test. */
export const version = "0.1.0";
