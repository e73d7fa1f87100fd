/**
 * Codex (`@openai/codex`). From the bottom up its screen has a footer of one to four indented rows, a blank row, and a
 * composer whose first row begins with `› ` and in which the terminal's cursor stands. A dialog or a menu has none of
 * these, hides the cursor, and says in its last row which key does what.
 *
 * Its transcript is kept open by the process that runs the conversation. That is the agent's own only without the
 * server that Codex shares among all of a home, which is why it is started with `--no-daemon`.
 *
 * @module
 */

import { withoutBlankEnd, withoutBlankEnds } from "./_rows.ts";
import type { Prepared, ProgramRun, Reading, Runtime, Screen } from "./runtime.ts";
import type { TranscriptEvent, TranscriptFormat } from "./transcript_format.ts";

/** What stands in an empty composer, in this version and in its side conversations. */
const PLACEHOLDERS: readonly string[] = ["› Ask Codex to do anything", "› Ask a follow-up question"];
const FOLDED = /^\[Pasted Content \d+ chars\](?: #\d+)?$/;
const BUSY = /^[•◦] .*\((?:\d+[hms] ?)+ • esc to interrupt\)/;
const INNER = /^(?: {2}|$)/;
const STARTING = "  ? for shortcuts";
/** At the right edge, where the draft goes on out of sight. */
const SCROLLED = / {2,}[↑↓]$/;
/** Above a conversation: the program's name and the directory. Where there is room, its sign is below as long as nothing was said. */
const BANNER = /^ {2}>_ OpenAI Codex \(v[\d.]+\)$/;
const SIGN = /^[ \u2800-\u28ff]*$/;
const CHOICE = /^[›>] \d+\. \S/;
const DIALOG_END = /^ {2}(?:Press enter to (?:confirm|continue)|enter (?:continue|select))\b/;

/**
 * One file for each conversation, kept open: `sessions/YYYY/MM/DD/rollout-….jsonl`. It is there from the first message on;
 * the lock on it, `thread-writer-locks/….lock`, as soon as the conversation is.
 */
const transcript: TranscriptFormat = {
  place: () => ({
    tie: "open",
    path: /\/sessions\/\d{4}\/\d\d\/\d\d\/rollout-[0-9TZa-f-]+\.jsonl$/,
    begun: /\/thread-writer-locks\/[0-9a-f-]+\.lock$/,
  }),
  asKept: (message) => message.trim(),
  events({ type, timestamp, payload }): readonly TranscriptEvent[] {
    if (typeof payload !== "object" || payload === null) return [];
    const said = payload as Readonly<Record<string, unknown>>;
    const atMs = Date.parse(String(timestamp));
    if (type === "event_msg" && (said.type === "task_complete" || said.type === "turn_aborted")) {
      return [{ kind: "finished", atMs }];
    }
    if (type !== "response_item" || said.type !== "message") return [];
    const text = textOf(said.content);
    if (said.role === "user") return [{ kind: "taken", text, id: String(said.id), atMs }];
    return said.role === "assistant" ? [{ kind: "answer", text, atMs }] : [];
  },
};

function textOf(content: unknown): string {
  if (!Array.isArray(content)) return "";
  return content.filter(({ type }) => /^(?:input|output)_text$/.test(type)).map(({ text }) => String(text)).join("");
}

/** The first line of a rollout, which says whose conversation it is. */
const ROLLOUT_SCRIPT = `find "$1" -type f -name "$2" -exec head -n 1 {} \\; 2>/dev/null`;

function codexHome({ env, home }: ProgramRun): string {
  return env.CODEX_HOME || `${home}/.codex`;
}

/** Whether it is the conversation of a person's at the terminal, and not one that such a conversation began. */
function isOwnRollout(firstLine: string, id: string): boolean {
  try {
    const { type, payload } = JSON.parse(firstLine);
    return type === "session_meta" && payload.id === id && payload.source === "cli";
  } catch {
    return false; // there is none, or it was cut short
  }
}

/** Codex, as a runtime. */
export const codexRuntime: Runtime = {
  kind: "codex",
  provedVersions: ["0.169.0"],
  skillsDirectory: ".agents/skills",
  readsScreen: true,
  launch: ({ model, unattended }) => ({
    program: "codex",
    args: [
      "--no-daemon",
      ...(model === undefined ? [] : ["--model", model]),
      ...(unattended ? ["--dangerously-bypass-approvals-and-sandbox"] : []),
    ],
    env: {},
  }),
  // The package's command is a script of node's that starts the program itself and waits for it.
  recognises: ([program = "", verb = ""]) =>
    /(?:^|\/)codex$/.test(program) && !/^(?:app-server|exec|e|mcp|mcp-server|exec-server|sandbox)$/.test(verb),
  transcript,
  resetCommand: "/new",
  printCommand: "/status",
  interruptKeys: ["Escape"],
  resumeArgs: (sessionId) => ["resume", sessionId],
  async tellSessionArgs(words, run) {
    const config = `${codexHome(run)}/config.toml`;
    const isTaken = run.argv.some((word) => /^(?:--config=|-c)?notify *=/.test(word)) ||
      (await run.sh(
          `grep -q '^[[:blank:]]*"\\{0,1\\}notify"\\{0,1\\}[[:blank:]]*=' -- "$1" 2>/dev/null && echo yes`,
          config,
        ))
          .trim() === "yes";
    if (isTaken) return { none: "Codex has a notify of a person's, which is not replaced" };
    return ["-c", `notify=${JSON.stringify(words)}`];
  },
  async findSession(run) {
    // Codex tells of conversations beside the agent's own, too, such as one that finds a title: those have no rollout.
    for (const { id } of run.told.toReversed()) {
      const meta = await run.sh(ROLLOUT_SCRIPT, `${codexHome(run)}/sessions`, `rollout-*-${id}.jsonl`);
      if (isOwnRollout(meta, id)) return id;
    }
    return { none: "Codex told no session with a turn since it began anew" };
  },
  prepare: prepareCodex,
  read(screen: Screen): Reading {
    const rows = withoutBlankEnd(screen.rows);
    return readDialog(rows, screen) ?? readComposer(rows, screen) ?? { state: "unknown" };
  },
};

/** Choices, one of them pointed at, and the keys in the last row; the cursor is hidden. */
function readDialog(rows: readonly string[], { cursor }: Screen): Reading | undefined {
  if (cursor.visible || !DIALOG_END.test(rows.at(-1) ?? "")) return undefined;
  const choice = rows.findLastIndex((row) => CHOICE.test(row));
  if (choice < 0) return undefined;
  let top = choice;
  // Up to what the conversation says: a row that is not indented, or a gap that no dialog has.
  while (
    top > 0 && INNER.test(rows[top - 1] ?? "") && rows.slice(Math.max(0, top - 3), top).some((row) => row !== "")
  ) {
    top--;
  }
  const dialog = withoutBlankEnds(rows.slice(top)).map((row) => row.replace(/^ {2}/, ""));
  return { state: "dialog", dialog: dialog.join("\n"), conversation: withoutBlankEnd(rows.slice(0, top)) };
}

function readComposer(rows: readonly string[], { cursor, height }: Screen): Reading | undefined {
  if (!cursor.visible) return undefined;
  const blank = rows.findLastIndex((row) => row === "");
  const hasFooter = cursor.y < blank && rows.length - blank - 1 <= 4 &&
    rows.slice(blank + 1).every((row) => INNER.test(row));
  const isStarting = rows.length - blank === 2 && rows.at(-1) === STARTING;
  // A draft that is taller than its place takes the footer's, too.
  if (!hasFooter && !isStarting && (rows.length < height - 1 || cursor.y >= rows.length)) return undefined;
  const end = hasFooter ? blank : rows.length;
  // Back from the cursor, so that what a draft quotes is a part of it.
  const begin = rows.findLastIndex((row, at) => at <= cursor.y && !INNER.test(row));
  if (!/^[›!](?: |$)/.test(rows[begin] ?? "") || begin > 0 && rows[begin - 1] !== "") return undefined;
  const inner = rows.slice(begin, end);
  if (!inner.slice(1).every((row) => INNER.test(row))) return undefined;
  const first = inner[0] ?? "";
  // It draws its composer before it has a conversation, and loses what is submitted until then. What it says meanwhile to
  // its error output stands there as a draft would, with the cursor behind it.
  if (isStarting) return { state: "starting" };
  const isEmpty = inner.length === 1 && cursor.x === 2 && (first === "›" || PLACEHOLDERS.includes(first));
  const shown = inner.map((row, at) => (at === 0 && first.startsWith("!") ? row : row.slice(2)).replace(SCROLLED, ""));
  const composer = isEmpty ? "" : shown.join("\n");
  const above = withoutBlankEnd(rows.slice(0, begin));
  const isBusy = BUSY.test(above.at(-1) ?? "");
  const [banner = "", directory = "", ...others] = above.filter((row) => row !== "");
  return {
    state: isBusy ? "busy" : composer === "" ? "idle" : "draft",
    composer,
    folded: FOLDED.test(composer),
    queued: [],
    conversation: withoutBlankEnd(isBusy ? above.slice(0, -1) : above),
    isFresh: BANNER.test(banner) && /^ {5}\S/.test(directory) && others.every((row) => SIGN.test(row)),
  };
}

/** What Codex makes of a text, as tried with 0.169.0: a space in front keeps `/` and `!` from being read as commands. */
function prepareCodex(message: string): Prepared {
  const text = message.trim();
  if (/[\u2028\u2029]/.test(text)) {
    return {
      refused: "Codex draws a line separator (U+2028, U+2029) so that its composer cannot be read",
      hint: "send it with newlines in their place, or send the path of a file that holds the text",
    };
  }
  if (/^[/!]/.test(text)) {
    return { text: ` ${text}`, escaped: "a space stands before it, which Codex leaves out again" };
  }
  return text === message ? { text } : { text, escaped: "white space at its ends is left out, as Codex does" };
}
