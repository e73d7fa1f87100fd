#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,PATH
/**
 * Shows all that is known of one agent: what it does, its unit, how its last run ended, and who sends to it.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,PATH tasks/agent/status.ts coder0
 * ```
 *
 * @module
 */

import { fleetStatus, readInstall, readRoster, selectAgents, unitVariables } from "../../lib/fleet/mod.ts";
import { MusterError, visible } from "../../lib/io/mod.ts";
import { defineTask, flag, formatDuration, homeDirectory, runAsMain, stateDirectory, z } from "../../lib/task/mod.ts";
import { version } from "../../lib/task/version.ts";
import { agentStatusSchema, leaseWords, messageWords, paintState } from "../_agent_status.ts";
import { openHosts, remoteAgentPermissions } from "../_hosts.ts";

/** `muster agent status`. */
export const agentStatus = defineTask({
  name: "agent status",
  tier: "read",
  summary: "Show all that is known of one agent",
  input: z.object({
    agent: flag(z.string().describe("The agent"), { positional: true, placeholder: "AGENT", complete: "agents" }),
  }),
  output: agentStatusSchema,
  permissions: { run: ["tmux", "sh"], read: [homeDirectory, stateDirectory], env: [...unitVariables, "PATH"] },
  optional: remoteAgentPermissions,
  examples: [{ run: "muster agent status coder0", does: "what it is doing, and what that is known from" }],
  render: ({ name, host, runtime, state, source, ageMs, pane, pid, note, lease, unit, end, ...agent }, { style }) => {
    const row = (label: string, text: string) =>
      text === "" ? [] : [`  ${style.quiet(label.padEnd(10))}${visible(text)}`];
    return [
      `${style.strong(name)}  ${paintState(style)[state](state)}`,
      ...row("known by", `${source}${ageMs >= 1000 ? `, ${formatDuration(ageMs)} ago` : ""}`),
      ...row("runtime", runtime),
      ...row("class", agent.class),
      ...row("host", host),
      ...row("pane", pane),
      ...row("process", pid > 0 ? String(pid) : ""),
      ...row("unit", unit ? `${unit.state}${unit.restarts > 0 ? `, started again ${unit.restarts} times` : ""}` : ""),
      ...row("lease", lease ? leaseWords(lease) : ""),
      ...row("message", agent.message ? messageWords(agent.message) : ""),
      ...row("note", note ?? ""),
      ...(end?.lines ?? []).map((line) => style.quiet(`  │ ${visible(line)}`)),
    ].join("\n");
  },
  run: async ({ agent: name }, io, { signal }) => {
    await using hosts = openHosts(io);
    const [roster, installed] = await Promise.all([readRoster(io), readInstall(io)]);
    const one = { ...roster, agents: selectAgents(roster, [name]) };
    const path = io.env.get("PATH");
    const { agents: [found] } = await fleetStatus(io, one, { hosts, installed, path, version, receiptBytes, signal });
    if (!found) throw new MusterError("internal", "a look without an agent");
    return found;
  },
});

/** How much of the receipts on record is looked through for the last message. */
const receiptBytes = 8 * 1024 * 1024;

if (import.meta.main) await runAsMain(agentStatus);
