import { noPane, type Receipt, reservePane, wasSent } from "../agents/mod.ts";
import { type Hosts, type Io, MusterError } from "../io/mod.ts";
import { keepReceipt } from "../state/receipt_log.ts";
import { TmuxServer } from "../tmux/mod.ts";
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
 * @returns A receipt for each agent, in their order: `held` where the reset was not proved. Of several, one that failed before
 * anything of the task was typed is `unknown`.
 * @throws {MusterError} where it fails so for a single agent, and where one is never seen idle and that is waited for: none is
 * reset then.
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
    try {
      return isReset
        ? await resetAndSend(io, hosts, roster, agent, body, options)
        : await send(io, hosts, agent, body, options);
    } catch (error) {
      // What failed for one must not keep the receipts of the others back.
      if (agents.length === 1 || !(error instanceof MusterError) || options.signal?.aborted) throw error;
      const server = new TmuxServer(hosts.at(agent.host), agent.socket);
      const why = { reason: `nothing was sent: ${error.message}`, hint: error.hint };
      return await keepUnsent(io, server, agent, body, { ...options, outcome: "unknown", ...why });
    }
  }));
}

/** Puts on record that an agent was sent nothing, and why. */
async function keepUnsent(
  io: Io,
  server: TmuxServer,
  agent: ResolvedAgent,
  body: string,
  said: Pick<SendToAgentsOptions, "source"> & Pick<Receipt, "outcome" | "reason" | "hint">,
): Promise<RecordedReceipt> {
  const { outcome, reason, hint, source } = said;
  const receipt = { ...noPane(io, server, agent.name, body, { reason, hint }), outcome };
  return await keepReceipt(io, receipt, body, { host: agent.host, from: senderOf(source) });
}

async function resetAndSend(
  io: Io,
  hosts: Hosts,
  roster: Roster,
  agent: ResolvedAgent,
  body: string,
  options: SendToAgentsOptions,
): Promise<RecordedReceipt> {
  const { timeoutMs = 30_000, trace, signal } = options;
  const { server, target } = await findAgent(hosts, roster, agent.name, signal);
  const unsent = (reason: string | undefined) =>
    keepUnsent(io, server, agent, body, { ...options, outcome: "held", reason });
  const held = target && await reservePane(io, server, target, { timeoutMs, trace, signal });
  // One that does not run is told as a send tells it.
  if (!held || "missed" in held && held.missed === "not_found") return await send(io, hosts, agent, body, options);
  if ("missed" in held) return await unsent(held.reason);
  await using reservation = held;
  // An id that was used types nothing again: the agent may be at work on the task, and is not to forget it.
  if (options.id !== undefined && await wasSent(server, target, options.id, signal)) {
    return await send(io, hosts, agent, body, { ...options, before: reservation.ticket });
  }
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
