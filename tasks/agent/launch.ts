#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS,PATH,MUSTER_PROPERTIES
/**
 * Starts an agent's program in its pane, for its unit; without a unit it does what `muster fleet start` does for one agent.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS,PATH,MUSTER_PROPERTIES tasks/agent/launch.ts coder0
 * ```
 *
 * @module
 */

import { kickstart, launchAgent, readRoster, selectAgents, startFleet, startVariables } from "../../lib/fleet/mod.ts";
import { MusterError, visible } from "../../lib/io/mod.ts";
import { openHosts } from "../_hosts.ts";
import { defineTask, duration, flag, homeDirectory, runAsMain, stateDirectory, z } from "../../lib/task/mod.ts";
import { type ResolvedAgent } from "../../lib/fleet/mod.ts";
import { receiptOnRecord } from "../_receipt.ts";
import { dialogFields, renderDialog, renderHints, startExit } from "../_start.ts";

/** `muster agent launch`. */
export const agentLaunch = defineTask({
  name: "agent launch",
  tier: "write",
  summary: "Start an agent's program for its systemd unit, which calls this",
  input: z.object({
    agent: flag(z.string().describe("The agent"), { positional: true, placeholder: "AGENT", complete: "agents" }),
    fifo: flag(z.string().optional().describe("The FIFO that the unit reads"), { placeholder: "PATH" }),
    scope: flag(z.string().optional().describe("The scope that the program is to have"), { placeholder: "UNIT" }),
    how: z.enum(["auto", "fresh", "bare", "resume"]).default("auto").describe(
      "With the kickstart, without it, or in the session that it had; auto goes by how it ended",
    ),
    timeout: flag(duration("60s").describe("How long it may take to be ready"), { placeholder: "DURATION" }),
  }),
  output: z.object({
    agent: z.string(),
    result: z.enum(["started", "already_running", "late"]).describe(
      "late runs on, and was not seen to be ready in time",
    ),
    manner: z.enum(["fresh", "bare", "resume"]),
    ...dialogFields,
    kickstart: z.string().optional().describe(
      "What became of the kickstart: the outcome of its send, or why it was not sent",
    ),
  }),
  permissions: {
    run: ["tmux", "sh"],
    read: [homeDirectory, stateDirectory],
    env: [...startVariables, "PATH", "MUSTER_PROPERTIES"],
  },
  optional: [
    { permissions: { read: ["FILE"] }, buys: "the env_file and kickstart_template of an agent" },
    receiptOnRecord,
  ],
  examples: [{ run: "muster agent launch coder0", does: "what its unit does, without one" }],
  // A unit asks whether the program was started, and it was: a person that is to answer it is no failure of the unit.
  exit: ({ result, dialog }, { fifo }) => fifo !== undefined ? 0 : startExit({ result, dialog }),
  render: ({ agent, result, manner, kickstart, dialog, hint }, page) =>
    [
      [
        agent,
        result.replace("_", " "),
        manner,
        ...renderDialog({ dialog }, page),
        ...(kickstart === undefined ? [] : [`kickstart ${visible(kickstart)}`]),
      ].join("  "),
      ...renderHints([{ hint }]),
    ].join("\n"),
  run: async (input, io, { signal }) => {
    const roster = await readRoster(io);
    const agent = selectAgents(roster, [input.agent])[0] as ResolvedAgent;
    const timeoutMs = input.timeout;
    const manner = input.how === "auto" ? undefined : input.how;
    const { fifo, scope } = input;
    if ((fifo === undefined) !== (scope === undefined)) {
      throw new MusterError("usage", "one of two flags: --fifo and --scope", { hint: "a unit gives both" });
    }
    const launched = fifo === undefined || scope === undefined
      ? {
        start: (await startFleet(io, roster, [agent], { timeoutMs, signal }))[0],
        manner: "fresh" as const,
      }
      : await launchAgent(io, roster, agent, {
        fifo,
        scope,
        properties: (io.env.get("MUSTER_PROPERTIES") ?? "").split(" ").filter((word) => word !== ""),
        manner,
        timeoutMs,
        signal,
      });
    const { start } = launched;
    if (start?.result === "already_running" && fifo !== undefined) {
      throw new MusterError("held", `agent runs outside its unit: ${agent.name}`, {
        hint: "muster fleet stop ends it",
      });
    }
    if (start?.result === "failed" && !start.isLate) {
      throw new MusterError("failed", `agent did not start: ${agent.name}: ${start.reason ?? ""}`);
    }
    if (start?.isLate) return { agent: agent.name, result: "late" as const, manner: launched.manner };
    const said = launched.manner === "fresh" && start?.result === "started"
      ? await kickstart(io, openHosts(io), roster, agent, { signal })
      : undefined;
    const result = start?.result === "already_running" ? "already_running" as const : "started" as const;
    const { dialog, hint } = start ?? {};
    return { agent: agent.name, result, manner: launched.manner, dialog, hint, kickstart: said };
  },
});

if (import.meta.main) await runAsMain(agentLaunch);
