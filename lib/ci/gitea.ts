/**
 * Gitea Actions: runs of a repo, their jobs and steps.
 *
 * @module
 */

import { z } from "../deps/zod.ts";
import { type HttpClient, path } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import { ended, openActionsLog, readActionsJobs, statusOf } from "./_actions_jobs.ts";
import { ActionsRuns } from "./_actions_runs.ts";
import { type Pipeline, type PipelineJob, timeOf } from "./pipeline.ts";
import type { CiProvider, TriggerOptions } from "./provider.ts";

const runSchema = z.object({
  id: z.int(),
  path: z.string().nullish(),
  head_sha: z.string(),
  head_branch: z.string().nullish(),
  event: z.string().nullish(),
  html_url: z.string().nullish(),
  run_attempt: z.int().nullish(),
  started_at: z.string().nullish(),
  completed_at: z.string().nullish(),
  ...ended,
});
const runsSchema = z.object({ workflow_runs: z.array(runSchema).nullable() });

/** The most rows of a page, unless its administrator has it otherwise. */
const page = { sizeKey: "limit", size: 50 } as const;

/** Gitea; see the module. */
export class Gitea extends ActionsRuns<z.output<typeof runSchema>> implements CiProvider {
  readonly kind = "gitea";

  /** Takes a client whose base is the API. */
  constructor(place: { readonly repo: string; readonly client: HttpClient }) {
    super(place, { list: runsSchema, run: runSchema, toPipeline: runOf, page, ofBranch: (branch) => ({ branch }) });
  }

  /** The jobs of a run, each followed by its steps. */
  async jobs({ number }: Pipeline, signal?: AbortSignal): Promise<readonly PipelineJob[]> {
    return await readActionsJobs(this.client, `${this.at}/actions/runs/${number}`, { kind: "gitea", ...page, signal });
  }

  /** The log of a job. */
  async log(_pipeline: Pipeline, job: PipelineJob, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    return await openActionsLog(this.client, this.at, job, signal);
  }

  /** Starts a workflow on a branch. */
  async trigger(branch: string, { workflow, signal }: TriggerOptions): Promise<number> {
    if (workflow === undefined) throw wantsWorkflow();
    const { data } = await this.client.json(`${this.at}/actions/workflows/${path`${workflow}`}/dispatches`, {
      schema: z.object({ workflow_run_id: z.int() }),
      method: "POST",
      query: { return_run_details: true },
      body: { ref: branch },
      signal,
    });
    return data.workflow_run_id;
  }
}

/** The error of a trigger that does not say which workflow. */
export function wantsWorkflow(): MusterError {
  return new MusterError("usage", "no workflow named", { hint: "name its file, such as --workflow ci.yml" });
}

function runOf(run: z.output<typeof runSchema>): Pipeline {
  return {
    key: `run ${run.id}`,
    number: run.id,
    name: (run.path ?? "").replace(/@.*$/, ""),
    sha: run.head_sha,
    branch: run.head_branch ?? "",
    event: run.event ?? "",
    ...statusOf("gitea", run),
    url: run.html_url ?? "",
    attempt: run.run_attempt || 1,
    startedMs: timeOf(run.started_at),
    finishedMs: timeOf(run.completed_at),
    jobs: [],
  };
}
