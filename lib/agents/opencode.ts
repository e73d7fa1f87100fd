/**
 * opencode (`opencode-ai`). It has the whole screen. Its composer is a box: a bar at the left, the agent and the model in
 * its last row, and a lower edge that nothing else on the screen has; the terminal's cursor stands in it. A menu is drawn
 * over all that.
 *
 * @module
 */

import { withoutBlankEnd } from "./_rows.ts";
import type { Prepared, Reading, Runtime, Screen } from "./runtime.ts";
import type { TranscriptDatabase, TranscriptEvent } from "./transcript_format.ts";

const EDGE = /^( *)╹▀+$/;
const PLACEHOLDER = /^Ask anything… ".*"$/;
const FOLDED = /^\[Pasted ~\d+ lines\]$/;
const BUSY = /\besc (?:again to )?interrupt\b/;
/** The program's name in large letters, in place of a conversation. */
const SIGN = /^[ ▄█▀]*$/;
const QUEUED = /^ +┃ +QUEUED$/;

/** Where an agent alone keeps its conversations: a file below opencode's directory for data. */
function ownDatabase(name: string): string {
  return `muster-${name}.db`;
}

/** Messages and their parts, one database for all conversations. A paste that is folded ends in a space there. */
const database: TranscriptDatabase = {
  pathOf({ env }) {
    const file = env.OPENCODE_DB || "opencode.db";
    if (file.startsWith("/")) return file;
    const data = env.XDG_DATA_HOME || (env.HOME === undefined ? undefined : `${env.HOME}/.local/share`);
    return data && file !== ":memory:" ? `${data}/opencode/${file}` : undefined;
  },
  command: "opencode",
  query: `select part.rowid as row, part.id as id, part.time_created as at, part.data as part, message.data as message
    from part join message on message.id = part.message_id where part.rowid > ? order by part.rowid`,
  events({ id, at, part, message }): readonly TranscriptEvent[] {
    const { role } = JSON.parse(String(message));
    const { type, text, synthetic, reason } = JSON.parse(String(part));
    const atMs = Number(at);
    if (type === "text" && synthetic !== true && role === "user") {
      return [{ kind: "taken", text, id: String(id), atMs }];
    }
    if (type === "text" && role === "assistant") return [{ kind: "answer", text, atMs }];
    return type === "step-finish" && reason === "stop" ? [{ kind: "finished", atMs }] : [];
  },
  isKept: (text, message) => text === message || text === `${message} `,
};

/** Asks the program for the session that was written to last; its database may have to be mended first, which it does. */
const SESSION_SCRIPT = `cd -- "$1" || exit 0
HOME=$2 OPENCODE_DB=$4; export HOME OPENCODE_DB
[ -z "$3" ] || { XDG_DATA_HOME=$3; export XDG_DATA_HOME; }
query=$5; shift 5
"$@" db "$query" </dev/null 2>/dev/null`;

