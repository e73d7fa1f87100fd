#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS
/**
 * Restarts one agent and touches no other.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS tasks/agent/restart.ts coder0
 * ```
 *
 * @module
 */

import { ownAgents, readRoster, selectAgents, startVariables } from "../../lib/fleet/mod.ts";
import { MusterError } from "../../lib/io/mod.ts";
import { defineTask, flag, homeDirectory, runAsMain, stateDirectory, z } from "../../lib/task/mod.ts";
import { renderRestarts, restartAgents, restartExit, restartFields, restartReport } from "../_restart.ts";
import { receiptOnRecord } from "../_receipt.ts";

/** `muster agent restart`. */
export const agentRestart = defineTask({
  name: "agent restart",
  tier: "write",
  summary: "Restart an agent, once it has finished its work",
  description:
    "Neither the tmux server nor any other agent is touched. An agent that is not running is started. One whose program\n" +
    "opens a dialog is left at it, for a person to answer: exit 4.",
  input: z.object({
    agent: flag(z.string().describe("The agent"), { positional: true, placeholder: "AGENT", complete: "agents" }),
    ...restartFields,
  }),
  output: restartReport,
  permissions: { run: ["tmux", "sh"], read: [homeDirectory, stateDirectory], env: [...startVariables] },
  optional: [
    { permissions: { read: ["FILE"] }, buys: "the env_file and kickstart_template of an agent" },
    receiptOnRecord,
  ],
  examples: [{ run: "muster agent restart coder0", does: "restart it" }],
  exit: restartExit,
  render: (report, page) => renderRestarts([report], page),
  run: async ({ agent: name, ...input }, io, job) => {
    const roster = await readRoster(io);
    const own = ownAgents(roster);
    const chosen = selectAgents(roster, [name]);
    const foreign = chosen.find((agent) => !own.includes(agent));
    if (foreign) {
      throw new MusterError("config", `not an agent that can be restarted from here: ${foreign.name}`, {
        hint: "it is not managed, on another socket, or on another host",
      });
    }
    const [report] = await restartAgents(io, roster, chosen, input, job);
    if (!report) throw new MusterError("internal", "a restart without a report");
    return report;
  },
});

if (import.meta.main) await runAsMain(agentRestart);
