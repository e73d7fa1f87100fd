/**
 * GitHub: runs of Actions, and the check runs of other apps on the same commit.
 *
 * @module
 */

import { z } from "../deps/zod.ts";
import { type HttpClient, path } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import { allPages } from "./_all_pages.ts";
import { decodeText, splitLines } from "./_lines.ts";
import { type Pipeline, type PipelineJob, timeOf } from "./pipeline.ts";
import type { CiProvider, RecentQuery, TriggerOptions } from "./provider.ts";
import { classify, isRest } from "./statuses.ts";

const ended = { status: z.string().nullish(), conclusion: z.string().nullish() };
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
const jobsSchema = z.object({
  jobs: z.array(z.object({
    id: z.int(),
    name: z.string(),
    steps: z.array(z.object({ name: z.string(), ...ended })).nullish(),
    ...ended,
  })),
});

/** The most rows of a page. */
const pageSize = 100;

/** GitHub; see the module. */
export class Github implements CiProvider {
  readonly kind = "github";
  readonly repo: string;
  readonly #client: HttpClient;
  readonly #at: string;

  /** Takes a client whose base is the REST API. */
  constructor({ repo, client }: { readonly repo: string; readonly client: HttpClient }) {
    this.repo = repo;
    this.#client = client;
    const [owner = "", name = ""] = repo.split("/");
    this.#at = path`/repos/${owner}/${name}`;
  }

  /** The server's host. */
  get host(): string {
    return this.#client.host;
  }

  /** How many requests were made. */
  get requests(): number {
    return this.#client.requests;
  }

  /** A run of Actions, by its id. */
  async pipeline(number: number, signal?: AbortSignal): Promise<Pipeline> {
    const where = `${this.#at}/actions/runs/${number}`;
    const { data } = await this.#client.json(where, { schema: runSchema, conditional: true, signal });
    return runOf(data);
  }

  /** The runs of a commit, and the newest check run of each name that is not one of theirs. */
  async ofCommit(sha: string, signal?: AbortSignal): Promise<readonly Pipeline[]> {
    const options = { sizeKey: "per_page", size: pageSize, signal };
    const checksAt = `${this.#at}/commits/${path`${sha}`}/check-runs`;
    const [runs, checks] = await Promise.all([
      allPages(this.#client, `${this.#at}/actions/runs`, {
        ...options,
        schema: runsSchema,
        query: { head_sha: sha },
      }, ({ workflow_runs }) => workflow_runs),
      allPages(this.#client, checksAt, {
        ...options,
        schema: z.object({ check_runs: z.array(checkSchema) }),
      }, ({ check_runs }) => check_runs),
    ]);
    const others = checks.filter(({ app }) => app?.slug !== "github-actions");
    return [...runs.map(runOf), ...others.map(checkOf)];
  }

  /** The newest runs. */
  async recent({ branch, limit }: RecentQuery, signal?: AbortSignal): Promise<readonly Pipeline[]> {
    const query = { branch, per_page: Math.min(limit, pageSize) };
    const where = `${this.#at}/actions/runs`;
    const { data } = await this.#client.json(where, { schema: runsSchema, query, conditional: true, signal });
    return data.workflow_runs.map(runOf);
  }

  /** The jobs of a run, each followed by its steps. */
  async jobs(pipeline: Pipeline, signal?: AbortSignal): Promise<readonly PipelineJob[]> {
    if (!pipeline.key.startsWith("run ")) return pipeline.jobs;
    const found = await allPages(this.#client, `${this.#at}/actions/runs/${pipeline.number}/jobs`, {
      schema: jobsSchema,
      sizeKey: "per_page",
      size: pageSize,
      signal,
    }, ({ jobs }) => jobs);
    return found.flatMap(({ steps, ...job }) => [
      { ...statusOf(job), name: job.name, logId: job.id },
      // A step's log is a part of its job's.
      ...(steps ?? []).map((step) => ({ ...statusOf(step), name: `${job.name}/${step.name}`, logId: job.id })),
    ]);
  }

  /** The log of a job, which GitHub keeps on another host. */
  async log(_pipeline: Pipeline, job: PipelineJob, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    if (job.logId === undefined) throw new MusterError("not_found", `no log: ${job.name}`);
    const where = `${this.#at}/actions/jobs/${job.logId}/logs`;
    const { body } = await this.#client.open(where, { signal });
    return withoutTimes(splitLines(decodeText(body, where)));
  }

  /** Starts a workflow; GitHub does not say which run that makes. */
  trigger(_branch: string, { workflow }: TriggerOptions): Promise<number | undefined> {
    const what = workflow === undefined ? "" : `: ${workflow}`;
    throw new MusterError("usage", `runs of GitHub cannot be started from here${what}`, {
      hint: "GitHub does not say which run it started: gh workflow run starts one, ci wait --branch waits for it",
    });
  }
}

/** GitHub puts the time before each line. */
async function* withoutTimes(lines: AsyncIterable<string>): AsyncGenerator<string, void> {
  for await (const line of lines) yield line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z /, "");
}

/** A status, or the conclusion once it is `completed`. */
function statusOf({ status, conclusion }: { readonly status?: string | null; readonly conclusion?: string | null }) {
  const word = status === "completed" ? conclusion ?? "completed" : status ?? "";
  return { status: word, class: classify("github", word) };
}

function runOf(run: z.output<typeof runSchema>): Pipeline {
  const status = statusOf(run);
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
    ...statusOf(check),
    url: check.html_url ?? check.details_url ?? "",
    attempt: check.id,
    startedMs: timeOf(check.started_at),
    finishedMs: timeOf(check.completed_at),
    jobs: [],
  };
}
