#!/usr/bin/env -S deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,TMUX,TMUX_PANE
/**
 * Sends a message to an agent of the roster, says whom it is from, and proves that it was submitted.
 *
 * ```sh
 * deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,TMUX,TMUX_PANE tasks/agent/send.ts coder0 -m "run the tests"
 * ```
 *
 * @module
 */

import { checkMessage, noPane, sendText } from "../../lib/agents/mod.ts";
import { findAgent, notRunning, readRoster } from "../../lib/fleet/mod.ts";
import { defineTask, flag, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";
import { ownSession, viewPane } from "../../lib/tmux/mod.ts";
import { messageFields, readMessage, receiptExit, receiptSchema, renderReceipt } from "../_receipt.ts";

const { runtime: _runtime, ...fields } = messageFields;

/** `muster agent send`. */
export const agentSend = defineTask({
  name: "agent send",
  tier: "write",
  summary: "Send a message to an agent of the roster and prove that it was submitted",
  description:
    "Before the message stands whom it is from: [srcHost:srcSession -> dstHost:dstSession]. The sender is the tmux\n" +
    "session that muster runs in; outside tmux its session is a dash.",
  input: z.object({
    agent: flag(z.string().describe("The agent"), { positional: true, placeholder: "AGENT", complete: "agents" }),
    ...fields,
  }),
  output: receiptSchema,
  permissions: { run: ["tmux"], read: [homeDirectory], env: [...homeVariables, "TMUX", "TMUX_PANE"] },
  optional: [{ permissions: { read: ["FILE"] }, buys: "-f FILE" }],
  examples: [
    { run: 'muster agent send coder0 -m "run the tests"', does: "send one line" },
    { run: "muster agent send coder0 < brief.md", does: "send a file's text" },
  ],
  exit: receiptExit,
  render: renderReceipt,
  run: async (input, io, { signal }) => {
    const body = await readMessage(input, io, signal);
    const { agent, server, target } = await findAgent(io, await readRoster(io), input.agent, signal);
    if (!target) {
      const { message: reason, hint } = notRunning(agent.name);
      return noPane(io, server, agent.name, body, { reason, hint });
    }
    const [source, view] = await Promise.all([ownSession(io, signal), viewPane(server, target, signal)]);
    const host = view?.pane.server.host ?? "";
    const preamble = `[${source?.host ?? host}:${source?.session ?? "-"} -> ${host}:${agent.name}] `;
    const { timeout: timeoutMs, retries } = input;
    const options = { timeoutMs, retries, runtime: agent.kind, signal };
    return await sendText(io, server, target, checkMessage(preamble + body), options);
  },
});

if (import.meta.main) await runAsMain(agentSend);
