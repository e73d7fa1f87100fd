#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME
/**
 * Prints an agent's last answer, from its own transcript.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME tasks/agent/last.ts coder0
 * ```
 *
 * @module
 */

import { lastAnswerIn } from "../../lib/agents/mod.ts";
import { visible } from "../../lib/io/mod.ts";
import { defineTask, flag, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";
import { agentPane } from "../_agent_turn.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";

/** `muster agent last`. */
export const agentLast = defineTask({
  name: "agent last",
  tier: "read",
  summary: "Print an agent's last answer, from its own transcript",
  input: z.object({
    agent: flag(z.string().describe("The agent"), { positional: true, placeholder: "AGENT", complete: "agents" }),
  }),
  output: z.object({
    agent: z.string(),
    answer: z.string().optional().describe("Left out where it has said nothing yet"),
  }),
  permissions: { run: ["tmux", "sh"], read: [homeDirectory], env: homeVariables },
  optional: [{ permissions: { read: ["$HOME"] }, buys: "transcripts read without sh" }, ...remoteAgentPermissions],
  examples: [{ run: "muster agent last demo0", does: "print what it said last" }],
  exit: ({ answer }) => answer === undefined ? 1 : 0,
  render: ({ answer }) => answer === undefined ? "" : `${visible(answer, { keep: "\t\n" })}\n`,
  run: async ({ agent: name }, io, { signal }) => {
    await using hosts = openHosts(io);
    const { agent, server, target } = await agentPane(io, hosts, name, signal);
    const answer = await lastAnswerIn(io, server, target, agent.kind, signal);
    return { agent: agent.name, ...(answer === undefined ? {} : { answer }) };
  },
});

if (import.meta.main) await runAsMain(agentLast);
