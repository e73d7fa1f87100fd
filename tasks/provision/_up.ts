/** What the verbs share that run steps: their output, its exit status, and how it is read. */
import { visible } from "../../lib/io/visible.ts";
import { actions } from "../../lib/provision/action.ts";
import type { BringUpReport } from "../../lib/provision/bring_up.ts";
import { duration, type ExitStatus, flag, formatDuration, type Page, z } from "../../lib/task/mod.ts";
import { shortDigest } from "./_drift.ts";

/** The JSON of a run. */
export const runSchema = z.object({
  machine: z.string(),
  action: z.enum(actions),
  run: z.string().describe("The run's id, by which its logs are kept"),
  provisioned: z.string().nullable().describe("The digest of all that is applied now; null where no run ended well"),
  isCurrent: z.boolean().describe("Whether all that is declared is applied now"),
  steps: z.array(z.object({
    name: z.string(),
    result: z.enum(["ok", "unneeded", "failed", "interrupted", "skipped"]).describe(
      "unneeded: its check found nothing to do; skipped: one before it failed",
    ),
    elapsedMs: z.number(),
    reason: z.string().optional(),
    log: z.string().optional().describe("The file with all that it printed"),
    tail: z.array(z.string()).readonly().optional().describe("The last lines that it printed, where it failed"),
  })).readonly(),
});

/** Flags of every verb that runs steps. */
export const runFields = {
  verbose: flag(z.boolean().default(false).describe("Show what steps print as they run"), { short: "v" }),
  timeout: flag(duration("30s").describe("How long to wait for another that provisions this machine"), {
    placeholder: "DURATION",
  }),
};

/** The JSON of a run, without what only the library tells. */
export function runOutput(report: BringUpReport): z.output<typeof runSchema> {
  return { ...report, steps: report.steps.map(({ step: _step, ...outcome }) => outcome) };
}

/** 1 where a step failed. */
export function runExit({ steps }: z.output<typeof runSchema>): ExitStatus {
  return steps.every(({ result }) => result === "ok" || result === "unneeded") ? 0 : 1;
}

/** A run on one line, and what did not run. */
export function renderRun(output: z.output<typeof runSchema>, { style }: Page): string {
  const { machine, action, steps, provisioned, isCurrent } = output;
  const failed = steps.find(({ result }) => result === "failed" || result === "interrupted");
  const skipped = steps.filter(({ result }) => result === "skipped").map(({ name }) => name);
  if (failed) {
    const why = failed.reason === undefined ? "" : `: ${visible(failed.reason)}`;
    const rest = skipped.length > 0 ? `; not run: ${skipped.join(", ")}` : "";
    return `${machine}: ${style.bad(`${failed.name} ${failed.result}${why}`)}${rest}`;
  }
  const ran = steps.map(({ name, result, elapsedMs }) =>
    result === "unneeded" ? `${name} (nothing to do)` : `${name} (${formatDuration(elapsedMs)})`
  );
  const done = [...(action === "none" ? [] : [action.replaceAll("_", " ")]), ...ran];
  const state = provisioned === null
    ? ""
    : ` · provisioned: ${shortDigest(provisioned)}${isCurrent ? "" : ", out of date"}`;
  return `${machine}: ${done.length > 0 ? done.join(", ") : "nothing to do"}${state}`;
}
