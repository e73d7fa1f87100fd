import type { ResolvedAgent, Roster } from "./resolve_roster.ts";

/** The agents that muster starts and stops in its server on other hosts. */
export function remoteAgents(roster: Roster): readonly ResolvedAgent[] {
  return roster.agents.filter(({ managed, host, socket }) =>
    managed && host !== undefined && socket === roster.tmux.socketName
  );
}

/** Does a job for the agents of each host, side by side; what it gave for each agent, in the order of the agents. */
export async function onEachHost<Report extends { readonly name: string }>(
  agents: readonly ResolvedAgent[],
  job: (destination: string, agents: readonly ResolvedAgent[]) => Promise<readonly Report[]>,
): Promise<Report[]> {
  const destinations = [...new Set(agents.map(({ host }) => host ?? ""))];
  const reports = await Promise.all(destinations.map((destination) => {
    return job(destination, agents.filter(({ host }) => (host ?? "") === destination));
  }));
  return agents.flatMap(({ name }) => reports.flat().find((report) => report.name === name) ?? []);
}
