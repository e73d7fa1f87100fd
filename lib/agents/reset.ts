/**
 * Has an agent's program forget its conversation, and proves that it has: its transcript begins anew, or nothing that was
 * said before is left on its screen.
 *
 * @module
 */

import { type Io, MusterError, pollUntil } from "../io/mod.ts";
import { type PaneView, type Target, type Ticket, type TmuxServer, viewPane } from "../tmux/mod.ts";
import { FreshContext } from "./_fresh_context.ts";
import { interruptAgent } from "./interrupt.ts";
import type { Evidence } from "./receipt.ts";
import type { Runtime } from "./runtime.ts";
import { screenOf } from "./screen.ts";
import { sendText } from "./send.ts";

/** How a reset ended. */
export const resetOutcomes = ["reset", "unknown", "unsubmitted", "held", "dead", "not_found"] as const;

/** What came of a reset. */
export interface ResetReport {
  /** How it ended: `unknown` where the command was taken and no fresh context was seen. */
  readonly outcome: typeof resetOutcomes[number];
  /** What that rests on. */
  readonly evidence: Evidence;
  /** What was typed. */
  readonly command: string;
  /** Why, unless it was reset. */
  readonly reason?: string;
  /** From the first look to the last. */
  readonly elapsedMs: number;
  /** The last rows of the pane, unless it was reset. */
  readonly screen?: readonly string[];
}

/** Options of {@linkcode resetAgent}. */
export interface ResetOptions {
  /** What to type. */
  readonly command: string;
  /** Interrupt a busy agent first, in place of leaving it alone. @default {false} */
  readonly force?: boolean;
  /** A ticket of the caller's own that has the lease, see `reservePane`: the command goes before it. */
  readonly before?: Ticket;
  /** How long to wait for proof, in milliseconds. @default {30_000} */
  readonly timeoutMs?: number;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** Resets the agent in a pane; a busy one is left alone unless `force` says otherwise. */
export async function resetAgent(
  io: Io,
  server: TmuxServer,
  target: Target,
  runtime: Runtime,
  options: ResetOptions,
): Promise<ResetReport> {
  const { command, force = false, timeoutMs = 30_000, before: ticket, signal } = options;
  const started = io.clock.elapsed();
  const left = () => Math.max(1, timeoutMs - (io.clock.elapsed() - started));
  const report = (outcome: ResetReport["outcome"], evidence: Evidence, reason?: string, view?: PaneView) => ({
    outcome,
    evidence,
    command,
    ...(reason === undefined ? {} : { reason }),
    elapsedMs: Math.round((io.clock.elapsed() - started) * 10) / 10,
    ...(view ? { screen: view.rows.slice(-20) } : {}),
  });

  const before = await viewPane(server, target, signal);
  if (!before) return report("not_found", "none", "the pane is gone");
  if (before.pane.isDead) return report("dead", "none", "the pane's program has ended");
  if (runtime.read(screenOf(before)).state === "busy") {
    if (!force) return report("held", "none", "the agent is busy", before);
    const { outcome, reason } = await interruptAgent(io, server, target, {
      before: ticket,
      runtime: runtime.kind,
      timeoutMs: left(),
      signal,
    });
    if (outcome !== "interrupted" && outcome !== "not_busy") {
      return report(outcome === "still_busy" ? "held" : outcome, "none", reason, before);
    }
  }
  const context = await FreshContext.note(io, server, before.pane, runtime, signal);
  const receipt = await sendText(io, server, target, command, {
    isSlashCommand: runtime.readsScreen,
    before: ticket,
    runtime: runtime.kind,
    timeoutMs: left(),
    signal,
  });
  if (receipt.outcome !== "submitted") {
    const outcome = receipt.outcome === "queued" ? "unknown" : receipt.outcome;
    const reason = receipt.reason ?? "the command waits behind the agent's work";
    return { ...report(outcome, "none", reason), screen: receipt.screen };
  }
  if (!runtime.readsScreen) {
    return report("unknown", "none", `${command} was typed; what became of it, a program of this kind does not show`);
  }
  try {
    const evidence = await pollUntil(io.clock, () => context.seen(signal), {
      what: "a fresh context",
      timeoutMs: left(),
      longestPauseMs: 50,
      signal,
    });
    return report("reset", evidence);
  } catch (error) {
    if (!(error instanceof MusterError && error.code === "timeout")) throw error;
    const view = await viewPane(server, target, signal);
    return report("unknown", "none", `${command} was taken, and no fresh context was seen`, view);
  }
}