/** opencode, as a runtime. */
export const opencodeRuntime: Runtime = {
  kind: "opencode",
  provedVersions: ["1.18.33"],
  skillsDirectory: ".agents/skills",
  readsScreen: true,
  // A database of its own ties an agent's conversations to it, however many work in one place.
  launch: ({ name, model }) => ({
    program: "opencode",
    args: model === undefined ? [] : ["--model", model],
    env: { OPENCODE_DB: ownDatabase(name) },
  }),
  recognises: ([program = "", verb = ""]) =>
    /(?:^|\/)opencode$/.test(program) && !/^(?:run|serve|web|acp|mcp|auth|upgrade)$/.test(verb),
  database,
  resetCommand: "/new",
  interruptKeys: ["Escape", "Escape"],
  resumeArgs: (sessionId) => ["--session", sessionId],
  async findSession(run) {
    if (run.env.OPENCODE_DB !== ownDatabase(run.name)) {
      return { none: "opencode keeps its sessions where others of its kind may" };
    }
    // opencode itself reads its database; what stands before it in the words, such as npx, may find it.
    const end = run.argv.findIndex((word) => /(?:^|\/)opencode$/.test(word)) + 1;
    if (end === 0) return { none: "its program is not called opencode, and may have no database to ask" };
    const { HOME = run.home, XDG_DATA_HOME = "" } = run.env;
    const query = `select id from session where parent_id is null and time_created >= ${Math.floor(run.freshAtMs)} ` +
      "order by time_updated desc limit 1";
    const words = [run.workingDirectory, HOME, XDG_DATA_HOME, run.env.OPENCODE_DB, query, ...run.argv.slice(0, end)];
    const [session] = /\bses_[0-9A-Za-z]+\b/.exec(await run.sh(SESSION_SCRIPT, ...words)) ?? [];
    return session ?? { none: "opencode tells of no session since it began anew" };
  },
  prepare: prepareOpencode,
  read(screen: Screen): Reading {
    const rows = withoutBlankEnd(screen.rows);
    const edge = rows.findLastIndex((row) => EDGE.test(row));
    const indent = EDGE.exec(rows[edge] ?? "")?.[1];
    if (indent === undefined) return readPermission(rows) ?? { state: "unknown" };
    const bar = `${indent}┃`;
    // From the edge up: the agent and the model, a blank row, the text, a blank row.
    const isBar = (row: string | undefined) => row?.startsWith(bar) === true;
    let top = edge;
    while (isBar(rows[top - 1]) && !isMenu(rows[top - 1] ?? "", bar)) top--;
    const box = rows.slice(top, edge).map((row) => row.slice(bar.length));
    if (box.length < 4 || box[0] !== "" || box.at(-2) !== "" || !/^ {2}\S.* · \S/.test(box.at(-1) ?? "")) {
      return { state: "unknown" };
    }
    const inner = box.slice(1, -2).map((row) => row.slice(2));
    const { x, y } = screen.cursor;
    if (!screen.cursor.visible || y <= top || y >= edge - 2) return { state: "unknown" };
    // In a narrow terminal what stands in place of a text has several rows.
    const isEmpty = x === bar.length + 2 && y === top + 1 &&
      (inner.length === 1 && inner[0] === "" || PLACEHOLDER.test(inner.join(" ")));
    const composer = isEmpty ? "" : inner.join("\n");
    const isBusy = rows.slice(edge + 1).some((row) => BUSY.test(row));
    const conversation = withoutBlankEnd(rows.slice(0, top));
    return {
      state: isBusy ? "busy" : composer === "" ? "idle" : "draft",
      composer,
      folded: FOLDED.test(composer),
      queued: isBusy ? queuedOf(conversation) : [],
      conversation,
      isFresh: conversation.length > 0 && conversation.every((row) => SIGN.test(row)),
    };
  },
};

/** A box in the composer's place, with a question and its answers in the last row of text. */
function readPermission(rows: readonly string[]): Reading | undefined {
  let top = rows.length;
  while (/^ {2}┃/.test(rows[top - 1] ?? "")) top--;
  const box = rows.slice(top).map((row) => row.replace(/^ {2}┃ {0,2}/, ""));
  const answers = box.findLastIndex((row) => row !== "");
  if (!/^△ /.test(box[1] ?? "") || !/\benter confirm$/.test(box[answers] ?? "")) return undefined;
  const dialog = withoutBlankEnd(box.slice(1)).join("\n");
  return { state: "dialog", dialog, conversation: withoutBlankEnd(rows.slice(0, top)) };
}

/** A list of files or agents above the text has a bar at its right, too. */
function isMenu(row: string, bar: string): boolean {
  return row.length > bar.length && row.endsWith("┃");
}

/** The first rows of the messages that say that they wait. */
function queuedOf(rows: readonly string[]): string[] {
  return rows.flatMap((row, at) => {
    if (!QUEUED.test(row)) return [];
    let top = at;
    while (/^ +┃/.test(rows[top - 1] ?? "")) top--;
    const first = rows.slice(top, at).find((line) => line.replace(/^ +┃ */, "") !== "");
    return first === undefined ? [] : [first.replace(/^ +┃ */, "")];
  });
}

/** A longer paste is folded; white space at its ends does not count. */
const longestPaste = { characters: 150, lines: 2 } as const;

/** A file or an agent is looked for behind it, and Enter takes what was found, or does nothing where that is none. */
const MENTION = /(?:^|\s)@\S*$/;

/** What opencode makes of a text, as tried with 1.18.33: a word behind `/` alone may be a command, a path is none. */
function prepareOpencode(message: string): Prepared {
  if (/^\/[^\s/]*(?:\s|$)/.test(message)) {
    return {
      refused: "opencode takes a message that begins with / as a command",
      hint: "put a word before it, or use muster agent command",
    };
  }
  if (MENTION.test(message)) {
    return {
      text: `${message} `,
      escaped: "a space stands behind it, so that Enter is not for opencode's list of files",
    };
  }
  const seen = message.trim();
  const isFolded = seen.length > longestPaste.characters || seen.split("\n").length > longestPaste.lines;
  return { text: message, ...(isFolded ? { escaped: "a space stands behind it, as opencode ends a long paste" } : {}) };
}
