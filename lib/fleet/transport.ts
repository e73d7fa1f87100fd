/**
 * How agents are reached: the seam under which tmux stands, here and over ssh, and another transport could. What stands above
 * it names agents and messages, and knows nothing of panes.
 *
 * @module
 */

import type { Receipt } from "../agents/mod.ts";
import type { Hosts, Io } from "../io/mod.ts";
import { lastRows } from "../tmux/mod.ts";
import { findAgent, notRunning } from "./find_agent.ts";
import { type AgentStatus, fleetStatus, type FleetStatusOptions } from "./fleet_status.ts";
import { renewAgent, type RenewOptions, type RenewReport } from "./renew_agent.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { sendToAgents, type SendToAgentsOptions } from "./send_to_agents.ts";
import { findSupervisor } from "./units/systemd_units.ts";

/** Options of every question that a transport is asked. */
export interface TransportOptions {
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** A way to reach agents. Each outcome names its evidence: a transport that sees less says so, and never more. */
export interface Transport {
  /** What a roster calls it. */
  readonly kind: Roster["transport"];
  /** The agents that it reaches, as declared. */
  list(): readonly ResolvedAgent[];
  /** Sends a message to agents, side by side; a receipt for each. */
  send(agents: readonly ResolvedAgent[], body: string, options?: SendToAgentsOptions): Promise<Receipt[]>;
  /** Gives an agent a fresh context, and proves it. */
  reset(agent: ResolvedAgent, options?: RenewOptions): Promise<RenewReport>;
  /** What agents are doing, and what that is known from. */
  status(options?: FleetStatusOptions): Promise<readonly AgentStatus[]>;
  /** The last of what an agent has shown. */
  tail(agent: ResolvedAgent, rows: number, options?: TransportOptions): Promise<readonly string[]>;
}

/** Agents in tmux panes, of this host and of others over ssh. */
export class TmuxTransport implements Transport {
  /** What a roster calls it. */
  readonly kind = "tmux";
  readonly #io: Io;
  readonly #hosts: Hosts;
  readonly #roster: Roster;

  /** Reaches the agents of a roster. */
  constructor(io: Io, hosts: Hosts, roster: Roster) {
    this.#io = io;
    this.#hosts = hosts;
    this.#roster = roster;
  }

  /** The agents of the roster. */
  list(): readonly ResolvedAgent[] {
    return this.#roster.agents;
  }

  /** Pastes a message into the agents' panes, and proves what became of it. */
  send(agents: readonly ResolvedAgent[], body: string, options: SendToAgentsOptions = {}): Promise<Receipt[]> {
    return sendToAgents(this.#io, this.#hosts, agents, body, options);
  }

  /** Types the program's reset command, or restarts it, and proves that its context is fresh. */
  reset(agent: ResolvedAgent, options: RenewOptions = {}): Promise<RenewReport> {
    const supervisor = () => findSupervisor(this.#io);
    return renewAgent(this.#io, this.#hosts, supervisor, this.#roster, agent, options);
  }

  /** Looks at every pane, in one call for each server. */
  async status(options: FleetStatusOptions = {}): Promise<readonly AgentStatus[]> {
    return (await fleetStatus(this.#io, this.#roster, { hosts: this.#hosts, ...options })).agents;
  }

  /**
   * The last rows of the agent's pane.
   *
   * @throws {MusterError} of code `not_found` for an agent that is not running.
   */
  async tail(agent: ResolvedAgent, rows: number, { signal }: TransportOptions = {}): Promise<readonly string[]> {
    const { server, target } = await findAgent(this.#hosts, this.#roster, agent.name, signal);
    const last = target && await lastRows(server, target, rows, signal);
    if (!last) throw notRunning(agent.name);
    return last.rows;
  }
}

/** The transport of a roster; its schema refuses every other one. */
export function transportOf(io: Io, hosts: Hosts, roster: Roster): Transport {
  return new TmuxTransport(io, hosts, roster);
}
