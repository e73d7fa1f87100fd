import { stringWidth } from "../deps/string_width.ts";
import type { PaneView } from "../tmux/mod.ts";
import type { Eye } from "./eye.ts";
import { marksOf } from "./skeleton.ts";

/** A shorter message may well be the end of a prompt. */
const telling = 4;

/**
 * Sees a message in any program that echoes what is typed (a shell, a REPL, `cat`). It comes when its end stands before
 * the cursor, or once more than before on the rows from there on. It is gone when its end no longer stands on the cursor's
 * own row, and something follows it: the terminal echoes by itself, so an echo alone says nothing of the program.
 *
 * A program that echoes nothing, such as a password prompt, shows nothing and gets no Enter. What is a draft and what is a
 * prompt cannot be told apart here.
 */
export function echoEye(message: string): Eye {
  const { tail: end, reduce } = marksOf(message);
  let start = { x: 0, row: 0 };
  let timesBefore = 0;
  let shown: { readonly row: number; readonly isAtCursor: boolean } | undefined;
  let looksGone = 0;

  const standsAtCursor = (view: PaneView) => view.pane.cursor.x > 0 && reduce(beforeCursor(view)).endsWith(end);
  /** How often the end stands from the first cursor's row on; a prompt may have the same words. */
  const timesBelow = (view: PaneView) => reduce(rowsFrom(view, start.row).join("\n")).split(end).length - 1;

  return {
    obstacle(view) {
      start = { x: view.pane.cursor.x, row: cursorRow(view) };
      timesBefore = timesBelow(view);
      if (end.length >= telling && standsAtCursor(view)) {
        return { reason: "the same text stands at the cursor already" };
      }
    },
    queuedAlike: () => ({ count: 0, includes: () => false }),
    isAnswered: (view) => shown !== undefined && rowsFrom(view, shown.row + 1).some((text) => text.trim() !== ""),
    leftover(view) {
      start = { x: 0, row: -1 };
      timesBefore = 0;
      shown = { row: cursorRow(view), isAtCursor: true };
      return end.length >= telling && standsAtCursor(view) ? "standing" : "unclear";
    },
    isShown(view) {
      const hasMoved = view.pane.cursor.x !== start.x || cursorRow(view) !== start.row;
      const isAtCursor = hasMoved && standsAtCursor(view);
      if (!isAtCursor && timesBelow(view) <= timesBefore) return false;
      shown = { row: cursorRow(view), isAtCursor };
      return true;
    },
    fate(view) {
      if (!shown) return "unclear";
      const stands = shown.isAtCursor ? standsAtCursor(view) : shown.row === cursorRow(view);
      if (stands) {
        looksGone = 0;
        return shown.isAtCursor ? "standing" : "unclear";
      }
      // A program that prints the message again has it, where a newline at the end of the paste was its Enter.
      if (!hasAnswer(view, shown.row, (text) => reduce(text).includes(end)) && timesBelow(view) < timesBefore + 2) {
        return "unclear";
      }
      // A program that redraws its line moves the cursor for a moment: once may be chance.
      return ++looksGone >= 2 ? "taken" : "unclear";
    },
  };
}

/** Whether the program has written anything since the message stood in its row: output below, or over it. */
function hasAnswer(view: PaneView, row: number, isMessage: (text: string) => boolean): boolean {
  if (rowsFrom(view, row + 1).some((text) => text.trim() !== "")) return true;
  return cursorRow(view) <= row && !isMessage(rowsFrom(view, row)[0] ?? "");
}

/** The visible rows from one on, counted as {@linkcode cursorRow} does. */
function rowsFrom({ pane, rows }: PaneView, row: number): readonly string[] {
  return rows.slice(Math.max(0, row - pane.historySize));
}

/** The cursor's row, counted from the first that the pane ever showed, as long as its history keeps them all. */
function cursorRow({ pane }: PaneView): number {
  return pane.historySize + pane.cursor.y;
}

/** The visible text up to the cursor. */
function beforeCursor({ pane, rows }: PaneView): string {
  const { x, y } = pane.cursor;
  const row = rows[y] ?? "";
  let columns = 0;
  let line = "";
  for (const { segment } of new Intl.Segmenter().segment(row)) {
    columns += stringWidth(segment);
    if (columns > x) break;
    line += segment;
  }
  return [...rows.slice(0, y), line].join("\n");
}
