/**
 * A text reduced to what every terminal shows alike: letters, digits and punctuation, without the spaces that wrapping
 * and indenting change, and without the marks and emoji that programs and tmux compose in ways of their own.
 *
 * @example
 * ```ts
 * import { skeleton } from "./skeleton.ts";
 *
 * if (skeleton("fix  it,\n  now 🚀") !== "fixit,now") throw new Error("unreachable");
 * ```
 */
export function skeleton(text: string): string {
  return text.normalize("NFC").replace(/[^\p{L}\p{N}\p{P}\p{Sm}\p{Sc}\p{Sk}]/gu, "");
}

/** How much of a text is looked for: enough to tell messages apart, short enough to stand on a screen. */
const marked = 40;

/** How a message can be recognised on a screen: its first line's beginning and its last line's end, as skeletons. */
export interface Marks {
  /** The skeleton of all of it. */
  readonly whole: string;
  /** The beginning of its first line; empty where it has no letter, digit or sign. */
  readonly head: string;
  /** The end of its last line; empty where it has none. */
  readonly tail: string;
}

/** The marks of a message. */
export function marksOf(message: string): Marks {
  const lines = message.split("\n").map(skeleton).filter((line) => line !== "");
  return {
    whole: lines.join(""),
    head: (lines[0] ?? "").slice(0, marked),
    tail: (lines.at(-1) ?? "").slice(-marked),
  };
}
