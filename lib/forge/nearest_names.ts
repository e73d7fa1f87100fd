import { levenshteinDistance } from "../deps/closest_string.ts";
import { quoted } from "../config/quoted.ts";

/**
 * A hint with the names that are nearest to a word, at most three; of few names, all of them.
 *
 * @example
 * ```ts
 * import { nearestNames } from "./nearest_names.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(nearestNames("v1.2", ["v1.1", "v1.3", "v2.0", "later", "never"]), 'the nearest are "v1.1", "v1.3", "v2.0"');
 * assertEquals(nearestNames("x", []), "there is none");
 * ```
 */
export function nearestNames(word: string, known: readonly string[]): string {
  const names = [...new Set(known)];
  if (names.length === 0) return "there is none";
  const wanted = word.slice(0, 64).toLowerCase();
  const distance = (name: string) => {
    const lower = name.slice(0, 64).toLowerCase();
    // A part of a name is nearer than a word of its length.
    return lower.includes(wanted) || wanted.includes(lower) ? 0 : levenshteinDistance(wanted, lower);
  };
  const sorted = names.map((name) => ({ name, far: distance(name) })).toSorted((a, b) => a.far - b.far);
  const shown = sorted.slice(0, 3).map(({ name }) => quoted(name)).join(", ");
  return names.length > 3 ? `the nearest are ${shown}` : `there ${names.length === 1 ? "is" : "are"} ${shown}`;
}
