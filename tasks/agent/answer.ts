#!/usr/bin/env -S deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME
/**
 * Answers the dialog that an agent has open, if it is the one that is meant.
 *
 * ```sh
 * deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME tasks/agent/answer.ts coder0 --expect "Allow the command: rm -rf build?" --choose No
 * ```
 *
 * @module
 */

import { answerDialog, answerOutcomes } from "../../lib/agents/mod.ts";
import { defineTask, type ExitStatus, flag, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";
import { agentPane, agentTurnFields, agentTurnReport, renderTurn } from "../_agent_turn.ts";

const statuses: Readonly<Record<typeof answerOutcomes[number], ExitStatus>> = {
  answered: 0,
  unanswered: 1,
  no_dialog: 1,
  unknown: 3,
  held: 4,
  dead: 5,
  not_found: 5,
};

/** `muster agent answer`. */
export const agentAnswer = defineTask({
  name: "agent answer",
  tier: "write",
  summary: "Answer the dialog that an agent has open, if it is the one that is meant",
  description:
    "No other verb answers a dialog. Nothing is pressed unless the dialog on the screen is the one expected\n" +
    "and offers the answer; Enter is pressed on the screen that shows it chosen, or not at all.",
  input: z.object({
    ...agentTurnFields,
    expect: flag(z.string().min(1).describe("The dialog's text, or a part of it of 8 letters or more"), {
      placeholder: "TEXT",
    }),
    choose: flag(z.string().min(1).describe("The answer: its number, or its text"), { placeholder: "ANSWER" }),
  }),
  output: z.object({
    outcome: z.enum(answerOutcomes).describe("How it ended"),
    ...agentTurnReport,
    dialog: z.string().optional().describe("The dialog that was seen"),
    choices: z.array(z.string()).readonly().optional().describe("The answers that it offers"),
    choice: z.string().optional().describe("The answer that was given"),
  }),
  permissions: { run: ["tmux"], read: [homeDirectory], env: homeVariables },
  optional: remoteAgentPermissions,
  examples: [{
    run: 'muster agent answer asking0 --expect "Allow the command: rm -rf build?" --choose No',
    does: "refuse what the agent asks leave for",
  }],
  exit: ({ outcome }) => statuses[outcome],
  render: (report, page) => {
    const { outcome, choice, dialog, choices = [] } = report;
    const offered = choices.map((one, at) => `${at + 1}. ${one}`).join(" · ");
    const seen = outcome === "answered" ? [`${dialog?.split("\n")[0]} ${choice}`] : dialog === undefined ? [] : [
      `it asks: ${dialog.replaceAll("\n", " ")}`,
      ...(offered === "" ? [] : [`it offers: ${offered}`]),
    ];
    return renderTurn(report, statuses[outcome], page, seen);
  },
  run: async ({ agent: name, expect, choose, timeout, verbose }, io, { signal, say }) => {
    await using hosts = openHosts(io);
    const { agent, server, target } = await agentPane(io, hosts, name, signal);
    const options = {
      expect,
      choose,
      timeoutMs: timeout,
      runtime: agent.kind,
      signal,
      ...(verbose ? { trace: say } : {}),
    };
    return { agent: agent.name, ...await answerDialog(io, server, target, options) };
  },
});

if (import.meta.main) await runAsMain(agentAnswer);
