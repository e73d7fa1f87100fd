#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS
/**
 * Restarts agents of the roster, one by one or all, and leaves the tmux server as it is.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS tasks/fleet/restart.ts
 * ```
 *
 * @module
 */

import { ownAgents, readRoster, selectAgents, startVariables } from "../../lib/fleet/mod.ts";
import { MusterError } from "../../lib/io/mod.ts";
import { defineTask, flag, homeDirectory, runAsMain, stateDirectory, worstExit, z } from "../../lib/task/mod.ts";
import { renderRestarts, restartAgents, restartExit, restartFields, restartReport } from "../_restart.ts";
import { receiptOnRecord } from "../_receipt.ts";

/** `muster fleet restart`. */
export const fleetRestart = defineTask({
  name: "fleet restart",
  tier: "write",
  summary: "Restart agents, or all, each once it has finished its work",
  description:
    "Neither the tmux server nor any other agent is touched. An agent that is not running is started. One whose program\n" +
    "opens a dialog is left at it, for a person to answer: exit 4.",
  input: z.object({
    agents: flag(z.array(z.string()).default([]).describe("Agents to restart; all where none is named"), {
      positional: true,
      placeholder: "AGENT",
      complete: "agents",
    }),
    ...restartFields,
  }),
  output: z.object({ agents: z.array(restartReport) }),
  permissions: { run: ["tmux", "sh"], read: [homeDirectory, stateDirectory], env: [...startVariables] },
  optional: [
    { permissions: { read: ["FILE"] }, buys: "the env_file and kickstart_template of an agent" },
    receiptOnRecord,
  ],
  examples: [{ run: "muster fleet restart", does: "restart every agent" }],
  exit: ({ agents }) => worstExit(agents.map(restartExit)),
  render: ({ agents }, page) => renderRestarts(agents, page),
  run: async ({ agents: names, ...input }, io, job) => {
    const roster = await readRoster(io);
    const own = ownAgents(roster);
    const chosen = names.length === 0 ? own : selectAgents(roster, names);
    const foreign = chosen.find((agent) => !own.includes(agent));
    if (foreign) {
      throw new MusterError("config", `not an agent that can be restarted from here: ${foreign.name}`, {
        hint: "it is not managed, on another socket, or on another host",
      });
    }
    return { agents: await restartAgents(io, roster, chosen, input, job) };
  },
});

if (import.meta.main) await runAsMain(fleetRestart);
