/** Numbers that a title or a branch names, without a keyword. @module */

/**
 * The numbers of bare `#12` in a text: none of `owner/repo#12`, `a#12`, `#12a`.
 *
 * @example
 * ```ts
 * import { bareNumbers } from "./named_numbers.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(bareNumbers("Parser (#12), ada/tool#3, #4th, &#5;"), [12]);
 * ```
 */
export function bareNumbers(text: string): number[] {
  return Array.from(text.matchAll(/(?<![\w/.&#-])#(\d{1,9})(?![\w-])/g), ([, number]) => Number(number));
}

/**
 * The numbers in the name of a branch that stand between delimiters: of `feat/12-parser`, `fix-3`, `a_4` and `1.2`, but not
 * of `v2026roadmap`.
 *
 * @example
 * ```ts
 * import { branchNumbers } from "./named_numbers.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(branchNumbers("feat/12-parser"), [12]);
 * assertEquals(branchNumbers("docs/v2026roadmap"), []);
 * assertEquals(branchNumbers("feat/2026-roadmap"), [2026]);
 * ```
 */
export function branchNumbers(branch: string): number[] {
  return Array.from(branch.matchAll(/(?<![\p{L}\p{N}])\d{1,9}(?![\p{L}\p{N}])/gu), ([number]) => Number(number));
}
