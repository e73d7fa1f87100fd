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

import {
  ownAgents,
  readRoster,
  remoteAgents,
  selectAgents,
  stopAgents,
  stopOnHosts,
  stopServer,
} from "../../lib/fleet/mod.ts";
import { localHost, visible } from "../../lib/io/mod.ts";
import { defineTask, duration, flag, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";
import { TmuxServer } from "../../lib/tmux/mod.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";
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
      result: z.enum(["stopped", "killed", "not_running", "unknown"]).describe(
        "killed is stopped too, by SIGKILL; unknown where its host was not reached",
      ),
      pid: z.int().describe("The process that ended; 0 where there was none"),
      reason: z.string().optional().describe("Why it is unknown"),
    })),
    server: z.object({
      socket: z.string(),
      result: z.enum(["stopped", "kept", "not_running"]),
      sessions: z.array(z.string()).readonly().describe("Sessions outside the roster, which keep it up"),
    }).optional().describe("Where no agent was named"),
    remoteServers: z.array(z.object({
      host: z.string().describe("The ssh destination"),
      socket: z.string(),
      result: z.enum(["stopped", "kept", "not_running"]),
      sessions: z.array(z.string()).readonly(),
    })).readonly().optional().describe("The same for the roster's other hosts that were reached"),
  }),
  permissions: { run: ["tmux", "sh"], read: [homeDirectory], env: homeVariables },
  optional: remoteAgentPermissions,
  examples: [
    { run: "muster fleet stop coder0", does: "stop one agent" },
    { run: "muster fleet stop", does: "stop the fleet and its server" },
  ],
  exit: ({ agents, server, remoteServers = [] }) => {
    if (agents.some(({ result }) => result === "unknown")) return 6;
    return [server, ...remoteServers].some((one) => one?.result === "kept") ? 4 : 0;
  },
  render: ({ agents, server, remoteServers = [] }, { style }) => {
    const paint = { stopped: style.good, killed: style.warn, not_running: style.quiet, unknown: style.bad };
    const rows = agents.map(({ name, result, pid, reason }) => [
      name,
      { text: result.replace("_", " "), paint: paint[result] },
      pid > 0 ? `process ${pid}` : visible(reason ?? ""),
    ]);
    const said = ({ socket, result, sessions }: NonNullable<typeof server>, on = "") => {
      const names = sessions.map((name) => visible(name)).join(", ");
      const kept = `kept up by sessions outside the roster: ${names}`;
      return `server ${socket}${on}: ${result === "kept" ? kept : result.replace("_", " ")}`;
    };
    return [
      ...(rows.length > 0 ? [renderTable(rows)] : []),
      ...(server ? [said(server)] : []),
      ...remoteServers.map((one) => said(one, ` on ${one.host}`)),
    ].join("\n");
  },
  run: async ({ agents: names, grace: graceMs, timeout: timeoutMs }, io, { signal }) => {
    const roster = await readRoster(io);
    const server = new TmuxServer(localHost(io), roster.tmux.socketName);
    await using hosts = openHosts(io);
    const options = { graceMs, timeoutMs, signal };
    const chosen = names.length === 0 ? [...ownAgents(roster), ...remoteAgents(roster)] : selectAgents(roster, names);
    const local = chosen.filter(({ host }) => host === undefined).map(({ name }) => name);
    const remote = chosen.filter(({ host }) => host !== undefined);
    const stopLocal = async () => {
      const agents = await stopAgents(io, server, local, options);
      return { agents, ...(names.length > 0 ? {} : { server: await stopServer(io, server, roster, options) }) };
    };
    const [here, there] = await Promise.all([
      stopLocal(),
      stopOnHosts(io, hosts, roster, remote, { ...options, servers: names.length === 0 }),
    ]);
    return {
      ...here,
      agents: [...here.agents, ...there.agents],
      ...(there.servers.length > 0 ? { remoteServers: there.servers } : {}),
    };
  },
});

if (import.meta.main) await runAsMain(fleetStop);
