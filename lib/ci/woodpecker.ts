/**
 * Woodpecker 3: pipelines of a repo, their workflows and steps, and the stream of events.
 *
 * @module
 */

import { z } from "../deps/zod.ts";
import { HttpClient, path, type ServerEvent } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import { decodeText, jsonItems, splitLines } from "./_lines.ts";
import { type Pipeline, type PipelineJob, timeOfSeconds } from "./pipeline.ts";
import type { CiEvent, CiEvents, CiProvider, EventsOptions, RecentQuery, TriggerOptions } from "./provider.ts";
import { classify, isRest, type PipelineClass } from "./statuses.ts";

const stepSchema = z.object({ id: z.int().nullish(), name: z.string().nullish(), state: z.string() });
const workflowSchema = z.object({
  name: z.string().nullish(),
  state: z.string(),
  children: z.array(stepSchema).nullish(),
});
const pipelineSchema = z.object({
  number: z.int(),
  status: z.string(),
  commit: z.string().nullish(),
  branch: z.string().nullish(),
  event: z.string().nullish(),
  parent: z.int().nullish(),
  created: z.int().nullish(),
  started: z.int().nullish(),
  finished: z.int().nullish(),
  updated: z.int().nullish(),
  cancel_info: z.object({ superseded_by: z.int().nullish() }).nullish(),
  workflows: z.array(workflowSchema).nullish(),
});
type Row = z.output<typeof pipelineSchema>;

const eventSchema = z.object({ repo: z.object({ id: z.int() }), pipeline: pipelineSchema });
const logSchema = z.object({ data: z.union([z.string(), z.array(z.int())]).nullish() });

/** The most rows of a page. */
const pageSize = 50;
/** How far back a commit's pipelines are looked for: the list has no filter for commits. */
const maxPages = 6;
/** Woodpecker pings every 30 s. */
const idleMs = 75_000;

/** Answers what was asked a short while ago, by whomever. */
export type Remember = <T>(key: string, fetch: () => Promise<T>) => Promise<T>;

/** Options of {@linkcode Woodpecker}. */
export interface WoodpeckerOptions {
  /** The repo, `owner/name`. */
  readonly repo: string;
  /** The server's address. */
  readonly url: string;
  /** A client whose base is the server's API. */
  readonly client: HttpClient;
  /** Where the repo's number is remembered; nowhere by default. */
  readonly remember?: Remember;
}

/** Woodpecker; see the module. */
export class Woodpecker implements CiProvider {
  readonly kind = "woodpecker";
  readonly repo: string;
  readonly #client: HttpClient;
  readonly #url: string;
  readonly #remember: Remember;
  #id: Promise<number> | undefined;
  readonly #rested = new Map<number, { readonly updated: number; readonly pipeline: Pipeline }>();

  /** Takes the server's address and a client whose base is its API. */
  constructor({ repo, url, client, remember = (_key, fetch) => fetch() }: WoodpeckerOptions) {
    this.repo = repo;
    this.#url = url;
    this.#client = client;
    this.#remember = remember;
  }

  /** The server's host. */
  get host(): string {
    return this.#client.host;
  }

  /** How many requests were made. */
  get requests(): number {
    return this.#client.requests;
  }

