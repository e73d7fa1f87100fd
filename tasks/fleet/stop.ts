#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME
/**
 * Stops agents of the roster; without names all of them, then the tmux server, unless a session outside the roster is
 * in it.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME tasks/fleet/stop.ts
 * ```
 *
 * @module
 */

import {
  drainAgents,
  endAgents,
  endServer,
  findSupervisor,
  ownAgents,
  readRoster,
  remoteAgents,
  selectAgents,
  stopOnHosts,
  unitVariables,
} from "../../lib/fleet/mod.ts";
import { visible } from "../../lib/io/mod.ts";
import {
  defineTask,
  duration,
  type ExitStatus,
  flag,
  homeDirectory,
  runAsMain,
  stateDirectory,
  worstExit,
  z,
} from "../../lib/task/mod.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";
import { renderTable } from "../_table.ts";

/** `muster fleet stop`. */
export const fleetStop = defineTask({
  name: "fleet stop",
  tier: "write",
  summary: "Stop agents; without names all of them, then the tmux server",
  description:
    "Waits for a busy agent to finish its work first. A program gets SIGHUP, and SIGKILL where it stays. A session that\n" +
    "the roster does not have keeps the server up.",
  input: z.object({
    agents: flag(z.array(z.string()).default([]).describe("Agents to stop; all, and the server, where none is named"), {
      positional: true,
      placeholder: "AGENT",
      complete: "agents",
    }),
    drain: flag(
      duration("2m").describe("How long to wait for busy agents to finish; one that is busy still is not stopped"),
      {
        placeholder: "DURATION",
      },
    ),
    now: z.boolean().default(false).describe("Stop busy agents too"),
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
      result: z.enum(["stopped", "killed", "not_running", "busy", "unknown"]).describe(
        "killed is stopped too, by SIGKILL; busy runs on; unknown where its host was not reached",
      ),
      pid: z.int().describe("The process that ended; 0 where there was none"),
      reason: z.string().optional().describe("Why it is unknown"),
    })),
    server: z.object({
      socket: z.string(),
      result: z.enum(["stopped", "kept", "not_running"]),
      sessions: z.array(z.string()).readonly().describe("Sessions outside the roster, which keep it up"),
    }).optional().describe("Where no agent was named, and none is busy"),
    remoteServers: z.array(z.object({
      host: z.string().describe("The ssh destination"),
      socket: z.string(),
      result: z.enum(["stopped", "kept", "not_running"]),
      sessions: z.array(z.string()).readonly(),
    })).readonly().optional().describe("The same for the roster's other hosts that were reached"),
  }),
  permissions: { run: ["tmux", "sh"], read: [homeDirectory, stateDirectory], env: [...unitVariables] },
  optional: remoteAgentPermissions,
  examples: [
    { run: "muster fleet stop coder0", does: "stop one agent" },
    { run: "muster fleet stop --now", does: "stop the fleet and its server, and wait for no agent's work" },
  ],
  exit: ({ agents, server, remoteServers = [] }) => {
    const statuses = { stopped: 0, killed: 0, not_running: 0, busy: 3, unknown: 6 } as const;
    return worstExit([
      ...agents.map(({ result }): ExitStatus => statuses[result]),
      ...[server, ...remoteServers].map((one): ExitStatus => one?.result === "kept" ? 4 : 0),
    ]);
  },
  render: ({ agents, server, remoteServers = [] }, { style }) => {
    const paint = {
      stopped: style.good,
      killed: style.warn,
      not_running: style.quiet,
      busy: style.warn,
      unknown: style.bad,
    };
    const rows = agents.map(({ name, result, pid, reason }) => [
      name,
      { text: result.replace("_", " "), paint: paint[result] },
      result === "busy" ? "still busy: --now stops it" : pid > 0 ? `process ${pid}` : visible(reason ?? ""),
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
  run: async ({ agents: names, now, drain, grace: graceMs, timeout: timeoutMs }, io, { signal, say }) => {
    const roster = await readRoster(io);
    const supervisor = await findSupervisor(io);
    await using hosts = openHosts(io);
    const options = { graceMs, timeoutMs, signal };
    const chosen = names.length === 0 ? [...ownAgents(roster), ...remoteAgents(roster)] : selectAgents(roster, names);
    const local = chosen.filter(({ host }) => host === undefined);
    const remote = chosen.filter(({ host }) => host !== undefined);
    const busy = now ? [] : await drainAgents(io, roster, local, { timeoutMs: drain, say, signal });
    const stopLocal = async () => {
      const idle = local.filter((agent) => !busy.includes(agent));
      const stopped = await endAgents(io, supervisor, roster, idle, options);
      const agents = local.map(({ name }) =>
        stopped.find((report) => report.name === name) ?? { name, result: "busy" as const, pid: 0 }
      );
      if (names.length > 0 || busy.length > 0) return { agents };
      return { agents, server: await endServer(io, supervisor, roster, options) };
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
