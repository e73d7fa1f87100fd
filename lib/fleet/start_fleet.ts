/**
 * Starts agents in muster's own tmux server: one call makes all their sessions, then their screens are watched until
 * each is ready.
 *
 * @module
 */

import { runtimeOf, screenOf } from "../agents/mod.ts";
import { musterHome } from "../config/locate.ts";
import { type Host, type Io, localHost, MusterError, pollUntil, visible } from "../io/mod.ts";
import {
  findPane,
  lastRows,
  listPanes,
  type PaneSummary,
  type PaneView,
  type Ticket,
  type TmuxCommand,
  TmuxError,
  TmuxServer,
  viewPanes,
} from "../tmux/mod.ts";
import { checkDirectories } from "./check_directories.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { agentEnvironment } from "./secrets.ts";
import { missingPrograms } from "./missing_programs.ts";
import { agentRecords, paneLogCommand } from "./pane_log.ts";
import { wantedPane } from "./find_agent.ts";
import { howEnded } from "./fleet_status.ts";
import { openDialog } from "./open_dialog.ts";
import { skillArguments } from "./skill_arguments.ts";
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
  /** The question of a dialog that it opened, such as whether to trust a directory: a person's to answer. */
  readonly dialog?: string;
  /** How a person answers that. */
  readonly hint?: string;
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
  /** Where to start them; on this host by default. */
  readonly host?: Host;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
  /** The words before an agent's program, where its unit starts it: the server is then not ours to start. */
  readonly enclosure?: readonly string[];
  /** Sessions that programs go on with, by agent. @default {new Map()} */
  readonly sessions?: ReadonlyMap<string, string>;
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
  const { signal, replace = false, host = localHost(io) } = options;
  const started = io.clock.elapsed();
  const server = new TmuxServer(host, roster.tmux.socketName);
  for (const agent of agents) refuseUnknownPlaces(roster, agent, host);
  const before = await listPanes(server, signal);
  const paneOf = (agent: ResolvedAgent) => findPane(before, wantedPane(agent));
  const isRunning = (agent: ResolvedAgent) => paneOf(agent)?.isDead === false;
  const isTaken = (agent: ResolvedAgent) => !paneOf(agent) && before.some(({ session }) => session === agent.name);
  const wanted = agents.filter((agent) => !isTaken(agent) && (replace || !isRunning(agent)));
  await checkDirectories(host, wanted, signal);
  const launches = await Promise.all(
    wanted.map(async (agent) => ({ agent, environment: await agentEnvironment(io, agent, signal, { host }) })),
  );
  if (!options.enclosure) await startServer(io, server, roster, before, signal);
  const missing = await missingPrograms(server, launches, signal);
  const ready = launches.filter(({ agent }) => !missing.has(agent));
  const startable = ready.map(({ agent }) => agent);
  if (replace) await stopAgents(io, server, startable.filter(isRunning).map(({ name }) => name), { signal });

  const skills = await skillArguments(io, host, ready, signal);
  const lines = new Map(ready.map(({ agent: { args, ...rest }, environment }) => {
    const agent = { ...rest, args: [...skills.get(rest.name) ?? [], ...args] };
    const pane = paneOf(agent);
    const bury = pane?.isDead ? [["kill-pane", "-t", pane.id]] : [];
    const isKept = agent.log && host.destination === "";
    const log = isKept ? [paneLogCommand(`=${agent.name}:`, agentRecords(io.env, agent.name))] : [];
    return [agent.name, [...bury, ...sessionCommands(agent, environment, options), ...log]] as const;
  }));
  if (lines.size > 0) await server.script([...lines.values()], { signal });
  const reports = await watchStart(io, server, startable, started, options);
  return await Promise.all(agents.map(async (agent): Promise<StartReport> => {
    const report = reports.get(agent.name);
    if (report) return await withReason(server, report, lines.get(agent.name) ?? []);
    if (missing.has(agent)) {
      const reason = `no such program: ${agent.command[0]}`;
      return { ...facts(agent, undefined), result: "failed", elapsedMs: 0, reason };
    }
    if (!isTaken(agent)) return { ...facts(agent, paneOf(agent)), result: "already_running", elapsedMs: 0 };
    const reason = "a session of this name is not muster's";
    return { ...facts(agent, undefined), result: "failed", elapsedMs: 0, reason };
  }));
}

