/**
 * Starts agents in muster's own tmux server: one call makes all their sessions, then their screens are watched until
 * each is ready.
 *
 * @module
 */

import { runtimeOf, screenOf } from "../agents/mod.ts";
import { musterHome } from "../config/locate.ts";
import { type Io, MusterError, pollUntil } from "../io/mod.ts";
import {
  lastRows,
  type PaneSummary,
  type PaneView,
  type TmuxCommand,
  TmuxError,
  TmuxServer,
  viewSessions,
} from "../tmux/mod.ts";
import { checkDirectories } from "./check_directories.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { agentEnvironment } from "./secrets.ts";
import { howEnded } from "./fleet_status.ts";
import { stopAgents } from "./stop_fleet.ts";

/** How one agent's start ended. */
export interface StartReport {
  /** The agent's name. */
  readonly name: string;
  /** How its start ended. */
  readonly result: "started" | "already_running" | "failed";
  /** Such as `%3`; empty where there is none. */
  readonly pane: string;
  /** The program's process; 0 where there is none. */
  readonly pid: number;
  /** From the call until it was ready, or failed. */
  readonly elapsedMs: number;
  /** Why it failed. */
  readonly reason?: string;
  /** It failed because time ran out. */
  readonly isLate?: boolean;
  /** The last rows of its pane, where it failed. */
  readonly screen?: readonly string[];
}

/** Options of {@linkcode startFleet}. */
export interface StartOptions {
  /** Restart the agents that run already. @default {false} */
  readonly replace?: boolean;
  /** How long to wait until an agent is ready, in milliseconds. @default {30_000} */
  readonly timeoutMs?: number;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
}

/** The size of a pane that nobody looks at. */
const size = ["-x", "200", "-y", "50"] as const;

/**
 * Starts the agents given, side by side, in the roster's server, which is started if it does not run.
 *
 * @returns A report for each agent, in their order.
 * @throws {MusterError} when an agent's directory or secrets are missing, before anything is started.
 */
export async function startFleet(
  io: Io,
  roster: Roster,
  agents: readonly ResolvedAgent[],
  options: StartOptions = {},
): Promise<StartReport[]> {
  const { signal, replace = false } = options;
  const started = io.clock.elapsed();
  const server = new TmuxServer(io, roster.tmux.socketName);
  for (const agent of agents) refuseUnknownPlaces(roster, agent);
  const names = agents.map(({ name }) => name);
  const before = await viewSessions(server, names, signal);
  const isRunning = ({ name }: ResolvedAgent) => before.views.get(name)?.pane.isDead === false;
  const wanted = agents.filter((agent) => replace || !isRunning(agent));
  await checkDirectories(io, wanted, signal);
  const environments = new Map(
    await Promise.all(
      wanted.map(async (agent) => [agent.name, await agentEnvironment(io, agent, signal)] as const),
    ),
  );
  await startServer(io, server, roster, before.panes, signal);
  if (replace) await stopAgents(io, server, wanted.filter(isRunning).map(({ name }) => name), { signal });

  const lines = wanted.map((agent) => [
    ...(before.views.get(agent.name)?.pane.isDead ? [["kill-session", "-t", `=${agent.name}`]] : []),
    ...sessionCommands(agent, environments.get(agent.name) ?? {}),
  ]);
  const { complaints } = lines.length === 0 ? { complaints: [] } : await server.script(lines, { signal });
  // Another start that came first is no failure: the agent runs.
  const refused = complaints.filter((line) => !line.startsWith("duplicate session"));
  const reports = await watchStart(io, server, wanted, started, options);
  const ended = agents.map((agent): StartReport => {
    const report = reports.get(agent.name);
    if (!report) {
      return { ...facts(agent, before.views.get(agent.name)?.pane), result: "already_running", elapsedMs: 0 };
    }
    const reason = refused.find((line) => line.includes(agent.name)) ?? refused[0];
    return report.pane === "" && reason ? { ...report, reason: `tmux refused: ${reason}` } : report;
  });
  return await Promise.all(ended.map((report) => withLastWords(server, report)));
}

/** The last rows of a pane whose agent failed; tmux scrolls some out of sight to say that the pane is dead. */
async function withLastWords(server: TmuxServer, report: StartReport): Promise<StartReport> {
  if (report.result !== "failed" || report.pane === "") return report;
  const last = await lastRows(server, { paneId: report.pane }, 200);
  const screen = (last?.rows ?? []).filter((row) => row !== "" && !row.startsWith("Pane is dead ")).slice(-10);
  return { ...report, screen };
}

