/**
 * Quotes text from a file for an error message.
 *
 * @module
 */
import { visible } from "../io/visible.ts";

/** The most characters that are shown of one text. */
const MAX_CHARACTERS = 80;

/**
 * The text as a JSON string on one line, with what a terminal would obey or hide escaped; `…` stands for what is past
 * 80 characters.
 *
 * @example A quote and a newline
 * ```ts
 * import { quoted } from "./quoted.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(quoted('say "hi"\n'), '"say \\"hi\\"\\n"');
 * ```
 */
export function quoted(text: string): string {
  // A cut between two surrogates would show half a character: cut by characters.
  const characters = text.length > MAX_CHARACTERS ? [...text.slice(0, 2 * MAX_CHARACTERS + 1)] : [];
  const cut = characters.length > MAX_CHARACTERS;
  const shown = cut ? characters.slice(0, MAX_CHARACTERS).join("") : text;
  return `"${visible(shown.replace(/["\\]/g, "\\$&"))}${cut ? "…" : ""}"`;
}
