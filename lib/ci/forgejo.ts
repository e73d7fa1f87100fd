/**
 * Forgejo Actions: runs of a repo. Its API tells neither their jobs nor their logs.
 *
 * @module
 */

import { z } from "../deps/zod.ts";
import { type HttpClient, path } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import { ActionsRuns } from "./_actions_runs.ts";
import { wantsWorkflow } from "./gitea.ts";
import { type Pipeline, type PipelineJob, timeOf } from "./pipeline.ts";
import type { CiProvider, TriggerOptions } from "./provider.ts";
import { classify } from "./statuses.ts";

const runSchema = z.object({
  id: z.int(),
  workflow_id: z.string().nullish(),
  commit_sha: z.string(),
  prettyref: z.string().nullish(),
  trigger_event: z.string().nullish(),
  html_url: z.string().nullish(),
  need_approval: z.boolean().nullish(),
  status: z.string(),
  created: z.string().nullish(),
  started: z.string().nullish(),
  stopped: z.string().nullish(),
});
const runsSchema = z.object({ workflow_runs: z.array(runSchema).nullable() });

/** The most rows of a page, unless its administrator has it otherwise. */
const page = { sizeKey: "limit", size: 50 } as const;

/** Forgejo; see the module. */
export class Forgejo extends ActionsRuns<z.output<typeof runSchema>> implements CiProvider {
  readonly kind = "forgejo";

  /** Takes a client whose base is the API. */
  constructor(place: { readonly repo: string; readonly client: HttpClient }) {
    const ofBranch = (branch: string) => ({ ref: `refs/heads/${branch}` });
    super(place, { list: runsSchema, run: runSchema, toPipeline: runOf, page, ofBranch });
  }

  /** None: the API does not tell them. */
  jobs(pipeline: Pipeline): Promise<readonly PipelineJob[]> {
    throw untold(pipeline);
  }

  /** None: the API does not tell it. */
  log(pipeline: Pipeline): Promise<AsyncIterable<string>> {
    throw untold(pipeline);
  }

  /** Starts a workflow on a branch. */
  async trigger(branch: string, { workflow, signal }: TriggerOptions): Promise<number> {
    if (workflow === undefined) throw wantsWorkflow();
    const { data } = await this.client.json(`${this.at}/actions/workflows/${path`${workflow}`}/dispatches`, {
      schema: z.object({ id: z.int() }),
      method: "POST",
      body: { ref: branch, return_run_info: true },
      signal,
    });
    return data.id;
  }
}

function untold({ url }: Pipeline): MusterError {
  return new MusterError("failed", "Forgejo's API gives no jobs and no logs", { hint: `they are at ${url}` });
}

function runOf(run: z.output<typeof runSchema>): Pipeline {
  // A run that waits for approval says `waiting` or `blocked` beside that.
  const isAtRest = ["success", "skipped", "failure", "cancelled"].includes(run.status);
  const status = run.need_approval && !isAtRest ? "need_approval" : run.status;
  return {
    key: `run ${run.id}`,
    number: run.id,
    name: run.workflow_id ?? "",
    sha: run.commit_sha,
    branch: run.prettyref ?? "",
    event: run.trigger_event ?? "",
    status,
    class: classify("forgejo", status),
    url: run.html_url ?? "",
    attempt: 1,
    createdMs: timeOf(run.created),
    startedMs: timeOf(run.started),
    finishedMs: timeOf(run.stopped),
    jobs: [],
  };
}
