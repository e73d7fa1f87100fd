/**
 * GitLab: pipelines of a project and their jobs.
 *
 * @module
 */

import { z } from "../deps/zod.ts";
import { type HttpClient, HttpError, path } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import { allPages } from "./_all_pages.ts";
import { decodeText, splitLines } from "./_lines.ts";
import { type Pipeline, type PipelineJob, timeOf } from "./pipeline.ts";
import type { CiProvider, RecentQuery, TriggerOptions } from "./provider.ts";
import { classify, isRest } from "./statuses.ts";

const pipelineSchema = z.object({
  id: z.int(),
  status: z.string(),
  sha: z.string(),
  ref: z.string().nullish(),
  source: z.string().nullish(),
  web_url: z.string().nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
  started_at: z.string().nullish(),
  finished_at: z.string().nullish(),
});
const jobSchema = z.object({
  id: z.int(),
  name: z.string(),
  stage: z.string().nullish(),
  status: z.string(),
  allow_failure: z.boolean().nullish(),
});

/** The most rows of a page. */
const pageSize = 100;

/** GitLab; see the module. */
export class Gitlab implements CiProvider {
  readonly kind = "gitlab";
  readonly repo: string;
  readonly #client: HttpClient;
  readonly #at: string;
  readonly #parents = new Map<string, readonly string[]>();

  /** Takes a client whose base is the API. */
  constructor({ repo, client }: { readonly repo: string; readonly client: HttpClient }) {
    this.repo = repo;
    this.#client = client;
    this.#at = path`/projects/${repo}`;
  }

  /** The server's host. */
  get host(): string {
    return this.#client.host;
  }

  /** How many requests were made. */
  get requests(): number {
    return this.#client.requests;
  }

  /** A pipeline, by its id. */
  async pipeline(number: number, signal?: AbortSignal): Promise<Pipeline> {
    const where = `${this.#at}/pipelines/${number}`;
    const { data } = await this.#client.json(where, { schema: pipelineSchema, conditional: true, signal });
    return pipelineOf(data);
  }

  /** The pipelines of a commit. */
  async ofCommit(sha: string, signal?: AbortSignal): Promise<readonly Pipeline[]> {
    const rows = await allPages(this.#client, `${this.#at}/pipelines`, {
      schema: z.array(pipelineSchema),
      query: { sha },
      sizeKey: "per_page",
      size: pageSize,
      signal,
    }, (rows) => rows);
    return rows.map(pipelineOf);
  }

  /**
   * The pipelines of a merge request's head: those of its commit, and those of merged results and merge trains, which run
   * on a merge commit of their own that has the head as a parent.
   */
  readonly ofPull = async (pull: number, sha: string, signal?: AbortSignal): Promise<readonly Pipeline[]> => {
    const where = `${this.#at}/merge_requests/${pull}/pipelines`;
    const [own, { data }] = await Promise.all([
      this.ofCommit(sha, signal),
      this.#client.json(where, { schema: z.array(pipelineSchema), conditional: true, signal }),
    ]);
    const merged: Pipeline[] = [];
    // The newest come first: behind one of an older head there is none of this one.
    for (const row of data.filter(({ ref }) => /^refs\/merge-requests\/\d+\/(merge|train)$/.test(ref ?? ""))) {
      if (!(await this.#parentsOf(row.sha, signal)).includes(sha)) break;
      merged.push(pipelineOf(row));
    }
    return [...own, ...merged.filter(({ number }) => !own.some((one) => one.number === number))];
  };

  /** The parents of a commit, asked once, as they never change; none where it is gone. */
  async #parentsOf(sha: string, signal?: AbortSignal): Promise<readonly string[]> {
    const known = this.#parents.get(sha);
    if (known) return known;
    const schema = z.object({ parent_ids: z.array(z.string()).nullish() });
    try {
      const { data } = await this.#client.json(`${this.#at}/repository/commits/${path`${sha}`}`, { schema, signal });
      const parents = data.parent_ids ?? [];
      this.#parents.set(sha, parents);
      return parents;
    } catch (error) {
      if (error instanceof HttpError && error.code === "not_found") return [];
      throw error;
    }
  }

  /** The newest pipelines. */
  async recent({ branch, limit }: RecentQuery, signal?: AbortSignal): Promise<readonly Pipeline[]> {
    const query = { ref: branch, per_page: Math.min(limit, pageSize) };
    const schema = z.array(pipelineSchema);
    const { data } = await this.#client.json(`${this.#at}/pipelines`, { schema, query, conditional: true, signal });
    return data.map(pipelineOf);
  }

  /** The jobs of a pipeline, those that were tried again left out. */
  async jobs(pipeline: Pipeline, signal?: AbortSignal): Promise<readonly PipelineJob[]> {
    const rows = await allPages(this.#client, `${this.#at}/pipelines/${pipeline.number}/jobs`, {
      schema: z.array(jobSchema),
      sizeKey: "per_page",
      size: pageSize,
      signal,
    }, (rows) => rows);
    // The newest comes first.
    return rows.toSorted((a, b) => a.id - b.id).map(({ id, name, stage, status, allow_failure }) => {
      const of = classify("gitlab", status);
      return {
        name: stage ? `${stage}/${name}` : name,
        status,
        // One that may fail is not why its pipeline did.
        class: of === "bad" && allow_failure ? "neutral" : of,
        logId: id,
      };
    });
  }

  /** The log of a job. */
  async log(_pipeline: Pipeline, job: PipelineJob, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    if (job.logId === undefined) throw new MusterError("not_found", `no log: ${job.name}`);
    const where = `${this.#at}/jobs/${job.logId}/trace`;
    const { body } = await this.#client.open(where, { signal });
    return splitLines(decodeText(body, where));
  }

  /** Starts a pipeline of a branch. */
  async trigger(branch: string, { signal }: TriggerOptions): Promise<number> {
    const { data } = await this.#client.json(`${this.#at}/pipeline`, {
      schema: z.object({ id: z.int() }),
      method: "POST",
      body: { ref: branch },
      signal,
    });
    return data.id;
  }
}

function pipelineOf(row: z.output<typeof pipelineSchema>): Pipeline {
  const of = classify("gitlab", row.status);
  return {
    key: `pipeline ${row.id}`,
    number: row.id,
    name: "",
    sha: row.sha,
    branch: row.ref ?? "",
    event: row.source ?? "",
    status: row.status,
    class: of,
    url: row.web_url ?? "",
    attempt: 1,
    createdMs: timeOf(row.created_at),
    startedMs: timeOf(row.started_at),
    // Rows of a list do not say when it ended: it last changed then.
    finishedMs: timeOf(row.finished_at) ?? (isRest(of) ? timeOf(row.updated_at) : undefined),
    jobs: [],
  };
}
