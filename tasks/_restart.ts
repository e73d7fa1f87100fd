/** What restarting a fleet and restarting one agent have in common. @module */

import {
  drainAgents,
  findSupervisor,
  kickstart,
  type ResolvedAgent,
  type Roster,
  runAgents,
} from "../lib/fleet/mod.ts";
import { type Io, visible } from "../lib/io/mod.ts";
import { duration, type ExitStatus, flag, formatDuration, type Page, z } from "../lib/task/mod.ts";
import { openHosts } from "./_hosts.ts";
import { dialogFields, renderDialog, renderHints, startExit } from "./_start.ts";
import { renderTable } from "./_table.ts";

/** How a restart waits, and how the agents come back. */
export const restartFields = {
  drain: flag(duration("2m").describe("How long to wait for busy agents to finish; one that is busy still runs on"), {
    placeholder: "DURATION",
  }),
  now: z.boolean().default(false).describe("Restart busy agents too"),
  resume: z.boolean().default(false).describe("Go on with the session that they had, where the program can"),
  timeout: flag(duration("30s").describe("How long an agent may take to be ready"), { placeholder: "DURATION" }),
};

/** What a restart did to one agent. */
export const restartReport = z.object({
  name: z.string(),
  result: z.enum(["restarted", "failed", "busy"]).describe("busy runs on as it was"),
  pane: z.string().describe("Such as %3; empty where there is none"),
  pid: z.int().describe("The program's process; 0 where there is none"),
  elapsedMs: z.number(),
  reason: z.string().optional().describe("Why it failed"),
  ...dialogFields,
  isLate: z.boolean().optional().describe("It failed because time ran out"),
  kickstart: z.string().optional().describe("What became of its kickstart, where muster sent it"),
  screen: z.array(z.string()).readonly().optional().describe("The last rows of its pane, where it failed"),
});

type Restarted = z.output<typeof restartReport>;

/** Restarts agents, once they have finished their work; no other is touched. */
export async function restartAgents(
  io: Io,
  roster: Roster,
  agents: readonly ResolvedAgent[],
  input: { readonly drain: number; readonly now: boolean; readonly resume: boolean; readonly timeout: number },
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<Restarted[]> {
  const supervisor = await findSupervisor(io);
  await using hosts = openHosts(io);
  const busy = input.now ? [] : await drainAgents(io, roster, agents, { timeoutMs: input.drain, say, signal });
  const idle = agents.filter((agent) => !busy.includes(agent));
  const started = await runAgents(io, supervisor, roster, idle, {
    replace: true,
    manner: input.resume ? "resume" : "fresh",
    timeoutMs: input.timeout,
    signal,
  });
  return await Promise.all(agents.map(async (agent): Promise<Restarted> => {
    const { name } = agent;
    const report = started.find((one) => one.name === name);
    if (!report) return { name, result: "busy", pane: "", pid: 0, elapsedMs: 0 };
    const isUp = report.result === "started";
    const said = isUp && !supervisor && !input.resume
      ? await kickstart(io, hosts, roster, agent, { signal })
      : undefined;
    return { ...report, result: isUp ? "restarted" : "failed", ...(said === undefined ? {} : { kickstart: said }) };
  }));
}

/** The status of one agent's restart. */
export function restartExit(report: Restarted): ExitStatus {
  return report.result === "busy" ? 3 : startExit(report);
}

/** Restarts as a person reads them. */
export function renderRestarts(agents: readonly Restarted[], page: Page): string {
  const { style } = page;
  const paint = { restarted: style.good, failed: style.bad, busy: style.warn };
  const rows = agents.map(({ name, result, pane, elapsedMs, reason, dialog }) => [
    name,
    { text: result, paint: paint[result] },
    pane,
    result === "restarted"
      ? [formatDuration(elapsedMs), ...renderDialog({ dialog }, page)].join("  ")
      : visible(result === "busy" ? "still busy: --now restarts it" : reason ?? ""),
  ]);
  const screens = agents.filter(({ screen }) => screen && screen.length > 0).flatMap(({ name, screen }) => [
    `last lines of ${name}:`,
    ...(screen ?? []).map((row) => style.quiet(`  │ ${visible(row)}`)),
  ]);
  return [...(rows.length > 0 ? [renderTable(rows)] : ["no agents to restart"]), ...renderHints(agents), ...screens]
    .join("\n");
}
