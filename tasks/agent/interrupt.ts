#!/usr/bin/env -S deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME
/**
 * Interrupts an agent's work by its program's own key.
 *
 * ```sh
 * deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME tasks/agent/interrupt.ts coder0
 * ```
 *
 * @module
 */

import { interruptAgent, interruptOutcomes } from "../../lib/agents/mod.ts";
import { defineTask, type ExitStatus, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";
import { agentPane, agentTurnFields, agentTurnReport, renderTurn } from "../_agent_turn.ts";

const statuses: Readonly<Record<typeof interruptOutcomes[number], ExitStatus>> = {
  interrupted: 0,
  not_busy: 1,
  still_busy: 3,
  held: 4,
  dead: 5,
  not_found: 5,
};

/** `muster agent interrupt`. */
export const agentInterrupt = defineTask({
  name: "agent interrupt",
  tier: "write",
  summary: "Interrupt an agent's work by its program's own key, and see it stop",
  description:
    "The key is pressed while the agent is seen to be busy, and at no other time: a dialog would take it for an\n" +
    "answer, and a composer may lose its draft.",
  input: z.object(agentTurnFields),
  output: z.object({ outcome: z.enum(interruptOutcomes).describe("How it ended"), ...agentTurnReport }),
  permissions: { run: ["tmux"], read: [homeDirectory], env: homeVariables },
  optional: remoteAgentPermissions,
  examples: [{ run: "muster agent interrupt busy0", does: "stop what it is doing" }],
  exit: ({ outcome }) => statuses[outcome],
  render: (report, page) => renderTurn(report, statuses[report.outcome], page),
  run: async ({ agent: name, timeout, verbose }, io, { signal, say }) => {
    await using hosts = openHosts(io);
    const { agent, server, target } = await agentPane(io, hosts, name, signal);
    const options = { timeoutMs: timeout, runtime: agent.kind, signal, ...(verbose ? { trace: say } : {}) };
    return { agent: agent.name, ...await interruptAgent(io, server, target, options) };
  },
});

if (import.meta.main) await runAsMain(agentInterrupt);
