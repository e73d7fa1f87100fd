import { assertEquals } from "../deps/assert.ts";
import { demoRuntime } from "./demo.ts";
import type { Reading, Screen } from "./runtime.ts";

const WIDTH = 50;
const answers = { choices: ["Yes", "No"], selected: 0 };
const RULE = "─".repeat(WIDTH);
const BOX = `╭${"─".repeat(WIDTH - 2)}╮`;
const END = "╰─ Enter to answer · Esc to refuse";
const READY = " muster demo agent · coder0 · ready";
const WORKING = " muster demo agent · coder0 · working";
const ASKING = " muster demo agent · coder0 · asking";
const BUSY = "⠹ Working… (3s · esc to interrupt)";
const CHOICES = ["│ ❯ 1. Yes", "│   2. No", END];
const DIALOG = [ASKING, BOX, "│ Allow the command: rm -rf build?", ...CHOICES];

function read(rows: readonly string[], changes: Partial<Screen> = {}): Reading {
  const cursor = { x: 0, y: 0, visible: true };
  return demoRuntime.read({ rows, width: WIDTH, height: 20, cursor, command: "deno", ...changes });
}

Deno.test("demoRuntime is of kind demo", () => assertEquals(demoRuntime.kind, "demo"));

const recognised: [string, string[], Reading][] = [
  [
    "an empty composer is idle",
    [RULE, "❯", RULE, READY, "", ""],
    { state: "idle", composer: "", folded: false, queued: [], conversation: [] },
  ],
  [
    "text in the composer is a draft",
    ["❯ hi", "● Received 1 line, 2 characters.", "", RULE, "❯ fix the", RULE, READY],
    {
      state: "draft",
      composer: "fix the",
      folded: false,
      queued: [],
      conversation: ["❯ hi", "● Received 1 line, 2 characters."],
    },
  ],
  [
    "rows of a draft are joined and lose their indentation only",
    [RULE, "❯ one", "    two", "", "  three", RULE, READY],
    { state: "draft", composer: "one\n  two\n\nthree", folded: false, queued: [], conversation: [] },
  ],
  [
    "newlines alone are a draft",
    [RULE, "❯", "", RULE, READY],
    { state: "draft", composer: "\n", folded: false, queued: [], conversation: [] },
  ],
  [
    "a draft whose first rows are scrolled away",
    [RULE, "↑ 39", "  40", RULE, READY],
    { state: "draft", composer: "39\n40", folded: false, queued: [], conversation: [] },
  ],
  [
    "a paste folded by its lines",
    [RULE, "❯ see [Pasted text #1 +40 lines]", RULE, READY],
    { state: "draft", composer: "see [Pasted text #1 +40 lines]", folded: true, queued: [], conversation: [] },
  ],
  [
    "a paste folded by its characters",
    [RULE, "❯ [Pasted text #2 1234 chars]", RULE, READY],
    { state: "draft", composer: "[Pasted text #2 1234 chars]", folded: true, queued: [], conversation: [] },
  ],
  [
    "busy",
    ["❯ hi", BUSY, RULE, "❯", RULE, WORKING],
    { state: "busy", composer: "", folded: false, queued: [], conversation: ["❯ hi"] },
  ],
  [
    "busy with a queue and a draft",
    ["❯ hi", "↳ queued: one", "↳ queued:", "↳ … +3 more", BUSY, RULE, "❯ two", RULE, WORKING],
    { state: "busy", composer: "two", folded: false, queued: ["one", ""], conversation: ["❯ hi"] },
  ],
  ["starting", ["", " muster demo agent · coder0 · starting", ""], { state: "starting" }],
  [
    "a name cut by a narrow terminal",
    [RULE, "❯", RULE, " muster demo agent · co… · ready"],
    { state: "idle", composer: "", folded: false, queued: [], conversation: [] },
  ],
  [
    "a footer without a name, in a very narrow terminal",
    [RULE, "❯", RULE, " muster · ready"],
    { state: "idle", composer: "", folded: false, queued: [], conversation: [] },
  ],
  [
    "a dialog",
    ["❯ clean up", "", ...DIALOG, ""],
    { state: "dialog", dialog: "Allow the command: rm -rf build?", ...answers, conversation: ["❯ clean up"] },
  ],
  [
    "a question of several rows",
    [ASKING, BOX, "│ Allow", "│", "│   this?", ...CHOICES],
    { state: "dialog", dialog: "Allow\n\n  this?", ...answers, conversation: [] },
  ],
  [
    "a message that quotes a dialog and a composer",
    ["❯ look:", ...[...DIALOG, RULE, "❯", RULE, READY].map((row) => `  ${row}`), RULE, "❯", RULE, READY],
    {
      state: "idle",
      composer: "",
      folded: false,
      queued: [],
      conversation: ["❯ look:", ...[...DIALOG, RULE, "❯", RULE, READY].map((row) => `  ${row}`)],
    },
  ],
  [
    "a draft that quotes a dialog, a queue and a rule",
    [RULE, `❯ ${BOX.slice(2)}`, `  ${END}`, "  ↳ queued: no", `  ${RULE.slice(2)}`, `  ${READY}`, RULE, READY],
    {
      state: "draft",
      composer: [BOX.slice(2), END, "↳ queued: no", RULE.slice(2), READY].join("\n"),
      folded: false,
      queued: [],
      conversation: [],
    },
  ],
  [
    "an open dialog after a message that quotes a composer",
    ["❯ look:", ...[RULE, "❯", RULE, READY].map((row) => `  ${row}`), ...DIALOG],
    {
      state: "dialog",
      dialog: "Allow the command: rm -rf build?",
      ...answers,
      conversation: ["❯ look:", ...[RULE, "❯", RULE, READY].map((row) => `  ${row}`)],
    },
  ],
];

