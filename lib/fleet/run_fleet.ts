/**
 * Starts and stops a fleet by its units where they are installed, and without them where not.
 *
 * @module
 */

import { type Io, localHost } from "../io/mod.ts";
import { findPane, listPanes, TmuxServer } from "../tmux/mod.ts";
import { wantedPane } from "./find_agent.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { startFleet, type StartOptions, type StartReport } from "./start_fleet.ts";
import {
  foreignSessions,
  type ServerReport,
  stopAgents,
  type StopOptions,
  type StopReport,
  stopServer,
} from "./stop_fleet.ts";
import { foreignServer, startUnits } from "./units/start_units.ts";
import type { StartManner, Supervisor } from "./units/supervisor.ts";

/** Options of {@linkcode runAgents}. */
export interface RunOptions extends Pick<StartOptions, "replace" | "timeoutMs" | "signal"> {
  /** With the kickstart, or in the session that they had. @default {"fresh"} */
  readonly manner?: StartManner;
}

/** Starts agents; a report for each, in their order. */
export async function runAgents(
  io: Io,
  supervisor: Supervisor | undefined,
  roster: Roster,
  agents: readonly ResolvedAgent[],
  options: RunOptions = {},
): Promise<StartReport[]> {
  if (!supervisor) {
    return await startFleet(io, roster, agents, options);
  }
  const server = await serverProcess(io, roster, options.signal);
  const { holder } = await supervisor.states([], options.signal);
  if (server > 0 && server !== holder.pid) throw foreignServer(server);
  return await startUnits(io, supervisor, roster, agents, options);
}

/** Stops agents; a report for each, in their order. */
export async function endAgents(
  io: Io,
  supervisor: Supervisor | undefined,
  roster: Roster,
  agents: readonly ResolvedAgent[],
  options: StopOptions = {},
): Promise<StopReport[]> {
  const server = new TmuxServer(localHost(io), roster.tmux.socketName);
  const names = agents.map(({ name }) => name);
  const panes = await listPanes(server, options.signal);
  const { holder, agents: units } = supervisor
    ? await supervisor.states(supervisor.agents, options.signal)
    : { holder: { pid: 0 }, agents: new Map() };
  // A server that no unit owns was started without units, and so is stopped.
  if (!supervisor || panes.length > 0 && panes[0]?.server.pid !== holder.pid) {
    return await stopAgents(io, server, names, options);
  }
  const pids = new Map(agents.map((agent) => [agent.name, findPane(panes, wantedPane(agent))?.pid ?? 0]));
  await supervisor.stop(names.filter((name) => units.has(name)), options.signal);
  return names.map((name) => {
    const wasUp = !["inactive", "failed", undefined].includes(units.get(name)?.state);
    return { name, result: wasUp ? "stopped" : "not_running", pid: wasUp ? pids.get(name) ?? 0 : 0 };
  });
}

/** Stops the roster's server, unless a session outside the roster lives in it. */
export async function endServer(
  io: Io,
  supervisor: Supervisor | undefined,
  roster: Roster,
  options: StopOptions = {},
): Promise<ServerReport> {
  const socket = roster.tmux.socketName;
  const server = new TmuxServer(localHost(io), socket);
  const panes = await listPanes(server, options.signal);
  const holder = supervisor && (await supervisor.states([], options.signal)).holder;
  if (!supervisor || panes.length > 0 && panes[0]?.server.pid !== holder?.pid) {
    return await stopServer(io, server, roster, options);
  }
  const sessions = foreignSessions(roster, panes);
  if (sessions.length > 0) return { socket, result: "kept", sessions };
  const isUp = holder !== undefined && !["inactive", "failed"].includes(holder.state);
  if (isUp) await supervisor.stopServer(options.signal);
  return { socket, result: isUp ? "stopped" : "not_running", sessions: [] };
}

async function serverProcess(io: Io, roster: Roster, signal?: AbortSignal): Promise<number> {
  const [pane] = await listPanes(new TmuxServer(localHost(io), roster.tmux.socketName), signal);
  return pane?.server.pid ?? 0;
}
