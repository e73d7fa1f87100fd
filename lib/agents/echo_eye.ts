import { stringWidth } from "../deps/string_width.ts";
import type { PaneView } from "../tmux/mod.ts";
import type { Eye } from "./eye.ts";
import { marksOf, skeleton } from "./skeleton.ts";

/**
 * Sees a message in any program that echoes what is typed (a shell, a REPL, `cat`): it comes when its end stands before
 * the cursor or below where the cursor was, and is gone when the cursor has left it. A program that echoes nothing, such
 * as a password prompt, shows nothing and gets no Enter.
 */
export function echoEye(message: string): Eye {
  const marks = marksOf(message);
  const end = marks.tail === "" ? message.replace(/\s/gu, "").slice(-8) : marks.tail;
  const reduce = marks.tail === "" ? (text: string) => text.replace(/\s/gu, "") : skeleton;
  let startRow = 0;
  let shownRow: number | undefined;
  let isAtCursor = false;
  let looksGone = 0;
  let timesBefore = 0;

  const standsAtCursor = (view: PaneView) => reduce(beforeCursor(view)).endsWith(end);
  /** How often the end stands from the first cursor's row on; a prompt may have the same words. */
  const timesBelow = (view: PaneView) => {
    const rows = view.rows.slice(Math.max(0, startRow - view.pane.historySize));
    return reduce(rows.join("\n")).split(end).length - 1;
  };
  return {
    obstacle(view) {
      startRow = cursorRow(view);
      timesBefore = timesBelow(view);
      const { y } = view.pane.cursor;
      if (reduce(beforeCursor(view)) !== "" && reduce(view.rows[y] ?? "") !== "" && standsAtCursor(view)) {
        return { reason: "the same text stands at the cursor already" };
      }
    },
    isShown(view) {
      isAtCursor = standsAtCursor(view);
      if (!isAtCursor && timesBelow(view) <= timesBefore) return false;
      shownRow = cursorRow(view);
      return true;
    },
    fate(view) {
      const isStill = shownRow === cursorRow(view) && (!isAtCursor || standsAtCursor(view));
      if (isStill) {
        looksGone = 0;
        return isAtCursor ? "standing" : "unclear";
      }
      // A program that redraws its line moves the cursor for a moment: once may be chance.
      return ++looksGone >= 2 ? "taken" : "unclear";
    },
  };
}

/** The cursor's row, counted from the first that the pane ever showed. */
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
