/**
 * The types of `npm:deno-std/text`, which ships none. Only what `closest_string.ts` re-exports.
 *
 * @module
 */

/** Options of {@linkcode closestString}. */
export interface ClosestStringOptions {
  /** Whether upper and lower case differ. @default {false} */
  readonly caseSensitive?: boolean;
  /** How far two words are apart; the Levenshtein distance by default. */
  readonly compareFn?: (a: string, b: string) => number;
}

/**
 * The most similar of `words`, however far it is; ask {@linkcode levenshteinDistance} whether it is near.
 *
 * @throws {TypeError} when there are no words.
 */
export function closestString(word: string, words: readonly string[], options?: ClosestStringOptions): string;

/** How many single-character edits turn one word into the other. */
export function levenshteinDistance(a: string, b: string): number;
