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

import { findAgent, readRoster } from "../../lib/fleet/mod.ts";
import { MusterError, visible } from "../../lib/io/mod.ts";
import { defineTask, flag, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";
import { followRows, lastRows, TmuxServer } from "../../lib/tmux/mod.ts";

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
  }),
  permissions: { run: ["tmux"], read: [homeDirectory], env: homeVariables },
  examples: [{ run: "muster agent tail coder0", does: "the last 80 rows" }, {
    run: "muster agent tail coder0 -n 5 --json",
    does: "the last 5, as JSON",
  }],
  render: ({ rows }) => rows.map((row) => visible(row, { keep: "\t" })).join("\n"),
  run: async (input, io, { signal, emit }) => {
    const { agent, socket, target } = findAgent(await readRoster(io), input.agent);
    const server = new TmuxServer(io, socket);
    const last = await lastRows(server, target, input.lines, signal);
    if (!last) {
      throw new MusterError("not_found", `agent is not running: ${agent.name}`, {
        hint: "muster fleet start starts it",
      });
    }
    const page = (rows: readonly string[]) => ({ agent: agent.name, pane: last.pane.id, rows: [...rows] });
    if (!input.follow) return page(last.rows);
    emit(page(last.rows));
    for await (const rows of followRows(io, server, last, signal)) emit(page(rows));
    signal.throwIfAborted();
    return page([]);
  },
});

if (import.meta.main) await runAsMain(agentTail);
