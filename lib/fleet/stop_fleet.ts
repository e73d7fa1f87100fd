/**
 * Stops agents, and the server when nothing else needs it. A stop is what was seen: the program's process is gone.
 *
 * @module
 */

import { type Io, localHost, MusterError, pollUntil } from "../io/mod.ts";
import { isServerMissing, listPanes, type PaneSummary, reapChildren, TmuxServer } from "../tmux/mod.ts";
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
  /** How long anything may take to be seen gone after that, in milliseconds. @default {30_000} */
  readonly timeoutMs?: number;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
}

/**
 * Stops the agents named: hangs up their programs, kills those that stay, removes their panes. A session of that name that
 * muster did not start, and panes that a person added, are left alone.
 */
export async function stopAgents(
  io: Io,
  server: TmuxServer,
  names: readonly string[],
  options: StopOptions = {},
): Promise<StopReport[]> {
  const { signal } = options;
  const killed = new Set<number>();
  const isWanted = ({ session, agent }: PaneSummary) =>
    agent !== undefined && agent === session && names.includes(agent);
  const panes = (await listPanes(server, signal)).filter(isWanted);
  if (panes.length > 0) await endPanes(io, server, panes, options, killed);
  return names.map((name) => {
    const pane = panes.find(({ agent, isDead }) => agent === name && !isDead);
    if (!pane) return { name, result: "not_running", pid: 0 };
    return { name, result: killed.has(pane.pid) ? "killed" : "stopped", pid: pane.pid };
  });
}

/** Ends the programs of panes, then removes the panes, and with its last pane a session. */
async function endPanes(
  io: Io,
  server: TmuxServer,
  panes: readonly PaneSummary[],
  { signal, graceMs = 5_000, timeoutMs = 30_000 }: StopOptions,
  killed: Set<number>,
): Promise<void> {
  const pids = panes.filter(({ isDead }) => !isDead).map(({ pid }) => pid);
  await sendSignal(server, "HUP", pids);
  const waiting = { parent: server, signal };
  const stay = await waitForEnd(io, server, pids, { ...waiting, what: "agents to heed SIGHUP", timeoutMs: graceMs });
  if (stay.length > 0) {
    for (const pid of stay) killed.add(pid);
    await sendSignal(server, "KILL", stay);
    const left = await waitForEnd(io, server, stay, { ...waiting, what: "agents to end", timeoutMs });
    if (left.length > 0) throw new MusterError("timeout", `still there after SIGKILL: process ${left.join(", ")}`);
  }
  try {
    await server.script(panes.map(({ id }) => [["kill-pane", "-t", id]]));
  } catch (error) {
    if (!isServerMissing(error)) throw error; // it ended with its last session
  }
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
  if (!first) return { socket: server.socket, result: await stopEmptyServer(io, server, options), sessions: [] };
  const sessions = foreignSessions(roster, panes, server.host.destination || undefined);
  if (sessions.length > 0) return { socket: server.socket, result: "kept", sessions };
  await killServer(io, server, first.server.pid, options);
  return { socket: server.socket, result: "stopped", sessions: [] };
}

/** Stops a server that is muster's alone, with all that runs in it, whatever the roster says. */
export async function stopServerOf(io: Io, socket: string): Promise<void> {
  const server = new TmuxServer(localHost(io), socket);
  const panes = await listPanes(server);
  const [first] = panes;
  if (!first) return;
  await endPanes(io, server, panes, {}, new Set());
  await killServer(io, server, first.server.pid, {});
}

/** A server outlives its last session, and then tells nothing of itself: it is gone when nobody answers. */
async function stopEmptyServer(io: Io, server: TmuxServer, options: StopOptions): Promise<"stopped" | "not_running"> {
  const { signal, timeoutMs = 30_000 } = options;
  const isGone = async (words: string) => {
    try {
      await server.run([[words]], { signal });
      return undefined;
    } catch (error) {
      if (isServerMissing(error)) return true;
      throw error;
    }
  };
  if (await isGone("kill-server")) return "not_running";
  await pollUntil(io.clock, () => isGone("list-sessions"), { what: "the server to end", timeoutMs, signal });
  return "stopped";
}

async function killServer(io: Io, server: TmuxServer, pid: number, options: StopOptions): Promise<void> {
  const { signal, timeoutMs = 30_000 } = options;
  try {
    await server.run([["kill-server"]]);
  } catch (error) {
    if (!isServerMissing(error)) throw error; // it has ended by itself
  }
  const left = await waitForEnd(io, server, [pid], { what: "the server to end", timeoutMs, signal });
  if (left.length > 0) throw new MusterError("timeout", `the tmux server did not end: process ${pid}`);
}

/** Sessions of the server that are neither the holder nor an agent's alone: a person's own, or ones with a pane of theirs. */
export function foreignSessions(roster: Roster, panes: readonly PaneSummary[], onHost?: string): string[] {
  const agents = ownAgents(roster, onHost).map(({ name }) => name);
  const isOwn = (session: string) =>
    session === roster.tmux.holderSession ||
    agents.includes(session) &&
      panes.filter((pane) => pane.session === session).every(({ agent }) => agent === session);
  return [...new Set(panes.map(({ session }) => session))].filter((session) => !isOwn(session));
}

/** The agents that muster starts and stops in the roster's server: that of this host, or of another. */
export function ownAgents(roster: Roster, onHost?: string): readonly ResolvedAgent[] {
  return roster.agents.filter(({ managed, host, socket }) =>
    managed && host === onHost && socket === roster.tmux.socketName
  );
}

async function sendSignal({ host }: TmuxServer, name: "HUP" | "KILL", pids: readonly number[]): Promise<void> {
  if (pids.length === 0) return;
  // A pane's process leads its group; one that has ended meanwhile is what is wanted. dash takes -- only after -s.
  const script = `for p; do kill -s ${name} -- "-$p" 2>/dev/null || ! kill -s 0 -- "-$p" 2>/dev/null || exit 1; done`;
  const { code } = await host.run("sh", ["-c", script, "sh", ...pids.map(String)]);
  if (code !== 0) throw new MusterError("failed", `cannot send SIG${name} to: process ${pids.join(", ")}`);
}

/** Waits for processes to end; returns those that did not. */
async function waitForEnd(
  io: Io,
  { host }: TmuxServer,
  pids: readonly number[],
  options: StopOptions & { readonly what: string; readonly timeoutMs: number; readonly parent?: TmuxServer },
): Promise<readonly number[]> {
  let left = pids;
  // What waits for its parent to collect it has ended: a container's first process may never do so.
  const script = `for p; do s=; read -r s 2>/dev/null </proc/$p/stat; case "\${s##*) }" in Z*) continue ;; esac
    kill -s 0 "$p" 2>/dev/null && echo "$p"; done; true`;
  const look = async () => {
    if (left.length === 0) return true;
    if (options.parent) await reapChildren(options.parent);
    const { stdout } = await host.run("sh", ["-c", script, "sh", ...left.map(String)]);
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
