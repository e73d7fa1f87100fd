/**
 * Gitea Actions: runs of a repo, their jobs and steps.
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
import { classify } from "./statuses.ts";

const ended = { status: z.string().nullish(), conclusion: z.string().nullish() };
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
const jobsSchema = z.object({
  jobs: z.array(z.object({
    id: z.int(),
    name: z.string(),
    steps: z.array(z.object({ name: z.string(), ...ended })).nullish(),
    ...ended,
  })).nullable(),
});

/** The most rows of a page, unless its administrator has it otherwise. */
const pageSize = 50;

/** Gitea; see the module. */
export class Gitea implements CiProvider {
  readonly kind = "gitea";
  readonly repo: string;
  readonly #client: HttpClient;
  readonly #at: string;

  /** Takes a client whose base is the API. */
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

  /** A run, by its id. */
  async pipeline(number: number, signal?: AbortSignal): Promise<Pipeline> {
    const { data } = await this.#client.json(`${this.#at}/actions/runs/${number}`, { schema: runSchema, signal });
    return runOf(data);
  }

  /** The runs of a commit. */
  async ofCommit(sha: string, signal?: AbortSignal): Promise<readonly Pipeline[]> {
    const rows = await allPages(this.#client, `${this.#at}/actions/runs`, {
      schema: runsSchema,
      query: { head_sha: sha },
      sizeKey: "limit",
      size: pageSize,
      signal,
    }, ({ workflow_runs }) => workflow_runs ?? []);
    return rows.filter(({ head_sha }) => head_sha === sha).map(runOf);
  }

  /** The newest runs. */
  async recent({ branch, limit }: RecentQuery, signal?: AbortSignal): Promise<readonly Pipeline[]> {
    const query = { branch, limit: Math.min(limit, pageSize) };
    const { data } = await this.#client.json(`${this.#at}/actions/runs`, { schema: runsSchema, query, signal });
    return (data.workflow_runs ?? []).map(runOf);
  }

  /** The jobs of a run, each followed by its steps. */
  async jobs(pipeline: Pipeline, signal?: AbortSignal): Promise<readonly PipelineJob[]> {
    const found = await allPages(this.#client, `${this.#at}/actions/runs/${pipeline.number}/jobs`, {
      schema: jobsSchema,
      sizeKey: "limit",
      size: pageSize,
      signal,
    }, ({ jobs }) => jobs ?? []);
    return found.flatMap(({ steps, ...job }) => [
      { ...statusOf(job), name: job.name, logId: job.id },
      // A step's log is a part of its job's.
      ...(steps ?? []).map((step) => ({ ...statusOf(step), name: `${job.name}/${step.name}`, logId: job.id })),
    ]);
  }

  /** The log of a job. */
  async log(_pipeline: Pipeline, job: PipelineJob, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    if (job.logId === undefined) throw new MusterError("not_found", `no log: ${job.name}`);
    const where = `${this.#at}/actions/jobs/${job.logId}/logs`;
    const { body } = await this.#client.open(where, { signal });
    return splitLines(decodeText(body, where));
  }

  /** Starts a workflow on a branch. */
  async trigger(branch: string, { workflow, signal }: TriggerOptions): Promise<number> {
    if (workflow === undefined) throw wantsWorkflow();
    const { data } = await this.#client.json(`${this.#at}/actions/workflows/${path`${workflow}`}/dispatches`, {
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

function statusOf({ status, conclusion }: { readonly status?: string | null; readonly conclusion?: string | null }) {
  const word = status === "completed" ? conclusion || "completed" : status ?? "";
  return { status: word, class: classify("gitea", word) };
}

function runOf(run: z.output<typeof runSchema>): Pipeline {
  return {
    key: `run ${run.id}`,
    number: run.id,
    name: (run.path ?? "").replace(/@.*$/, ""),
    sha: run.head_sha,
    branch: run.head_branch ?? "",
    event: run.event ?? "",
    ...statusOf(run),
    url: run.html_url ?? "",
    attempt: run.run_attempt || 1,
    startedMs: timeOf(run.started_at),
    finishedMs: timeOf(run.completed_at),
    jobs: [],
  };
}
