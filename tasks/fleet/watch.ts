#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS,TMUX,TMUX_PANE
/**
 * Watches the fleet: a live table on a terminal, one JSON line per change on a pipe.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS,TMUX,TMUX_PANE tasks/fleet/watch.ts
 * ```
 *
 * @module
 */

import { agentStates } from "../../lib/agents/mod.ts";
import { FleetWatch, readInstall, readRoster, startVariables, type WatchedAgent } from "../../lib/fleet/mod.ts";
import { MusterError } from "../../lib/io/mod.ts";
import { defineTask, duration, flag, homeDirectory, runAsMain, stateDirectory, z } from "../../lib/task/mod.ts";
import { watchOnTerminal } from "../_watch_terminal.ts";
import { receiptOnRecord } from "../_receipt.ts";

const row = z.object({
  name: z.string(),
  class: z.string(),
  runtime: z.string().describe("The kind of its program"),
  state: z.enum(agentStates),
  since: z.number().describe("Milliseconds since 1970"),
  isOlder: z.boolean().describe("It was so when the watch began, and maybe for longer"),
  pane: z.string().describe("Such as %3; empty where there is none"),
  pid: z.int().describe("The program's process; 0 where there is none"),
  message: z.object({
    at: z.number().describe("Milliseconds since 1970"),
    outcome: z.string(),
    text: z.string().describe("The beginning of its first line"),
  }).optional().describe("What it was last sent by agent send"),
  lastLine: z.string().describe("The last row of its conversation, or of its screen"),
  memoryBytes: z.number().optional().describe("Memory of its process"),
  note: z.string().optional(),
});

/** `muster fleet watch`. */
export const fleetWatch = defineTask({
  name: "fleet watch",
  tier: "write",
  summary: "Watch the fleet: a live table, or on a pipe one JSON line per change",
  description:
    "On a terminal: arrows choose an agent; s sends to it, t shows its last rows, a attaches, r resets it, q quits.\n" +
    "One tmux call at each tick, however many agents there are.",
  input: z.object({
    interval: flag(duration("2s").describe("The time between two looks"), { short: "i", placeholder: "DURATION" }),
    for: flag(duration("0s").describe("How long to watch; 0 until q or an interrupt"), {
      placeholder: "DURATION",
    }),
  }),
  output: z.union([
    row,
    z.object({
      watched: z.int().describe("How many agents were watched, at the end of --for"),
      onTerminal: z.literal(true).optional().describe("They were shown to a person"),
    }),
  ]),
  permissions: {
    run: ["tmux", "sh"],
    read: [homeDirectory, stateDirectory],
    env: [...startVariables, "TMUX", "TMUX_PANE"],
  },
  optional: [receiptOnRecord],
  examples: [{ run: "muster fleet watch --for 1s", does: "watch for a second" }],
  render: (output) => "onTerminal" in output ? `watched ${output.watched} agents` : JSON.stringify(output),
  run: async (input, io, job) => {
    if (input.interval < 100) {
      throw new MusterError("usage", `too short: --interval ${input.interval}ms`, { hint: "at least 100ms" });
    }
    const [roster, installed] = await Promise.all([readRoster(io), readInstall(io)]);
    const watch = new FleetWatch(io, roster, { installed });
    const end = input.for === 0 ? Infinity : io.clock.elapsed() + input.for;
    const { isTerminal } = io.terminal;
    if (isTerminal.in && isTerminal.out) {
      await watchOnTerminal(io, roster, watch, { intervalMs: input.interval, end, signal: job.signal });
      return { watched: roster.agents.length, onTerminal: true as const };
    }
    const told = new Map<string, string>();
    while (true) {
      for (const agent of await watch.look(job.signal)) {
        const key = changeKey(agent);
        if (told.get(agent.name) === key) continue;
        told.set(agent.name, key);
        job.emit(agent);
      }
      const left = end - io.clock.elapsed();
      if (left <= 0) return { watched: roster.agents.length };
      await io.clock.delay(Math.min(input.interval, left), job.signal);
    }
  },
});

/** What makes a change worth a line: not a screen that is drawn on, nor memory. */
function changeKey({ state, pane, pid, message, note }: WatchedAgent): string {
  return JSON.stringify([state, pane, pid, message, note]);
}

if (import.meta.main) await runAsMain(fleetWatch);
