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

import {
  leaveOutSender,
  readRoster,
  type ResolvedAgent,
  type Roster,
  selectAgents,
  selectClass,
  sendTask,
  sendToAgents,
  sendToSession,
  surveyAgents,
  surveySession,
} from "../../lib/fleet/mod.ts";
import { sendingHost } from "../../lib/agents/mod.ts";
import { MusterError } from "../../lib/io/mod.ts";
import {
  defineTask,
  flag,
  homeDirectory,
  homeVariables,
  runAsMain,
  stateDirectory,
  stateVariables,
  worstExit,
  z,
} from "../../lib/task/mod.ts";
import { type OwnSession, ownSession, parseTarget, TmuxServer } from "../../lib/tmux/mod.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";
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

/** `muster agent send`. */
export const agentSend = defineTask({
  name: "agent send",
  tier: "write",
  summary: "Send a message to an agent of the roster and prove that it was submitted",
  description:
    "Before the message stands whom it is from: [srcHost:srcSession -> dstHost:dstSession]. The sender is the tmux\n" +
    "session that muster runs in; outside tmux its session is a dash.",
  input: z.object({
    agents: flag(z.array(z.string()).default([]).describe("The agents, or --class or --all"), {
      positional: true,
      placeholder: "AGENT",
      complete: "agents",
    }),
    class: flag(z.string().optional().describe("All agents of a class"), { placeholder: "CLASS" }),
    all: z.boolean().default(false).describe("All agents but the sender"),
    session: flag(z.string().optional().describe("A session that no roster names, as tmux send -t takes it"), {
      short: "s",
      placeholder: "TARGET",
      complete: "sessions",
    }),
    socket: socketField,
    host: hostField,
    source: flag(
      z.string().regex(/^[^\s:\]]+:[^\s\]]+$/, "expected host:session").optional().describe(
        "Whom the message is from; the session that muster runs in without it",
      ),
      { short: "S", placeholder: "HOST:SESSION" },
    ),
    dstHost: flag(
      z.string().regex(/^[^\s:\]]+$/, "expected a name without spaces, : and ]").optional().describe(
        "The name of the other host as the message says it",
      ),
      { placeholder: "NAME" },
    ),
    dryRun: dryRunField,
    task: z.boolean().default(false).describe("It is a new task: an agent with reset_between_tasks is reset first"),
    ...messageFields,
  }),
  output: z.union([
    receiptSchema,
    z.object({ receipts: z.array(receiptSchema).describe("One for each agent") }),
    surveySchema,
    z.object({ surveys: z.array(surveySchema).describe("One for each agent") }),
  ]),
  permissions: { run: ["tmux"], read: [homeDirectory], env: [...homeVariables, "TMUX", "TMUX_PANE"] },
  optional: [
    { permissions: { run: ["sh"] }, buys: "transcript evidence" },
    { permissions: { read: ["$HOME"] }, buys: "transcripts read without sh" },
    { permissions: { read: ["FILE"] }, buys: "-f FILE" },
    receiptOnRecord,
    {
      permissions: { run: ["sh"], read: [stateDirectory], env: stateVariables },
      buys: "--task for an agent that is reset by a restart",
    },
    ...remoteAgentPermissions,
  ],
  examples: [
    { run: 'muster agent send coder0 -m "run the tests"', does: "send one line" },
    { run: "muster agent send coder0 < brief.md", does: "send a file's text" },
    {
      run: 'muster agent send -s coder1 -S ci:main -m "main is green"',
      does: "send to a session that no roster names",
    },
    { run: 'muster agent send --all -m "stop for review"', does: "send to every agent, side by side" },
  ],
  exit: (output) => {
    if ("receipts" in output) return worstExit(output.receipts.map(receiptExit));
    if ("surveys" in output) return worstExit(output.surveys.map(surveyExit));
    return "would" in output ? surveyExit(output) : receiptExit(output);
  },
  render: (output, page) => {
    if ("surveys" in output) return output.surveys.map((one) => renderSurvey(one, page)).join("\n");
    if ("would" in output) return renderSurvey(output, page);
    if (!("receipts" in output)) return renderReceipt(output, page);
    return output.receipts.map(({ screen: _screen, ...one }) => renderReceipt(one, page)).join("\n");
  },
  run: async (input, io, { signal, say }) => {
    requireOneChoice(input);
    if (input.session === undefined && (input.host !== undefined || input.runtime !== undefined)) {
      throw new MusterError("usage", "-H and --runtime are of -s: the roster says both for an agent that it names");
    }
    if (input.task && input.dryRun) {
      throw new MusterError("usage", "--dry-run types nothing and resets nothing: leave --task away");
    }
    const { text: body, change } = await readMessage(input, io, signal);
    const source = sourceOf(input.source) ?? await ownSession(io, signal);
    const { dstHost, runtime } = input;
    const options = { ...sendOptions(input, say), source, dstHost, signal };
    await using hosts = openHosts(io);
    if (input.session !== undefined) {
      const target = parseTarget(input.session);
      const server = new TmuxServer(sendingHost(io, hosts.at(input.host), options), input.socket);
      if (input.dryRun) return await surveySession(io, server, target, body, { ...options, runtime });
      return { ...await sendToSession(io, server, target, body, { ...options, runtime }), ...change };
    }
    const roster = await readRoster(io);
    const chosen = input.all
      ? await leaveOutSender(io, hosts, roster.agents, source, signal)
      : chooseAgents(roster, input);
    if (chosen.length === 0) throw new MusterError("not_found", "the roster has no agent to send to");
    if (input.dryRun) {
      const surveys = await surveyAgents(io, hosts, chosen, body, options);
      const [only] = surveys;
      return only && input.agents.length === 1 ? only : { surveys };
    }
    const sent = input.task
      ? await sendTask(io, hosts, roster, chosen, body, options)
      : await sendToAgents(io, hosts, chosen, body, options);
    const receipts = sent.map((receipt) => ({ ...receipt, ...change }));
    const [only] = receipts;
    return only && input.agents.length === 1 ? only : { receipts };
  },
});

interface Choice {
  readonly agents: readonly string[];
  readonly class?: string;
  readonly all: boolean;
  readonly session?: string;
}

function requireOneChoice({ agents, class: wanted, all, session }: Choice): void {
  const ways =
    [agents.length > 0, wanted !== undefined, all, session !== undefined].filter((isGiven) => isGiven).length;
  if (ways === 1) return;
  throw new MusterError("usage", ways === 0 ? "no agent named" : "agents named in more than one way", {
    hint: "give names, or --class CLASS, or --all, or -s TARGET",
  });
}

function sourceOf(text: string | undefined): OwnSession | undefined {
  if (text === undefined) return undefined;
  const colon = text.indexOf(":");
  return { host: text.slice(0, colon), session: text.slice(colon + 1) };
}

function chooseAgents(roster: Roster, choice: Choice): readonly ResolvedAgent[] {
  return choice.class !== undefined ? selectClass(roster, choice.class) : selectAgents(roster, choice.agents);
}

if (import.meta.main) await runAsMain(agentSend);
