import type { PaneView } from "../tmux/mod.ts";
import type { Screen } from "./runtime.ts";

/** A pane's view as runtimes read it. */
export function screenOf({ pane, rows }: PaneView): Screen {
  return { rows, width: pane.width, height: pane.height, cursor: pane.cursor, command: pane.command };
}
