/**
 * Claude Code (`@anthropic-ai/claude-code`). From the bottom up its screen has a footer, and a composer between two rules
 * whose first row begins with `❯` and in which the terminal's cursor stands, hidden. A dialog has one rule above it, and
 * says in its last row which key does what.
 *
 * @module
 */

import { lastParagraph, withoutBlankEnd, withoutBlankEnds } from "./_rows.ts";
import type { AgentProcess } from "./process.ts";
import type { AgentState, LiveState, Prepared, Reading, Runtime, Screen } from "./runtime.ts";
import type { NoTranscript, TranscriptEvent, TranscriptFormat, TranscriptPlace } from "./transcript_format.ts";

/** A rule may carry the session's name. */
const RULE = /^─+(?: [^─]+ )?─+$/;
const DIALOG_TOP = /^(?:─+|▔+)$/;
/** An answer without a number, and whether Enter would give it. */
const ANSWER = /^( *)([❯ ]) (?!\d+\.)(\S.*)$/;
const DIALOG_END = /\b(?:Esc to (?:cancel|close|exit)|Enter to confirm)\b/;
/** What stands in an empty composer. */
const PLACEHOLDER = /^(?:Try ".*"|Press up to edit queued messages)$/;
const FOLDED = /^\[Pasted text #\d+(?: \+\d+ lines)?\]$/;
/** A word that changes; once it is done the row says how long it took. */
const BUSY = /^[·✢✳✶✻✽*] \p{L}[^…]*…/u;
const STARTING = /^ {2}(?:⏸|⏵⏵) [^·]+ on$/;
/** Format characters but for the joiners of emoji, line separators, and what stands beside tags in plane 14. */
const UNSEEN =
  /(?!\u200d)\p{Cf}|(?<!\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d|[\u2028\u2029\u{e0000}-\u{e0fff}]/u;
/** What `/clear` leaves of itself, the first thing in the conversation that it begins. */
const CLEARED = /^❯ \/clear$/;
const QUEUED = /^ {2}⎿ {2}Queued\b/;

function configDirectory({ env }: AgentProcess): string | undefined {
  return env.CLAUDE_CONFIG_DIR || (env.HOME === undefined ? undefined : `${env.HOME}/.claude`);
}

/** The file that the program keeps of each of its processes: which conversation it has, and what it is doing. */
function stateFile(process: AgentProcess): string | undefined {
  const directory = configDirectory(process);
  return directory && `${directory}/sessions/${process.pid}.json`;
}

/** What the file says, where it is of this very process and not of an earlier one with its number. */
function ownState(state: unknown, { pid, startTicks }: AgentProcess): Readonly<Record<string, unknown>> | undefined {
  if (typeof state !== "object" || state === null) return undefined;
  const own = state as Readonly<Record<string, unknown>>;
  return own.pid === pid && Number(own.procStart) === startTicks ? own : undefined;
}

const transcript: TranscriptFormat = {
  goesByOpenFiles: false,
  place(process): TranscriptPlace | NoTranscript {
    const pointer = stateFile(process);
    if (pointer === undefined) return { none: "the process has no HOME" };
    return {
      tie: "pointer",
      pointer,
      target(state) {
        const { cwd, sessionId } = ownState(state, process) ?? {};
        if (typeof cwd !== "string" || typeof sessionId !== "string" || !/^[0-9a-f-]+$/.test(sessionId)) {
          return undefined;
        }
        return `${configDirectory(process)}/projects/${cwd.replace(/[^A-Za-z0-9]/g, "-")}/${sessionId}.jsonl`;
      },
    };
  },
  asKept: (message) => message.trim().normalize("NFC"),
  events({ type, subtype, operation, isMeta, isSidechain, uuid, timestamp, content, message, attachment }) {
    const atMs = Date.parse(String(timestamp));
    const id = typeof uuid === "string" ? { id: uuid } : {};
    if (isSidechain === true || isMeta === true) return [];
    if (type === "queue-operation" && operation === "enqueue" && typeof content === "string") {
      return [{ kind: "queued", text: withoutPasteTag(content), atMs }];
    }
    if (type === "attachment") return takenFromQueue(attachment, atMs, id);
    if (type === "system" && subtype === "turn_duration") return [{ kind: "finished", atMs }];
    if (typeof message !== "object" || message === null) return [];
    const said = message as Readonly<Record<string, unknown>>;
    const text = withoutPasteTag(textOf(said.content));
    if (type === "user" && text !== "") {
      return text.startsWith("[Request interrupted by user")
        ? [{ kind: "finished", atMs }]
        : [{ kind: "taken", text, ...id, atMs }];
    }
    return type === "assistant" && text !== "" ? [{ kind: "answer", text, atMs }] : [];
  },
};

/** A message that was queued and is handed to the model within a turn. */
function takenFromQueue(attachment: unknown, atMs: number, id: { readonly id?: string }): readonly TranscriptEvent[] {
  if (typeof attachment !== "object" || attachment === null) return [];
  const { type, prompt } = attachment as Readonly<Record<string, unknown>>;
  const text = withoutPasteTag(textOf(prompt));
  return type === "queued_command" && text !== "" ? [{ kind: "taken", text, ...id, atMs }] : [];
}

/** Around a paste that it folds, from 2.1.331 on at the latest, Claude Code puts a tag of its own for the model. */
export function withoutPasteTag(text: string): string {
  return /^\s*<pasted_content id="([0-9a-f]+)">\n([^]*)\n<\/pasted_content id="\1">\s*$/.exec(text)?.[2] ?? text;
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.filter((part) => part?.type === "text").map(({ text }) => String(text)).join("");
}

/** `status` of the state file, as muster calls it; a shell command of a person's is work, too. */
const states: Readonly<Record<string, AgentState>> = { idle: "idle", busy: "busy", shell: "busy", waiting: "dialog" };

const liveState: LiveState = {
  path: stateFile,
  read(text, process) {
    const { status, statusUpdatedAt } = ownState(JSON.parse(text), process) ?? {};
    const state = states[String(status)];
    return state && { state, ...(typeof statusUpdatedAt === "number" ? { atMs: statusUpdatedAt } : {}) };
  },
};

/** Claude Code, as a runtime. */
export const claudeRuntime: Runtime = {
  kind: "claude",
  skillsDirectory: ".claude/skills",
  provedVersions: ["2.1.331"],
  readsScreen: true,
  launch: ({ model, unattended }) => ({
    program: "claude",
    args: [
      ...(model === undefined ? [] : ["--model", model]),
      ...(unattended ? ["--dangerously-skip-permissions"] : []),
    ],
    env: {},
  }),
  recognises: ([program = "", word = ""]) =>
    /(?:^|\/)claude$/.test(program) && !/^(?:-p|--print|mcp|update)$/.test(word),
  transcript,
  liveState,
  resetCommand: "/clear",
  interruptKeys: ["Escape"],
  resumeArgs: (sessionId) => ["--resume", sessionId],
  tellSessionArgs(words, { argv }) {
    if (argv.some((word) => /^--settings(?:=|$)/.test(word))) {
      return Promise.resolve({ none: "the roster gives Claude Code --settings of its own" });
    }
    const command = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    const hooks = { SessionStart: [{ hooks: [{ type: "command", command }] }] };
    return Promise.resolve(["--settings", JSON.stringify({ hooks })]);
  },
  async findSession({ told, sh }) {
    const last = told.at(-1);
    if (!last) return { none: "Claude Code told no session since it began anew" };
    // A session in which nothing was said is told, and cannot be taken up.
    const said = await sh(`grep -q '"type":"user"' -- "$1" 2>/dev/null && echo yes`, last.transcript);
    return said.trim() === "yes" ? last.id : { none: "its transcript shows nothing that was said to it" };
  },
  prepare: prepareClaude,
  read(screen: Screen): Reading {
    const rows = withoutBlankEnd(screen.rows);
    return readComposer(rows, screen) ?? readDialog(rows, screen) ?? { state: "unknown" };
  },
};

/** One rule, what is asked, and the keys in the last row. */
function readDialog(rows: readonly string[], { width }: Screen): Reading | undefined {
  if (!DIALOG_END.test(rows.at(-1) ?? "")) return undefined;
  const top = rows.findLastIndex((row) => row.length === width && DIALOG_TOP.test(row));
  if (top < 0) return undefined;
  const inner = withoutBlankEnds(rows.slice(top + 1));
  const dialog = inner.map((row) => row.replace(/^ {1,2}/, "")).join("\n");
  return { state: "dialog", dialog, ...readAnswers(inner), conversation: withoutBlankEnd(rows.slice(0, top)) };
}

/** Answers without numbers: the paragraph above the keys, where each of its rows is one and one of them is pointed at. */
function readAnswers(dialog: readonly string[]): Required<Pick<Reading, "choices" | "selected">> | undefined {
  const answers = lastParagraph(dialog.slice(0, -1)).map((row) => {
    const [, indent, pointer, words = ""] = ANSWER.exec(row) ?? [];
    return { indent, isPointedAt: pointer === "❯", words };
  });
  const isList = answers.length > 1 &&
    answers.every(({ words, indent }) => words !== "" && indent === answers[0]?.indent);
  if (!isList || answers.filter(({ isPointedAt }) => isPointedAt).length !== 1) return undefined;
  return {
    choices: answers.map(({ words }) => words),
    selected: answers.findIndex(({ isPointedAt }) => isPointedAt),
  };
}

function readComposer(rows: readonly string[], { width, cursor }: Screen): Reading | undefined {
  const isRule = (row: string) => row.length === width && RULE.test(row);
  const bottom = rows.findLastIndex(isRule);
  const footer = rows.slice(bottom + 1);
  if (footer.length < 1 || footer.length > 4 || !footer.every((row) => /^(?: {2}|$)/.test(row))) return undefined;
  const top = rows.findLastIndex((row, at) => at < bottom && isRule(row));
  const inner = rows.slice(top + 1, bottom);
  const isOwn = top >= 0 && /^[❯!](?:[ \u00a0]|$)/.test(inner[0] ?? "") &&
    inner.slice(1).every((row) => /^(?: {2}|$)/.test(row));
  if (!isOwn || cursor.y <= top || cursor.y >= bottom) return undefined;
  const first = (inner[0] ?? "").slice(2);
  const isEmpty = inner.length === 1 && inner[0]?.startsWith("❯") &&
    (first === "" && cursor.x <= 2 || cursor.x === 2 && PLACEHOLDER.test(first));
  const isShell = inner[0]?.startsWith("!");
  const text = [isShell ? `!${first}` : first, ...inner.slice(1).map((row) => row.slice(2))].join("\n");
  const composer = isEmpty ? "" : text === "" ? " " : text;
  const above = withoutBlankEnd(rows.slice(0, top));
  const working = above.findLastIndex((row) => BUSY.test(row));
  // Below the row that says so are a hint and the model's effort.
  const isBusy = footer.some((row) => row.includes("esc to interrupt")) ||
    working >= 0 && above.slice(working + 1).every((row) => row.startsWith("  "));
  // Its first composer loses what is typed there; the hints come to the footer once it is listening.
  const hasSaid = above.some((row) => /^[❯●]/.test(row));
  if (composer === "" && !isBusy && !hasSaid && footer.length === 1 && STARTING.test(footer[0] ?? "")) {
    return { state: "starting" };
  }
  const { queued, conversation } = readQueue(isBusy && working >= 0 ? above.slice(0, working) : above);
  return {
    state: isBusy ? "busy" : composer === "" ? "idle" : "draft",
    composer,
    folded: FOLDED.test(composer),
    queued,
    conversation,
    // What is said, asked or done begins in the first column.
    isFresh: CLEARED.test(conversation.findLast((row) => /^\S/.test(row)) ?? ""),
  };
}

/** Messages that wait stand behind what was said, and the last of them says so. */
function readQueue(rows: readonly string[]): { readonly queued: string[]; readonly conversation: string[] } {
  const above = withoutBlankEnd(rows);
  if (!QUEUED.test(above.at(-1) ?? "")) return { queued: [], conversation: above };
  const queued: string[] = [];
  let top = above.length - 1;
  for (let at = top - 1; at >= 0 && /^(?:❯| {2}|$)/.test(above[at] ?? ""); at--) {
    if (!above[at]?.startsWith("❯")) continue;
    queued.unshift(above[at]?.slice(2) ?? "");
    top = at;
  }
  return { queued, conversation: withoutBlankEnd(above.slice(0, top)) };
}

/** What Claude Code makes of a text, as tried with 2.1.331. */
function prepareClaude(message: string): Prepared {
  // Of one that waits in its queue it leaves out white space at either end.
  const text = message.trim();
  // A path is no command: there is a second slash in its first word.
  if (/^\s*\/[^\s/]*(?:\s|$)/.test(text)) {
    return {
      refused: "Claude Code takes a message that begins with / as a command",
      hint: "put a word before it, or use muster agent command",
    };
  }
  if (text.startsWith("!")) {
    return { refused: "Claude Code runs a message that begins with ! in a shell", hint: "put a word before it" };
  }
  if (text.includes("\t")) {
    return {
      refused: "Claude Code turns tabs into spaces",
      hint: "send the path of a file that holds the text, or expand the tabs",
    };
  }
  if (UNSEEN.test(text)) {
    return {
      refused: "Claude Code leaves out characters that are not seen, such as joiners and marks of direction",
      hint: "send the path of a file that holds the text, or take them out",
    };
  }
  const changes = [
    ...(text === message ? [] : ["white space at its ends is left out"]),
    ...(text === text.normalize("NFC") ? [] : ["characters are composed (NFC)"]),
  ];
  const escaped = changes.length === 0 ? {} : { escaped: `${changes.join(", ")}, as Claude Code does` };
  // A backslash before Enter is a line break; a space behind it is left out again.
  return { text: text.endsWith("\\") ? `${text} ` : text, ...escaped };
}
