#!/usr/bin/env -S deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,TMUX
/**
 * Shows an agent's pane on this terminal, from outside tmux and from inside.
 *
 * ```sh
 * deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,TMUX tasks/agent/attach.ts coder0
 * ```
 *
 * @module
 */

import { findAgent, notRunning, readRoster } from "../../lib/fleet/mod.ts";
import { MusterError } from "../../lib/io/mod.ts";
import { defineTask, flag, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";
import { openHosts } from "../_hosts.ts";
import { attachPane } from "../../lib/tmux/mod.ts";

/** `muster agent attach`. */
export const agentAttach = defineTask({
  name: "agent attach",
  tier: "write",
  summary: "Show an agent's pane on this terminal; tmux's prefix and d leave it",
  description:
    "Inside the same tmux server the terminal switches to the agent; inside another one, the agent's is shown in this\n" +
    "pane. Whoever looks with --read-only can type nothing.",
  input: z.object({
    agent: flag(z.string().describe("The agent"), { positional: true, placeholder: "AGENT", complete: "agents" }),
    readOnly: flag(z.boolean().default(false).describe("Look, and type nothing"), {}),
  }),
  output: z.object({ agent: z.string(), how: z.enum(["attached", "switched"]) }),
  permissions: { run: ["tmux"], read: [homeDirectory], env: [...homeVariables, "TMUX"] },
  examples: [{ run: "muster agent attach coder0 --read-only", does: "look over its shoulder" }],
  render: ({ agent, how }) => how === "attached" ? `left ${agent}` : `switched to ${agent}`,
  run: async ({ agent: name, readOnly }, io, { signal }) => {
    await using hosts = openHosts(io);
    const { agent, server, target } = await findAgent(hosts, await readRoster(io), name, signal);
    if (agent.host !== undefined) {
      throw new MusterError("config", `agent is on another host: ${agent.name}`, {
        hint: `ssh -t ${agent.host} tmux -L ${agent.socket} attach -t =${agent.name}:`,
      });
    }
    if (!target) throw notRunning(agent.name);
    const { isTerminal } = io.terminal;
    if (!isTerminal.in || !isTerminal.out) {
      throw new MusterError("usage", "not a terminal: standard input or output", {
        hint: `muster agent tail ${agent.name} --follow prints what comes`,
      });
    }
    return { agent: agent.name, how: await attachPane(io, server, target, { readOnly, signal }) };
  },
});

if (import.meta.main) await runAsMain(agentAttach);
