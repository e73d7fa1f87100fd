#!/usr/bin/env -S deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME
/**
 * Shows the last rows of an agent's pane, and with `--follow` those that come.
 *
 * ```sh
 * deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME tasks/agent/tail.ts coder0
 * ```
 *
 * @module
 */

import { findAgent, notRunning, readRoster } from "../../lib/fleet/mod.ts";
import { visible } from "../../lib/io/mod.ts";
import { defineTask, flag, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";
import { type FollowedRows, followRows, lastRows } from "../../lib/tmux/mod.ts";

/** `muster agent tail`. */
export const agentTail = defineTask({
  name: "agent tail",
  tier: "read",
  summary: "Show the last rows of an agent's pane, and those that come",
  input: z.object({
    agent: flag(z.string().describe("The agent"), { positional: true, placeholder: "AGENT", complete: "agents" }),
    lines: flag(z.int().min(1).max(100_000).default(80).describe("How many rows"), { short: "n", placeholder: "N" }),
    follow: z.boolean().default(false).describe("Go on until interrupted, or the agent ends"),
  }),
  output: z.object({
    agent: z.string(),
    pane: z.string().describe("Such as %3"),
    rows: z.array(z.string()).describe("Rows of the pane; with --follow each document has those that came"),
    gap: z.literal(true).optional().describe("These rows may not follow those before: rows were lost, or cleared"),
    cleared: z.literal(true).optional().describe("The gap is there because the history or the screen was cleared"),
  }),
  permissions: { run: ["tmux"], read: [homeDirectory], env: homeVariables },
  optional: remoteAgentPermissions,
  examples: [{ run: "muster agent tail coder0", does: "the last 80 rows" }, {
    run: "muster agent tail coder0 -n 5 --json",
    does: "the last 5, as JSON",
  }],
  render: ({ rows, gap, cleared }) => {
    const notice = gap ? [cleared ? "… the screen was cleared here" : "… rows were lost here"] : [];
    // An empty row is a line too.
    return [...notice, ...rows.map((row) => visible(row, { keep: "\t" }))].map((row) => `${row}\n`).join("");
  },
  run: async (input, io, { signal, emit }) => {
    await using hosts = openHosts(io);
    const { agent, server, target } = await findAgent(hosts, await readRoster(io), input.agent, signal);
    if (!target) throw notRunning(agent.name);
    const last = await lastRows(server, target, input.lines, signal);
    if (!last) throw notRunning(agent.name);
    const page = ({ rows, gap }: FollowedRows) => ({
      agent: agent.name,
      pane: last.pane.id,
      rows: [...rows],
      ...(gap ? { gap: true as const } : {}),
      ...(gap === "cleared" ? { cleared: true as const } : {}),
    });
    if (!input.follow) return page(last);
    emit(page(last));
    for await (const rows of followRows(io, server, last.look, signal)) emit(page(rows));
    return page({ rows: [] });
  },
});

if (import.meta.main) await runAsMain(agentTail);
