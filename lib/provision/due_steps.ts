/**
 * Which steps are due, and why: the cadences, as a pure function.
 *
 * @module
 */
import { changedInputs, type InputChange, type Inputs } from "../state/fingerprint.ts";
import type { Action } from "./action.ts";
import { type History, isGood, noHistory } from "./history.ts";
import type { Step } from "./step.ts";

/** Why a step is due. */
export type Reason =
  | "new machine"
  | "never ran"
  | "failed"
  | "interrupted"
  | "changed"
  | "machine started"
  | "asked for"
  | "check"
  | "attach";

/** A step that is due. */
export interface DueStep {
  /** The step. */
  readonly step: Step;
  /** Why; `check` is for a pack that only its own check may find something to do for. */
  readonly reason: Reason;
  /** The inputs that changed since it last ended well. */
  readonly changes: readonly InputChange[];
}

/** What {@linkcode dueSteps} decides by. */
export interface Situation {
  /** What is done with the machine. */
  readonly action: Action;
  /** All steps, packs first. */
  readonly steps: readonly Step[];
  /** How they went on this machine. */
  readonly history: History;
  /** The fingerprint's inputs by its digest, of those that the history names. */
  readonly inputsOf: (digest: string) => Inputs | undefined;
  /** Which start of the machine this is; with an action that starts it, nobody knows yet. */
  readonly boot: string;
  /** Whether all that is declared is as it was applied. */
  readonly isApplied: boolean;
  /** What somebody asked for, whatever is due: packs, post_start, post_attach, and with `full` post_create. @default {"due"} */
  readonly ask?: "due" | "again" | "full";
}

/**
 * The steps that are due, in order. Steps run when they changed, never ran on this machine, failed or were interrupted;
 * post_start also when the machine was started since; post_attach when anything else is due. Packs that have a check are
 * asked, once anything is due.
 */
export function dueSteps(situation: Situation): DueStep[] {
  const { action, steps, ask = "due", isApplied } = situation;
  const found = new Map<Step, DueStep>();
  for (const step of steps) {
    const due = dueStep(step, situation);
    if (due) found.set(step, due);
  }
  if (action === "none" && found.size === 0 && isApplied && ask === "due") return [];
  return steps.flatMap((step) => {
    const due = found.get(step);
    if (due) return [due];
    if (step.check) return [{ step, reason: "check" as const, changes: [] }];
    return step.cadence === "post_attach" ? [{ step, reason: "attach" as const, changes: [] }] : [];
  });
}

function dueStep(step: Step, { action, history, inputsOf, boot, ask = "due" }: Situation): DueStep | undefined {
  const { steps } = action === "create" ? noHistory : history;
  const past = steps.get(step.name);
  const good = past?.lastGood;
  const before = good && inputsOf(good.fingerprint);
  const changes = before ? changedInputs(before, step.fingerprint.inputs) : [];
  const reason = ((): Reason | undefined => {
    if (action === "create") return "new machine";
    if (past && !isGood(past.last)) return past.last.result === "failed" ? "failed" : "interrupted";
    if (!good) return "never ran";
    if (good.fingerprint !== step.fingerprint.digest) return "changed";
    if (step.cadence === "post_start" && (action !== "none" || good.boot !== boot)) return "machine started";
    if (ask === "full" || ask === "again" && step.cadence !== "post_create") return "asked for";
  })();
  return reason && { step, reason, changes };
}
