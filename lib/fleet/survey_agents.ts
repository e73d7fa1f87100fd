import { missingPane, sendingHost, type SendOptions, type Survey, surveyPane } from "../agents/mod.ts";
import { byteLength, type Hosts, type Io } from "../io/mod.ts";
import {
  exactTarget,
  findPane,
  listPanes,
  type OwnSession,
  ownSession,
  type Target,
  TmuxServer,
  viewPane,
} from "../tmux/mod.ts";
import { addressed } from "./addressed.ts";
import { notRunning, wantedPane } from "./find_agent.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";
import type { SendToAgentsOptions } from "./send_to_agents.ts";

/** Says of each agent what a send to it would see and do, in their order, and types nothing. */
export async function surveyAgents(
  io: Io,
  hosts: Hosts,
  agents: readonly ResolvedAgent[],
  body: string,
  options: SendToAgentsOptions = {},
): Promise<Survey[]> {
  const { signal } = options;
  const source = options.source ?? await ownSession(io, signal);
  return await Promise.all(agents.map(async (agent) => {
    const server = new TmuxServer(sendingHost(io, hosts.at(agent.host), options), agent.socket);
    const pane = findPane(await listPanes(server, signal), wantedPane(agent));
    if (!pane) {
      const { message: reason } = notRunning(agent.name);
      return missingPane(server, agent.name, { reason, runtime: agent.kind, bytes: byteLength(body) });
    }
    const to = { host: pane.server.host, session: agent.name };
    const message = addressed(body, { ...options, source }, to, agent.host !== undefined);
    return await surveyPane(io, server, { paneId: pane.id }, message, {
      runtime: agent.kind,
      isOverride: false,
      signal,
    });
  }));
}

/** Says what a send to a session that no roster names would see and do, and types nothing. */
export async function surveySession(
  io: Io,
  server: TmuxServer,
  target: Target,
  body: string,
  options: SendToAgentsOptions & Pick<SendOptions, "runtime"> = {},
): Promise<Survey> {
  const { runtime, signal } = options;
  const source: OwnSession | undefined = options.source ?? await ownSession(io, signal);
  const view = await viewPane(server, await exactTarget(server, target, signal), signal);
  if (!view) return await surveyPane(io, server, target, body, { runtime, signal });
  const { session, server: { host }, id } = view.pane;
  const message = addressed(body, { ...options, source }, { host, session }, server.host.destination !== "");
  return await surveyPane(io, server, { paneId: id }, message, { runtime, signal });
}
