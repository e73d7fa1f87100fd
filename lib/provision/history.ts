/**
 * What the journal says of a machine's instance: how each step last went, and what it was last run with.
 *
 * @module
 */
import type { Known } from "./machine.ts";
import type { AppliedRecord, JournalRecord, StepRecord } from "./record.ts";

/** How a step went. */
export interface StepHistory {
  /** The last time that it began or ended. */
  readonly last: StepRecord;
  /** The last time that it ended well. */
  readonly lastGood?: StepRecord;
}

/** How the steps of one instance went. */
export interface History {
  /** By the names of steps. */
  readonly steps: ReadonlyMap<string, StepHistory>;
  /** All steps as they were when a run last ended well. */
  readonly applied?: AppliedRecord;
}

/** Nothing happened yet. */
export const noHistory: History = { steps: new Map() };

/** Whether a step ended well, or needed nothing. */
export function isGood(record: StepRecord | undefined): boolean {
  return record?.result === "ok" || record?.result === "unneeded";
}

/** What happened to an instance. Of others, which had the same name, nothing counts. */
export function historyOf(records: readonly JournalRecord[], instance: string): History {
  const steps = new Map<string, StepHistory>();
  let applied: AppliedRecord | undefined;
  for (const record of records) {
    if (record.instance !== instance) continue;
    if (record.kind === "applied") applied = record;
    if (record.kind !== "step") continue;
    const lastGood = isGood(record) ? record : steps.get(record.step)?.lastGood;
    steps.set(record.step, { last: record, ...(lastGood ? { lastGood } : {}) });
  }
  return { steps, ...(applied ? { applied } : {}) };
}

/** The machine as it was when an action last ended well, or was left to a kill. */
export function knownMachine(records: readonly JournalRecord[]): Known | undefined {
  const last = records.findLast((record) => record.kind === "action" && record.result === "ok");
  if (last?.kind !== "action") return undefined;
  const { instance, boot, settings } = last;
  return { instance, boot, settings };
}

/** What a step usually takes, of the last times that it ran to a good end, whatever machine it was on. */
export function usualMs(records: readonly JournalRecord[], step: string): number | undefined {
  const times = records.flatMap((record) =>
    record.kind === "step" && record.step === step && record.result === "ok" && record.elapsedMs !== undefined
      ? [record.elapsedMs]
      : []
  ).slice(-5).sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)];
}
