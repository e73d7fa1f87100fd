#!/usr/bin/env -S deno run --allow-run=tmux
/**
 * Sends a message to a tmux pane and proves that it was submitted.
 *
 * ```sh
 * deno run --allow-run=tmux tasks/tmux/send.ts -t coder0 -m "run the tests"
 * ```
 *
 * @module
 */

import { sendingHost, sendText, surveyPane } from "../../lib/agents/mod.ts";
import { keepReceipt } from "../../lib/state/receipt_log.ts";
import { defineTask, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { parseTarget, TmuxServer } from "../../lib/tmux/mod.ts";
import { openHosts, sshPermissions } from "../_hosts.ts";
import {
  hostField,
  messageFields,
  readMessage,
  receiptExit,
  receiptOnRecord,
  receiptSchema,
  renderReceipt,
  sendOptions,
  socketField,
} from "../_receipt.ts";
import { dryRunField, renderSurvey, surveyExit, surveySchema } from "../_survey.ts";

/** `muster tmux send`. */
export const tmuxSend = defineTask({
  name: "tmux send",
  tier: "write",
  summary: "Send a message to a pane and prove that it was submitted",
  description:
    "The message is pasted as it is, Enter is pressed when the screen shows it, and the receipt says what was seen\n" +
    "of it afterwards. Nothing is typed into a dialog, a draft, or a pane in copy mode.",
  input: z.object({
    target: flag(z.string().describe("The pane: name, =name, name:window.pane or %pane; a name is never a prefix"), {
      short: "t",
      placeholder: "TARGET",
      complete: "sessions",
    }),
    ...messageFields,
    dryRun: dryRunField,
    socket: socketField,
    host: hostField,
  }),
  output: z.union([receiptSchema, surveySchema]),
  permissions: { run: ["tmux"] },
  optional: [
    { permissions: { run: ["sh"] }, buys: "transcript evidence, and the kind of a pane that muster did not start" },
    { permissions: { read: ["$HOME"] }, buys: "transcripts read without sh" },
    { permissions: { read: ["FILE"] }, buys: "-f FILE" },
    receiptOnRecord,
    ...sshPermissions("-H"),
  ],
  examples: [
    { run: 'muster tmux send -t coder0 -m "run the tests"', does: "send one line" },
    { run: "muster tmux send -t coder0 --json < brief.md", does: "send a file's text, print the receipt as JSON" },
  ],
  exit: (output) => "would" in output ? surveyExit(output) : receiptExit(output),
  render: (output, page) => "would" in output ? renderSurvey(output, page) : renderReceipt(output, page),
  run: async (input, io, { signal, say }) => {
    const target = parseTarget(input.target);
    const { text: message, change } = await readMessage(input, io, signal);
    await using hosts = openHosts(io);
    const options = sendOptions(input, say);
    const server = new TmuxServer(sendingHost(io, hosts.at(input.host), options), input.socket);
    if (input.dryRun) return await surveyPane(io, server, target, message, { runtime: input.runtime, signal });
    const receipt = await sendText(io, server, target, message, { ...options, runtime: input.runtime, signal });
    return await keepReceipt(io, { ...receipt, ...change }, message, { host: input.host });
  },
});

if (import.meta.main) await runAsMain(tmuxSend);
