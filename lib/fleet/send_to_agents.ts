import { checkMessage, noPane, type Receipt, type SendOptions, sendText } from "../agents/mod.ts";
import { type Io, localHost, MusterError } from "../io/mod.ts";
import { findPane, listPanes, type OwnSession, ownSession, type PaneSummary, TmuxServer } from "../tmux/mod.ts";
import { notRunning, wantedPane } from "./find_agent.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";

/** Options of {@linkcode sendToAgents}. */
export interface SendToAgentsOptions extends Omit<SendOptions, "runtime"> {
  /** The session that the message is from; the one that this program runs in by default. */
  readonly source?: OwnSession;
}

/**
 * Sends a message to agents, side by side, each behind a line that says whom it is from and to.
 *
 * @returns A receipt for each agent, in their order.
 * @throws {MusterError} of code `config` where one is on another host, before anything is sent.
 */
export async function sendToAgents(
  io: Io,
  agents: readonly ResolvedAgent[],
  body: string,
  options: SendToAgentsOptions = {},
): Promise<Receipt[]> {
  const { signal } = options;
  const remote = agents.find(({ host }) => host !== undefined);
  if (remote) throw new MusterError("config", `agent is on another host, which cannot be reached yet: ${remote.name}`);
  const sockets = [...new Set(agents.map(({ socket }) => socket))];
  const servers = new Map(
    await Promise.all(sockets.map(async (socket): Promise<[string, Place]> => {
      const server = new TmuxServer(localHost(io), socket);
      return [socket, { server, panes: await listPanes(server, signal) }];
    })),
  );
  const source = options.source ?? await ownSession(io, signal);
  return await Promise.all(agents.map(async (agent) => {
    const { server, panes } = servers.get(agent.socket) as Place;
    const pane = findPane(panes, wantedPane(agent));
    if (!pane) {
      const { message: reason, hint } = notRunning(agent.name);
      return noPane(io, server, agent.name, body, { reason, hint });
    }
    const { host } = pane.server;
    const preamble = `[${source?.host ?? host}:${source?.session ?? "-"} -> ${host}:${agent.name}] `;
    const message = checkMessage(preamble + body);
    return await sendText(io, server, { paneId: pane.id }, message, { ...options, runtime: agent.kind });
  }));
}

interface Place {
  readonly server: TmuxServer;
  readonly panes: readonly PaneSummary[];
}
