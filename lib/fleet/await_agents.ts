import { type AgentState, refuseUnseenState, runtimeOf } from "../agents/mod.ts";
import type { Hosts, Io } from "../io/mod.ts";
import { type AgentStatus, fleetStatus } from "./fleet_status.ts";
import type { Roster } from "./resolve_roster.ts";

/** Options of {@linkcode awaitAgents}. */
export interface AwaitAgentsOptions {
  /** How long, in milliseconds. */
  readonly timeoutMs: number;
  /** Takes an agent once it is seen in the state. */
  readonly onReached?: (agent: AgentStatus) => void;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
}

/** An agent that was waited for. */
export interface AwaitedAgent {
  /** Its name. */
  readonly name: string;
  /** Whether it was seen in the state that was waited for. */
  readonly reached: boolean;
  /** The state that it was seen in then, or last. */
  readonly state: AgentState;
  /** What a person should know beside it. */
  readonly note?: string;
}

/** The longest pause between two looks, in milliseconds. */
const longestPauseMs = 200;

/**
 * Waits until each of the named agents has been seen in a state: one look at all of them at a time.
 *
 * @throws {MusterError} of code `usage` where one can never be seen in it.
 */
export async function awaitAgents(
  io: Io,
  hosts: Hosts,
  roster: Roster,
  names: readonly string[],
  wanted: AgentState,
  { timeoutMs, onReached = () => {}, signal }: AwaitAgentsOptions,
): Promise<AwaitedAgent[]> {
  const end = io.clock.elapsed() + timeoutMs;
  const seen = new Map<string, AwaitedAgent>();
  const agents = roster.agents.filter(({ name }) => names.includes(name));
  for (const { name, kind } of agents) refuseUnseenState(runtimeOf(kind), wanted, name);
  const watched = { ...roster, agents };
  for (let pause = 5;; pause = Math.min(longestPauseMs, pause * 1.5)) {
    const isLast = io.clock.elapsed() >= end;
    for (const agent of (await fleetStatus(io, watched, { hosts, signal })).agents) {
      if (seen.get(agent.name)?.reached) continue;
      const reached = agent.state === wanted;
      const { name, state, note } = agent;
      seen.set(name, { name, reached, state, ...(note ? { note } : {}) });
      if (reached) onReached(agent);
    }
    const all = [...seen.values()];
    // Of an agent that has ended nothing more is to be seen.
    const isOver = ({ reached, state }: AwaitedAgent) => reached || state === "dead";
    if (isLast || all.every(isOver)) return all;
    await io.clock.delay(Math.min(pause, Math.max(0, end - io.clock.elapsed())), signal);
  }
}
