/**
 * Reads the screen of the demo agent (`fixtures/agents/demo.ts`), which stands in for the real programs in tests,
 * demonstrations and a first fleet. It goes by the last rows alone: the program draws each row of its conversation behind
 * two columns of prefix, so a message that quotes a footer, a rule or a dialog never begins in the column where a real
 * one does, and never is the last thing on the screen.
 *
 * @module
 */

import type { AgentProcess } from "./process.ts";
import type { Reading, Runtime, Screen } from "./runtime.ts";
import type { NoTranscript, TranscriptEvent, TranscriptFormat, TranscriptPlace } from "./transcript_format.ts";

/** A narrow terminal cuts the name, a very narrow one has no room for it. */
const FOOTER = /^ muster(?: demo agent · [A-Za-z0-9_-]*…?)? · (starting|ready|working|asking)$/;
const BUSY = /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] Working…/;
const QUEUED = /^↳ (?:queued:((?: .*)?)|… \+\d+ more)$/;
/** `↑` stands in place of the prompt where the composer's first rows are scrolled away. */
const COMPOSER_FIRST = /^[❯↑](?: |$)/;
const COMPOSER_NEXT = /^(?: {2}|$)/;
const FOLDED = /\[Pasted text #\d+ (?:\+\d+ lines|\d+ chars)\]/;
const CHOICE = /^│ ([❯ ]) \d\. (.+)$/;
const DIALOG_END = /^╰─ Enter to answer/;

/** One JSON object a line; the file that `--transcript` names, which the program keeps open. */
const transcript: TranscriptFormat = {
  place({ argv, cwd }: AgentProcess): TranscriptPlace | NoTranscript {
    const at = argv.lastIndexOf("--transcript");
    const file = at < 0 ? undefined : argv[at + 1];
    if (file === undefined) return { none: "the demo agent was started without --transcript" };
    const path = file.startsWith("/") ? file : `${cwd}/${file}`;
    return { tie: "open", path: new RegExp(`^${RegExp.escape(path)}$`) };
  },
  begins: ({ type }) => type === "session",
  events({ type, text, timestamp }): readonly TranscriptEvent[] {
    const atMs = Date.parse(String(timestamp));
    if (type === "interrupted") return [{ kind: "finished", atMs }];
    if (typeof text !== "string") return [];
    if (type === "user") return [{ kind: "taken", text, atMs }];
    if (type === "queued") return [{ kind: "queued", text, atMs }];
    return type === "assistant" ? [{ kind: "answer", text, atMs }, { kind: "finished", atMs }] : [];
  },
};

/**
 * The demo agent, as a runtime.
 *
 * @example What an empty composer reads as
 * ```ts
 * import { demoRuntime } from "./demo.ts";
 *
 * const rule = "─".repeat(40);
 * const reading = demoRuntime.read({
 *   rows: [rule, "❯", rule, " muster demo agent · coder0 · ready"],
 *   width: 40,
 *   height: 10,
 *   cursor: { x: 2, y: 1, visible: true },
 *   command: "deno",
 * });
 * if (reading.state !== "idle" || reading.composer !== "") throw new Error("unreachable");
 * ```
 */
export const demoRuntime: Runtime = {
  kind: "demo",
  readsScreen: true,
  recognises: (argv) => argv.some((word) => /(?:^|\/)demo\.ts$/.test(word)) && /(?:^|\/)deno$/.test(argv[0] ?? ""),
  transcript,
  interruptKeys: ["Escape"],
  resetCommand: "/clear",
  resumeArgs: (session) => ["--resume", session],
  async findSession({ argv, workingDirectory, sh }) {
    const at = argv.lastIndexOf("--transcript");
    const file = at < 0 ? undefined : argv[at + 1];
    if (file === undefined) return { none: "the demo agent was started without --transcript" };
    const path = file.startsWith("/") ? file : `${workingDirectory}/${file}`;
    const text = await sh('cat -- "$1" 2>/dev/null', path);
    const lines = text.split("\n").filter((line) => line.startsWith('{"type":"session"'));
    const [, id] = /"id":"([0-9a-f-]{36})"/.exec(lines.at(-1) ?? "") ?? [];
    return id ?? { none: "its transcript names no session" };
  },
  read(screen: Screen): Reading {
    const rows = withoutBlankEnd(screen.rows);
    return readDialog(rows, screen.width) ?? readComposer(rows, screen) ?? readStarting(rows) ?? { state: "unknown" };
  },
};

/** The footer, a box with a question and two answers, and nothing after it. */
function readDialog(rows: readonly string[], width: number): Reading | undefined {
  if (!DIALOG_END.test(rows.at(-1) ?? "")) return undefined;
  const choices = rows.slice(-3, -1).map((row) => CHOICE.exec(row));
  const selected = choices.findIndex((choice) => choice?.[1] === "❯");
  if (selected < 0 || choices[0]?.[2] !== "Yes" || choices[1]?.[2] !== "No") return undefined;
  const top = rows.lastIndexOf(`╭${"─".repeat(Math.max(0, width - 2))}╮`);
  if (top < 1 || footerWord(rows[top - 1]) !== "asking") return undefined;
  const question = rows.slice(top + 1, -3);
  if (question.length === 0 || !question.every((row) => row.startsWith("│"))) return undefined;
  return {
    state: "dialog",
    dialog: question.map((row) => row.slice(2)).join("\n"),
    choices: ["Yes", "No"],
    selected,
    conversation: withoutBlankEnd(rows.slice(0, top - 1)),
  };
}

/** The footer, a rule, the composer and another rule, from the bottom up. */
function readComposer(rows: readonly string[], { width, cursor }: Screen): Reading | undefined {
  const word = footerWord(rows.at(-1));
  if (word !== "ready" && word !== "working") return undefined;
  const rule = "─".repeat(width);
  if (rows.at(-2) !== rule) return undefined;
  const top = rows.slice(0, -2).lastIndexOf(rule);
  const composerRows = rows.slice(top + 1, -2);
  const isComposer = top >= 0 && composerRows.length > 0 &&
    composerRows.every((row, index) => (index === 0 ? COMPOSER_FIRST : COMPOSER_NEXT).test(row));
  if (!isComposer) return undefined;

  let composer = composerRows.map((row) => row.slice(2)).join("\n");
  // Spaces alone leave a row that looks empty; the cursor behind them tells.
  if (composer === "" && cursor.visible && cursor.y === top + 1) composer = " ".repeat(Math.max(0, cursor.x - 2));

  let above = rows.slice(0, top);
  if (word === "working") {
    if (!BUSY.test(above.at(-1) ?? "")) return undefined;
    above = above.slice(0, -1);
  }
  const queued: string[] = [];
  for (;;) {
    const match = QUEUED.exec(above.at(-1) ?? "");
    if (match === null) break;
    if (match[1] !== undefined) queued.unshift(match[1].slice(1));
    above = above.slice(0, -1);
  }
  return {
    state: word === "working" ? "busy" : composer === "" ? "idle" : "draft",
    composer,
    folded: FOLDED.test(composer),
    queued,
    conversation: withoutBlankEnd(above),
  };
}

/** The footer, with nothing of a composer above it. */
function readStarting(rows: readonly string[]): Reading | undefined {
  return footerWord(rows.at(-1)) === "starting" ? { state: "starting" } : undefined;
}

function footerWord(row: string | undefined): string | undefined {
  return FOOTER.exec(row ?? "")?.[1];
}

function withoutBlankEnd(rows: readonly string[]): string[] {
  const end = rows.findLastIndex((row) => row.trim() !== "");
  return rows.slice(0, end + 1);
}
