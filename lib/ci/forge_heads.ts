/**
 * What branches and pull requests are at, as their forge says it: what a wait for one of them is pinned to.
 *
 * @module
 */

import type { ForgeEntry } from "../config/read_forges.ts";
import { z } from "../deps/zod.ts";
import { HttpClient, HttpError, type HttpToken, path } from "../http/mod.ts";
import { type Io, MusterError } from "../io/mod.ts";
import { forgeApi, forgeHeaders } from "./open_provider.ts";

/** A pull request; GitLab says merge request. */
export interface PullHead {
  /** Its number. */
  readonly number: number;
  /** The commit that it is at. */
  readonly sha: string;
  /** The branch that it is from. */
  readonly head: string;
  /** The branch that it goes to. */
  readonly base: string;
}

/** Options of {@linkcode ForgeHeads}. */
export interface ForgeHeadsOptions {
  /** The repo, `owner/name`. */
  readonly repo: string;
  /** Its forge. */
  readonly forge: ForgeEntry;
  /** The forge's token. */
  readonly token?: HttpToken;
  /** Certificates of the forge's authority, as PEM. */
  readonly ca?: string;
  /** How long all of the job may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

const branchSchema = z.object({ commit: z.object({ id: z.string().nullish(), sha: z.string().nullish() }) });
const pullSchema = z.object({
  number: z.int(),
  head: z.object({ ref: z.string(), sha: z.string() }),
  base: z.object({ ref: z.string() }),
});
const mergeRequestSchema = z.object({
  iid: z.int(),
  sha: z.string().nullish(),
  source_branch: z.string(),
  target_branch: z.string(),
});

/** Branches and pull requests of one repo. */
export class ForgeHeads {
  readonly #client: HttpClient;
  readonly #at: string;
  readonly #kind: ForgeEntry["kind"];

  /** Takes the place and the token. */
  constructor(io: Io, { repo, forge, token, ca, timeoutMs, signal }: ForgeHeadsOptions) {
    this.#kind = forge.kind;
    const baseUrl = forgeApi(forge.kind, forge.url);
    this.#client = new HttpClient(io, {
      baseUrl,
      token,
      ca,
      timeoutMs,
      signal,
      headers: forgeHeaders(forge),
    });
    const [owner = "", name = ""] = repo.split("/");
    this.#at = forge.kind === "gitlab" ? path`/projects/${repo}` : path`/repos/${owner}/${name}`;
  }

  /** How many requests were made. */
  get requests(): number {
    return this.#client.requests;
  }

  /** What a branch is at; `undefined` where there is no such branch. */
  async branch(branch: string): Promise<string | undefined> {
    const below = this.#kind === "gitlab" ? "/repository" : "";
    try {
      const where = `${this.#at}${below}/branches/${path`${branch}`}`;
      const { data } = await this.#client.json(where, { schema: branchSchema, conditional: true });
      return data.commit.sha ?? data.commit.id ?? undefined;
    } catch (error) {
      if (error instanceof HttpError && error.code === "not_found") return undefined;
      throw error;
    }
  }

  /** A pull request. */
  async pull(number: number): Promise<PullHead> {
    if (this.#kind === "gitlab") {
      const where = `${this.#at}/merge_requests/${number}`;
      const { data } = await this.#client.json(where, { schema: mergeRequestSchema, conditional: true });
      return toPullHead(data);
    }
    const { data } = await this.#client.json(`${this.#at}/pulls/${number}`, { schema: pullSchema, conditional: true });
    return toPullHead(data);
  }

  /**
   * The open pull request of a branch.
   *
   * @throws {MusterError} of code `not_found` where there is none, of code `usage` where there are several.
   */
  async pullOf(branch: string): Promise<PullHead> {
    const found = (await this.#pulls(branch)).filter(({ head }) => head === branch);
    const [one] = found;
    if (one && found.length === 1) return one;
    if (!one) {
      throw new MusterError("not_found", `no open pull request of the branch: ${branch}`, {
        hint: "name it with --pr",
      });
    }
    const numbers = found.map(({ number }) => number).join(", ");
    throw new MusterError("usage", `several open pull requests of the branch ${branch}: ${numbers}`, {
      hint: "name one with --pr",
    });
  }

  async #pulls(branch: string): Promise<readonly PullHead[]> {
    if (this.#kind === "gitlab") {
      const { data } = await this.#client.json(`${this.#at}/merge_requests`, {
        schema: z.array(mergeRequestSchema),
        query: { state: "opened", source_branch: branch },
      });
      return data.map(toPullHead);
    }
    const found: PullHead[] = [];
    const [sizeKey, size] = this.#kind === "github" ? ["per_page", 100] as const : ["limit", 50] as const;
    for (let page = 1; page <= 100; page++) {
      const { data } = await this.#client.json(`${this.#at}/pulls`, {
        schema: z.array(pullSchema),
        query: { state: "open", page, [sizeKey]: size },
      });
      found.push(...data.map(toPullHead));
      if (data.length === 0) break;
    }
    return found;
  }
}

function toPullHead(row: z.output<typeof pullSchema> | z.output<typeof mergeRequestSchema>): PullHead {
  if ("iid" in row) {
    return { number: row.iid, sha: row.sha ?? "", head: row.source_branch, base: row.target_branch };
  }
  return { number: row.number, sha: row.head.sha, head: row.head.ref, base: row.base.ref };
}
