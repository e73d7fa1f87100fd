#!/usr/bin/env -S deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME
/**
 * Shows what every agent of the roster is doing, and what that is known from.
 *
 * ```sh
 * deno run --allow-run=tmux --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME tasks/fleet/status.ts
 * ```
 *
 * @module
 */

import { agentStates } from "../../lib/agents/mod.ts";
import { fleetStatus as lookAtFleet, readRoster } from "../../lib/fleet/mod.ts";
import { visible } from "../../lib/io/mod.ts";
import {
  defineTask,
  duration,
  flag,
  formatDuration,
  homeDirectory,
  homeVariables,
  runAsMain,
  z,
} from "../../lib/task/mod.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";
import { renderTable } from "../_table.ts";

/** `muster fleet status`. */
export const fleetStatus = defineTask({
  name: "fleet status",
  tier: "read",
  summary: "Show what every agent is doing, and what that is known from",
  input: z.object({
    timeout: flag(duration("10s").describe("How long another host may take to answer; its agents are unknown then"), {
      placeholder: "DURATION",
    }),
  }),
  output: z.object({
    servers: z.array(z.object({
      host: z.string().describe("Empty where no server runs"),
      socket: z.string(),
      pid: z.int().describe("0 where no server runs"),
      destination: z.string().optional().describe("The ssh destination of another host"),
      failure: z.string().optional().describe("Why nothing is known of it"),
    })).readonly(),
    agents: z.array(z.object({
      name: z.string(),
      host: z.string(),
      runtime: z.string().describe("The kind of its program"),
      class: z.string(),
      state: z.enum(agentStates),
      source: z.enum(["program", "screen", "tmux", "none"]).describe("What the state rests on"),
      ageMs: z.number().describe("How old that is"),
      pane: z.string().describe("Such as %3; empty where there is none"),
      pid: z.int().describe("The program's process; 0 where there is none"),
      note: z.string().optional(),
    })).readonly(),
    others: z.array(z.string()).readonly().describe("Sessions of muster's server that are not of the roster"),
  }),
  permissions: { run: ["tmux"], read: [homeDirectory], env: homeVariables },
  optional: [
    { permissions: { run: ["sh"] }, buys: "what a program says of itself, as Claude Code does, before its screen" },
    ...remoteAgentPermissions,
  ],
  examples: [{ run: "muster fleet status", does: "print a table" }, {
    run: "muster fleet status --json",
    does: "print JSON",
  }],
  render: ({ servers, agents, others }, { style }) => {
    const paint = {
      idle: style.good,
      busy: style.strong,
      dialog: style.warn,
      draft: style.warn,
      dead: style.bad,
      starting: style.quiet,
      unknown: style.quiet,
    };
    const isSpread = servers.some(({ destination }) => destination !== undefined);
    const rows = agents.map(({ name, runtime, state, source, ageMs, pane, pid, note, ...agent }) => [
      name,
      ...(isSpread ? [visible(agent.host)] : []),
      runtime,
      agent.class,
      { text: state, paint: paint[state] },
      ageMs >= 1000 ? `${source}, ${formatDuration(ageMs)}` : source,
      pane,
      pid > 0 ? String(pid) : "",
      visible(note ?? ""),
    ]);
    const heading = ["AGENT", ...(isSpread ? ["HOST"] : []), "RUNTIME", "CLASS", "STATE", "SOURCE", "PANE", "PID", ""];
    return [
      renderTable([heading.map((text) => ({ text, paint: style.quiet })), ...rows]),
      ...servers.map(({ socket, pid, destination, failure }) => {
        const place = destination === undefined ? `server ${socket}` : `server ${socket} on ${destination}`;
        const said = failure !== undefined ? visible(failure) : pid > 0 ? `process ${pid}` : "not running";
        return failure === undefined ? style.quiet(`${place}: ${said}`) : style.warn(`${place}: ${said}`);
      }),
      ...(others.length > 0
        ? [style.quiet(`not of the roster: ${others.map((name) => visible(name)).join(", ")}`)]
        : []),
    ].join("\n");
  },
  run: async ({ timeout: hostTimeoutMs }, io, { signal }) => {
    await using hosts = openHosts(io);
    return await lookAtFleet(io, await readRoster(io), { hosts, hostTimeoutMs, signal });
  },
});

if (import.meta.main) await runAsMain(fleetStatus);