/** What can be known of a failure: the pane's last rows, or where no pane was made, what tmux says to the same again. */
async function withReason(server: TmuxServer, report: StartReport, line: readonly TmuxCommand[]): Promise<StartReport> {
  if (report.result !== "failed") return report;
  if (report.pane !== "") return await withLastWords(server, report);
  const { complaints } = await server.script([line]);
  return complaints[0] === undefined ? report : { ...report, reason: `tmux refused: ${complaints[0]}` };
}

/** The last rows of a pane whose agent failed; tmux scrolls some out of sight to say that the pane is dead. */
async function withLastWords(server: TmuxServer, report: StartReport): Promise<StartReport> {
  const last = await lastRows(server, { paneId: report.pane }, 200);
  const screen = (last?.rows ?? []).filter((row) => row !== "").slice(-10);
  // The kernel drops what tmux has not read yet when a terminal's first process ends.
  const isLost = screen.length === 0 && !report.isLate;
  return { ...report, screen, ...(isLost ? { reason: `${report.reason}, and what it said was lost` } : {}) };
}

function refuseUnknownPlaces(roster: Roster, agent: ResolvedAgent, host: Host): void {
  const at = `agent ${agent.name}`;
  if ((agent.host ?? "") !== host.destination) throw new MusterError("internal", `agent of another host: ${at}`);
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
  const isHere = server.host.destination === "";
  const config = isHere && await io.files.facts(own) ? own : undefined;
  const words = "This session keeps muster's tmux server alive.";
  try {
    await server.start([
      ["new-session", "-d", "-s", holderSession, ...size, "sh", "-c", 'echo "$0"; exec cat', words],
      ["set-option", "-p", "-t", `=${holderSession}:`, "@muster_runtime", "holder"],
      ["set-option", "-s", "exit-empty", "off"],
    ], { config, signal });
    if (!isHere) await applyConfig(io, server, own, signal);
  } catch (error) {
    if (!(error instanceof TmuxError && error.message.includes("duplicate session"))) throw error;
  }
}

/** Gives a server on another host this host's configuration, which is not written there. */
async function applyConfig(io: Io, server: TmuxServer, path: string, signal?: AbortSignal): Promise<void> {
  const text = new TextDecoder().decode(await io.files.read(path));
  if (text.trim() === "") return;
  const { complaints } = await server.source(text.endsWith("\n") ? text : `${text}\n`, { signal });
  if (complaints[0] !== undefined) throw new MusterError("config", `tmux.conf: ${visible(complaints[0])}`);
}

/** The commands that make an agent's session, as one line: what dies at once is kept for its last words. */
function sessionCommands(
  agent: ResolvedAgent,
  environment: Readonly<Record<string, string>>,
  { enclosure = ["env"], sessions }: StartOptions,
): TmuxCommand[] {
  const target = `=${agent.name}:`;
  const variables = Object.entries(environment).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  // tmux expands formats in a directory, and hands a single word to a shell: env takes a program as it is.
  const directory = agent.workingDirectory.replaceAll("#", "##");
  const program = [...enclosure, ...agent.command, ...agent.args, ...resumeArguments(agent, sessions?.get(agent.name))];
  return [
    ["new-session", "-d", "-s", agent.name, ...size, "-c", directory, ...variables, "--", ...program],
    ...queueCommands(target, agent.name),
    ["set-option", "-p", "-t", target, "remain-on-exit", "on"],
    ["set-option", "-p", "-t", target, "@muster_agent", agent.name],
    ["set-option", "-p", "-t", target, "@muster_runtime", agent.kind],
  ];
}

