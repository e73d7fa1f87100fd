/**
 * What a person may have meant as a closing keyword, by no forge's grammar: for warnings, never for links.
 *
 * @module
 */

/** Something that looks like a keyword and a reference. */
export interface NearMiss {
  /** As it is written, on one line. */
  readonly text: string;
  /** The numbers that it names, the first one right after the keyword. */
  readonly numbers: readonly number[];
  /** The repo that the first one is of, where one is written. */
  readonly repo?: string;
}

const words = "close[sd]?|closing|fix(?:e[sd])?|fixing|resolve[sd]?|resolving|implement(?:s|ed|ing)?";
// Every run is bounded: a text of one character many times must not take its square.
const name = "(?:[\\w.-]{1,100}\\/){0,9}[\\w.-]{1,100}";
const pattern = new RegExp(
  `(?<![\\w-])(?:${words})(?![\\w-])[\\s:*_\`"'([-]{0,8}(?:issues?\\s{1,8})?(${name})?#(\\d{1,9})\\b((?:[\\s*_\`)\\]]{0,8}(?:,|&|\\+|and|or)?[\\s*_\`([]{0,8}#\\d{1,9}\\b)*)`,
  "gi",
);

/**
 * All that looks so in a text.
 *
 * @example
 * ```ts
 * import { nearMisses } from "./near_misses.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(nearMisses("Closes #1, #2 and hotfix #9"), [{ text: "Closes #1, #2", numbers: [1, 2] }]);
 * assertEquals(nearMisses("fixes: other/repo#3"), [{ text: "fixes: other/repo#3", numbers: [3], repo: "other/repo" }]);
 * ```
 */
export function nearMisses(text: string): NearMiss[] {
  return Array.from(text.matchAll(pattern), ([whole, repo, first, more = ""]) => ({
    text: whole.replace(/\s+/g, " ").trim(),
    numbers: [Number(first), ...Array.from(more.matchAll(/#(\d+)/g), ([, number]) => Number(number))],
    ...(repo === undefined ? {} : { repo }),
  }));
}
