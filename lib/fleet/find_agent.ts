import type { Target } from "../tmux/mod.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { selectAgents } from "./select_agents.ts";
import { MusterError } from "../io/mod.ts";

/** One agent of the roster, and the pane that is its. */
export interface AgentPlace {
  /** The agent. */
  readonly agent: ResolvedAgent;
  /** The socket of its server. */
  readonly socket: string;
  /** Its pane. */
  readonly target: Target;
}

/**
 * Where an agent of the roster is.
 *
 * @throws {MusterError} of code `not_found` for a name that the roster does not have, `config` for one on another host.
 */
export function findAgent(roster: Roster, name: string): AgentPlace {
  const agent = selectAgents(roster, [name])[0] as ResolvedAgent;
  if (agent.host !== undefined) {
    throw new MusterError("config", `agent is on another host, which cannot be reached yet: ${name}`);
  }
  return { agent, socket: agent.socket, target: { session: agent.name } };
}
