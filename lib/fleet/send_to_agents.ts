import {
  noPane,
  type Receipt,
  refuseUnseenState,
  runtimeOf,
  sendingHost,
  type SendOptions,
  sendText,
} from "../agents/mod.ts";
import { type Hosts, type Io, MusterError } from "../io/mod.ts";
import { keepReceipt } from "../state/receipt_log.ts";
import {
  BatchedServer,
  exactTarget,
  findPane,
  listPanes,
  type OwnSession,
  ownSession,
  type PaneSummary,
  type Target,
  TmuxServer,
  viewPane,
} from "../tmux/mod.ts";
import { addressed, type AddressOptions } from "./addressed.ts";
import { notRunning, wantedPane } from "./find_agent.ts";
import { noteMessage } from "./last_message.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";

/** Options of {@linkcode sendToAgents}. */
export interface SendToAgentsOptions extends Omit<SendOptions, "runtime">, AddressOptions {
  /** The session that the message is from; the one that this program runs in by default. */
  readonly source?: OwnSession;
}

/** A receipt, and why it could not be put on record where it could not. */
export type RecordedReceipt = Receipt & { readonly unkept?: string };

/** Sends a message to a session that no roster names, behind a line that says whom it is from and to. */
export async function sendToSession(
  io: Io,
  server: TmuxServer,
  target: Target,
  body: string,
  options: SendToAgentsOptions & Pick<SendOptions, "runtime"> = {},
): Promise<RecordedReceipt> {
  const { signal } = options;
  const source = options.source ?? await ownSession(io, signal);
  const view = await viewPane(server, await exactTarget(server, target, signal), signal);
  const keep = (receipt: Receipt) =>
    keepReceipt(io, receipt, body, { host: server.host.destination, from: senderOf(source) });
  // A target that is not there is told as a send tells it.
  if (!view) return await keep(await sendText(io, server, target, body, options));
  const { session, server: { host }, id } = view.pane;
  const message = addressed(body, { ...options, source }, { host, session }, server.host.destination !== "");
  return await keep(await sendText(io, server, { paneId: id }, message, { ...options, body }));
}

/** Whom a message is from, as it is put on record. */
export function senderOf(source: OwnSession | undefined): string | undefined {
  return source && `${source.host}:${source.session}`;
}

/**
 * Sends a message to agents, side by side, each behind a line that says whom it is from and to.
 *
 * @returns A receipt for each agent, in their order. Of several, one whose host was lost before anything was typed is
 * `unknown`.
 * @throws {MusterError} where the host of a single agent cannot be reached, or one is never seen idle and that is waited for:
 * nothing is typed for any then.
 */
export async function sendToAgents(
  io: Io,
  hosts: Hosts,
  agents: readonly ResolvedAgent[],
  body: string,
  options: SendToAgentsOptions = {},
): Promise<RecordedReceipt[]> {
  const { signal } = options;
  refuseUnseenIdle(agents, options);
  const source = options.source ?? await ownSession(io, signal);
  const places = new Map<string, Place>();
  const placeOf = ({ host, socket }: ResolvedAgent) => {
    const key = `${host ?? ""} ${socket}`;
    const known = places.get(key);
    if (known) return known;
    const Server = agents.length === 1 ? TmuxServer : BatchedServer;
    const server = new Server(sendingHost(io, hosts.at(host), options), socket);
    const place = { server, panes: listPanes(server, signal) };
    place.panes.catch(() => {}); // each of its agents is told
    places.set(key, place);
    return place;
  };
  const sendTo = async (agent: ResolvedAgent) => {
    const { server, panes } = placeOf(agent);
    const pane = findPane(await panes, wantedPane(agent));
    if (!pane) {
      const { message: reason, hint } = notRunning(agent.name);
      return noPane(io, server, agent.name, body, { reason, hint });
    }
    const to = { host: pane.server.host, session: agent.name };
    const message = addressed(body, { ...options, source }, to, agent.host !== undefined);
    const kind = { runtime: agent.kind, isOverride: false };
    const receipt = await sendText(io, server, { paneId: pane.id }, message, { ...options, body, ...kind });
    await noteMessage(server, pane.id, body, receipt);
    return receipt;
  };
  if (agents.length > 1) { for (const agent of agents) refuseAltered(agent, body, options); }
  const receiptOf = async (agent: ResolvedAgent) => {
    try {
      return await sendTo(agent);
    } catch (error) {
      // What failed for one must not keep the receipts of the others back.
      if (agents.length === 1 || !(error instanceof MusterError) || signal?.aborted) throw error;
      const why = { reason: `nothing was typed: ${error.message}`, hint: error.hint };
      return { ...noPane(io, placeOf(agent).server, agent.name, body, why), outcome: "unknown" as const };
    }
  };
  return await Promise.all(agents.map(async (agent) => {
    return await keepReceipt(io, await receiptOf(agent), body, { host: agent.host, from: senderOf(source) });
  }));
}

/** Refuses to wait for an agent that is never seen idle, before anything is typed for any. */
export function refuseUnseenIdle(agents: readonly ResolvedAgent[], { wait }: Pick<SendOptions, "wait">): void {
  if (wait !== "idle") return;
  for (const { name, kind } of agents) refuseUnseenState(runtimeOf(kind), "idle", name);
}

/** Refuses a message that the program of one agent would alter, before it is typed for any. */
function refuseAltered({ name, kind }: ResolvedAgent, body: string, options: SendToAgentsOptions): void {
  const prepared = runtimeOf(kind).prepare?.(addressed(body, options, { host: "-", session: name }));
  if (prepared === undefined || "text" in prepared) return;
  throw new MusterError("usage", `${name}: ${prepared.refused}`, { hint: prepared.hint });
}

interface Place {
  readonly server: TmuxServer;
  readonly panes: Promise<readonly PaneSummary[]>;
}
