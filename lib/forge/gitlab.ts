/**
 * GitLab, over `/api/v4`. Its own record of what a merge request closes takes one call for each.
 *
 * @module
 */

import { z } from "../deps/zod.ts";
import { type HttpClient, HttpError, path, readPages, sideBySide, together } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import { quoted } from "../config/quoted.ts";
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
} from "./forge.ts";
import {
  gitlabClosed,
  gitlabIssue,
  gitlabLinked,
  gitlabMilestone,
  gitlabPull,
  toIssue,
  toMilestone,
  toPull,
} from "./_gitlab_schemas.ts";
import type { Issue, IssueReference, Milestone, Pull } from "./model.ts";
import { newestRows } from "./_newest_rows.ts";
import { orMissing } from "./_or_missing.ts";
import { checkLabels, checkNames, findMilestone, isInLane } from "./read_lane.ts";
import { leastSteady, steadiness } from "./_steady.ts";
import { since, toSecond } from "./_times.ts";

/** GitLab gives 100 rows at a time. */
const page = { size: 100, sizeKey: "per_page" } as const;

/** Titles of milestones and names of labels that GitLab takes for something else. */
const special = /^(?:none|any|upcoming|started|\+.*)$|,/i;

/** What is needed to ask GitLab. */
export interface GitlabOptions {
  /** `group/sub/project`. */
  readonly repo: string;
  /** Where its pages are. */
  readonly url: string;
  /** A client whose base is its `/api/v4`. */
  readonly client: HttpClient;
  /** Milliseconds since 1970, by this host's clock. */
  readonly now: () => number;
}

/** A project on GitLab. */
export class GitlabForge implements Forge {
  readonly kind = "gitlab";
  readonly repo: string;
  readonly url: string;
  readonly client: HttpClient;
  readonly #now: () => number;
  readonly #base: string;

  /** Takes a project and a client. */
  constructor({ repo, url, client, now }: GitlabOptions) {
    this.repo = repo;
    this.url = url;
    this.client = client;
    this.#now = now;
    this.#base = path`/projects/${repo}`;
  }

  async laneLists(query: LaneQuery, signal?: AbortSignal): Promise<LaneLists> {
    const begunMs = this.#now();
    const list = (state: "opened" | "locked", stop: AbortSignal) =>
      readPages(this.client, `${this.#base}/merge_requests`, {
        ...page,
        item: gitlabPull,
        query: { state, order_by: "created_at", sort: "asc" },
        signal: stop,
      });
    const readPulls = async (stop: AbortSignal) => {
      // One that is being merged is locked, and no more among those that are opened. It may be in both lists, or in none,
      // where it goes from the one to the other between them; that is a change, which is asked for at the end.
      const lists = await together([(halt) => list("opened", halt), (halt) => list("locked", halt)], stop);
      const rows = [...new Map(lists.flatMap(({ rows }) => rows).map((row) => [row.iid, row])).values()];
      let wasDeleted = false;
      const closes = await sideBySide(rows, async (row, halt) => {
        try {
          return await this.#closes(row.iid, row.project_id, halt);
        } catch (error) {
          // It was listed a moment ago: the list is read again.
          if (!(error instanceof HttpError) || error.status !== 404) throw error;
          wasDeleted = true;
          return [];
        }
      }, { signal: stop });
      return {
        pulls: rows.map((row, at) => ({ ...toPull(row), closes: closes[at] ?? [] })),
        kept: wasDeleted ? "moved" as const : leastSteady(lists.map((one) => steadiness(one, ({ iid }) => iid))),
        dates: lists.map(({ dateMs }) => dateMs),
      };
    };
    const [issues, { pulls, kept, dates }] = await together([
      (stop) =>
        readPages(this.client, `${this.#base}/issues`, {
          ...page,
          item: gitlabIssue,
          query: { state: "opened", order_by: "created_at", sort: "asc", ...filters(query) },
          signal: stop,
        }),
      readPulls,
    ], signal);
    return {
      issues: issues.rows.map(toIssue).filter((issue) => isInLane(issue, query)),
      pulls: pulls.filter(({ state }) => state === "open"),
      issuesKept: steadiness(issues, ({ iid }) => iid),
      pullsKept: kept,
      sinceMs: since([issues.dateMs, ...dates], begunMs),
    };
  }

  async changes(sinceMs: number, signal?: AbortSignal): Promise<readonly Change[]> {
    const query = { state: "all", updated_after: toSecond(sinceMs) };
    const [issues, pulls] = await together([
      (stop) => readPages(this.client, `${this.#base}/issues`, { ...page, item: gitlabIssue, query, signal: stop }),
      (stop) =>
        readPages(this.client, `${this.#base}/merge_requests`, { ...page, item: gitlabPull, query, signal: stop }),
    ], signal);
    return [
      ...issues.rows.map((row) => ({ kind: "issue", issue: toIssue(row) } as const)),
      ...pulls.rows.map(toPull).map(({ number, state, title, body, updatedAt }) =>
        ({ kind: "pull", number, isOpen: state === "open", title, body, updatedAt }) as const
      ),
    ];
  }

