import { type Hosts, type Io, MusterError } from "../io/mod.ts";
import { TmuxServer } from "../tmux/mod.ts";
import { onEachHost } from "./remote_agents.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { type ServerReport, stopAgents, type StopOptions, type StopReport, stopServer } from "./stop_fleet.ts";

/** How the stop of an agent of another host ended; `unknown` where its host was not reached, or was lost. */
export interface RemoteStopReport extends Omit<StopReport, "result"> {
  /** How it ended. */
  readonly result: StopReport["result"] | "unknown";
  /** Why that is not known. */
  readonly reason?: string;
}

/** What became of muster's server on another host. */
export interface RemoteServerReport extends ServerReport {
  /** The ssh destination. */
  readonly host: string;
}

/** What was stopped on other hosts. */
export interface RemoteStop {
  /** The agents, in their order. */
  readonly agents: readonly RemoteStopReport[];
  /** The servers of the hosts that were reached, where they were to be stopped too. */
  readonly servers: readonly RemoteServerReport[];
}

/** Stops agents of other hosts, each host beside the others; and muster's servers there, where `servers` says so. */
export async function stopOnHosts(
  io: Io,
  hosts: Hosts,
  roster: Roster,
  agents: readonly ResolvedAgent[],
  options: StopOptions & { readonly servers: boolean },
): Promise<RemoteStop> {
  const servers: RemoteServerReport[] = [];
  const reports = await onEachHost(agents, async (destination, there): Promise<RemoteStopReport[]> => {
    try {
      const server = new TmuxServer(hosts.at(destination), roster.tmux.socketName);
      const stopped = await stopAgents(io, server, there.map(({ name }) => name), options);
      if (options.servers) servers.push({ host: destination, ...await stopServer(io, server, roster, options) });
      return stopped;
    } catch (error) {
      if (!(error instanceof MusterError) || options.signal?.aborted) throw error;
      return there.map(({ name }) => ({ name, result: "unknown", pid: 0, reason: error.message }));
    }
  });
  const order = agents.map(({ host }) => host);
  return { agents: reports, servers: servers.toSorted((a, b) => order.indexOf(a.host) - order.indexOf(b.host)) };
}