  /** One pipeline. */
  async pipeline(number: number, signal?: AbortSignal): Promise<Pipeline> {
    const id = await this.#repoId(signal);
    const { data } = await this.#client.json(path`/repos/${id}/pipelines/${number}`, {
      schema: pipelineSchema,
      signal,
    });
    return this.#toPipeline(data, id);
  }

  /** All of a commit: its rows of the list, each read whole once it is at rest there, as rows have no workflows. */
  async ofCommit(sha: string, signal?: AbortSignal): Promise<readonly Pipeline[]> {
    const found: Row[] = [];
    for (let page = 1; page <= maxPages; page++) {
      const rows = await this.#page({ page }, signal);
      found.push(...rows.filter(({ commit }) => commit === sha));
      if (rows.length < pageSize || found.length > 0 && !rows.some(({ commit }) => commit === sha)) break;
      if (page === 1 && found.length > 0) break; // those that come later stand before these
    }
    const id = await this.#repoId(signal);
    return await Promise.all(found.map(async (row) => {
      const pipeline = this.#toPipeline(row, id);
      if (!isRest(pipeline.class)) return pipeline;
      const known = this.#rested.get(row.number);
      const updated = row.updated ?? row.finished ?? 0;
      if (known?.updated === updated) return known.pipeline;
      const whole = await this.pipeline(row.number, signal);
      if (isRest(whole.class)) this.#rested.set(row.number, { updated, pipeline: whole });
      return whole;
    }));
  }

  /** The newest. */
  async recent({ branch, limit }: RecentQuery, signal?: AbortSignal): Promise<readonly Pipeline[]> {
    const id = await this.#repoId(signal);
    const rows: Row[] = [];
    for (let page = 1; rows.length < limit; page++) {
      const more = await this.#page({ page, branch, size: Math.min(limit, pageSize) }, signal);
      rows.push(...more);
      if (more.length < Math.min(limit, pageSize)) break;
    }
    return rows.slice(0, limit).map((row) => this.#toPipeline(row, id));
  }

  /** The steps of its workflows. */
  async jobs(pipeline: Pipeline, signal?: AbortSignal): Promise<readonly PipelineJob[]> {
    return (await this.pipeline(pipeline.number, signal)).jobs;
  }

  /** A step's log: an array of lines, each in base64. */
  async log(pipeline: Pipeline, job: PipelineJob, signal?: AbortSignal): Promise<AsyncIterable<string>> {
    if (job.logId === undefined) throw new MusterError("not_found", `no log: ${job.name}`);
    const id = await this.#repoId(signal);
    const where = path`/repos/${id}/logs/${pipeline.number}/${job.logId}`;
    const { body } = await this.#client.open(where, { signal });
    return splitLines(logText(jsonItems(decodeText(body, where), where), where));
  }

  /** Starts a pipeline of the branch's newest commit. */
  async trigger(branch: string, { signal }: TriggerOptions): Promise<number> {
    const id = await this.#repoId(signal);
    const { data } = await this.#client.json(path`/repos/${id}/pipelines`, {
      schema: z.object({ number: z.int() }),
      method: "POST",
      body: { branch },
      signal,
    });
    return data.number;
  }

  /** Opens the stream of events of all repos that the token's owner could see when it was opened. */
  readonly events = async ({ onAlive, signal }: EventsOptions): Promise<CiEvents> => {
    const id = await this.#repoId(signal);
    const stream = await this.#client.events("/stream/events", { idleMs, onBytes: onAlive, signal });
    const read = (event: ServerEvent) => this.#readEvent(event, id);
    return {
      async *[Symbol.asyncIterator]() {
        for await (const event of stream) {
          const seen = read(event);
          if (seen) yield seen;
        }
      },
      [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
    };
  };

  /** An event of this repo; what cannot be read is no event, as a read decides. */
  #readEvent({ data }: ServerEvent, id: number): CiEvent | undefined {
    let json: unknown;
    try {
      json = JSON.parse(data);
    } catch {
      return undefined;
    }
    const { data: event } = eventSchema.safeParse(json);
    if (!event || event.repo.id !== id) return undefined;
    const pipeline = this.#toPipeline(event.pipeline, id);
    return { number: pipeline.number, sha: pipeline.sha, matters: pipeline.class !== "live", pipeline };
  }

  /** The list has no filter for branches before 2.0 and no total: a short page is the last. */
  async #page(
    { page, branch, size = pageSize }: { readonly page: number; readonly branch?: string; readonly size?: number },
    signal?: AbortSignal,
  ): Promise<readonly Row[]> {
    const id = await this.#repoId(signal);
    const { data } = await this.#client.json(path`/repos/${id}/pipelines`, {
      schema: z.array(pipelineSchema).nullable(),
      query: { page, perPage: size, branch },
      signal,
    });
    return data ?? [];
  }

  /** The repo's id, asked once by all who want it at once; a failure is no answer for the next. */
  async #repoId(signal?: AbortSignal): Promise<number> {
    this.#id ??= this.#remember(`id ${this.repo}`, async () => {
      const name = this.repo.split("/").map((part) => path`${part}`).join("/");
      const { data } = await this.#client.json(`/repos/lookup/${name}`, { schema: z.object({ id: z.int() }), signal });
      return data.id;
    });
    const asked = this.#id;
    try {
      return await asked;
    } catch (error) {
      if (this.#id === asked) this.#id = undefined;
      throw error;
    }
  }

  #toPipeline(row: Row, id: number): Pipeline {
    const jobs = (row.workflows ?? []).flatMap((workflow) => toJobs(workflow));
    return {
      key: `pipeline ${row.number}`,
      number: row.number,
      name: "",
      sha: row.commit ?? "",
      branch: row.branch ?? "",
      event: row.event ?? "",
      status: row.status,
      class: classOf(row),
      url: `${this.#url}/repos/${id}/pipeline/${row.number}`,
      attempt: 1,
      ...(row.parent ? { parent: row.parent } : {}),
      ...(row.cancel_info?.superseded_by ? { supersededBy: row.cancel_info.superseded_by } : {}),
      createdMs: timeOfSeconds(row.created),
      startedMs: timeOfSeconds(row.started),
      finishedMs: timeOfSeconds(row.finished),
      jobs,
    };
  }
}

/** A pipeline says `killed` while its workflows still run: it is at rest when none of them is live. */
function classOf({ status, workflows }: Row): PipelineClass {
  const own = classify("woodpecker", status);
  if (!isRest(own)) return own;
  const states = (workflows ?? []).map(({ state }) => classify("woodpecker", state));
  return states.includes("live") ? "live" : states.includes("unknown") ? "unknown" : own;
}

function toJobs({ name, state, children }: z.output<typeof workflowSchema>): PipelineJob[] {
  const workflow = { name: name ?? "", status: state, class: classify("woodpecker", state) };
  const steps = (children ?? []).map((step) => ({
    name: [name, step.name].filter(Boolean).join("/"),
    status: step.state,
    class: classify("woodpecker", step.state),
    ...(step.id ? { logId: step.id } : {}),
  }));
  return [workflow, ...steps];
}

/** The text of a log's entries: each is a line, or a part of one that ends in a line break. */
async function* logText(items: AsyncIterable<string>, where: string): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  for await (const item of items) {
    let data: z.output<typeof logSchema>["data"];
    try {
      data = logSchema.parse(JSON.parse(item)).data;
    } catch (cause) {
      throw new MusterError("failed", `broken log: ${where}`, { cause });
    }
    const bytes = typeof data === "string" ? Uint8Array.fromBase64(data) : Uint8Array.from(data ?? []);
    const text = decoder.decode(bytes);
    yield text.endsWith("\n") ? text : `${text}\n`;
  }
}
