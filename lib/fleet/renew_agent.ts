import { type PaneReservation, reservePane, resetAgent, type ResetReport, runtimeOf } from "../agents/mod.ts";
import { type Hosts, type Io, MusterError } from "../io/mod.ts";
import type { TmuxServer } from "../tmux/mod.ts";
import { findAgent, notRunning } from "./find_agent.ts";
import { kickstart, kickstartText } from "./kickstart.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { runAgents } from "./run_fleet.ts";
import { keepQueueCommand } from "./start_fleet.ts";
import { noteFreshStart } from "./units/sessions.ts";
import type { Supervisor } from "./units/supervisor.ts";

/** What came of an agent's renewal. */
export interface RenewReport extends Omit<ResetReport, "outcome"> {
  /** The agent. */
  readonly agent: string;
  /** How it ended: `restarted` where its program has no reset command. */
  readonly outcome: ResetReport["outcome"] | "restarted";
  /** What became of the kickstart; left out where there is none, or it was not the time for it. */
  readonly kickstart?: string;
  /** What a person should know beside that. */
  readonly note?: string;
}

/** Options of {@linkcode renewAgent}. */
export interface RenewOptions {
  /** What to type, in place of what the roster or the runtime has. */
  readonly command?: string;
  /** Reset a busy agent, and one that is to keep what it knows. @default {false} */
  readonly force?: boolean;
  /** What holds the agent's pane already; else it is held from before the reset until the kickstart was sent. */
  readonly reservation?: PaneReservation;
  /** Values of the kickstart's places. */
  readonly values?: Readonly<Record<string, string>>;
  /** How long to wait for proof, in milliseconds. @default {30_000} */
  readonly timeoutMs?: number;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/**
 * Gives an agent a fresh context and its kickstart: by its program's reset command, proved, or by a restart where the program
 * has none.
 *
 * @throws {MusterError} of code `not_found` for one that is not running, `config` where the kickstart cannot be made: nothing
 * is reset then.
 */
export async function renewAgent(
  io: Io,
  hosts: Hosts,
  supervisor: () => Promise<Supervisor | undefined>,
  roster: Roster,
  agent: ResolvedAgent,
  options: RenewOptions = {},
): Promise<RenewReport> {
  const { force = false, values, timeoutMs, signal } = options;
  const facts = { agent: agent.name, evidence: "none" as const, command: "", elapsedMs: 0 };
  if (agent.persistentPersona === true && !force) {
    return { ...facts, outcome: "held", reason: "persistent_persona: the agent is to keep what it knows (--force)" };
  }
  await kickstartText(io, agent, values);
  const { server, target } = await findAgent(hosts, roster, agent.name, signal);
  if (!target) throw notRunning(agent.name);
  if (!options.reservation) {
    const held = await reservePane(io, server, target, { timeoutMs: timeoutMs ?? 30_000, signal });
    if ("missed" in held) {
      if (held.missed === "not_found") throw notRunning(agent.name);
      return { ...facts, outcome: "held", reason: held.reason };
    }
    await using reservation = held;
    return await renewAgent(io, hosts, supervisor, roster, agent, { ...options, reservation });
  }
  const { reservation } = options;
  const before = reservation.ticket;
  const runtime = runtimeOf(agent.kind);
  const command = options.command ?? agent.resetCommand ?? (runtime.readsScreen ? runtime.resetCommand : undefined);
  const note = agent.persistentPersona === "semi" ? 'persistent_persona is "semi": what it knew is gone' : undefined;
  const resetAt = io.clock.now();
  const report = command !== undefined
    ? {
      agent: agent.name,
      ...await resetAgent(io, server, target, runtime, { command, force, before, timeoutMs, signal }),
    }
    : await restart(io, server, await supervisor(), roster, agent, facts, { reservation, timeoutMs, signal });
  // What it forgot is not to come back with it, should it be cut off before it has a new session to tell of.
  if (command !== undefined && mayHaveForgotten(report.outcome) && agent.managed && agent.host === undefined) {
    await noteFreshStart(io, agent.name, { atMs: resetAt, reason: "" });
  }
  if (report.outcome !== "reset" && report.outcome !== "restarted") return report;
  const said = await kickstart(io, hosts, roster, agent, { values, before, timeoutMs, signal });
  return { ...report, ...(said === undefined ? {} : { kickstart: said }), ...(note === undefined ? {} : { note }) };
}

function mayHaveForgotten(outcome: RenewReport["outcome"]): boolean {
  return outcome === "reset" || outcome === "unknown";
}

async function restart(
  io: Io,
  server: TmuxServer,
  supervisor: Supervisor | undefined,
  roster: Roster,
  agent: ResolvedAgent,
  facts: Pick<RenewReport, "agent" | "evidence" | "command" | "elapsedMs">,
  { reservation, timeoutMs, signal }: RenewOptions & { readonly reservation: PaneReservation },
): Promise<RenewReport> {
  if (!agent.managed || agent.host !== undefined) {
    throw new MusterError("config", `no reset command: agent ${agent.name}, which muster does not start from here`, {
      hint: "give its runtime a reset_command",
    });
  }
  const started = io.clock.elapsed();
  await server.run([keepQueueCommand(agent.name, reservation.ticket)], { signal });
  const [start] = await runAgents(io, supervisor, roster, [agent], {
    replace: true,
    manner: "bare",
    timeoutMs,
    signal,
  }).finally(() => server.run([keepQueueCommand(agent.name)]));
  if (start?.pane) reservation.moveTo(start.pane);
  const elapsedMs = Math.round(io.clock.elapsed() - started);
  if (start?.result === "started") return { ...facts, outcome: "restarted", evidence: "screen", elapsedMs };
  return {
    ...facts,
    outcome: start?.isLate ? "unknown" : "dead",
    elapsedMs,
    reason: start?.reason ?? "it did not start",
    screen: start?.screen,
  };
}
