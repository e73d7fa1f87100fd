#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS
/**
 * Gives an agent a fresh context, proves that it has one, and sends it its kickstart.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS tasks/agent/reset.ts coder0
 * ```
 *
 * @module
 */

import { evidences, resetOutcomes } from "../../lib/agents/mod.ts";
import { readRoster, type ResolvedAgent, selectAgents, startVariables, transportOf } from "../../lib/fleet/mod.ts";
import { MusterError } from "../../lib/io/mod.ts";
import { defineTask, type ExitStatus, homeDirectory, runAsMain, stateDirectory, z } from "../../lib/task/mod.ts";
import { agentTurnFields, renderTurn } from "../_agent_turn.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";
import { readSettings, settingsField } from "../_settings.ts";
import { receiptOnRecord } from "../_receipt.ts";

const outcomes = [...resetOutcomes, "restarted"] as const;

const statuses: Readonly<Record<typeof outcomes[number], ExitStatus>> = {
  reset: 0,
  restarted: 0,
  unsubmitted: 1,
  unknown: 3,
  held: 4,
  dead: 5,
  not_found: 5,
};

const { verbose: _verbose, ...fields } = agentTurnFields;

/** `muster agent reset`. */
export const agentReset = defineTask({
  name: "agent reset",
  tier: "write",
  summary: "Give an agent a fresh context, prove it, and send its kickstart",
  description:
    "Types the program's own reset command, and looks for a transcript that begins anew, or a screen on which nothing\n" +
    "of before is left. An agent whose program has no such command is restarted. A busy agent is left alone.",
  input: z.object({
    ...fields,
    clear: z.boolean().default(false).describe("Type /clear, whatever the runtime's command is"),
    new: z.boolean().default(false).describe("Type /new, whatever the runtime's command is"),
    force: z.boolean().default(false).describe("Interrupt a busy agent; reset one that is to keep what it knows"),
    set: settingsField,
  }),
  output: z.object({
    agent: z.string(),
    outcome: z.enum(outcomes).describe("unknown: the command was taken, and no fresh context was seen"),
    evidence: z.enum(evidences),
    command: z.string().describe("What was typed; empty where nothing was"),
    kickstart: z.string().optional().describe("What became of the kickstart, where the roster has one"),
    reason: z.string().optional().describe("Why, unless it was reset"),
    note: z.string().optional(),
    elapsedMs: z.number(),
    screen: z.array(z.string()).readonly().optional().describe("The last rows of the pane, unless it was reset"),
  }),
  permissions: { run: ["tmux", "sh"], read: [homeDirectory, stateDirectory], env: [...startVariables] },
  optional: [
    receiptOnRecord,
    { permissions: { read: ["FILE"] }, buys: "the kickstart_template of an agent" },
    ...remoteAgentPermissions,
  ],
  examples: [
    { run: "muster agent reset demo0", does: "reset it, and send its kickstart" },
    { run: "muster agent reset demo0 --new --set task=docs", does: "the same, with a value of the kickstart" },
  ],
  exit: ({ outcome }) => statuses[outcome],
  render: ({ evidence, kickstart, note, ...report }, page) =>
    renderTurn({ ...report, pane: "" }, statuses[report.outcome], page, [
      ...(evidence === "none" ? [] : [`evidence ${evidence}`]),
      ...(kickstart === undefined ? [] : [`kickstart ${kickstart}`]),
      ...(note === undefined ? [] : [note]),
    ]),
  run: async ({ agent: name, clear, new: isNew, force, set, timeout: timeoutMs }, io, { signal }) => {
    if (clear && isNew) {
      throw new MusterError("usage", "two reset commands: --clear and --new", { hint: "give one of them" });
    }
    const values = readSettings(set);
    const roster = await readRoster(io);
    const agent = selectAgents(roster, [name])[0] as ResolvedAgent;
    const command = clear ? "/clear" : isNew ? "/new" : undefined;
    await using hosts = openHosts(io);
    return await transportOf(io, hosts, roster).reset(agent, { command, force, values, timeoutMs, signal });
  },
});

if (import.meta.main) await runAsMain(agentReset);
