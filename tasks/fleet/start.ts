#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS
/**
 * Starts agents of the roster, side by side, and waits until each is ready.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS tasks/fleet/start.ts
 * ```
 *
 * @module
 */

import {
  findSupervisor,
  kickstart,
  ownAgents,
  readRoster,
  remoteAgents,
  runAgents,
  selectAgents,
  startOnHosts,
  type StartReport,
  startVariables,
  unappliedKeys,
} from "../../lib/fleet/mod.ts";
import { MusterError, visible } from "../../lib/io/mod.ts";
import {
  defineTask,
  duration,
  flag,
  formatDuration,
  homeDirectory,
  runAsMain,
  stateDirectory,
  worstExit,
  z,
} from "../../lib/task/mod.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";
import { dialogFields, renderDialog, renderHints, startExit } from "../_start.ts";
import { renderTable } from "../_table.ts";
import { receiptOnRecord } from "../_receipt.ts";

/** `muster fleet start`. */
export const fleetStart = defineTask({
  name: "fleet start",
  tier: "write",
  summary: "Start agents, or all of the roster, and wait until each is ready",
  description:
    "Agents that run already are left as they are. The tmux server is muster's own, on the roster's socket. Where\n" +
    "units are installed, systemd starts the agents; elsewhere the fleet runs until the next reboot. An agent whose\n" +
    "program opens a dialog (whether to trust a directory, a login) is left at it, for a person to answer: exit 4.",
  input: z.object({
    agents: flag(z.array(z.string()).default([]).describe("Agents to start; all where none is named"), {
      positional: true,
      placeholder: "AGENT",
      complete: "agents",
    }),
    replace: z.boolean().default(false).describe("Restart the agents that run already"),
    timeout: flag(duration("30s").describe("How long an agent may take to be ready"), { placeholder: "DURATION" }),
  }),
  output: z.object({
    socket: z.string(),
    supervisor: z.enum(["systemd", "none"]).describe("What keeps the agents running"),
    agents: z.array(z.object({
      name: z.string(),
      result: z.enum(["started", "already_running", "failed"]),
      pane: z.string().describe("Such as %3; empty where there is none"),
      pid: z.int().describe("The program's process; 0 where there is none"),
      elapsedMs: z.number(),
      reason: z.string().optional().describe("Why it failed"),
      ...dialogFields,
      isLate: z.boolean().optional().describe("It failed because time ran out"),
      kickstart: z.string().optional().describe("What became of its kickstart, where muster sent it"),
      screen: z.array(z.string()).readonly().optional().describe("The last rows of its pane, where it failed"),
    })),
  }),
  permissions: { run: ["tmux", "sh"], read: [homeDirectory, stateDirectory], env: [...startVariables] },
  optional: [
    receiptOnRecord,
    { permissions: { read: ["FILE"] }, buys: "the env_file and kickstart_template of an agent" },
    ...remoteAgentPermissions,
  ],
  examples: [
    { run: "muster fleet start", does: "start all agents of the roster" },
    { run: "muster fleet start coder0 --replace", does: "restart one" },
  ],
  exit: ({ agents }) => worstExit(agents.map(startExit)),
  render: ({ agents }, page) => {
    const { style } = page;
    const paint = { started: style.good, already_running: style.quiet, failed: style.bad };
    const began = (kickstart: string | undefined) =>
      kickstart === undefined || kickstart === "submitted" ? [] : [visible(`kickstart ${kickstart}`)];
    const rows = agents.map(({ name, result, pane, elapsedMs, reason, dialog, kickstart }) => [
      name,
      { text: result.replace("_", " "), paint: paint[result] },
      pane,
      result === "started"
        ? [formatDuration(elapsedMs), ...renderDialog({ dialog }, page), ...began(kickstart)].join("  ")
        : visible(reason ?? ""),
    ]);
    const screens = agents.filter(({ screen }) => screen && screen.length > 0).flatMap(({ name, screen }) => [
      `last lines of ${name}:`,
      ...(screen ?? []).map((row) => style.quiet(`  │ ${visible(row)}`)),
    ]);
    return [...(rows.length > 0 ? [renderTable(rows)] : ["no agents to start"]), ...renderHints(agents), ...screens]
      .join("\n");
  },
  run: async ({ agents: names, replace, timeout: timeoutMs }, io, { signal, say }) => {
    const roster = await readRoster(io);
    const own = [...ownAgents(roster), ...remoteAgents(roster)];
    const all = roster.agents.filter((agent) => own.includes(agent));
    const chosen = names.length === 0 ? all : selectAgents(roster, names);
    const foreign = chosen.find((agent) => !own.includes(agent));
    if (foreign) {
      throw new MusterError("config", `not an agent that can be started from here: ${foreign.name}`, {
        hint: "it is not managed, or on another socket",
      });
    }
    const supervisor = await findSupervisor(io);
    if (!supervisor && io.terminal.isTerminal.err) {
      say("no units are installed: this fleet runs until the next reboot (muster fleet install)");
    }
    for (const agent of chosen) {
      const keys = unappliedKeys(agent, supervisor !== undefined);
      if (keys.length > 0) say(`not applied yet: ${keys.join(", ")} (${agent.name})`);
    }
    await using hosts = openHosts(io);
    const options = { replace, timeoutMs, signal };
    const local = chosen.filter(({ host }) => host === undefined);
    const remote = chosen.filter(({ host }) => host !== undefined);
    const reports = (await Promise.all([
      local.length > 0 || remote.length === 0 ? runAgents(io, supervisor, roster, local, options) : [],
      startOnHosts(io, hosts, roster, remote, options),
    ])).flat();
    const agents = await Promise.all(chosen.map(async (agent) => {
      const report = reports.find(({ name }) => name === agent.name) as StartReport;
      // Under systemd the unit sends it, at each start.
      if (report.result !== "started" || supervisor || agent.host !== undefined) return report;
      const said = await kickstart(io, hosts, roster, agent, { signal });
      return said === undefined ? report : { ...report, kickstart: said };
    }));
    return { socket: roster.tmux.socketName, supervisor: supervisor ? "systemd" as const : "none" as const, agents };
  },
});

if (import.meta.main) await runAsMain(fleetStart);
