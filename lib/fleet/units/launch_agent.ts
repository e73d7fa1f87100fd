import { type Io, localHost, MusterError } from "../../io/mod.ts";
import type { ResolvedAgent, Roster } from "../resolve_roster.ts";
import { startFleet, type StartReport } from "../start_fleet.ts";
import { runtimeOf } from "../../agents/mod.ts";
import { readEnds } from "./ends.ts";
import { agentUnit, unitPlace } from "./place.ts";
import { findPrograms } from "./programs.ts";
import type { StartManner } from "./supervisor.ts";

/** Options of {@linkcode launchAgent}. */
export interface LaunchOptions {
  /** The FIFO that the unit's process reads. */
  readonly fifo: string;
  /** The scope that the program is to have. */
  readonly scope: string;
  /** The scope's limits, as systemd writes them. */
  readonly properties: readonly string[];
  /** How it is to start; by default as its last end calls for. */
  readonly manner?: StartManner;
  /** How long the agent may take to be ready, in milliseconds. */
  readonly timeoutMs: number;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
}

/** What a launch did. */
export interface LaunchReport {
  /** How the start went. */
  readonly start: StartReport;
  /** How it started. */
  readonly manner: StartManner;
}

/**
 * Starts the program of an agent for its unit: in the server that the holder runs, in a scope of its own that ends with the
 * unit, behind the sh that tells the unit how it ends.
 *
 * @throws {MusterError} where there is no server, or the program cannot be started.
 */
export async function launchAgent(
  io: Io,
  roster: Roster,
  agent: ResolvedAgent,
  options: LaunchOptions,
): Promise<LaunchReport> {
  const { fifo, scope, properties, timeoutMs, signal } = options;
  const isNew = options.manner === "fresh" || options.manner === "bare";
  const session = isNew ? undefined : await pastSession(io, agent, options.manner);
  const path = io.env.get("PATH") ?? "";
  const [systemdRun] = await findPrograms(localHost(io), path, ["systemd-run"], signal);
  if (!systemdRun?.path) throw new MusterError("missing_program", "program not found: systemd-run");
  const enclosure = [
    systemdRun.path,
    "--user",
    "--quiet",
    "--collect",
    "--scope",
    `--unit=${scope}`,
    "--slice=muster-agents.slice",
    `--property=BindsTo=${agentUnit(agent.name)}`,
    "--property=TimeoutStopSec=5",
    ...properties.map((property) => `--property=${property}`),
    "--",
    "/bin/sh",
    `${unitPlace(io.env).scripts}/pane.sh`,
    fifo,
    path,
  ];
  const [start] = await startFleet(io, roster, [agent], {
    enclosure,
    sessions: new Map(session === undefined ? [] : [[agent.name, session]]),
    timeoutMs,
    signal,
  });
  if (!start) throw new MusterError("internal", "a start without a report");
  return { start, manner: session !== undefined ? "resume" : options.manner === "bare" ? "bare" : "fresh" };
}

/**
 * The session that an agent's last run had, if it is to go on with it: asked for, or cut off by something other than a person
 * or the program itself.
 */
export async function pastSession(
  io: Io,
  agent: ResolvedAgent,
  manner?: StartManner,
): Promise<string | undefined> {
  const runtime = runtimeOf(agent.kind);
  const last = (await readEnds(io, agent.name)).at(-1);
  if (!runtime.resumeArgs || !runtime.findSession || !last) return undefined;
  if (manner === undefined && (last.cause === "stopped" || last.cause === "exit")) return undefined;
  return await runtime.findSession({
    pid: last.pid,
    argv: [...agent.command, ...agent.args],
    workingDirectory: agent.workingDirectory,
    home: agent.env.HOME ?? io.env.get("HOME") ?? "",
    // By sh, so that muster need not be given leave to read all that an agent may write to.
    readText: async (path) => {
      const { stdout } = await localHost(io).run("sh", ["-c", 'cat -- "$1" 2>/dev/null', "sh", path]);
      return stdout;
    },
  });
}
