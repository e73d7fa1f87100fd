import { assertEquals } from "../deps/assert.ts";
import type { PaneView } from "../tmux/mod.ts";
import { openDialog } from "./open_dialog.ts";

/** A pane of 60 columns that shows so. */
function shows(...rows: readonly string[]): PaneView {
  const height = 50;
  const pane = { width: 60, height, command: "program", cursor: { x: 0, y: 0, visible: false } };
  return { pane, rows } as unknown as PaneView;
}

/** The screen of a demo agent that asks. */
function asks(question: string): PaneView {
  return shows(
    " muster demo agent · a · asking",
    `╭${"─".repeat(58)}╮`,
    `│ ${question}`,
    "│ ❯ 1. Yes",
    "│   2. No",
    "╰─ Enter to answer · Esc to refuse",
  );
}

Deno.test("a dialog that muster can read is answered by a command line that holds its question as one word", () => {
  assertEquals(openDialog({ name: "a", kind: "demo" }, asks("Trust 'it'; $(touch x)?")), {
    dialog: "Trust 'it'; $(touch x)?",
    hint: `muster agent answer a --expect 'Trust '\\''it'\\''; $(touch x)?' --choose N (1. Yes · 2. No)`,
  });
});

Deno.test("a dialog with too few letters to know it by is answered where it is", () => {
  assertEquals(openDialog({ name: "a", kind: "demo" }, asks("Go?")), {
    dialog: "Go?",
    hint: "muster agent attach a, and answer it there",
  });
});

Deno.test("what is no dialog, or a screen that is not read, is none", () => {
  assertEquals(openDialog({ name: "a", kind: "demo" }, shows("nothing that muster knows")), undefined);
  assertEquals(openDialog({ name: "a", kind: "command" }, asks("Delete everything?")), undefined);
});
