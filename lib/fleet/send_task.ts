import { noPane, reservePane } from "../agents/mod.ts";
import { type Hosts, type Io, MusterError } from "../io/mod.ts";
import { keepReceipt } from "../state/receipt_log.ts";
import { findAgent } from "./find_agent.ts";
import { renewAgent, type RenewOptions } from "./renew_agent.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import {
  type RecordedReceipt,
  refuseUnseenIdle,
  senderOf,
  sendToAgents,
  type SendToAgentsOptions,
} from "./send_to_agents.ts";
import { findSupervisor } from "./units/systemd_units.ts";

/**
 * Sends agents a new task: one that is to be reset between tasks is reset first, and gets nothing unless it was. An agent
 * that is to keep what it knows is not reset, and gets the task. Nobody else's message comes between reset and task.
 *
 * @returns A receipt for each agent, in their order: `held` where the reset was not proved.
 * @throws {MusterError} where one is never seen idle and that is waited for: none is reset then.
 */
export async function sendTask(
  io: Io,
  hosts: Hosts,
  roster: Roster,
  agents: readonly ResolvedAgent[],
  body: string,
  options: SendToAgentsOptions = {},
): Promise<RecordedReceipt[]> {
  refuseUnseenIdle(agents, options);
  return await Promise.all(agents.map(async (agent) => {
    const isReset = agent.resetBetweenTasks && agent.persistentPersona !== true;
    return isReset
      ? await resetAndSend(io, hosts, roster, agent, body, options)
      : await send(io, hosts, agent, body, options);
  }));
}

async function resetAndSend(
  io: Io,
  hosts: Hosts,
  roster: Roster,
  agent: ResolvedAgent,
  body: string,
  options: SendToAgentsOptions,
): Promise<RecordedReceipt> {
  const { timeoutMs = 30_000, trace, source, signal } = options;
  const { server, target } = await findAgent(hosts, roster, agent.name, signal);
  const unsent = async (reason: string | undefined) => {
    const receipt = { ...noPane(io, server, agent.name, body, { reason }), outcome: "held" as const };
    return await keepReceipt(io, receipt, body, { host: agent.host, from: senderOf(source) });
  };
  const held = target && await reservePane(io, server, target, { timeoutMs, trace, signal });
  // One that does not run is told as a send tells it.
  if (!held || "missed" in held && held.missed === "not_found") return await send(io, hosts, agent, body, options);
  if ("missed" in held) return await unsent(held.reason);
  await using reservation = held;
  const reason = await reset(io, hosts, roster, agent, { timeoutMs, signal, reservation });
  if (reason !== undefined) return await unsent(reason);
  return await send(io, hosts, agent, body, { ...options, before: reservation.ticket });
}

async function send(
  io: Io,
  hosts: Hosts,
  agent: ResolvedAgent,
  body: string,
  options: SendToAgentsOptions,
): Promise<RecordedReceipt> {
  const [receipt] = await sendToAgents(io, hosts, [agent], body, options);
  if (!receipt) throw new MusterError("internal", "a send without a receipt");
  return receipt;
}

/** Resets an agent; why it could not, where it could not. */
async function reset(
  io: Io,
  hosts: Hosts,
  roster: Roster,
  agent: ResolvedAgent,
  options: Pick<RenewOptions, "timeoutMs" | "signal" | "reservation">,
): Promise<string | undefined> {
  const { outcome, reason } = await renewAgent(io, hosts, () => findSupervisor(io), roster, agent, options);
  if (outcome === "reset" || outcome === "restarted") return undefined;
  return `not reset, so nothing was sent: ${reason ?? outcome}`;
}