for (const [name, rows, expected] of recognised) {
  Deno.test(`demoRuntime.read() recognises ${name}`, () => assertEquals(read(rows), expected));
}

const unrecognised: [string, string[]][] = [
  ["an empty screen", ["", ""]],
  ["no rows", []],
  ["a shell", ["$ ls", "$"]],
  ["a composer above a shell prompt", [RULE, "❯", RULE, READY, "$"]],
  ["a footer alone", [READY]],
  ["rules of another width, as while it resizes", [RULE.slice(1), "❯", RULE.slice(1), READY]],
  ["a rule that a resize broke in two", [RULE, "──", "❯", RULE, "──", READY]],
  ["one rule", ["❯", RULE, READY]],
  ["rules with nothing between", [RULE, RULE, READY]],
  ["a composer without its prompt", [RULE, "  text", RULE, READY]],
  ["a composer whose row begins in the first column", [RULE, "❯ a", "b", RULE, READY]],
  ["a footer of another program", [RULE, "❯", RULE, " muster demo agents · coder0 · ready"]],
  ["a footer that is indented, as in a message", [RULE, "❯", RULE, `  ${READY}`]],
  ["a footer that says working where nothing works", ["❯ hi", RULE, "❯", RULE, WORKING]],
  ["a footer that says asking without a dialog", [RULE, "❯", RULE, ASKING]],
  ["a dialog followed by a row", [...DIALOG, "$"]],
  ["a dialog without its footer", DIALOG.slice(1)],
  ["a dialog without its question", [ASKING, BOX, ...CHOICES]],
  ["a dialog of another width", [ASKING, `${BOX}─`, ...DIALOG.slice(2)]],
  ["a quoted dialog at the end", DIALOG.map((row) => `  ${row}`)],
];

for (const [name, rows] of unrecognised) {
  Deno.test(`demoRuntime.read() says unknown for ${name}`, () => assertEquals(read(rows), { state: "unknown" }));
}

Deno.test("demoRuntime.read() sees a draft of spaces by the cursor behind them", () => {
  const rows = [RULE, "❯", RULE, READY];
  assertEquals(read(rows, { cursor: { x: 5, y: 1, visible: true } }).composer, "   ");
  assertEquals(read(rows, { cursor: { x: 5, y: 1, visible: true } }).state, "draft");
  assertEquals(read(rows, { cursor: { x: 2, y: 1, visible: true } }).state, "idle");
  assertEquals(read(rows, { cursor: { x: 5, y: 1, visible: false } }).state, "idle");
});
