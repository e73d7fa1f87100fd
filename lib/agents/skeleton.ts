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
  return text.normalize("NFC").replace(/[^\p{L}\p{N}\p{P}\p{Sm}\p{Sc}\p{Sk}]|\p{Emoji_Modifier}/gu, "");
}

/** How much of a line is looked for: enough to tell messages apart behind a preamble, short enough to stand on a screen. */
const marked = 120;

/** How a message can be recognised on a screen. */
export interface Marks {
  /** All of it, reduced. */
  readonly whole: string;
  /** The beginning of its first line that has anything to see. */
  readonly head: string;
  /** The end of its last such line. */
  readonly tail: string;
  /** The end of all of it, over as many lines as it takes. */
  readonly end: string;
  /** Reduces what a screen shows to what the marks are made of. */
  readonly reduce: (shown: string) => string;
}

/** The scripts of South and Southeast Asia, whose widths tmux and the programs in it take differently. */
const clusters = /[\u0900-\u0dff\u1000-\u109f\u1780-\u17ff]/u;

/** The marks of a message. One of emoji alone has nothing that every terminal shows alike, and is looked for as it is. */
export function marksOf(message: string): Marks {
  const plain = skeleton(message) === "" ? bare : skeleton;
  // Of letters that stand on one another a terminal may leave some behind, among a text that has none.
  const reduce = clusters.test(message)
    ? plain
    : (shown: string) => plain(shown.replace(new RegExp(clusters, "gu"), ""));
  const lines = message.split("\n").map(reduce).filter((line) => line !== "");
  return {
    whole: lines.join(""),
    head: (lines[0] ?? "").slice(0, marked),
    tail: (lines.at(-1) ?? "").slice(-40),
    end: lines.join("").slice(-marked),
    reduce,
  };
}

/** A text without spaces, and without the selectors that a terminal may drop. */
function bare(text: string): string {
  return text.normalize("NFC").replace(/[\s\ufe00-\ufe0f]/gu, "");
}
