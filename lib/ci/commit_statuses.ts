/**
 * Commit statuses of any forge, where CI reports to the forge and cannot be asked itself. They have no numbers, jobs or
 * logs. Of each context the newest counts; the combined status does not, as it says failure while others still run.
 *
 * @module
 */

import type { ForgeKind } from "../config/forges_schema.ts";
import { z } from "../deps/zod.ts";
import { type HttpClient, path } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import { allPages } from "./_all_pages.ts";
import { type Pipeline, type PipelineJob, timeOf } from "./pipeline.ts";
import type { CiProvider } from "./provider.ts";
import { classify, isRest } from "./statuses.ts";

const statusSchema = z.object({
  id: z.int(),
  context: z.string().nullish(),
  name: z.string().nullish(),
  state: z.string().nullish(),
  status: z.string().nullish(),
  target_url: z.string().nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
});

/** Commit statuses; see the module. */
export class CommitStatuses implements CiProvider {
  readonly kind = "statuses";
  readonly repo: string;
  readonly #forge: ForgeKind;
  readonly #client: HttpClient;

  /** Takes the kind of the forge and a client whose base is its API. */
  constructor(
    { repo, forge, client }: { readonly repo: string; readonly forge: ForgeKind; readonly client: HttpClient },
  ) {
    this.repo = repo;
    this.#forge = forge;
    this.#client = client;
  }

  /** The forge's host. */
  get host(): string {
    return this.#client.host;
  }

  /** How many requests were made. */
  get requests(): number {
    return this.#client.requests;
  }

  /** None has a number. */
  pipeline(): Promise<Pipeline> {
    throw new MusterError("usage", "commit statuses have no numbers", {
      hint: "name the commit: --sha, --branch or --pr",
    });
  }

  /** The newest status of each context. */
  async ofCommit(sha: string, signal?: AbortSignal): Promise<readonly Pipeline[]> {
    const [owner = "", name = ""] = this.repo.split("/");
    const isGitlab = this.#forge === "gitlab";
    const at = isGitlab
      ? path`/projects/${this.repo}/repository/commits/${sha}/statuses`
      : path`/repos/${owner}/${name}/commits/${sha}/statuses`;
    const isGitea = this.#forge === "gitea" || this.#forge === "forgejo";
    const rows = await allPages(this.#client, at, {
      schema: z.array(statusSchema).nullable(),
      sizeKey: isGitea ? "limit" : "per_page",
      size: isGitea ? 50 : 100,
      signal,
    }, (rows) => rows ?? []);
    const newest = new Map<string, z.output<typeof statusSchema>>();
    for (const row of rows) {
      const context = row.context ?? row.name ?? "";
      if (row.id > (newest.get(context)?.id ?? -1)) newest.set(context, row);
    }
    return [...newest].map(([context, row]) => this.#toPipeline(context, row, sha));
  }

  /** A list by branch is none that forges have. */
  recent(): Promise<readonly Pipeline[]> {
    return Promise.resolve([]);
  }

  /** None. */
  jobs(): Promise<readonly PipelineJob[]> {
    return Promise.resolve([]);
  }

  /** None. */
  log(pipeline: Pipeline): Promise<AsyncIterable<string>> {
    throw new MusterError("usage", "a commit status has no log", { hint: `it names ${pipeline.url || "no page"}` });
  }

  /** None can be started. */
  trigger(): Promise<number | undefined> {
    throw new MusterError("usage", "a commit status cannot be started", {
      hint: "--provider names the CI server's kind",
    });
  }

  #toPipeline(context: string, row: z.output<typeof statusSchema>, sha: string): Pipeline {
    const status = row.state ?? row.status ?? "";
    // GitLab tells the jobs of its own pipelines here, in the words of these.
    const of = classify(this.#forge === "gitlab" ? "gitlab" : "statuses", status);
    return {
      key: `status ${context}`,
      number: row.id,
      name: context,
      sha,
      branch: "",
      event: "",
      status,
      class: of,
      url: row.target_url ?? "",
      attempt: 1,
      createdMs: timeOf(row.created_at),
      finishedMs: isRest(of) ? timeOf(row.updated_at) : undefined,
      jobs: [],
    };
  }
}
