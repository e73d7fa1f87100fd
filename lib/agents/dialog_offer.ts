import type { Reading } from "./runtime.ts";

/** What points at the answer that Enter would give. */
const pointer = /^(\s*)[❯›>]( +)/;

/** An answer with its number. */
const answer = /^\s*(?:[❯›>] +)?(\d{1,2})[.)] +(\S.*?)\s*$/;

/** A dialog as it stays while the choice moves, and what it offers. */
export interface DialogOffer {
  /** Its text, without what points at an answer. */
  readonly text: string;
  /** The answers, top to bottom, without their numbers; none where they could not be read. */
  readonly choices: readonly string[];
  /** Which of them Enter would give, from 0. */
  readonly selected?: number;
}

/**
 * What a dialog offers: as its runtime read it, else the rows that are numbered from 1 on, of which one is pointed at.
 *
 * @example
 * ```ts
 * import { dialogOffer } from "./dialog_offer.ts";
 *
 * const offer = dialogOffer({ state: "dialog", dialog: "Run it?\n❯ 1. Yes\n  2. No" });
 * if (offer?.choices.join() !== "Yes,No" || offer.selected !== 0) throw new Error("unreachable");
 * ```
 */
export function dialogOffer({ dialog, choices, selected }: Reading): DialogOffer | undefined {
  if (dialog === undefined) return undefined;
  const rows = dialog.split("\n");
  const text = rows.map((row) => row.replace(pointer, "$1 $2")).join("\n");
  if (choices !== undefined) return { text, choices, selected };
  const found = rows.flatMap((row) => {
    const [, number, words = ""] = answer.exec(row) ?? [];
    return number === undefined ? [] : [{ number: Number(number), words, isPointedAt: pointer.test(row) }];
  });
  const pointedAt = found.filter(({ isPointedAt }) => isPointedAt);
  const isList = found.every(({ number }, at) => number === at + 1) && pointedAt.length === 1;
  if (!isList) return { text, choices: [] };
  return {
    text,
    choices: found.map(({ words }) => words),
    selected: found.findIndex(({ isPointedAt }) => isPointedAt),
  };
}
