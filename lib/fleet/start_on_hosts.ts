import { type Hosts, type Io, MusterError } from "../io/mod.ts";
import { atHome } from "./at_home.ts";
import { onEachHost } from "./remote_agents.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { startFleet, type StartOptions, type StartReport } from "./start_fleet.ts";

/**
 * Starts agents of other hosts, each host beside the others: in muster's own tmux server there, which lives as long as that
 * host lets it. Secrets are read on the agent's host and reach its tmux over the connection, as data. A host that cannot be
 * reached, or whose agents cannot be started as declared, is the failure of its own agents.
 *
 * @returns A report for each agent, in their order.
 */
export async function startOnHosts(
  io: Io,
  hosts: Hosts,
  roster: Roster,
  agents: readonly ResolvedAgent[],
  options: Omit<StartOptions, "host"> = {},
): Promise<StartReport[]> {
  const started = io.clock.elapsed();
  return await onEachHost(agents, async (destination, there): Promise<StartReport[]> => {
    try {
      const host = hosts.at(destination);
      return await startFleet(io, roster, await atHome(host, there, options.signal), { ...options, host });
    } catch (error) {
      if (!(error instanceof MusterError) || options.signal?.aborted) throw error;
      const elapsedMs = Math.round(io.clock.elapsed() - started);
      const isLate = error.code === "timeout";
      const facts = { pane: "", pid: 0, elapsedMs, reason: error.message, ...(isLate ? { isLate } : {}) };
      return there.map(({ name }) => ({ name, result: "failed", ...facts }));
    }
  });
}
