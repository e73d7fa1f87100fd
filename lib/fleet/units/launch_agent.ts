import { type Io, localHost, MusterError } from "../../io/mod.ts";
import type { ResolvedAgent, Roster } from "../resolve_roster.ts";
import { startFleet, type StartReport } from "../start_fleet.ts";
import { type NoTranscript, type ProgramRun, runtimeOf } from "../../agents/mod.ts";
import { readEnds } from "./ends.ts";
import { agentUnit, unitPlace } from "./place.ts";
import { findPrograms } from "./programs.ts";
import { restartWindow } from "./render_units.ts";
import {
  noteFreshStart,
  noteResume,
  noteResumed,
  readFreshStart,
  readToldSessions,
  readUnresumed,
  sessionFile,
} from "./sessions.ts";
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
  const past = isNew ? undefined : await pastSession(io, agent, options.manner);
  const session = typeof past === "string" ? past : undefined;
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
  const tell = await tellSessionArgs(io, agent);
  // Before the program can tell anything.
  if (session === undefined) {
    await noteFreshStart(io, agent.name, { atMs: io.clock.now(), reason: typeof past === "object" ? past.none : "" });
  } else {
    await noteResume(io, agent.name, session);
  }
  const [start] = await startFleet(io, roster, [{ ...agent, args: [...agent.args, ...tell] }], {
    enclosure,
    sessions: new Map(session === undefined ? [] : [[agent.name, session]]),
    timeoutMs,
    signal,
  });
  if (!start) throw new MusterError("internal", "a start without a report");
  if (session !== undefined && start.result === "started") await noteResumed(io, agent.name);
  return { start, manner: session !== undefined ? "resume" : options.manner === "bare" ? "bare" : "fresh" };
}

/**
 * The session that an agent's last run had, if it is to go on with it: asked for, or cut off by something other than a person
 * or the program itself. `undefined` where it is not to, and the reason where it cannot.
 */
export async function pastSession(
  io: Io,
  agent: ResolvedAgent,
  manner?: StartManner,
): Promise<string | NoTranscript | undefined> {
  const runtime = runtimeOf(agent.kind);
  const last = (await readEnds(io, agent.name)).at(-1);
  if (!last || !runtime.resumeArgs) return undefined;
  if (manner === undefined && (last.cause === "stopped" || last.cause === "exit")) return undefined;
  if (!runtime.findSession) return { none: "a program of its kind cannot go on with a session" };
  const run = programRun(io, agent);
  const untold = await runtime.tellSessionArgs?.([], run);
  if (untold && "none" in untold) return untold;
  const freshAtMs = (await readFreshStart(io, agent.name))?.atMs ?? 0;
  const told = await readToldSessions(io, agent.name, freshAtMs);
  const session = await runtime.findSession({ ...run, freshAtMs, told });
  // A program that ends instead of going on would do so until its unit gave up; a person may ask for it again. One that has
  // run for as long as the window has gone on, though its launch did not see it in time.
  const isCutShort = last.cause === "failed" && last.ranMs < restartWindow * 1000;
  const isRefused = manner === undefined && isCutShort && session === await readUnresumed(io, agent.name);
  return isRefused ? { none: "its program ended when it was to go on in its session" } : session;
}

/** The arguments by which an agent's program tells its sessions; none where it does not. */
async function tellSessionArgs(io: Io, agent: ResolvedAgent): Promise<readonly string[]> {
  const words = ["/bin/sh", `${unitPlace(io.env).scripts}/session.sh`, sessionFile(io.env, agent.name)];
  const told = await runtimeOf(agent.kind).tellSessionArgs?.(words, programRun(io, agent));
  return told === undefined || "none" in told ? [] : told;
}

function programRun(io: Io, agent: ResolvedAgent): ProgramRun {
  return {
    name: agent.name,
    argv: [...agent.command, ...agent.args],
    workingDirectory: agent.workingDirectory,
    home: agent.env.HOME ?? io.env.get("HOME") ?? "",
    env: agent.env,
    // By sh, so that muster need not be given leave to read all that an agent may write to.
    sh: async (script, ...args) => (await localHost(io).run("sh", ["-c", script, "sh", ...args])).stdout,
  };
}
