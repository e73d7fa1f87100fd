import { type Hosts, type Io, MusterError } from "../io/mod.ts";
import { findPane, listPanes, type OwnSession, ownSession, TmuxServer } from "../tmux/mod.ts";
import { wantedPane } from "./find_agent.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";

/**
 * The agents without the one that a message is from: a session of its name on its host and, where the sender's own is
 * known, in its tmux server. A session of the same name elsewhere is another's.
 *
 * @param source Whom the message is from; the session that this program runs in by default.
 */
export async function leaveOutSender(
  io: Io,
  hosts: Hosts,
  agents: readonly ResolvedAgent[],
  source?: OwnSession,
  signal?: AbortSignal,
): Promise<readonly ResolvedAgent[]> {
  const from = source ?? await ownSession(io, signal);
  const isSender = await Promise.all(agents.map(async (agent) => {
    if (agent.name !== from?.session) return false;
    const server = new TmuxServer(hosts.at(agent.host), agent.socket);
    const pane = findPane(await panesOf(server, signal), wantedPane(agent));
    if (pane?.server.host !== from.host) return false;
    return from.serverPid === undefined || pane.server.pid === from.serverPid;
  }));
  return agents.filter((_, at) => !isSender[at]);
}

/** The panes of a server; none of one whose host does not answer, which the send will tell. */
async function panesOf(server: TmuxServer, signal?: AbortSignal) {
  try {
    return await listPanes(server, signal);
  } catch (error) {
    if (!(error instanceof MusterError) || signal?.aborted) throw error;
    return [];
  }
}
