import type { Reading } from "./runtime.ts";
import { skeleton } from "./skeleton.ts";

/** What points at the answer that Enter would give. */
const pointer = /^(\s*)[❯›>]( +)/;

/** An answer with its number. */
const answer = /^\s*(?:[❯›>] +)?(\d{1,2})[.)] +(\S.*?)\s*$/;

/** A row in which an answer goes on, below its first words. */
const next = /^ {3,}\S/;

/** A dialog as it stays while the choice moves, and what it offers. */
export interface DialogOffer {
  /** Its text, without what points at an answer. */
  readonly text: string;
  /** What it asks: all that is above the answers. The keys below them may change with the one that is pointed at. */
  readonly question: string;
  /** The answers, top to bottom, without their numbers; none where they could not be read. */
  readonly choices: readonly string[];
  /** Which of them Enter would give, from 0. */
  readonly selected?: number;
}

/**
 * What a dialog offers: as its runtime read it, else the rows that are numbered from 1 on, of which one is pointed at. A
 * row that goes on where an answer's words began is part of it.
 *
 * @example
 * ```ts
 * import { dialogOffer } from "./dialog_offer.ts";
 *
 * const offer = dialogOffer({ state: "dialog", dialog: "Run it?\n❯ 1. Yes\n  2. No,\n     not now" });
 * if (offer?.choices.join("; ") !== "Yes; No, not now" || offer.selected !== 0) throw new Error("unreachable");
 * ```
 */
export function dialogOffer({ dialog, choices, selected }: Reading): DialogOffer | undefined {
  if (dialog === undefined) return undefined;
  const rows = dialog.split("\n");
  const text = rows.map((row) => row.replace(pointer, "$1 $2")).join("\n");
  if (choices !== undefined) return { text, question: text, choices, selected };
  const found: Answer[] = [];
  for (const [at, row] of rows.entries()) {
    const [, number, words = ""] = answer.exec(row) ?? [];
    const last = found.at(-1);
    if (number !== undefined) {
      found.push({ first: at, end: at + 1, number: Number(number), words, isPointedAt: pointer.test(row) });
    } else if (last?.end === at && next.test(row)) {
      found[found.length - 1] = { ...last, end: at + 1, words: `${last.words} ${row.trim()}` };
    }
  }
  const isList = found.every(({ number }, at) => number === at + 1) &&
    found.filter(({ isPointedAt }) => isPointedAt).length === 1;
  if (!isList) return { text, question: text, choices: [] };
  return {
    text,
    question: rows.slice(0, found[0]?.first).join("\n"),
    choices: found.map(({ words }) => words),
    selected: found.findIndex(({ isPointedAt }) => isPointedAt),
  };
}

/** Whether two looks saw one dialog: what is asked and offered is the same, whichever answer is pointed at. */
export function isSameOffer(one: DialogOffer, other: DialogOffer): boolean {
  return skeleton(one.question) === skeleton(other.question) && one.choices.join("\n") === other.choices.join("\n");
}

/** An answer as it was read. */
interface Answer {
  /** Its first row, and the row behind its last. */
  readonly first: number;
  readonly end: number;
  readonly number: number;
  readonly words: string;
  readonly isPointedAt: boolean;
}
