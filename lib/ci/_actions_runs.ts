import type { z } from "../deps/zod.ts";
import { type HttpClient, path, type Query } from "../http/mod.ts";
import { allPages } from "./_all_pages.ts";
import type { Pipeline } from "./pipeline.ts";
import type { RecentQuery } from "./provider.ts";

/** What one server's runs of Actions have of their own. */
export interface ActionsDialect<Run> {
  /** A list of runs, and the field of it that holds them. */
  readonly list: z.ZodType<{ readonly workflow_runs: readonly Run[] | null }>;
  /** One run. */
  readonly run: z.ZodType<Run>;
  /** What it comes to. */
  readonly toPipeline: (run: Run) => Pipeline;
  /** What the server calls the size of a page, and the most rows of one. */
  readonly page: { readonly sizeKey: "per_page" | "limit"; readonly size: number };
  /** How it is asked for the runs of a branch. */
  readonly ofBranch: (branch: string) => Query;
}

/** Runs of Actions of one repo, which GitHub, Gitea and Forgejo have at the same paths. */
export class ActionsRuns<Run> {
  /** The repo. */
  readonly repo: string;
  /** Whom to ask. */
  protected readonly client: HttpClient;
  /** Where the repo is. */
  protected readonly at: string;
  readonly #dialect: ActionsDialect<Run>;

  /** Takes a client whose base is the API. */
  constructor(
    { repo, client }: { readonly repo: string; readonly client: HttpClient },
    dialect: ActionsDialect<Run>,
  ) {
    this.repo = repo;
    this.client = client;
    this.#dialect = dialect;
    const [owner = "", name = ""] = repo.split("/");
    this.at = path`/repos/${owner}/${name}`;
  }

  /** The server's host. */
  get host(): string {
    return this.client.host;
  }

  /** How many requests were made. */
  get requests(): number {
    return this.client.requests;
  }

  /** A run, by its id. */
  async pipeline(number: number, signal?: AbortSignal): Promise<Pipeline> {
    const { run, toPipeline } = this.#dialect;
    const where = `${this.at}/actions/runs/${number}`;
    const { data } = await this.client.json(where, { schema: run, conditional: true, signal });
    return toPipeline(data);
  }

  /** The runs of a commit. */
  async ofCommit(sha: string, signal?: AbortSignal): Promise<readonly Pipeline[]> {
    const { list, toPipeline, page } = this.#dialect;
    const rows = await allPages(this.client, `${this.at}/actions/runs`, {
      schema: list,
      query: { head_sha: sha },
      ...page,
      signal,
    }, ({ workflow_runs }) => workflow_runs ?? []);
    return rows.map(toPipeline).filter((one) => one.sha === sha);
  }

  /** The newest runs. */
  async recent({ branch, limit }: RecentQuery, signal?: AbortSignal): Promise<readonly Pipeline[]> {
    const { list, toPipeline, page, ofBranch } = this.#dialect;
    const query = { ...(branch === undefined ? {} : ofBranch(branch)), [page.sizeKey]: Math.min(limit, page.size) };
    const where = `${this.at}/actions/runs`;
    const { data } = await this.client.json(where, { schema: list, query, conditional: true, signal });
    return (data.workflow_runs ?? []).map(toPipeline);
  }
}
