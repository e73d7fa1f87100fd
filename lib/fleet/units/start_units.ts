/**
 * Starts agents by their units, and watches until each is ready: what systemd says of the unit, then what the screen shows.
 *
 * @module
 */

import { type Io, localHost, MusterError, pollUntil } from "../../io/mod.ts";
import { lastRows, type PaneView, TmuxServer, viewPanes } from "../../tmux/mod.ts";
import { checkDirectories } from "../check_directories.ts";
import { wantedPane } from "../find_agent.ts";
import type { ResolvedAgent, Roster } from "../resolve_roster.ts";
import { openDialog } from "../open_dialog.ts";
import { isReady, type StartReport } from "../start_fleet.ts";
import { failureOf, readEnds } from "./ends.ts";
import type { StartManner, Supervisor, UnitState, UnitStates } from "./supervisor.ts";

/** Options of {@linkcode startUnits}. */
export interface StartUnitsOptions {
  /** Restart the agents that run already. @default {false} */
  readonly replace?: boolean;
  /** How they start. @default {"fresh"} */
  readonly manner?: StartManner;
  /** How long an agent may take to be ready from its turn on, in milliseconds. @default {30_000} */
  readonly timeoutMs?: number;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
}

/** Starts agents by their units; a report for each, in their order. */
export async function startUnits(
  io: Io,
  supervisor: Supervisor,
  roster: Roster,
  agents: readonly ResolvedAgent[],
  options: StartUnitsOptions = {},
): Promise<StartReport[]> {
  const { replace = false, manner = "fresh", signal } = options;
  const server = new TmuxServer(localHost(io), roster.tmux.socketName);
  const installed = agents.filter(({ name }) => supervisor.agents.includes(name));
  const names = installed.map(({ name }) => name);
  const past = new Map<string, Set<string>>();
  for (const name of names) past.set(name, new Set((await readEnds(io, name)).map(({ run }) => run)));
  const before = await settledStates(io, supervisor, names, replace, signal);
  const isUp = ({ name }: ResolvedAgent) => before.agents.get(name)?.state === "active";
  const wanted = installed.filter((agent) => replace || !isUp(agent));
  await checkDirectories(localHost(io), wanted, signal);
  // What systemd is starting by itself has only to be seen to arrive, in the session that it had.
  const coming = replace ? [] : wanted.filter(({ name }) => before.agents.get(name)?.state === "activating");
  const due = wanted.filter((agent) => !coming.includes(agent));
  for (const agent of wanted) {
    const { run = "", phase } = before.agents.get(agent.name) ?? {};
    if (due.includes(agent) || phase !== "start") past.get(agent.name)?.add(run);
  }
  const watch = new Watch(io, server, wanted, past, options);
  // What is in the middle of a start takes no other: it is begun again, as what runs is.
  const isBegun = ({ name }: ResolvedAgent) => ["active", "activating"].includes(before.agents.get(name)?.state ?? "");
  await supervisor.restart(due.filter(isBegun).map(({ name }) => name), manner, signal);
  await supervisor.start(due.filter((agent) => !isBegun(agent)).map(({ name }) => name), manner, signal);
  const reports = await watch.untilReady(supervisor);
  const panes = (await viewPanes(server, installed.map(wantedPane), signal)).views;
  return agents.map((agent): StartReport => {
    const none = { name: agent.name, pane: "", pid: 0, elapsedMs: 0 };
    const report = reports.get(agent.name);
    if (report) return report;
    if (!installed.includes(agent)) {
      return { ...none, result: "failed", reason: "no unit is installed for it: muster fleet install" };
    }
    const pane = panes.get(agent.name)?.pane;
    return { ...none, result: "already_running", pane: pane?.id ?? "", pid: pane?.pid ?? 0 };
  });
}

/**
 * The states of units. Unless they are to be ended anyway, none of them in the middle of an end: whether systemd starts it
 * again by itself is seen after that.
 */
async function settledStates(
  io: Io,
  supervisor: Supervisor,
  names: readonly string[],
  isEndedAnyway: boolean,
  signal?: AbortSignal,
): Promise<UnitStates> {
  const look = async () => {
    const states = await supervisor.states(names, signal);
    const isSettled = isEndedAnyway || [...states.agents.values()].every(({ state }) => state !== "deactivating");
    return isSettled ? states : undefined;
  };
  const what = "the agents that are ending to have ended";
  return await pollUntil(io.clock, look, { what, timeoutMs: 60_000, firstPauseMs: 5, longestPauseMs: 100, signal });
}

/** Agents that are being started. */
class Watch {
  readonly #io: Io;
  readonly #server: TmuxServer;
  readonly #agents: readonly ResolvedAgent[];
  readonly #options: StartUnitsOptions;
  readonly #started: number;
  /** The runs of each that are not the one which is waited for: the end of one may be written after the next has begun. */
  readonly #past: ReadonlyMap<string, ReadonlySet<string>>;
  /** The runs whose pauses were ended. */
  readonly #hurried = new Set<string>();
  /** When its turn came, on the clock that never jumps. */
  readonly #turns = new Map<string, number>();
  readonly #reports = new Map<string, StartReport>();

