/**
 * Has an agent's program forget its conversation, and proves that it has: its transcript begins anew, or its screen says
 * that a conversation has just begun; where a program has no words for that, nothing that was said before is left there.
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
  const type = (text: string) =>
    sendText(io, server, target, text, {
      isSlashCommand: runtime.readsScreen,
      before: ticket,
      runtime: runtime.kind,
      timeoutMs: left(),
      signal,
    });
  let context = await FreshContext.note(io, server, before.pane, runtime, signal);
  if (context.isFreshAlready && runtime.printCommand !== undefined) {
    const { outcome, reason, screen } = await type(runtime.printCommand);
    if (outcome !== "submitted") {
      return {
        ...report(outcome === "queued" ? "unknown" : outcome, "none", reason),
        command: runtime.printCommand,
        screen,
      };
    }
    // What it prints may come a little later than it leaves the composer.
    const printed = await within(io, left(), signal, async () => {
      context = await FreshContext.note(io, server, before.pane, runtime, signal);
      return context.isFreshAlready ? undefined : true;
    });
    if (!printed) {
      const view = await viewPane(server, target, signal);
      return {
        ...report("unknown", "none", `${runtime.printCommand} printed nothing`, view),
        command: runtime.printCommand,
      };
    }
  }
  const receipt = await type(command);
  if (receipt.outcome !== "submitted") {
    const outcome = receipt.outcome === "queued" ? "unknown" : receipt.outcome;
    const reason = receipt.reason ?? "the command waits behind the agent's work";
    return { ...report(outcome, "none", reason), screen: receipt.screen };
  }
  if (!runtime.readsScreen) {
    return report("unknown", "none", `${command} was typed; what became of it, a program of this kind does not show`);
  }
  const evidence = await within(io, left(), signal, () => context.seen(signal));
  if (evidence) return report("reset", evidence);
  const view = await viewPane(server, target, signal);
  return report("unknown", "none", `${command} was taken, and no fresh context was seen`, view);
}

/** What a look gives within a time; `undefined` where it gives nothing. */
async function within<Value>(
  io: Io,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  look: () => Promise<Value | undefined>,
): Promise<Value | undefined> {
  try {
    return await pollUntil(io.clock, look, { what: "a fresh context", timeoutMs, longestPauseMs: 50, signal });
  } catch (error) {
    if (!(error instanceof MusterError && error.code === "timeout")) throw error;
    return undefined;
  }
}
