/**
 * Pi (`@mariozechner/pi-coding-agent`). From the bottom up its screen has a footer of two or three rows, a composer between
 * two rules without a prompt of its own, and above that a spinner while it works. The terminal's cursor stands in the
 * composer, hidden; a menu has it elsewhere.
 *
 * @module
 */

import { withoutBlankEnd, withoutBlankEnds } from "./_rows.ts";
import type { AgentProcess } from "./process.ts";
import type { Prepared, Reading, Runtime, Screen } from "./runtime.ts";
import type { TranscriptEvent, TranscriptFormat, TranscriptPlace } from "./transcript_format.ts";

/** The footer's second row: how much of the context is used. `components/footer.js`. */
const STATS = /(?:^| )(?:\d+\.\d|\?)%\/\d[\d.]*[kM]?(?: |$)/;
/**
 * A rule may say how many rows of a tall composer are out of sight. Where Pi and the terminal disagree on the width of
 * what stands in the row above, the row runs over into the rule.
 */
const RULE = /^ {0,16}─+(?: [↑↓] \d+ more )?─+$/;
const FOLDED = /^\[paste #\d+ (?:\+\d+ lines|\d+ chars)\]$/;
const SPINNER = /^ [⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] \S/;
/** What `/new` says, in the conversation that it begins. `handleClearCommand` of 0.73.1. */
const BEGUN = " ✓ New session started";
/** What was used of a model, in the footer: none in a conversation in which nothing was said. */
const USED = /[↑↓]\d/;
const QUEUED = /^ (?:Steering|Follow-up): (.*)$/;
const QUEUE_END = /^ ↳ .+ to edit all queued messages$/;

/** One file for each conversation, below the agent's directory; a new one is written once the first answer has come. */
const transcript: TranscriptFormat = {
  goesByOpenFiles: false,
  place: (process): TranscriptPlace => ({
    tie: "alone",
    directory: sessionDirectory(process),
    name: /^[0-9TZ-]+_[0-9a-f-]+\.jsonl$/,
    command: "pi",
    directoryOf: sessionDirectory,
  }),
  asKept: (message) => message.trim(),
  events({ type, id, timestamp, message }): readonly TranscriptEvent[] {
    if (type !== "message" || typeof message !== "object" || message === null) return [];
    const { role, content, stopReason } = message as Readonly<Record<string, unknown>>;
    const atMs = Date.parse(String(timestamp));
    const text = textOf(content);
    if (role === "user") return [{ kind: "taken", text, id: String(id), atMs }];
    if (role !== "assistant") return [];
    const answer: TranscriptEvent[] = text === "" ? [] : [{ kind: "answer", text, atMs }];
    return stopReason === "toolUse" ? answer : [...answer, { kind: "finished", atMs }];
  },
};

/** `getDefaultSessionDir` and `main` of 0.73.1; a flag that names another is not to be seen, since Pi gives itself a title. */
function sessionDirectory({ env, cwd }: AgentProcess): string {
  const home = env.HOME ?? "/root";
  const own = env.PI_CODING_AGENT_SESSION_DIR;
  const expand = (path: string) => path === "~" || path.startsWith("~/") ? `${home}${path.slice(1)}` : path;
  if (own !== undefined && own !== "") return expand(own);
  const agent = expand(env.PI_CODING_AGENT_DIR || "~/.pi/agent");
  return `${agent}/sessions/--${cwd.replace(/^[/\\]/, "").replace(/[/\\:]/g, "-")}--`;
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.filter(({ type }) => type === "text").map(({ text }) => String(text)).join("");
}

/** Where an agent alone keeps its sessions. */
function ownDirectory(name: string): string {
  return `~/.pi/agent/sessions/--muster--${name}--`;
}

/** The sessions of a directory, the one that was written to last first. */
const SESSIONS_SCRIPT = `cd -- "$1" 2>/dev/null && ls -1t | sed -n "s|^[0-9TZ-]*_[0-9a-f-]*\\.jsonl$|$1/&|p"`;

/** When a session began, by its file's name: `2026-11-25T02-01-27-945Z_….jsonl`; before all time where that does not say. */
function beganAtMs(path: string): number {
  const [, day, hour, minute, rest, ms] = /(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z_[^/]*$/.exec(path) ?? [];
  return day === undefined ? -1 : Date.parse(`${day}T${hour}:${minute}:${rest}.${ms}Z`);
}

/** Pi, as a runtime. */
export const piRuntime: Runtime = {
  kind: "pi",
  provedVersions: ["0.73.1"],
  readsScreen: true,
  // A directory of its own ties an agent's conversations to it, however many work in one place.
  launch: ({ name, model }) => ({
    program: "pi",
    args: model === undefined ? [] : ["--model", model],
    env: { PI_CODING_AGENT_SESSION_DIR: ownDirectory(name) },
  }),
  // It names itself `pi`, and its arguments are gone then; before that it is a script of node's or bun's.
  recognises: ([program = "", script = ""]) =>
    /(?:^|\/)pi$/.test(program) ||
    /(?:^|\/)(?:node|bun)$/.test(program) && /(?:^|\/)(?:pi|pi-coding-agent\/dist\/cli\.js)$/.test(script),
  transcript,
  resetCommand: "/new",
  printCommand: "/session",
  interruptKeys: ["Escape"],
  resumeArgs: (sessionId) => ["--session", sessionId],
  async findSession(run) {
    const directory = run.env.PI_CODING_AGENT_SESSION_DIR;
    const isElsewhere = run.argv.some((word) => /^--(?:no-session$|session(?:-dir)?(?:=|$))/.test(word));
    if (directory !== ownDirectory(run.name) || isElsewhere) {
      return { none: "Pi keeps its sessions where others of its kind may" };
    }
    // The one that was written to last, of those that began since the agent did.
    const printed = await run.sh(SESSIONS_SCRIPT, directory.replace(/^~/, run.home));
    const [path] = printed.split("\n").filter((path) => beganAtMs(path) >= run.freshAtMs);
    return path || { none: "Pi has kept no session since it began anew: it does after the first answer" };
  },
  prepare: preparePi,
  read(screen: Screen): Reading {
    const rows = withoutBlankEnd(screen.rows);
    const stats = rows.findLastIndex((row) => STATS.test(row));
    if (stats < 1 || rows.length - stats > 2) return { state: "unknown" };
    const isRule = (row: string) => row.length > screen.width / 2 && RULE.test(row);
    const bottom = rows.findLastIndex((row, at) => at < stats && isRule(row));
    // A draft has a row at the least: what looks like a rule right above is what was left of one.
    const top = rows.findLastIndex((row, at) => at < bottom - 1 && isRule(row));
    // A blank row is above the composer, which tells its rule from one in a draft.
    if (top < 0 || (rows[top - 1] ?? "") !== "") return { state: "unknown" };
    const inner = withoutResidue(rows.slice(top + 1, bottom), [
      ...rows.slice(stats - 1, stats + 1),
      rows[bottom] ?? "",
    ]);
    const menu = rows.slice(bottom + 1, stats - 1);
    const { y } = screen.cursor;
    const isShifted = rows[bottom]?.startsWith(" ");
    if (inner.length > 2 && inner[0] === "" && inner.at(-1) === "" && /^>(?: |$)/.test(rows[y] ?? "")) {
      return { state: "dialog", dialog: withoutBlankEnds(inner).join("\n") };
    }
    // A list of commands or files below the composer takes the cursor's place, and Enter with it.
    const isMenu = menu.length > 0 && menu.every((row) => /^(?:→ | {2})/.test(row));
    if (menu.length > 0 && !isMenu) return { state: "unknown" };
    if (!isMenu && !(y > top && (y < bottom || isShifted && y <= bottom + 1))) return { state: "unknown" };
    const composer = inner.join("\n").trimEnd();
    const above = readAbove(rows.slice(0, top), composer);
    const isFresh = above.conversation?.at(-1) === BEGUN && !USED.test(rows[stats] ?? "");
    return { ...above, folded: FOLDED.test(composer), isFresh };
  },
};

/**
 * The rows of a draft, without a last one that was left of those below it where Pi drew them anew: a row that runs over, as
 * one of emoji or Devanagari may, puts spaces before what stands there, and all that comes below it is a row lower.
 */
function withoutResidue(rows: readonly string[], below: readonly string[]): readonly string[] {
  const last = rows.at(-1) ?? "";
  const [spaces = ""] = /^ {0,16}/.exec(last) ?? [];
  const rest = last.slice(spaces.length);
  const isLeft = rows.length > 1 && spaces !== "" && below.some((row) => row.slice(spaces.length) === rest);
  return isLeft ? rows.slice(0, -1) : rows;
}

/** The spinner and the queue above the composer, and the conversation above them. */
function readAbove(rows: readonly string[], composer: string): Reading {
  let above = withoutBlankEnd(rows);
  const isBusy = SPINNER.test(above.at(-1) ?? "");
  if (isBusy) above = withoutBlankEnd(above.slice(0, -1));
  const queued: string[] = [];
  if (QUEUE_END.test(above.at(-1) ?? "")) {
    above = above.slice(0, -1);
    for (let match = QUEUED.exec(above.at(-1) ?? ""); match; match = QUEUED.exec(above.at(-1) ?? "")) {
      queued.unshift(match[1] ?? "");
      above = above.slice(0, -1);
    }
  }
  const state = isBusy ? "busy" : composer === "" ? "idle" : "draft";
  return { state, composer, queued, conversation: withoutBlankEnd(above) };
}

/** What `handlePaste`, `submitValue` and `onSubmit` of 0.73.1 make of a text. */
function preparePi(message: string): Prepared {
  const text = message.trim();
  const trimmed = text === message ? {} : { escaped: "white space at its ends is left out, as Pi does" };
  if (text.startsWith("/")) {
    return {
      refused: "Pi takes a message that begins with / as a command",
      hint: "put a word before it, or use muster agent command",
    };
  }
  if (text.startsWith("!")) {
    return { refused: "Pi runs a message that begins with ! in a shell", hint: "put a word before it" };
  }
  if (text.includes("\t")) {
    return {
      refused: "Pi turns tabs into spaces",
      hint: "send the path of a file that holds the text, or expand the tabs",
    };
  }
  // A backslash before Enter is a line break; white space behind it is left out again.
  return { text: text.endsWith("\\") ? `${text} ` : text, ...trimmed };
}