  async openBlockers(number: number, signal?: AbortSignal): Promise<readonly string[]> {
    const { rows } = await readPages(this.client, `${this.#base}/issues/${number}/links`, {
      ...page,
      item: gitlabLinked,
      signal,
    });
    return rows.filter(({ state, link_type }) => state === "opened" && link_type === "is_blocked_by")
      .map(({ iid, references }) =>
        references?.full === `${this.repo}#${iid}` ? `#${iid}` : references?.full ?? `#${iid}`
      );
  }

  async milestones(signal?: AbortSignal): Promise<readonly Milestone[]> {
    const options = { ...page, item: gitlabMilestone, query: { include_ancestors: true }, signal };
    return (await readPages(this.client, `${this.#base}/milestones`, options)).rows.map(toMilestone);
  }

  async labels(_wanted: readonly string[], signal?: AbortSignal): Promise<readonly string[]> {
    const options = { ...page, item: z.object({ name: z.string() }), query: { include_ancestor_groups: true }, signal };
    return (await readPages(this.client, `${this.#base}/labels`, options)).rows.map(({ name }) => name);
  }

  async defaultBranch(signal?: AbortSignal): Promise<string> {
    const schema = z.object({ default_branch: z.string().min(1) });
    return (await this.client.json(this.#base, { schema, signal })).data.default_branch;
  }

  async createIssue(issue: NewIssue): Promise<Issue> {
    const extras = await this.#extras(issue);
    const body = { title: issue.title, description: issue.body, ...extras };
    const options = { schema: gitlabIssue, method: "POST", body } as const;
    return toIssue((await this.client.json(`${this.#base}/issues`, options)).data);
  }

  async issue(number: number): Promise<Issue> {
    const read = () => this.client.json(`${this.#base}/issues/${number}`, { schema: gitlabIssue });
    return toIssue((await orMissing(`issue in ${this.repo}: ${number}`, read)).data);
  }

  async issues(query: ListQuery, limit: number): Promise<readonly Issue[]> {
    await checkNames(this, query);
    return await orMissing(`repo: ${this.repo}`, () =>
      newestRows(this.client, `${this.#base}/issues`, {
        ...page,
        item: gitlabIssue,
        limit,
        query: { state: stateWord(query.state), ...filters(query) },
        lane: query,
        pick: toIssue,
      }));
  }

  async closeIssue(number: number): Promise<Issue> {
    const options = { schema: gitlabIssue, method: "PUT", body: { state_event: "close" } } as const;
    return toIssue((await this.client.json(`${this.#base}/issues/${number}`, options)).data);
  }

  async comment(number: number, body: string): Promise<void> {
    await this.client.json(`${this.#base}/issues/${number}/notes`, {
      schema: z.unknown(),
      method: "POST",
      body: { body },
    });
  }

  async createMilestone({ title, description, due }: { title: string; description: string; due?: string }) {
    const body = { title, description, ...(due === undefined ? {} : { due_date: due }) };
    const options = { schema: gitlabMilestone, method: "POST", body } as const;
    return toMilestone((await this.client.json(`${this.#base}/milestones`, options)).data);
  }

  async closeMilestone({ id }: Milestone): Promise<Milestone> {
    const options = { schema: gitlabMilestone, method: "PUT", body: { state_event: "close" } } as const;
    return toMilestone((await this.client.json(`${this.#base}/milestones/${id}`, options)).data);
  }

  async createPull(pull: NewPull): Promise<Pull> {
    const extras = await this.#extras(pull);
    const reviewers = pull.reviewers.length === 0 ? {} : { reviewer_ids: await this.#userIds(pull.reviewers) };
    const { data } = await this.client.json(`${this.#base}/merge_requests`, {
      schema: gitlabPull,
      method: "POST",
      body: {
        title: pull.isDraft ? `Draft: ${pull.title}` : pull.title,
        source_branch: pull.head,
        target_branch: pull.base,
        description: pull.body,
        ...extras,
        ...reviewers,
      },
    });
    return toPull(data);
  }

  async pull(number: number): Promise<Pull> {
    return toPull((await orMissing(`merge request in ${this.repo}: ${number}`, () => this.#pull(number))).data);
  }

  async pulls(query: ListQuery, limit: number): Promise<readonly Pull[]> {
    await checkNames(this, query);
    return await orMissing(`repo: ${this.repo}`, () =>
      newestRows(this.client, `${this.#base}/merge_requests`, {
        ...page,
        item: gitlabPull,
        limit,
        query: { state: stateWord(query.state), ...filters(query) },
        lane: query,
        pick: toPull,
      }));
  }

  async merge(pull: Pull, { method, sha, title, message }: MergeRequest): Promise<MergeOutcome> {
    if (method === "rebase") {
      throw new MusterError("usage", "GitLab merges as the project is set, or squashed: rebase cannot be asked for");
    }
    const text = [title, message].filter((part) => part !== undefined && part !== "").join("\n\n");
    const body = {
      squash: method === "squash",
      sha,
      ...(text === "" ? {} : method === "squash" ? { squash_commit_message: text } : { merge_commit_message: text }),
    };
    try {
      const options = { schema: gitlabPull, method: "PUT", body } as const;
      const { data } = await this.client.json(`${this.#base}/merge_requests/${pull.number}/merge`, options);
      const made = data.merge_commit_sha ?? data.squash_commit_sha;
      if (data.state === "merged") return { outcome: "merged", ...(made ? { sha: made } : {}) };
      throw new MusterError("failed", `not merged yet, says GitLab: merge request ${pull.number} is ${data.state}`);
    } catch (error) {
      if (!(error instanceof HttpError) || ![401, 403, 405, 406, 409, 422].includes(error.status)) throw error;
      return await this.#refused(pull, sha, error);
    }
  }

  async branchTip(branch: string): Promise<string | undefined> {
    const schema = z.object({ commit: z.object({ id: z.string().min(1) }) });
    try {
      return (await this.client.json(`${this.#base}/repository/branches/${encodeURIComponent(branch)}`, { schema }))
        .data.commit.id;
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 404) throw error;
      return undefined;
    }
  }

  async deleteBranch(branch: string): Promise<void> {
    try {
      await this.client.json(`${this.#base}/repository/branches/${encodeURIComponent(branch)}`, {
        schema: z.unknown(),
        method: "DELETE",
      });
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 404) throw error; // gone is what was wanted
    }
  }

  async #pull(number: number) {
    return await this.client.json(`${this.#base}/merge_requests/${number}`, { schema: gitlabPull });
  }

  /** What GitLab says that a merge request closes. */
  async #closes(number: number, project: number, signal: AbortSignal): Promise<IssueReference[]> {
    const list = `${this.#base}/merge_requests/${number}/closes_issues`;
    const { rows } = await readPages(this.client, list, { ...page, item: gitlabClosed, signal });
    return rows.flatMap(({ iid, project_id, references }) => {
      if (typeof iid !== "number") return []; // of an issue tracker elsewhere
      const isOwn = project_id === undefined || project_id === null || project_id === project;
      return [
        isOwn
          ? { number: iid }
          : { number: iid, repo: references?.full.replace(/#\d+$/, "") ?? `project ${project_id}` },
      ];
    });
  }

  /** Why it was not merged: by what the merge request shows now, then by GitLab's words. */
  async #refused(pull: Pull, sha: string, error: HttpError): Promise<MergeOutcome> {
    const { data } = await this.#pull(pull.number);
    const refused = (reason: MergeRefusal, message: string): MergeOutcome => ({ outcome: "refused", reason, message });
    const status = data.detailed_merge_status ?? "";
    const words = status === "" ? error.reason : `${error.reason} (${status})`;
    if (data.state === "merged" || data.state === "closed") return refused("closed", "it is closed already");
    if (data.sha !== sha || error.status === 409) return refused("head_moved", `its head is now ${data.sha}`);
    if (data.draft || status === "draft_status") return refused("draft", "it is a draft");
    if (data.has_conflicts || status === "conflict" || status === "need_rebase") return refused("conflict", words);
    if (/^ci_|status_checks/.test(status)) return refused("checks", words);
    if (/approv|requested_changes|discussions/.test(status)) return refused("approvals", words);
    if (error.status === 401 || error.status === 403 || /policy|security|blocked/.test(status)) {
      return refused("protected", words);
    }
    return refused("refused", words);
  }

  /** What an issue has beside its text; a name that is not there is told before anything is made. */
  async #extras({ labels, milestone, assignees }: NewIssue) {
    if (labels.length > 0) checkLabels(await this.labels(labels), labels);
    return {
      ...(labels.length > 0 ? { labels } : {}),
      ...(milestone === undefined ? {} : { milestone_id: findMilestone(await this.milestones(), milestone).id }),
      ...(assignees.length > 0 ? { assignee_ids: await this.#userIds(assignees) } : {}),
    };
  }

  async #userIds(names: readonly string[]): Promise<number[]> {
    const schema = z.array(z.object({ id: z.int(), username: z.string() }));
    return await sideBySide(names, async (name, signal) => {
      const { data } = await this.client.json("/users", { schema, query: { username: name }, signal });
      const found = data.find(({ username }) => username.toLowerCase() === name.toLowerCase());
      if (found) return found.id;
      throw new MusterError("not_found", `no such user: ${quoted(name)}`);
    });
  }
}

function stateWord(state: ListQuery["state"]): string {
  return state === "open" ? "opened" : state;
}

/** The answer is filtered again: what GitLab would take for something else is not asked for. */
function filters({ milestone, labels }: LaneQuery): { milestone?: string; labels?: string } {
  const plain = labels.filter((label) => !special.test(label));
  return {
    ...(milestone === undefined || special.test(milestone) ? {} : { milestone }),
    ...(plain.length === 0 ? {} : { labels: plain.join(",") }),
  };
}
