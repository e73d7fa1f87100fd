/**
 * Stops agents, and the server when nothing else needs it. A stop is what was seen: the program's process is gone.
 *
 * @module
 */

import { type Io, MusterError, pollUntil } from "../io/mod.ts";
import { isTargetMissing, listPanes, type PaneSummary, reapChildren, TmuxServer } from "../tmux/mod.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";

/** How one agent's stop ended. */
export interface StopReport {
  /** The agent's name. */
  readonly name: string;
  /** `killed` is stopped too, by SIGKILL: it did not heed SIGHUP. */
  readonly result: "stopped" | "killed" | "not_running";
  /** The process that ended; 0 where there was none. */
  readonly pid: number;
}

/** What became of the server. */
export interface ServerReport {
  /** The server's socket. */
  readonly socket: string;
  /** What became of it. */
  readonly result: "stopped" | "kept" | "not_running";
  /** Sessions outside the roster, which keep it up. */
  readonly sessions: readonly string[];
}

/** Options of {@linkcode stopAgents} and {@linkcode stopServer}. */
export interface StopOptions {
  /** How long a program may take to heed SIGHUP before SIGKILL, in milliseconds. @default {5_000} */
  readonly graceMs?: number;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
}

/** Stops the agents named: hangs up their programs, kills those that stay, removes their sessions. */
export async function stopAgents(
  io: Io,
  server: TmuxServer,
  names: readonly string[],
  options: StopOptions = {},
): Promise<StopReport[]> {
  const { signal, graceMs = 5_000 } = options;
  const panes = (await listPanes(server, signal)).filter(({ session }) => names.includes(session));
  if (panes.length === 0) return names.map((name) => ({ name, result: "not_running", pid: 0 }));
  const pids = panes.filter(({ isDead }) => !isDead).map(({ pid }) => pid);
  await sendSignal(io, "HUP", pids);
  const killed = await waitForEnd(io, pids, {
    what: "agents to heed SIGHUP",
    timeoutMs: graceMs,
    parent: server,
    signal,
  });
  if (killed.length > 0) {
    await sendSignal(io, "KILL", killed);
    const left = await waitForEnd(io, killed, { what: "agents to end", timeoutMs: 5_000, parent: server, signal });
    if (left.length > 0) throw new MusterError("failed", `still there after SIGKILL: process ${left.join(", ")}`);
  }
  await server.script(
    [...new Set(panes.map(({ session }) => session))].map((name) => [["kill-session", "-t", `=${name}`]]),
  );
  return names.map((name) => {
    const pane = panes.find(({ session, isDead }) => session === name && !isDead);
    if (!pane) return { name, result: "not_running", pid: 0 };
    return { name, result: killed.includes(pane.pid) ? "killed" : "stopped", pid: pane.pid };
  });
}

/** Stops the roster's server, unless a session outside the roster lives in it. */
export async function stopServer(
  io: Io,
  server: TmuxServer,
  roster: Roster,
  options: StopOptions = {},
): Promise<ServerReport> {
  const panes = await listPanes(server, options.signal);
  const [first] = panes;
  if (!first) return { socket: server.socket, result: "not_running", sessions: [] };
  const sessions = foreignSessions(roster, panes);
  if (sessions.length > 0) return { socket: server.socket, result: "kept", sessions };
  await killServer(io, server, first.server.pid, options.signal);
  return { socket: server.socket, result: "stopped", sessions: [] };
}

/** Stops a server that is muster's alone, with all that runs in it, whatever the roster says. */
export async function stopServerOf(io: Io, socket: string): Promise<void> {
  const server = new TmuxServer(io, socket);
  const panes = await listPanes(server);
  const [first] = panes;
  if (!first) return;
  await stopAgents(io, server, [...new Set(panes.map(({ session }) => session))]);
  await killServer(io, server, first.server.pid);
}

async function killServer(io: Io, server: TmuxServer, pid: number, signal?: AbortSignal): Promise<void> {
  try {
    await server.run([["kill-server"]]);
  } catch (error) {
    if (!isTargetMissing(error)) throw error; // it has ended by itself
  }
  const left = await waitForEnd(io, [pid], { what: "the server to end", timeoutMs: 5_000, signal });
  if (left.length > 0) throw new MusterError("failed", `the tmux server did not end: process ${pid}`);
}

/** Sessions of the server that are neither the holder nor an agent of the roster. */
export function foreignSessions(roster: Roster, panes: readonly PaneSummary[]): string[] {
  const own = new Set([roster.tmux.holderSession, ...ownAgents(roster).map(({ name }) => name)]);
  return [...new Set(panes.map(({ session }) => session))].filter((session) => !own.has(session));
}

/** The agents that muster starts and stops in the roster's server. */
export function ownAgents(roster: Roster): readonly ResolvedAgent[] {
  return roster.agents.filter(({ managed, host, socket }) =>
    managed && host === undefined && socket === roster.tmux.socketName
  );
}

async function sendSignal(io: Io, name: "HUP" | "KILL", pids: readonly number[]): Promise<void> {
  if (pids.length === 0) return;
  // A pane's process leads its group; one that has ended meanwhile is what is wanted. dash takes -- only after -s.
  const script = `for p; do kill -s ${name} -- "-$p" 2>/dev/null || ! kill -s 0 -- "-$p" 2>/dev/null || exit 1; done`;
  const { code } = await io.process.run("sh", ["-c", script, "sh", ...pids.map(String)]);
  if (code !== 0) throw new MusterError("failed", `cannot send SIG${name} to: process ${pids.join(", ")}`);
}

/** Waits for processes to end; returns those that did not. */
async function waitForEnd(
  io: Io,
  pids: readonly number[],
  options: StopOptions & { readonly what: string; readonly timeoutMs: number; readonly parent?: TmuxServer },
): Promise<readonly number[]> {
  let left = pids;
  const script = 'for p; do kill -s 0 "$p" 2>/dev/null && echo "$p"; done; true';
  const look = async () => {
    if (left.length === 0) return true;
    if (options.parent) await reapChildren(options.parent);
    const { stdout } = await io.process.run("sh", ["-c", script, "sh", ...left.map(String)]);
    left = stdout.split("\n").filter((line) => line !== "").map(Number);
    return left.length === 0 || undefined;
  };
  try {
    await pollUntil(io.clock, look, { ...options, longestPauseMs: 20 });
  } catch (error) {
    if (!(error instanceof MusterError && error.code === "timeout")) throw error;
  }
  return left;
}
