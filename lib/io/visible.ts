/**
 * Controls, lone surrogates, line and paragraph separators, and format characters (text direction, tags), of which the
 * joiners of emoji and of Indic and Persian text may stand.
 */
const unseen = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const short: Readonly<Record<string, string>> = { "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r" };

/** Options of {@linkcode visible}. */
export interface VisibleOptions {
  /** Characters that stay as they are. @default {""} */
  readonly keep?: string;
}

/**
 * The text on one line, with each character that a terminal would obey or hide written as its JSON escape.
 *
 * @example A newline and an escape sequence
 * ```ts
 * import { visible } from "./visible.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(visible("a\nb\u001b[31m"), "a\\nb\\u001b[31m");
 * assertEquals(visible("a\tb", { keep: "\t" }), "a\tb");
 * ```
 */
export function visible(text: string, options: VisibleOptions = {}): string {
  return text.replace(unseen, (character) => {
    if (options.keep?.includes(character)) return character;
    return short[character] ??
      Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charCodeAt(at))}`).join("");
  });
}

function hex(code: number): string {
  return code.toString(16).padStart(4, "0");
}
