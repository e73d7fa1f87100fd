#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,PATH
/**
 * Shows what every agent of the roster is doing, and what that is known from.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,PATH tasks/fleet/status.ts
 * ```
 *
 * @module
 */

import { fleetStatus as lookAtFleet, readInstall, readRoster, unitVariables } from "../../lib/fleet/mod.ts";
import { visible } from "../../lib/io/mod.ts";
import {
  defineTask,
  duration,
  flag,
  formatDuration,
  homeDirectory,
  runAsMain,
  stateDirectory,
  z,
} from "../../lib/task/mod.ts";
import { version } from "../../lib/task/version.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";
import { agentStatusSchema, leaseWords, messageWords, paintState } from "../_agent_status.ts";
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
    messages: z.boolean().default(false).describe("Say what each agent was last sent from this host, and its outcome"),
  }),
  output: z.object({
    servers: z.array(z.object({
      host: z.string().describe("Empty where no server runs"),
      socket: z.string(),
      pid: z.int().describe("0 where no server runs"),
      destination: z.string().optional().describe("The ssh destination of another host"),
      failure: z.string().optional().describe("Why nothing is known of it"),
    })).readonly(),
    agents: z.array(agentStatusSchema).readonly(),
    others: z.array(z.string()).readonly().describe("Sessions of muster's server that are not of the roster"),
    supervisor: z.enum(["systemd", "none"]).describe("What keeps the agents running"),
    warnings: z.array(z.string()).readonly().describe("What is not as it was when the units were installed"),
  }),
  permissions: { run: ["tmux", "sh"], read: [homeDirectory, stateDirectory], env: [...unitVariables, "PATH"] },
  optional: remoteAgentPermissions,
  examples: [{ run: "muster fleet status", does: "print a table" }, {
    run: "muster fleet status --messages",
    does: "with what each was last sent",
  }, {
    run: "muster fleet status --json",
    does: "print JSON",
  }],
  render: ({ servers, agents, others, warnings }, { style }) => {
    const paint = paintState(style);
    const isSpread = servers.some(({ destination }) => destination !== undefined);
    const rows = agents.map(({ name, runtime, state, source, ageMs, pane, pid, note, lease, ...agent }) => [
      name,
      ...(isSpread ? [visible(agent.host)] : []),
      runtime,
      agent.class,
      { text: state, paint: paint[state] },
      ageMs >= 1000 ? `${source}, ${formatDuration(ageMs)}` : source,
      pane,
      pid > 0 ? String(pid) : "",
      visible([
        ...(note ? [note] : []),
        ...(lease ? [leaseWords(lease)] : []),
        ...(agent.message ? [messageWords(agent.message)] : []),
      ].join("; ")),
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
      ...warnings.map((line) => `${style.warn("warning")}: ${visible(line)}`),
    ].join("\n");
  },
  run: async ({ timeout: hostTimeoutMs, messages }, io, { signal }) => {
    await using hosts = openHosts(io);
    const [roster, installed] = await Promise.all([readRoster(io), readInstall(io)]);
    const path = io.env.get("PATH");
    const receiptBytes = messages ? lookedThroughBytes : 0;
    return await lookAtFleet(io, roster, { hosts, hostTimeoutMs, installed, path, version, receiptBytes, signal });
  },
});

/** How much of the receipts on record is looked through for what agents were last sent: some thousands. */
const lookedThroughBytes = 1024 * 1024;

if (import.meta.main) await runAsMain(fleetStatus);
