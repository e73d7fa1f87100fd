/**
 * Logs of steps.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { Files } from "../io/io.ts";
import type { JournalRecord, StepRecord } from "./record.ts";

/** A step that ended, and its log. */
export interface StepLog {
  /** How it ended. */
  readonly record: StepRecord;
  /** All that it printed; empty where the log is gone. */
  readonly text: string;
}

/** The last time that a step, or any step, ran, with its log. */
export async function lastLog(
  files: Pick<Files, "read">,
  records: readonly JournalRecord[],
  step?: string,
): Promise<StepLog> {
  const ran = records.filter((record) => record.kind === "step" && record.log !== undefined) as StepRecord[];
  const record = ran.findLast((one) => step === undefined || one.step === step);
  if (record === undefined) {
    const known = [...new Set(ran.map((one) => one.step))];
    throw new MusterError("not_found", step === undefined ? "no step has run" : `no run of the step: ${step}`, {
      hint: known.length > 0 ? `these have run: ${known.join(", ")}` : "muster provision up runs the steps",
    });
  }
  const bytes = await files.read(record.log ?? "");
  return { record, text: new TextDecoder().decode(bytes ?? new Uint8Array()) };
}

/** The runs of a machine, oldest first, each with its steps as they ended. */
export function runsOf(
  records: readonly JournalRecord[],
): readonly { readonly run: string; readonly steps: StepRecord[] }[] {
  const runs = new Map<string, Map<string, StepRecord>>();
  for (const record of records) {
    if (record.kind !== "step") continue;
    const steps = runs.get(record.run) ?? new Map<string, StepRecord>();
    steps.set(record.step, record);
    runs.set(record.run, steps);
  }
  return [...runs].map(([run, steps]) => ({ run, steps: [...steps.values()] }));
}
