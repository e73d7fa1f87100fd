/** What the tasks that look at agents have in common: an agent's schema, its colour, and the words for its lease. @module */

import { type AgentState, agentStates } from "../lib/agents/mod.ts";
import { endCauses } from "../lib/fleet/mod.ts";
import { type Style, z } from "../lib/task/mod.ts";

/** One agent, as it is now. */
export const agentStatusSchema = z.object({
  name: z.string(),
  host: z.string(),
  runtime: z.string().describe("The kind of its program"),
  class: z.string(),
  state: z.enum(agentStates),
  source: z.enum(["program", "screen", "tmux", "systemd", "none"]).describe("What the state rests on"),
  ageMs: z.number().describe("How old that is"),
  pane: z.string().describe("Such as %3; empty where there is none"),
  pid: z.int().describe("The program's process; 0 where there is none"),
  lease: z.object({
    owner: z.int().describe("The process that sends to it"),
    waiters: z.array(z.int()).readonly().describe("Those that wait for their turn, in order"),
  }).optional().describe("Where somebody sends to it now"),
  unit: z.object({
    state: z.enum(["active", "activating", "deactivating", "inactive", "failed", "unknown"]),
    status: z.string().describe("What its unit says it does; empty where it does not say"),
    restarts: z.int().describe("How often systemd has started it again"),
  }).optional().describe("What systemd says of its unit, where it has one"),
  message: z.object({
    at: z.number().describe("When its send ended, in milliseconds since 1970"),
    messageId: z.string(),
    outcome: z.string(),
    evidence: z.string(),
    from: z.string().optional().describe("Whom it was from, where it said so"),
    digest: z.string().describe("The SHA-256 of its body"),
    bytes: z.int().describe("Bytes as typed"),
  }).optional().describe("What it was last sent from this host, where that is on record"),
  end: z.object({
    at: z.number().describe("Milliseconds since 1970"),
    cause: z.enum(endCauses),
    status: z.int().nullable().describe("Its exit status, where it was seen"),
    pid: z.int(),
    ranMs: z.number(),
    lines: z.array(z.string()).readonly().describe("The last lines of its screen"),
  }).optional().describe("How it ended, where it does not run and that is on record"),
  note: z.string().optional(),
});

/** The colour of each state. */
export function paintState(style: Style): Readonly<Record<AgentState, (text: string) => string>> {
  return {
    idle: style.good,
    busy: style.strong,
    dialog: style.warn,
    draft: style.warn,
    dead: style.bad,
    starting: style.quiet,
    unknown: style.quiet,
  };
}

/** Who sends to an agent, and who waits. */
export function leaseWords(
  { owner, waiters }: { readonly owner: number; readonly waiters: readonly number[] },
): string {
  const waiting = waiters.length === 0 ? "" : `, ${waiters.length} waiting (${waiters.join(", ")})`;
  return `process ${owner} sends to it${waiting}`;
}

/** What an agent was last sent, and what became of it. */
export function messageWords(
  { outcome, bytes, from, at }: NonNullable<z.output<typeof agentStatusSchema>["message"]>,
): string {
  return `${outcome}, ${bytes} bytes${from === undefined ? "" : ` from ${from}`}, ${new Date(at).toISOString()}`;
}
