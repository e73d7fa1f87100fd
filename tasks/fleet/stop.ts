#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME
/**
 * Stops agents of the roster; without names all of them, then the tmux server, unless a session outside the roster is
 * in it.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME tasks/fleet/stop.ts
 * ```
 *
 * @module
 */

import { ownAgents, readRoster, selectAgents, stopAgents, stopServer } from "../../lib/fleet/mod.ts";
import { localHost, visible } from "../../lib/io/mod.ts";
import { defineTask, duration, flag, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";
import { TmuxServer } from "../../lib/tmux/mod.ts";
import { renderTable } from "../_table.ts";

/** `muster fleet stop`. */
export const fleetStop = defineTask({
  name: "fleet stop",
  tier: "write",
  summary: "Stop agents; without names all of them, then the tmux server",
  description:
    "A program gets SIGHUP, and SIGKILL where it stays. A session that the roster does not have keeps the server up.",
  input: z.object({
    agents: flag(z.array(z.string()).default([]).describe("Agents to stop; all, and the server, where none is named"), {
      positional: true,
      placeholder: "AGENT",
      complete: "agents",
    }),
    grace: flag(duration("5s").describe("How long a program may take to end before SIGKILL"), {
      placeholder: "DURATION",
    }),
    timeout: flag(duration("30s").describe("How long anything may take to be seen gone after that"), {
      placeholder: "DURATION",
    }),
  }),
  output: z.object({
    agents: z.array(z.object({
      name: z.string(),
      result: z.enum(["stopped", "killed", "not_running"]).describe("killed is stopped too, by SIGKILL"),
      pid: z.int().describe("The process that ended; 0 where there was none"),
    })),
    server: z.object({
      socket: z.string(),
      result: z.enum(["stopped", "kept", "not_running"]),
      sessions: z.array(z.string()).readonly().describe("Sessions outside the roster, which keep it up"),
    }).optional().describe("Where no agent was named"),
  }),
  permissions: { run: ["tmux", "sh"], read: [homeDirectory], env: homeVariables },
  examples: [
    { run: "muster fleet stop coder0", does: "stop one agent" },
    { run: "muster fleet stop", does: "stop the fleet and its server" },
  ],
  exit: ({ server }) => server?.result === "kept" ? 4 : 0,
  render: ({ agents, server }, { style }) => {
    const paint = { stopped: style.good, killed: style.warn, not_running: style.quiet };
    const rows = agents.map(({ name, result, pid }) => [
      name,
      { text: result.replace("_", " "), paint: paint[result] },
      pid > 0 ? `process ${pid}` : "",
    ]);
    const sessions = server?.sessions.map((name) => visible(name)).join(", ");
    const said = {
      stopped: "stopped",
      kept: `kept up by sessions outside the roster: ${sessions}`,
      not_running: "not running",
    };
    return [
      ...(rows.length > 0 ? [renderTable(rows)] : []),
      ...(server ? [`server ${server.socket}: ${said[server.result]}`] : []),
    ].join("\n");
  },
  run: async ({ agents: names, grace: graceMs, timeout: timeoutMs }, io, { signal }) => {
    const roster = await readRoster(io);
    const server = new TmuxServer(localHost(io), roster.tmux.socketName);
    const own = ownAgents(roster).map(({ name }) => name);
    const chosen = names.length === 0 ? own : selectAgents(roster, names).map(({ name }) => name);
    const agents = await stopAgents(io, server, chosen, { graceMs, timeoutMs, signal });
    if (names.length > 0) return { agents };
    return { agents, server: await stopServer(io, server, roster, { timeoutMs, signal }) };
  },
});

if (import.meta.main) await runAsMain(fleetStop);
