/**
 * Takes sessions that exist into the roster, as they are: an entry for each, not managed, with its socket. Nothing is moved,
 * renamed or typed into.
 *
 * @module
 */

import { detectRuntime, readProcesses } from "../agents/mod.ts";
import { musterHome } from "../config/locate.ts";
import { parseConfig } from "../config/read_toml.ts";
import { stringifyToml } from "../deps/toml.ts";
import { type Io, localHost, MusterError, visible } from "../io/mod.ts";
import { listPanes, type PaneSummary, TmuxServer } from "../tmux/mod.ts";
import { rosterSchema } from "./roster_schema.ts";

/** One session that was found. */
export interface AdoptedSession {
  /** The session's name, and the agent's. */
  readonly name: string;
  /** Whether it is in the roster now. */
  readonly result: "adopted" | "skipped";
  /** The kind of its program, where it was adopted. */
  readonly runtime?: string;
  /** Its pane, such as `%3`. */
  readonly pane: string;
  /** Why it was left out. */
  readonly reason?: string;
}

/** What came of an adoption. */
export interface AdoptReport {
  /** The roster's path. */
  readonly roster: string;
  /** Every session of the server. */
  readonly sessions: readonly AdoptedSession[];
  /** What was written at the end of the roster, or would be. */
  readonly toml: string;
}

/** Options of {@linkcode adoptSessions}. */
export interface AdoptOptions {
  /** Show what would be written, and write nothing. @default {false} */
  readonly dryRun?: boolean;
  /** Stops it before the roster is written. */
  readonly signal?: AbortSignal;
}

/** Writes roster entries for the sessions of a socket that the roster does not have. */
export async function adoptSessions(
  io: Io,
  socket: string,
  { dryRun = false, signal }: AdoptOptions = {},
): Promise<AdoptReport> {
  const path = `${musterHome(io.env)}/fleet/roster.toml`;
  const bytes = await io.files.read(path);
  const before = bytes === undefined ? "version = 1\n" : new TextDecoder().decode(bytes);
  const file = parseConfig(before, { file: path, schema: rosterSchema });
  const server = new TmuxServer(localHost(io), socket);
  const panes = (await listPanes(server, signal)).filter(({ isActive }) => isActive);
  if (panes.length === 0) {
    throw new MusterError("not_found", `no session on the socket: ${visible(socket)}`, {
      hint: "name another with -L; ls ${TMUX_TMPDIR:-/tmp}/tmux-$(id -u) lists those that there are",
    });
  }
  const known = new Map(file.agents.map((agent) => [agent.name, agent.socket ?? file.tmux.socket_name]));
  const wanted = panes.filter((pane) => whySkipped(pane, socket, known, file.tmux) === undefined);
  const entries = await describe(io, socket, wanted, signal);
  const toml = entries.map((entry) => `\n${stringifyToml({ agents: [entry] }).trim()}\n`).join("");
  if (entries.length > 0) {
    const text = `${before}${before.endsWith("\n") ? "" : "\n"}${toml}`;
    parseConfig(text, { file: path, schema: rosterSchema });
    if (!dryRun) await io.files.write(path, text);
  }
  const sessions = panes.map((pane): AdoptedSession => {
    const entry = entries.find(({ name }) => name === pane.session);
    if (entry) return { name: pane.session, result: "adopted", runtime: entry.runtime, pane: pane.id };
    const reason = whySkipped(pane, socket, known, file.tmux);
    return { name: pane.session, result: "skipped", pane: pane.id, reason };
  });
  return { roster: path, sessions, toml };
}

function whySkipped(
  pane: PaneSummary,
  socket: string,
  known: ReadonlyMap<string, string>,
  tmux: { readonly socket_name: string; readonly holder_session: string },
): string | undefined {
  const { session, isDead } = pane;
  const there = known.get(session);
  if (there === socket) return "the roster has it already";
  if (there !== undefined) return `the roster has an agent of this name on the socket ${there}`;
  if (session === tmux.holder_session) return "this is the name of the holder's session";
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(session)) return 'a name of an agent is 1 to 64 letters, digits, "_" or "-"';
  if (isDead) return "its program has ended";
}

interface Entry extends Record<string, unknown> {
  readonly name: string;
  readonly runtime: string;
}

/** What the roster says of a session: what runs there, as it was started, so that muster can start it when it has ended. */
async function describe(
  io: Io,
  socket: string,
  panes: readonly PaneSummary[],
  signal?: AbortSignal,
): Promise<Entry[]> {
  if (panes.length === 0) return [];
  const processes = await readProcesses(localHost(io), panes.map(({ pid }) => pid), signal);
  return panes.map((pane) => {
    const found = detectRuntime(processes.get(pane.pid) ?? []);
    const process = found.what === "none" ? undefined : found.process;
    const words = process?.argv.filter((word) => !/\p{Cc}/u.test(word)) ?? [];
    // What may be a secret is not copied out of an argument list into a file.
    const argv = words.some((word) => /key|token|secret|passw/i.test(word)) ? words.slice(0, 1) : words;
    const isPlain = argv.length > 0 && /^(?:[^/~][^/]*|~?\/.+)$/s.test(argv[0] ?? "");
    return {
      name: pane.session,
      runtime: found.what === "agent" ? found.runtime.kind : "command",
      command: isPlain ? argv.map((word, at) => at === 0 ? word.replace(/^-/, "") : word) : ["sh"],
      ...(process?.cwd.startsWith("/") ? { working_directory: process.cwd } : {}),
      socket,
      managed: false,
    };
  });
}
