/**
 * GitHub, over its REST API, and over GraphQL for open pull requests: only there stands its own record of what each of
 * them closes.
 *
 * @module
 */

import { z } from "../deps/zod.ts";
import { type HttpClient, HttpError, path, readPages, together } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import { afterCreating } from "./after_creating.ts";
import type {
  Change,
  Forge,
  LaneLists,
  LaneQuery,
  ListQuery,
  MergeOutcome,
  MergeRefusal,
  MergeRequest,
  NewIssue,
  NewPull,
  Steadiness,
} from "./forge.ts";
import { countIssues, type GraphPlace, readHead, readPulls } from "./_github_graph.ts";
import { githubIssue, githubMilestone, githubPull, toIssue, toMilestone, toPull } from "./_github_schemas.ts";
import type { Issue, Milestone, Pull } from "./model.ts";
import { changeOf } from "./_item_rows.ts";
import { newestRows } from "./_newest_rows.ts";
import { orMissing } from "./_or_missing.ts";
import { checkLabels, checkNames, findMilestone, isInLane } from "./read_lane.ts";
import { dayToTime, since, toSecond } from "./_times.ts";

/** GitHub gives 100 rows at a time, and says by `Link` whether there are more. */
const page = { size: 100, sizeKey: "per_page", saysNext: true } as const;

/** What is needed to ask GitHub. */
export interface GithubOptions {
  /** `owner/repo`. */
  readonly repo: string;
  /** Where its pages are. */
  readonly url: string;
  /** A client whose base is its REST API. */
  readonly client: HttpClient;
  /** The address of its GraphQL API. */
  readonly graphqlUrl: string;
  /** Milliseconds since 1970, by this host's clock. */
  readonly now: () => number;
}

/** A repo on GitHub. */
export class GithubForge implements Forge {
  readonly kind = "github";
  readonly repo: string;
  readonly url: string;
  readonly client: HttpClient;
  readonly #graph: GraphPlace;
  readonly #now: () => number;
  readonly #base: string;

  /** Takes a repo and a client. */
  constructor({ repo, url, client, graphqlUrl, now }: GithubOptions) {
    const [owner = "", name = ""] = repo.split("/");
    this.repo = repo;
    this.url = url;
    this.client = client;
    this.#graph = { client, url: graphqlUrl, owner, name };
    this.#now = now;
    this.#base = path`/repos/${owner}/${name}`;
  }

