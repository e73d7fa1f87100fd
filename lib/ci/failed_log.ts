import { HttpError } from "../http/mod.ts";
import { lastLines } from "./_lines.ts";
import type { Pipeline, PipelineJob } from "./pipeline.ts";
import type { CiProvider } from "./provider.ts";

/** Where a pipeline failed, and the end of what was printed there. */
export interface FailedStep {
  /** The step, or the job where its steps are not told; with its workflow before it. */
  readonly name: string;
  /** The provider's own word. */
  readonly status: string;
  /** The last lines of its log; empty where it has none. */
  readonly log: readonly string[];
  /** Why there is no log. */
  readonly reason?: string;
}

/**
 * The first step that ended badly; where several did, the most inner one, as its workflow ends with it. A step that may
 * fail in a workflow that did not is not why.
 */
export function findFailed(jobs: readonly PipelineJob[]): PipelineJob | undefined {
  const isBelow = ({ name }: PipelineJob, outer: PipelineJob) => name.startsWith(`${outer.name}/`);
  const bad = jobs.filter((one) =>
    one.class === "bad" && !jobs.some((outer) => isBelow(one, outer) && outer.class !== "bad")
  );
  const isInner = (one: PipelineJob) => !bad.some((other) => isBelow(other, one));
  return bad.find((one) => isInner(one) && one.logId !== undefined) ?? bad.find(isInner) ?? bad[0];
}

/** The failing step of a pipeline and the last lines of its log; `undefined` where no step says that it failed. */
export async function readFailedStep(
  provider: CiProvider,
  pipeline: Pipeline,
  lines: number,
  signal?: AbortSignal,
): Promise<FailedStep | undefined> {
  const jobs = pipeline.jobs.length > 0 ? pipeline.jobs : await provider.jobs(pipeline, signal);
  const failed = findFailed(jobs);
  if (!failed) return undefined;
  const { name, status } = failed;
  if (failed.logId === undefined) return { name, status, log: [], reason: "it has no log" };
  try {
    return { name, status, log: await lastLines(await provider.log(pipeline, failed, signal), lines) };
  } catch (error) {
    // The log may have been cleaned up: that the pipeline failed is known all the same.
    if (error instanceof HttpError) return { name, status, log: [], reason: error.message };
    throw error;
  }
}