function refuseUnknownPlaces(roster: Roster, agent: ResolvedAgent): void {
  const at = `agent ${agent.name}`;
  if (agent.host !== undefined) throw new MusterError("config", `cannot start on another host yet: ${at}`);
  if (agent.socket !== roster.tmux.socketName) {
    throw new MusterError("config", `managed agent on a foreign socket: ${at}`, {
      hint: "set managed = false, or leave socket out",
    });
  }
  if (agent.command.length === 0) throw new MusterError("config", `no command: ${at}`, { hint: "give it a command" });
}

async function startServer(
  io: Io,
  server: TmuxServer,
  roster: Roster,
  panes: readonly PaneSummary[],
  signal?: AbortSignal,
): Promise<void> {
  const { holderSession } = roster.tmux;
  if (panes.some(({ session }) => session === holderSession)) return;
  const own = `${musterHome(io.env)}/tmux.conf`;
  const config = await io.files.facts(own) ? own : undefined;
  const words = "This session keeps muster's tmux server alive.";
  try {
    await server.start([
      ["new-session", "-d", "-s", holderSession, ...size, "sh", "-c", 'echo "$0"; exec cat', words],
      ["set-option", "-s", "exit-empty", "off"],
    ], { config, signal });
  } catch (error) {
    if (!(error instanceof TmuxError && error.message.includes("duplicate session"))) throw error;
  }
}

/** The commands that make an agent's session, as one line: what dies at once is kept for its last words. */
function sessionCommands(agent: ResolvedAgent, environment: Readonly<Record<string, string>>): TmuxCommand[] {
  const target = `=${agent.name}:`;
  const variables = Object.entries(environment).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  // tmux expands formats in a directory, and hands a single word to a shell: env takes a program as it is.
  const directory = agent.workingDirectory.replaceAll("#", "##");
  const program = ["env", ...agent.command, ...agent.args];
  return [
    ["new-session", "-d", "-s", agent.name, ...size, "-c", directory, ...variables, "--", ...program],
    ["set-option", "-w", "-t", target, "remain-on-exit", "on"],
    ["set-option", "-p", "-t", target, "@muster_runtime", agent.kind],
  ];
}

async function watchStart(
  io: Io,
  server: TmuxServer,
  agents: readonly ResolvedAgent[],
  started: number,
  options: StartOptions,
): Promise<Map<string, StartReport>> {
  const reports = new Map<string, StartReport>();
  const timeoutMs = options.timeoutMs ?? 30_000;
  let views: ReadonlyMap<string, PaneView> = new Map();
  const look = async () => {
    const waiting = agents.filter(({ name }) => !reports.has(name));
    if (waiting.length === 0) return true;
    ({ views } = await viewSessions(server, waiting.map(({ name }) => name), options.signal));
    for (const agent of waiting) {
      const report = reportOf(agent, views.get(agent.name));
      if (report) reports.set(agent.name, { ...report, elapsedMs: Math.round(io.clock.elapsed() - started) });
    }
    return reports.size === agents.length || undefined;
  };
  const what = "the agents to be ready";
  try {
    await pollUntil(io.clock, look, { what, timeoutMs, firstPauseMs: 4, longestPauseMs: 25, signal: options.signal });
  } catch (error) {
    if (!(error instanceof MusterError && error.code === "timeout")) throw error;
    for (const agent of agents.filter(({ name }) => !reports.has(name))) {
      reports.set(agent.name, {
        ...failure(agent, views.get(agent.name), `not ready after ${timeoutMs} ms`),
        isLate: true,
        elapsedMs: Math.round(io.clock.elapsed() - started),
      });
    }
  }
  return reports;
}

/** A report, once there is something to say. */
function reportOf(agent: ResolvedAgent, view: PaneView | undefined): Omit<StartReport, "elapsedMs"> | undefined {
  if (!view) return failure(agent, view, "its session is gone");
  const { pane } = view;
  if (pane.isDead) {
    return failure(agent, view, `its program ${howEnded(pane)}`);
  }
  return isReady(agent, view) ? { ...facts(agent, pane), result: "started" } : undefined;
}

/** Between the session's start and its program's, tmux's own child and `env` hold the terminal. */
const launchers: readonly string[] = ["", "tmux", "env"];

function isReady(agent: ResolvedAgent, view: PaneView): boolean {
  if (agent.ready) return agent.ready.test(view.rows.join("\n"));
  if (launchers.includes(view.pane.command)) return false;
  const runtime = runtimeOf(agent.kind);
  return !runtime.readsScreen || !["starting", "unknown"].includes(runtime.read(screenOf(view)).state);
}

function facts(agent: ResolvedAgent, pane: PaneSummary | undefined) {
  return { name: agent.name, pane: pane?.id ?? "", pid: pane?.pid ?? 0 };
}

function failure(agent: ResolvedAgent, view: PaneView | undefined, reason: string): Omit<StartReport, "elapsedMs"> {
  return { ...facts(agent, view?.pane), result: "failed", reason };
}
