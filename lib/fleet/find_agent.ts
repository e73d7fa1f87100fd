import { type Hosts, MusterError } from "../io/mod.ts";
import { findPane, listPanes, type Target, TmuxServer, type WantedPane } from "../tmux/mod.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { selectAgents } from "./select_agents.ts";

/** An agent of the roster, its server, and the pane that is its. */
export interface AgentPlace {
  /** The agent. */
  readonly agent: ResolvedAgent;
  /** Its server. */
  readonly server: TmuxServer;
  /** Its pane; `undefined` where the agent is not running. */
  readonly target?: Target;
}

/**
 * The pane that is an agent's. One that muster starts carries its mark, since a person may split its window or give
 * another session its name; of one that muster only looks at, it is its session's current pane.
 */
export function wantedPane({ name, managed }: ResolvedAgent): WantedPane {
  return managed ? { session: name, agent: name } : { session: name };
}

/**
 * Where an agent of the roster is.
 *
 * @throws {MusterError} of code `not_found` for a name that the roster does not have.
 */
export async function findAgent(hosts: Hosts, roster: Roster, name: string, signal?: AbortSignal): Promise<AgentPlace> {
  const agent = selectAgents(roster, [name])[0] as ResolvedAgent;
  const server = new TmuxServer(hosts.at(agent.host), agent.socket);
  const pane = findPane(await listPanes(server, signal), wantedPane(agent));
  return { agent, server, ...(pane ? { target: { paneId: pane.id } } : {}) };
}

/** The error for an agent that is not running. */
export function notRunning(name: string): MusterError {
  return new MusterError("not_found", `agent is not running: ${name}`, {
    hint: `muster fleet start ${name} starts it`,
  });
}
