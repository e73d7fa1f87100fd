/**
 * GitHub: runs of Actions, and the check runs of other apps on the same commit.
 *
 * @module
 */

import { z } from "../deps/zod.ts";
import { type HttpClient, path } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import { ended, openActionsLog, readActionsJobs, statusOf } from "./_actions_jobs.ts";
import { ActionsRuns } from "./_actions_runs.ts";
import { allPages } from "./_all_pages.ts";
import { type Pipeline, type PipelineJob, timeOf } from "./pipeline.ts";
import type { CiProvider, TriggerOptions } from "./provider.ts";
import { isRest } from "./statuses.ts";

const runSchema = z.object({
  id: z.int(),
  name: z.string().nullish(),
  head_sha: z.string(),
  head_branch: z.string().nullish(),
  event: z.string(),
  html_url: z.string(),
  run_attempt: z.int().nullish(),
  created_at: z.string().nullish(),
  run_started_at: z.string().nullish(),
  updated_at: z.string().nullish(),
  ...ended,
});
const runsSchema = z.object({ workflow_runs: z.array(runSchema) });
const checkSchema = z.object({
  id: z.int(),
  name: z.string(),
  head_sha: z.string(),
  html_url: z.string().nullish(),
  details_url: z.string().nullish(),
  started_at: z.string().nullish(),
  completed_at: z.string().nullish(),
  app: z.object({ slug: z.string().nullish() }).nullish(),
  ...ended,
});

/** The most rows of a page. */
const page = { sizeKey: "per_page", size: 100 } as const;

/** GitHub; see the module. */
export class Github extends ActionsRuns<z.output<typeof runSchema>> implements CiProvider {
  readonly kind = "github";

  /** Takes a client whose base is the REST API. */
  constructor(place: { readonly repo: string; readonly client: HttpClient }) {
    super(place, { list: runsSchema, run: runSchema, toPipeline: runOf, page, ofBranch: (branch) => ({ branch }) });
  }

  /** The runs of a commit, and the newest check run of each name that is not one of theirs. */
  override async ofCommit(sha: string, signal?: AbortSignal): Promise<readonly Pipeline[]> {
    const [runs, checks] = await Promise.all([
      super.ofCommit(sha, signal),
      allPages(this.client, `${this.at}/commits/${path`${sha}`}/check-runs`, {
        schema: z.object({ check_runs: z.array(checkSchema) }),
        ...page,
        signal,
      }, ({ check_runs }) => check_runs),
    ]);
    const others = checks.filter(({ app }) => app?.slug !== "github-actions");
    return [...runs, ...others.map(checkOf)];
  }

  /** The jobs of a run, each followed by its steps; a check run has none. */
  async jobs({ key, number, jobs }: Pipeline, signal?: AbortSignal): Promise<readonly PipelineJob[]> {
    if (!key.startsWith("run ")) return jobs;
    return await readActionsJobs(this.client, `${this.at}/actions/runs/${number}`, { kind: "github", ...page, signal });
  }

  /** The log of a job. */
  async log(_pipeline: Pipeline, job: PipelineJob, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    return await openActionsLog(this.client, this.at, job, signal);
  }

  /** Starts a workflow; GitHub does not say which run that makes. */
  trigger(_branch: string, { workflow }: TriggerOptions): Promise<number | undefined> {
    const what = workflow === undefined ? "" : `: ${workflow}`;
    throw new MusterError("usage", `runs of GitHub cannot be started from here${what}`, {
      hint: "GitHub does not say which run it started: gh workflow run starts one, ci wait --branch waits for it",
    });
  }
}

function runOf(run: z.output<typeof runSchema>): Pipeline {
  const status = statusOf("github", run);
  return {
    key: `run ${run.id}`,
    number: run.id,
    name: run.name ?? "",
    sha: run.head_sha,
    branch: run.head_branch ?? "",
    event: run.event,
    ...status,
    url: run.html_url,
    attempt: run.run_attempt ?? 1,
    createdMs: timeOf(run.created_at),
    startedMs: timeOf(run.run_started_at),
    // A run does not say when it ended: it last changed then.
    finishedMs: isRest(status.class) ? timeOf(run.updated_at) : undefined,
    jobs: [],
  };
}

function checkOf(check: z.output<typeof checkSchema>): Pipeline {
  return {
    // A check that is run again is another one of the same name.
    key: `check ${check.app?.slug ?? ""}/${check.name}`,
    number: check.id,
    name: check.name,
    sha: check.head_sha,
    branch: "",
    event: "",
    ...statusOf("github", check),
    url: check.html_url ?? check.details_url ?? "",
    attempt: check.id,
    startedMs: timeOf(check.started_at),
    finishedMs: timeOf(check.completed_at),
    jobs: [],
  };
}
