import type { Io } from "../io/mod.ts";
import { type PaneView, type TmuxServer, viewPane } from "../tmux/mod.ts";
import type { Eye } from "./eye.ts";
import type { AwaitedEvent, Receipt } from "./receipt.ts";
import type { Runtime } from "./runtime.ts";
import { screenOf } from "./screen.ts";
import type { TranscriptWatch } from "./transcript.ts";

/** Options of {@linkcode awaitWork}. */
export interface AwaitWorkOptions {
  /** What is waited for. */
  readonly event: AwaitedEvent;
  /** How long, in milliseconds. */
  readonly timeoutMs: number;
  /** The pane's runtime. */
  readonly runtime: Runtime;
  /** The eye that saw the message arrive. */
  readonly eye: Eye;
  /** The agent's transcript, where there is one. */
  readonly transcript?: TranscriptWatch;
  /** Takes what a person would be told with `-v`. */
  readonly trace?: (step: string) => void;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
}

/** Pauses between two looks, in milliseconds. */
const pauses = { first: 5, longest: 200 } as const;

/**
 * Waits until an agent takes up a message that has arrived, or has finished its work on it. Others may send meanwhile.
 *
 * @returns The receipt, with what was waited for and whether it came; a `queued` message that was taken up is `submitted`.
 */
export async function awaitWork(
  io: Io,
  server: TmuxServer,
  arrived: Receipt,
  { event, timeoutMs, runtime, eye, transcript, trace, signal }: AwaitWorkOptions,
): Promise<Receipt> {
  const end = io.clock.elapsed() + timeoutMs;
  const target = { paneId: arrived.target.pane };
  let receipt = arrived;
  let hasStarted = receipt.outcome === "submitted";
  let hasWorked = false;
  const isReached = async (view: PaneView) => {
    const told = await transcript?.look(signal);
    // The screen may have shown it first: the transcript is the better evidence, wherever it comes from.
    if (told?.seen === "taken") receipt = { ...receipt, evidence: "transcript", transcript: told.path };
    if (!hasStarted) hasStarted = told?.seen === "taken" || eye.fate(view) === "taken";
    if (!hasStarted || event === "started") return hasStarted;
    const { state, queued = [] } = runtime.read(screenOf(view));
    if (state === "busy") hasWorked = true;
    if (told?.seen === "taken") return told.isFinished && state !== "busy";
    // Between taking a message and showing that it works, a program looks idle; an answer below it tells as well.
    return state === "idle" && queued.length === 0 && (hasWorked || eye.isAnswered(view));
  };
  trace?.(`waiting until the agent is ${event}`);
  for (let pause: number = pauses.first;; pause = Math.min(pauses.longest, pause * 1.5)) {
    const isLast = io.clock.elapsed() >= end;
    const view = await viewPane(server, target, signal);
    const outcome = hasStarted ? "submitted" : receipt.outcome;
    if (!view || view.pane.isDead) {
      return { ...receipt, outcome, awaited: { event, reached: false }, reason: "the pane's program has ended" };
    }
    if (!view.pane.isInMode && await isReached(view)) {
      return { ...receipt, outcome: "submitted", awaited: { event, reached: true } };
    }
    if (isLast) {
      const reason = `it arrived, and time ran out before the agent was ${event}`;
      return {
        ...receipt,
        outcome: hasStarted ? "submitted" : receipt.outcome,
        awaited: { event, reached: false },
        reason,
      };
    }
    await io.clock.delay(pause, signal);
  }
}
