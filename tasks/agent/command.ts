#!/usr/bin/env -S deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME
/**
 * Types a command of the agent program's own, such as `/compact`.
 *
 * ```sh
 * deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME tasks/agent/command.ts coder0 /compact
 * ```
 *
 * @module
 */

import { checkMessage, runtimeOf, sendText } from "../../lib/agents/mod.ts";
import { MusterError } from "../../lib/io/mod.ts";
import { defineTask, flag, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";
import { agentPane, agentTurnFields } from "../_agent_turn.ts";
import { receiptExit, receiptSchema, renderReceipt } from "../_receipt.ts";

/** `muster agent command`. */
export const agentCommand = defineTask({
  name: "agent command",
  tier: "write",
  summary: "Type a command of the agent program's own, such as /compact",
  description:
    "The one way to type a slash command: a message that begins with / is no command to any other verb. What is\n" +
    "reported is that it left the composer; what the program does about it, the program says.",
  input: z.object({
    ...agentTurnFields,
    command: flag(z.string().describe("The command, with its slash and arguments"), {
      positional: true,
      placeholder: "COMMAND",
    }),
  }),
  output: receiptSchema,
  permissions: { run: ["tmux"], read: [homeDirectory], env: homeVariables },
  optional: remoteAgentPermissions,
  examples: [{ run: 'muster agent command demo0 "/compact"', does: "have the program shorten what it remembers" }],
  exit: receiptExit,
  render: renderReceipt,
  run: async ({ agent: name, command, timeout: timeoutMs, verbose }, io, { signal, say }) => {
    if (!/^\/\S[^\n]*$/.test(command)) {
      throw new MusterError("usage", `not a slash command: ${command}`, {
        hint: "give one line that begins with a slash, such as /compact; muster agent send sends messages",
      });
    }
    await using hosts = openHosts(io);
    const { agent, server, target } = await agentPane(io, hosts, name, signal);
    if (!runtimeOf(agent.kind).readsScreen) {
      throw new MusterError("config", `the runtime has no slash commands: ${agent.kind}`, {
        hint: `muster agent send ${agent.name} sends any text`,
      });
    }
    return await sendText(io, server, target, checkMessage(command), {
      isSlashCommand: true,
      runtime: agent.kind,
      timeoutMs,
      signal,
      ...(verbose ? { trace: say } : {}),
    });
  },
});

if (import.meta.main) await runAsMain(agentCommand);