  async laneLists(query: LaneQuery, signal?: AbortSignal): Promise<LaneLists> {
    const begunMs = this.#now();
    const plain = plainLabels(query);
    // Of several labels its count has issues with any of them.
    const counted = plain.length < 2 ? plain : [];
    const head = await readHead(this.#graph, query, counted, signal);
    const milestone = query.milestone === undefined
      ? undefined
      : head.milestone ?? findMilestone(await this.milestones(signal), query.milestone).id;
    const before = head.issueCount ?? await countIssues(this.#graph, milestone, counted, signal);
    // All pull requests stand among the issues of no milestone and no label in particular.
    const among = milestone === undefined && plain.length === 0 ? head.page.totalCount : 0;
    const readIssues = async (stop: AbortSignal) => {
      const { rows, pages, dateMs } = await readPages(this.client, `${this.#base}/issues`, {
        ...page,
        item: githubIssue,
        query: { state: "open", sort: "created", direction: "asc", ...filters(query, milestone) },
        width: 25, // of one hundred at a time that it allows
        known: counted.length < plain.length ? 0 : before + among,
        signal: stop,
      });
      const issues = rows.filter((row) => !row.pull_request).map(toIssue);
      // The list itself has no count. That of the other API, from before the first page, may prove something and disproves
      // nothing: where so many came and none is new, they are all that there were.
      const isCounted = plain.length < 2 && before === issues.length &&
        before === new Set(issues.map(({ number }) => number)).size;
      const issuesKept: Steadiness = pages === 1 ? "proved" : isCounted ? "counted" : "unknown";
      return { issues, issuesKept, dateMs };
    };
    const [{ issues, issuesKept, dateMs }, { pulls, kept }] = await together(
      [readIssues, (stop) => readPulls(this.#graph, head, stop)],
      signal,
    );
    return {
      issues: issues.filter((issue) => isInLane(issue, query)),
      pulls,
      issuesKept,
      pullsKept: kept,
      sinceMs: since([head.dateMs, dateMs], begunMs),
      ...(head.repo.toLowerCase() === this.repo.toLowerCase() ? {} : { movedTo: head.repo }),
    };
  }

  async changes(sinceMs: number, signal?: AbortSignal): Promise<readonly Change[]> {
    const { rows } = await readPages(this.client, `${this.#base}/issues`, {
      ...page,
      item: githubIssue,
      query: { state: "all", since: toSecond(sinceMs) },
      signal,
    });
    return rows.map((row) => changeOf(row, toIssue));
  }

  async milestones(signal?: AbortSignal): Promise<readonly Milestone[]> {
    const options = { ...page, item: githubMilestone, query: { state: "all" }, signal };
    return (await readPages(this.client, `${this.#base}/milestones`, options)).rows.map(toMilestone);
  }

  async labels(_wanted: readonly string[], signal?: AbortSignal): Promise<readonly string[]> {
    const options = { ...page, item: z.object({ name: z.string() }), signal };
    return (await readPages(this.client, `${this.#base}/labels`, options)).rows.map(({ name }) => name);
  }

  async defaultBranch(signal?: AbortSignal): Promise<string> {
    const schema = z.object({ default_branch: z.string().min(1) });
    return (await this.client.json(this.#base, { schema, signal })).data.default_branch;
  }

  async createIssue(issue: NewIssue): Promise<Issue> {
    const { title, body } = issue;
    const options = {
      schema: githubIssue,
      method: "POST",
      body: { title, body, ...await this.#extras(issue) },
    } as const;
    return toIssue((await this.client.json(`${this.#base}/issues`, options)).data);
  }

  async issue(number: number): Promise<Issue> {
    const read = () => this.client.json(`${this.#base}/issues/${number}`, { schema: githubIssue });
    const { data } = await orMissing(`issue in ${this.repo}: ${number}`, read);
    if (!data.pull_request) return toIssue(data);
    throw new MusterError("not_found", `not an issue: ${number} is a pull request`, {
      hint: `muster pr view ${number}`,
    });
  }

  async issues(query: ListQuery, limit: number): Promise<readonly Issue[]> {
    const milestone = query.milestone === undefined
      ? undefined
      : findMilestone(await this.milestones(), query.milestone).id;
    if (query.labels.length > 0) checkLabels(await this.labels(query.labels), query.labels);
    return await orMissing(`repo: ${this.repo}`, () =>
      newestRows(this.client, `${this.#base}/issues`, {
        ...page,
        item: githubIssue,
        limit,
        query: { state: query.state, ...filters(query, milestone) },
        lane: query,
        pick: (row) => row.pull_request ? undefined : toIssue(row),
      }));
  }

  async closeIssue(number: number): Promise<Issue> {
    await this.issue(number); // by the same number it would close a pull request
    const options = { schema: githubIssue, method: "PATCH", body: { state: "closed" } } as const;
    return toIssue((await this.client.json(`${this.#base}/issues/${number}`, options)).data);
  }

  async comment(number: number, body: string): Promise<void> {
    await this.client.json(`${this.#base}/issues/${number}/comments`, {
      schema: z.unknown(),
      method: "POST",
      body: { body },
    });
  }

  async createMilestone({ title, description, due }: { title: string; description: string; due?: string }) {
    const body = { title, description, ...(due === undefined ? {} : { due_on: dayToTime(due) }) };
    const options = { schema: githubMilestone, method: "POST", body } as const;
    return toMilestone((await this.client.json(`${this.#base}/milestones`, options)).data);
  }

  async closeMilestone({ id }: Milestone): Promise<Milestone> {
    const options = { schema: githubMilestone, method: "PATCH", body: { state: "closed" } } as const;
    return toMilestone((await this.client.json(`${this.#base}/milestones/${id}`, options)).data);
  }

  async createPull(pull: NewPull): Promise<Pull> {
    const { title, head, base, body, isDraft, reviewers } = pull;
    const extras = await this.#extras(pull);
    const { data } = await this.client.json(`${this.#base}/pulls`, {
      schema: githubPull,
      method: "POST",
      body: { title, head, base, body, draft: isDraft },
    });
    const made = toPull(data);
    if (Object.keys(extras).length > 0) {
      await afterCreating(
        made,
        "labels, milestone and assignees",
        () =>
          this.client.json(`${this.#base}/issues/${made.number}`, {
            schema: z.unknown(),
            method: "PATCH",
            body: extras,
          }),
      );
    }
    if (reviewers.length > 0) {
      await afterCreating(
        made,
        "reviewers",
        () =>
          this.client.json(`${this.#base}/pulls/${made.number}/requested_reviewers`, {
            schema: z.unknown(),
            method: "POST",
            body: { reviewers },
          }),
      );
    }
    return made;
  }

  async pull(number: number): Promise<Pull> {
    const read = () => this.client.json(`${this.#base}/pulls/${number}`, { schema: githubPull });
    return toPull((await orMissing(`pull request in ${this.repo}: ${number}`, read)).data);
  }

  async pulls(query: ListQuery, limit: number): Promise<readonly Pull[]> {
    await checkNames(this, query);
    return await orMissing(`repo: ${this.repo}`, () =>
      newestRows(this.client, `${this.#base}/pulls`, {
        ...page,
        item: githubPull,
        limit,
        query: { state: query.state },
        lane: query,
        pick: toPull,
      }));
  }

  async merge(pull: Pull, { method, sha, title, message }: MergeRequest): Promise<MergeOutcome> {
    const body = { merge_method: method, sha, commit_title: title, commit_message: message };
    const schema = z.object({ merged: z.boolean(), sha: z.string() });
    try {
      const { data } = await this.client.json(`${this.#base}/pulls/${pull.number}/merge`, {
        schema,
        method: "PUT",
        body,
      });
      if (data.merged) return { outcome: "merged", sha: data.sha };
      throw new MusterError("failed", `not merged, and GitHub does not say why: pull request ${pull.number}`);
    } catch (error) {
      if (!(error instanceof HttpError) || ![403, 405, 409, 422].includes(error.status)) throw error;
      return await this.#refused(pull, sha, error);
    }
  }

  async branchTip(branch: string): Promise<string | undefined> {
    const schema = z.object({ object: z.object({ sha: z.string().min(1) }) });
    try {
      return (await this.client.json(
        `${this.#base}/git/ref/heads/${branch.split("/").map(encodeURIComponent).join("/")}`,
        { schema },
      )).data.object.sha;
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 404) throw error;
      return undefined;
    }
  }

  async deleteBranch(branch: string): Promise<void> {
    const ref = branch.split("/").map(encodeURIComponent).join("/");
    try {
      await this.client.json(`${this.#base}/git/refs/heads/${ref}`, { schema: z.unknown(), method: "DELETE" });
    } catch (error) {
      // 422 "Reference does not exist": gone is what was wanted.
      const isGone = error instanceof HttpError && (error.status === 404 || /does not exist/i.test(error.reason));
      if (!isGone) throw error;
    }
  }

  /** Why it was not merged: by what the pull request shows now, then by GitHub's words. */
  async #refused(pull: Pull, sha: string, error: HttpError): Promise<MergeOutcome> {
    const { data } = await this.client.json(`${this.#base}/pulls/${pull.number}`, { schema: githubPull });
    const refused = (reason: MergeRefusal, message: string): MergeOutcome => ({ outcome: "refused", reason, message });
    const words = error.reason;
    if (data.state === "closed") return refused("closed", "it is closed already");
    if (data.head.sha !== sha || error.status === 409) return refused("head_moved", `its head is now ${data.head.sha}`);
    if (data.draft) return refused("draft", "it is a draft");
    if (data.mergeable_state === "dirty" || data.mergeable === false) return refused("conflict", words);
    if (/review|approv/i.test(words)) return refused("approvals", words);
    if (/status check|check/i.test(words)) return refused("checks", words);
    if (error.status === 403 || data.mergeable_state === "blocked" || /protected|rule/i.test(words)) {
      return refused("protected", words);
    }
    return refused("refused", words);
  }

  /** What an issue has beside its text; a name that is not there is told before anything is made. */
  async #extras({ labels, milestone, assignees }: NewIssue) {
    if (labels.length > 0) checkLabels(await this.labels(labels), labels);
    return {
      ...(labels.length > 0 ? { labels } : {}),
      ...(milestone === undefined ? {} : { milestone: findMilestone(await this.milestones(), milestone).id }),
      ...(assignees.length > 0 ? { assignees } : {}),
    };
  }
}

/** Names go comma by comma into the query, and the answer is filtered again: what has a comma in it is not asked for. */
function plainLabels({ labels }: LaneQuery): string[] {
  return labels.filter((label) => !label.includes(","));
}

function filters(query: LaneQuery, milestone: number | undefined) {
  const plain = plainLabels(query);
  return { milestone, labels: plain.length === 0 ? undefined : plain.join(",") };
}
