#!/usr/bin/env -S deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME
/**
 * Waits until agents are idle, busy, at a dialog, or dead.
 *
 * ```sh
 * deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME tasks/agent/wait.ts coder0 --for idle
 * ```
 *
 * @module
 */

import { type AgentState, agentStates } from "../../lib/agents/mod.ts";
import { awaitAgents, readRoster, selectAgents } from "../../lib/fleet/mod.ts";
import { visible } from "../../lib/io/mod.ts";
import { defineTask, duration, flag, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";
import { renderTable } from "../_table.ts";

/** `muster agent wait`. */
export const agentWait = defineTask({
  name: "agent wait",
  tier: "read",
  summary: "Wait until agents are idle, busy, at a dialog, or dead",
  description:
    "Each is waited for until it has been seen in the state once; what it does afterwards does not count. A program\n" +
    "whose screen is not read (kind command) is waited for until it is dead, and for nothing else.",
  input: z.object({
    agents: flag(z.array(z.string()).min(1).describe("The agents"), {
      positional: true,
      placeholder: "AGENT",
      complete: "agents",
    }),
    for: z.enum(["idle", "busy", "dialog", "dead"]).default("idle").describe("The state to wait for"),
    timeout: flag(duration("30s").describe("How long to wait"), { placeholder: "DURATION" }),
  }),
  output: z.object({
    agents: z.array(z.object({
      name: z.string(),
      reached: z.boolean().describe("It was seen in the state"),
      state: z.enum(agentStates).describe("As it was then, or last"),
      note: z.string().optional(),
    })).readonly(),
    elapsedMs: z.number(),
  }),
  permissions: { run: ["tmux"], read: [homeDirectory], env: homeVariables },
  optional: remoteAgentPermissions,
  examples: [{ run: "muster agent wait demo0 --for idle --timeout 10m", does: "wait until it has finished" }],
  exit: ({ agents }) => {
    const missed = agents.filter(({ reached }) => !reached);
    if (missed.some(({ state }) => state === "dead")) return 5;
    return missed.length === 0 ? 0 : 3;
  },
  render: ({ agents }, { style }) =>
    renderTable(agents.map(({ name, reached, state, note }) => [
      name,
      { text: state, paint: reached ? style.good : style.warn },
      visible(reached ? note ?? "" : missedBecause(state, note)),
    ])),
  run: async ({ agents, for: state, timeout: timeoutMs }, io, { signal }) => {
    const roster = await readRoster(io);
    const started = io.clock.elapsed();
    const names = selectAgents(roster, agents).map(({ name }) => name);
    await using hosts = openHosts(io);
    const seen = await awaitAgents(io, hosts, roster, names, state, { timeoutMs, signal });
    return { agents: seen, elapsedMs: Math.round(io.clock.elapsed() - started) };
  },
});

/** Why an agent was not seen in the state, and the way out. */
function missedBecause(state: AgentState, note: string | undefined): string {
  if (state === "dead") return `${note ?? "ended"}: muster fleet start starts it`;
  const what = note === undefined ? "time ran out" : `time ran out: ${note}`;
  return state === "unknown" ? `${what}: its runtime cannot tell what its program does` : what;
}

if (import.meta.main) await runAsMain(agentWait);