  constructor(
    io: Io,
    server: TmuxServer,
    agents: readonly ResolvedAgent[],
    past: ReadonlyMap<string, ReadonlySet<string>>,
    options: StartUnitsOptions,
  ) {
    this.#io = io;
    this.#server = server;
    this.#agents = agents;
    this.#past = past;
    this.#options = options;
    this.#started = io.clock.elapsed();
  }

  /** Looks until each is ready, has failed, or is late. */
  async untilReady(supervisor: Supervisor): Promise<ReadonlyMap<string, StartReport>> {
    const { signal, timeoutMs = 30_000 } = this.#options;
    const look = async () => {
      const waiting = this.#agents.filter(({ name }) => !this.#reports.has(name));
      if (waiting.length === 0) return true;
      const states = await supervisor.states(waiting.map(({ name }) => name), signal);
      await this.#hurry(supervisor, states);
      // After the states: the pane of a unit that has started is then its present run's.
      const { views } = await viewPanes(this.#server, waiting.map(wantedPane), signal);
      for (const agent of waiting) await this.#see(agent, states, views.get(agent.name));
      return this.#reports.size === this.#agents.length || undefined;
    };
    // Each agent has its own deadline, which begins with its turn; this one is for a turn that never comes.
    const all = timeoutMs * (1 + this.#agents.length) + 60_000;
    await pollUntil(this.#io.clock, look, {
      what: "the agents to be ready",
      timeoutMs: all,
      firstPauseMs: 5,
      longestPauseMs: 100,
      signal,
    });
    return this.#reports;
  }

  /** Ends the pauses in which agents are: a person's start is not kept waiting. */
  async #hurry(supervisor: Supervisor, { agents }: UnitStates): Promise<void> {
    const paused = [...agents].filter(([name, { phase, status, run }]) =>
      phase === "start" && / tries again in /.test(status) && !this.#isPast(name, run) && !this.#hurried.has(run)
    );
    for (const [, { run }] of paused) this.#hurried.add(run);
    await supervisor.hurry(paused.map(([name]) => name), this.#options.signal);
  }

  #isPast(name: string, run: string): boolean {
    return this.#past.get(name)?.has(run) ?? false;
  }

  async #see(agent: ResolvedAgent, { agents }: UnitStates, view: PaneView | undefined): Promise<void> {
    const { name } = agent;
    const unit = agents.get(name) as UnitState;
    const now = this.#io.clock.elapsed();
    const facts = { name, pane: view?.pane.id ?? "", pid: view?.pane.pid ?? 0 };
    const elapsedMs = Math.round(now - this.#started);
    const isPast = this.#isPast(name, unit.run);
    if (unit.state === "active" && view && !isPast && isReady(agent, view, true)) {
      this.#reports.set(name, { ...facts, result: "started", elapsedMs, ...openDialog(agent, view) });
      return;
    }
    if (unit.state !== "active") {
      const ends = (await readEnds(this.#io, name)).filter(({ run }) => !this.#isPast(name, run));
      // A run that systemd began between a look and the restart is stopped by that, and no failure: the next one comes.
      const isComing = unit.state === "activating" || unit.state === "deactivating";
      const end = ends.findLast(({ cause }) => cause !== "stopped" && !(cause === "shutdown" && isComing));
      if (end !== undefined || unit.state === "failed") {
        const reason = end ? failureOf(end, agent.command[0] ?? "") : `its unit has failed: ${unit.status}`;
        this.#reports.set(name, { ...facts, result: "failed", elapsedMs, reason, screen: end?.lines ?? [] });
        return;
      }
    }
    if (unit.state === "inactive" || unit.status === "waits for its turn") return;
    const since = this.#turns.get(name) ?? now;
    this.#turns.set(name, since);
    const { timeoutMs = 30_000, signal } = this.#options;
    if (now - since < timeoutMs) return;
    const what = agent.ready ? `: no row matches ready = ${JSON.stringify(agent.ready.source)}` : "";
    const last = view && await lastRows(this.#server, { paneId: view.pane.id }, 200, signal);
    this.#reports.set(name, {
      ...facts,
      result: "failed",
      isLate: true,
      elapsedMs,
      reason: `not ready after ${timeoutMs / 1000}s, and left running${what}`,
      screen: (last?.rows ?? []).filter((row) => row !== "").slice(-10),
    });
  }
}

/** The error for a fleet whose server does not belong to the units that are installed. */
export function foreignServer(pid: number): MusterError {
  return new MusterError("held", `the tmux server runs without its unit: process ${pid}`, {
    hint: "muster fleet stop, then muster fleet start, puts it under systemd",
  });
}
