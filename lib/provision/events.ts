/**
 * What a run tells while it goes.
 *
 * @module
 */
import type { Action } from "./action.ts";
import type { Reason } from "./due_steps.ts";

/** How a step of a run ended. */
export type StepResult = "ok" | "unneeded" | "failed" | "interrupted" | "skipped";

/** Something that happened in a run. */
export type RunEvent =
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "action"; readonly action: Exclude<Action, "none"> }
  | { readonly kind: "begin"; readonly step: string; readonly reason: Reason; readonly usualMs?: number }
  | { readonly kind: "output"; readonly step: string; readonly text: string }
  | {
    readonly kind: "end";
    readonly step: string;
    readonly result: StepResult;
    readonly elapsedMs: number;
    readonly reason?: string;
    readonly log?: string;
    /** The last lines that it printed, secrets masked. */
    readonly tail: readonly string[];
  };

/** Takes what happens. */
export type OnEvent = (event: RunEvent) => void;
