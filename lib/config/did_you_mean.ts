import { closestString, levenshteinDistance } from "../deps/closest_string.ts";
import { quoted } from "./quoted.ts";

/** Comparing costs the product of both lengths, and a longer word is not a slip of the finger. */
const maxLength = 64;

/**
 * A hint such as `did you mean "working_directory"?`, or `undefined` where no known word is near: more than a third of
 * the longer word would have to change.
 *
 * @param write How the word is written in the hint; as a JSON string by default.
 *
 * @example
 * ```ts
 * import { didYouMean } from "./did_you_mean.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(didYouMean("clas", ["class", "name"]), 'did you mean "class"?');
 * assertEquals(didYouMean("sned", ["send"], (verb) => `muster tmux ${verb}`), "did you mean muster tmux send?");
 * assertEquals(didYouMean("colour", ["class", "name"]), undefined);
 * ```
 */
export function didYouMean(
  word: string,
  known: readonly string[],
  write: (word: string) => string = quoted,
): string | undefined {
  if (known.length === 0 || word.length === 0 || word.length > maxLength) return undefined;
  const nearest = closestString(word, known);
  return isNear(word.toLowerCase(), nearest.toLowerCase()) ? `did you mean ${write(nearest)}?` : undefined;
}

/** A beginning of the word, or one that a few edits turn into it, of which two letters swapped are one. */
function isNear(word: string, known: string): boolean {
  if (word.length >= 3 && known.startsWith(word)) return true;
  const swaps = Array.from(
    { length: word.length - 1 },
    (_, at) => word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2),
  );
  const distance = Math.min(
    levenshteinDistance(word, known),
    ...swaps.map((swapped) => 1 + levenshteinDistance(swapped, known)),
  );
  return distance <= Math.max(1, Math.floor(Math.max(word.length, known.length) / 3));
}