/** The option by which somebody who has the lease of an agent's pane keeps it when that is made anew. */
function nextQueue(name: string): string {
  return `@muster_next_${name}`;
}

/** The commands that give a new pane the lease that is kept for it. */
function queueCommands(target: string, name: string): TmuxCommand[] {
  return [
    ["set-option", "-pF", "-t", target, "@muster_queue", `#{${nextQueue(name)}}`],
    ["set-option", "-su", nextQueue(name)],
  ];
}

/** The command that keeps a lease of an agent's pane for the next one; that without a ticket takes it back. */
export function keepQueueCommand(name: string, ticket?: Ticket): TmuxCommand {
  return ticket === undefined
    ? ["set-option", "-su", nextQueue(name)]
    : ["set-option", "-s", nextQueue(name), ` ${ticket}`];
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
    ({ views } = await viewPanes(server, waiting.map(wantedPane), options.signal));
    for (const agent of waiting) {
      const report = reportOf(agent, views.get(agent.name), options.enclosure !== undefined);
      if (report) reports.set(agent.name, { ...report, elapsedMs: Math.round(io.clock.elapsed() - started) });
    }
    return reports.size === agents.length || undefined;
  };
  const what = "the agents to be ready";
  try {
    await pollUntil(io.clock, look, { what, timeoutMs, firstPauseMs: 4, longestPauseMs: 25, signal: options.signal });
  } catch (error) {
    if (options.signal?.aborted) throw interrupted(error, agents);
    if (!(error instanceof MusterError && error.code === "timeout")) throw error;
    for (const agent of agents.filter(({ name }) => !reports.has(name))) {
      reports.set(agent.name, {
        ...failure(agent, views.get(agent.name), notReady(agent, timeoutMs)),
        isLate: true,
        elapsedMs: Math.round(io.clock.elapsed() - started),
      });
    }
  }
  return reports;
}

/** An interrupted start leaves what it has begun: an agent may be at work already. */
function interrupted(error: unknown, agents: readonly ResolvedAgent[]): unknown {
  if (!(error instanceof MusterError)) return error;
  const names = agents.map(({ name }) => name).join(" ");
  return new MusterError(error.code, error.message, { hint: `started already: muster fleet stop ${names} stops it` });
}

/** The arguments by which an agent's program goes on with a session; none where it begins one, or cannot. */
function resumeArguments({ kind }: ResolvedAgent, session: string | undefined): readonly string[] {
  return session === undefined ? [] : runtimeOf(kind).resumeArgs?.(session) ?? [];
}

function notReady({ ready }: ResolvedAgent, timeoutMs: number): string {
  const what = ready ? `: no row matches ready = ${JSON.stringify(ready.source)}` : "";
  return `not ready after ${timeoutMs / 1000}s, and left running${what}`;
}

/** A report, once there is something to say. */
function reportOf(
  agent: ResolvedAgent,
  view: PaneView | undefined,
  isEnclosed: boolean,
): Omit<StartReport, "elapsedMs"> | undefined {
  if (!view) return failure(agent, view, "its session is gone");
  const { pane } = view;
  if (pane.isDead) {
    return failure(agent, view, `its program ${howEnded(pane)}`);
  }
  if (!isReady(agent, view, isEnclosed)) return undefined;
  return { ...facts(agent, pane), result: "started", ...openDialog(agent, view) };
}

/** Between the session's start and its program's, tmux's own child and `env` hold the terminal. */
const launchers: readonly string[] = ["", "tmux", "env"];

/** Whether an agent takes text, as far as its screen tells. */
export function isReady(agent: ResolvedAgent, view: PaneView, isEnclosed = false): boolean {
  if (isEnclosed && !view.pane.isInUnit) return false;
  // A pattern may end in the blank that stands after a prompt, and that tmux leaves out.
  if (agent.ready) {
    return [view.rows, view.rows.map((row) => `${row} `)].some((rows) => agent.ready?.test(rows.join("\n")));
  }
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
