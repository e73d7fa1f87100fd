/** What the tasks that act on one agent's pane have in common: its fields, its report's schema and page, its place. @module */

import { findAgent, notRunning, readRoster } from "../lib/fleet/mod.ts";
import { type Hosts, type Io, visible } from "../lib/io/mod.ts";
import { duration, type ExitStatus, flag, formatDuration, type Page, z } from "../lib/task/mod.ts";
import { cutToWidth } from "./_table.ts";

/** The agent, the time for it, and whether to tell each step. */
export const agentTurnFields = {
  agent: flag(z.string().describe("The agent"), { positional: true, placeholder: "AGENT", complete: "agents" }),
  timeout: flag(duration("30s").describe("How long to wait for it"), { placeholder: "DURATION" }),
  verbose: flag(z.boolean().default(false).describe("Say the socket, the pane and each step on standard error"), {
    short: "v",
  }),
};

/** What each of these tasks reports, beside how it ended. */
export const agentTurnReport = {
  agent: z.string(),
  reason: z.string().optional().describe("Why, unless it did what was asked"),
  pane: z.string().describe("Such as %3"),
  elapsedMs: z.number(),
  screen: z.array(z.string()).readonly().optional().describe("The last rows of the pane, unless it did what was asked"),
};

/** The agent's server and pane. */
export async function agentPane(io: Io, hosts: Hosts, name: string, signal: AbortSignal) {
  const { agent, server, target } = await findAgent(hosts, await readRoster(io), name, signal);
  if (!target) throw notRunning(agent.name);
  return { agent, server, target };
}

/** A report as a person reads it. */
export function renderTurn(
  report: {
    readonly outcome: string;
    readonly agent: string;
    readonly reason?: string;
    readonly pane: string;
    readonly elapsedMs: number;
    readonly screen?: readonly string[];
  },
  status: ExitStatus,
  { style, columns }: Page,
  more: readonly string[] = [],
): string {
  const paint = status === 0 ? style.good : status === 4 ? style.warn : style.bad;
  return [
    `${paint(report.outcome.replaceAll("_", " "))}  ${
      [report.agent, report.pane].filter((word) => word !== "").join(" ")
    }  ${style.quiet(formatDuration(report.elapsedMs))}`,
    ...[...(report.reason ? [report.reason] : []), ...more].map((line) => `  ${visible(line)}`),
    ...(report.screen ?? []).filter((row) => row.trim() !== "").slice(-6).map((row) =>
      style.quiet(`  │ ${cutToWidth(visible(row), columns - 4)}`)
    ),
  ].join("\n");
}
