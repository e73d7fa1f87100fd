/**
 * What the journal says of a machine's instance: how each step last went, and what it was last run with.
 *
 * @module
 */
import type { Known } from "./machine.ts";
import type { ActionRecord, AppliedRecord, JournalRecord, StepRecord } from "./record.ts";

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

/**
 * The machine as it was when an action last ended well, or as a creation that did not end well may have left it: what that
 * was made with is known before it is there.
 */
export function knownMachine(records: readonly JournalRecord[]): Known | undefined {
  const last = lastAction(records, ({ result, action }) => result === "ok" || action === "create");
  if (last === undefined || last.instance === "") return undefined;
  const { instance, boot, settings } = last;
  return { instance, boot, settings };
}

/** Whether the last thing that was done with a machine was done with this instance, and ended well. */
export function isSettled(records: readonly JournalRecord[], instance: string): boolean {
  const last = lastAction(records);
  return last?.result === "ok" && last.instance === instance;
}

function lastAction(
  records: readonly JournalRecord[],
  isWanted: (record: ActionRecord) => boolean = () => true,
): ActionRecord | undefined {
  return records.findLast((record): record is ActionRecord => record.kind === "action" && isWanted(record));
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
