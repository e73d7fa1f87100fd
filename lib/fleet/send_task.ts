import { noPane, type Receipt } from "../agents/mod.ts";
import { type Hosts, type Io, MusterError } from "../io/mod.ts";
import { TmuxServer } from "../tmux/mod.ts";
import { renewAgent } from "./renew_agent.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { sendToAgents, type SendToAgentsOptions } from "./send_to_agents.ts";
import { findSupervisor } from "./units/systemd_units.ts";

/**
 * Sends agents a new task: one that is to be reset between tasks is reset first, and gets nothing unless it was. An agent
 * that is to keep what it knows is not reset, and gets the task.
 *
 * @returns A receipt for each agent, in their order: `held` where the reset was not proved.
 */
export async function sendTask(
  io: Io,
  hosts: Hosts,
  roster: Roster,
  agents: readonly ResolvedAgent[],
  body: string,
  options: SendToAgentsOptions = {},
): Promise<Receipt[]> {
  const { timeoutMs, signal } = options;
  return await Promise.all(agents.map(async (agent) => {
    if (agent.resetBetweenTasks && agent.persistentPersona !== true) {
      const reason = await reset(io, hosts, roster, agent, { timeoutMs, signal });
      if (reason !== undefined) {
        const server = new TmuxServer(hosts.at(agent.host), agent.socket);
        return { ...noPane(io, server, agent.name, body, { reason }), outcome: "held" as const };
      }
    }
    const [receipt] = await sendToAgents(io, hosts, [agent], body, options);
    if (!receipt) throw new MusterError("internal", "a send without a receipt");
    return receipt;
  }));
}

/** Resets an agent; why it could not, where it could not. */
async function reset(
  io: Io,
  hosts: Hosts,
  roster: Roster,
  agent: ResolvedAgent,
  options: Pick<SendToAgentsOptions, "timeoutMs" | "signal">,
): Promise<string | undefined> {
  const { outcome, reason } = await renewAgent(io, hosts, () => findSupervisor(io), roster, agent, options);
  if (outcome === "reset" || outcome === "restarted") return undefined;
  return `not reset, so nothing was sent: ${reason ?? outcome}`;
}
