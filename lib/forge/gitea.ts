/**
 * Gitea and Forgejo, over `/api/v1`. What differs between them is told where it does.
 *
 * @module
 */

import { z } from "../deps/zod.ts";
import { type HttpClient, HttpError, path, readPages, together } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import { quoted } from "../config/quoted.ts";
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
} from "./forge.ts";
import {
  giteaBlocker,
  giteaIssue,
  giteaLabel,
  giteaMilestone,
  giteaPull,
  toIssue,
  toMilestone,
  toPull,
} from "./_gitea_schemas.ts";
import { type Issue, type Milestone, type Pull, unseenIssue } from "./model.ts";
import { nearestNames } from "./nearest_names.ts";
import { changeOf } from "./_item_rows.ts";
import { newestRows } from "./_newest_rows.ts";
import { orMissing } from "./_or_missing.ts";
import { checkLabels, checkNames, findMilestone, findMilestones, isInLane } from "./read_lane.ts";
import { steadiness } from "./_steady.ts";
import { dayToTime, since, toSecond } from "./_times.ts";

/** Both give at most 50 rows at a time unless their administrator says otherwise. */
const page = { size: 50, sizeKey: "limit" } as const;

/** What both take for a draft, before the title. */
const draftPrefix = "WIP: ";

/** What is needed to ask a forge. */
export interface GiteaOptions {
  /** Which of the two it is. */
  readonly kind: "gitea" | "forgejo";
  /** `owner/repo`. */
  readonly repo: string;
  /** Where its pages are. */
  readonly url: string;
  /** A client whose base is its `/api/v1`. */
  readonly client: HttpClient;
  /** Milliseconds since 1970, by this host's clock. */
  readonly now: () => number;
}

/** A repo on Gitea or Forgejo. */
export class GiteaForge implements Forge {
  readonly kind: "gitea" | "forgejo";
  readonly repo: string;
  readonly url: string;
  readonly client: HttpClient;
  readonly #now: () => number;
  readonly #owner: string;
  readonly #base: string;

  /** Takes a repo and a client. */
  constructor({ kind, repo, url, client, now }: GiteaOptions) {
    const [owner = "", name = ""] = repo.split("/");
    this.kind = kind;
    this.repo = repo;
    this.url = url;
    this.client = client;
    this.#now = now;
    this.#owner = owner;
    this.#base = path`/repos/${owner}/${name}`;
  }

  async laneLists(query: LaneQuery, signal?: AbortSignal): Promise<LaneLists> {
    const begunMs = this.#now();
    const { milestone } = query;
    const readIssues = async (stop: AbortSignal) => {
      // Both drop a milestone that they do not know from the query and answer all issues: it is looked for first.
      const named = milestone === undefined ? [] : findMilestones(await this.milestones(stop), milestone);
      const list = await readPages(this.client, `${this.#base}/issues`, {
        ...page,
        item: giteaIssue,
        query: { state: "open", type: "issues", ...filters(query, named.length) },
        signal: stop,
      });
      return { ...list, named };
    };
    const readPulls = (stop: AbortSignal) =>
      readPages(this.client, `${this.#base}/pulls`, {
        ...page,
        item: giteaPull,
        query: { state: "open", sort: "oldest" },
        signal: stop,
      });
    const [issues, pulls] = await together([readIssues, readPulls], signal);
    const tracker = pulls.rows[0]?.base.repo?.internal_tracker;
    const name = pulls.rows[0]?.base.repo?.full_name ?? issues.rows[0]?.repository?.full_name;
    return {
      issues: issues.rows.filter((row) => !row.pull_request).map(toIssue).filter((issue) => isInLane(issue, query)),
      pulls: pulls.rows.map(toPull).filter(({ state }) => state === "open"),
      issuesKept: steadiness(issues, ({ number }) => number),
      pullsKept: steadiness(pulls, ({ number }) => number),
      sinceMs: since([issues.dateMs, pulls.dateMs], begunMs),
      ...(name === undefined || name.toLowerCase() === this.repo.toLowerCase() ? {} : { movedTo: name }),
      ...(issues.named.length > 1 ? { sameTitle: issues.named.length } : {}),
      ...(tracker?.enable_issue_dependencies === false ? { keepsBlockers: false } : {}),
    };
  }

  async changes(sinceMs: number, signal?: AbortSignal): Promise<readonly Change[]> {
    // Without a type it answers issues and pull requests both.
    const { rows } = await readPages(this.client, `${this.#base}/issues`, {
      ...page,
      item: giteaIssue,
      query: { state: "all", since: toSecond(sinceMs) },
      signal,
    });
    return rows.map((row) => changeOf(row, toIssue));
  }

  async openBlockers(number: number, signal?: AbortSignal): Promise<readonly string[]> {
    const { rows } = await readPages(this.client, `${this.#base}/issues/${number}/dependencies`, {
      ...page,
      item: giteaBlocker,
      signal,
    });
    return rows.filter(({ state }) => state !== "closed").map(({ number, state, repository }) => {
      if (!number || state !== "open") return unseenIssue;
      const name = repository?.full_name;
      return name === undefined || name.toLowerCase() === this.repo.toLowerCase() ? `#${number}` : `${name}#${number}`;
    });
  }

  async milestones(signal?: AbortSignal): Promise<readonly Milestone[]> {
    const { rows } = await readPages(this.client, `${this.#base}/milestones`, {
      ...page,
      item: giteaMilestone,
      query: { state: "all" },
      signal,
    });
    return rows.map(toMilestone);
  }

  async labels(wanted: readonly string[], signal?: AbortSignal): Promise<readonly string[]> {
    return (await this.#labels(wanted, signal)).map(({ name }) => name);
  }

  async defaultBranch(signal?: AbortSignal): Promise<string> {
    const schema = z.object({ default_branch: z.string().min(1) });
    return (await this.client.json(this.#base, { schema, signal })).data.default_branch;
  }

  async createIssue(issue: NewIssue): Promise<Issue> {
    const body = { title: issue.title, body: issue.body, assignees: issue.assignees, ...await this.#ids(issue) };
    const { data } = await this.client.json(`${this.#base}/issues`, { schema: giteaIssue, method: "POST", body });
    return toIssue(data);
  }

  async issue(number: number): Promise<Issue> {
    const read = () => this.client.json(`${this.#base}/issues/${number}`, { schema: giteaIssue });
    const { data } = await orMissing(`issue in ${this.repo}: ${number}`, read);
    if (!data.pull_request) return toIssue(data);
    throw new MusterError("not_found", `not an issue: ${number} is a pull request`, {
      hint: `muster pr view ${number}`,
    });
  }

  async issues(query: ListQuery, limit: number): Promise<readonly Issue[]> {
    const { milestone, labels, state } = query;
    const named = milestone === undefined ? [] : findMilestones(await this.milestones(), milestone);
    if (labels.length > 0) checkLabels(await this.labels(labels), labels);
    return await orMissing(`repo: ${this.repo}`, () =>
      newestRows(this.client, `${this.#base}/issues`, {
        ...page,
        item: giteaIssue,
        limit,
        query: { state, type: "issues", ...filters(query, named.length) },
        lane: query,
        pick: (row) => row.pull_request ? undefined : toIssue(row),
      }));
  }

  async closeIssue(number: number): Promise<Issue> {
    await this.issue(number); // by the same number it would close a pull request
    const options = { schema: giteaIssue, method: "PATCH", body: { state: "closed" } } as const;
    return toIssue((await this.client.json(`${this.#base}/issues/${number}`, options)).data);
  }

  async comment(number: number, body: string): Promise<void> {
    const options = { schema: z.unknown(), method: "POST", body: { body } } as const;
    await this.client.json(`${this.#base}/issues/${number}/comments`, options);
  }

  async createMilestone({ title, description, due }: { title: string; description: string; due?: string }) {
    const body = { title, description, ...(due === undefined ? {} : { due_on: dayToTime(due) }) };
    const options = { schema: giteaMilestone, method: "POST", body } as const;
    return toMilestone((await this.client.json(`${this.#base}/milestones`, options)).data);
  }

  async closeMilestone({ id }: Milestone): Promise<Milestone> {
    const options = { schema: giteaMilestone, method: "PATCH", body: { state: "closed" } } as const;
    return toMilestone((await this.client.json(`${this.#base}/milestones/${id}`, options)).data);
  }

  async createPull(pull: NewPull): Promise<Pull> {
    const ids = await this.#ids(pull);
    const title = pull.isDraft ? `${draftPrefix}${pull.title}` : pull.title;
    const { head, base, body, assignees } = pull;
    const { data } = await this.client.json(`${this.#base}/pulls`, {
      schema: giteaPull,
      method: "POST",
      body: { title, head, base, body, assignees, ...ids },
    });
    const made = toPull(data);
    // Forgejo takes no reviewers with it, so neither is asked to.
    if (pull.reviewers.length > 0) {
      await afterCreating(
        made,
        "reviewers",
        () =>
          this.client.json(`${this.#base}/pulls/${made.number}/requested_reviewers`, {
            schema: z.unknown(),
            method: "POST",
            body: { reviewers: pull.reviewers },
          }),
      );
    }
    return made;
  }

  async pull(number: number): Promise<Pull> {
    const read = () => this.client.json(`${this.#base}/pulls/${number}`, { schema: giteaPull });
    return toPull((await orMissing(`pull request in ${this.repo}: ${number}`, read)).data);
  }

  async pulls(query: ListQuery, limit: number): Promise<readonly Pull[]> {
    await checkNames(this, query);
    return await orMissing(`repo: ${this.repo}`, () =>
      newestRows(this.client, `${this.#base}/pulls`, {
        ...page,
        item: giteaPull,
        limit,
        query: { state: query.state },
        lane: query,
        pick: toPull,
      }));
  }

  async merge(pull: Pull, { method, sha, title, message }: MergeRequest): Promise<MergeOutcome> {
    // The names that every version of both takes.
    const body = {
      Do: method,
      head_commit_id: sha,
      ...(title === undefined ? {} : { MergeTitleField: title }),
      ...(message === undefined ? {} : { MergeMessageField: message }),
    };
    try {
      await this.client.json(`${this.#base}/pulls/${pull.number}/merge`, { schema: z.unknown(), method: "POST", body });
    } catch (error) {
      if (!(error instanceof HttpError) || ![403, 405, 409].includes(error.status)) throw error;
      return await this.#refused(pull, sha, error);
    }
    const schema = giteaPull.extend({ merge_commit_sha: z.string().nullish() });
    const look = async () => {
      try {
        return (await this.client.json(`${this.#base}/pulls/${pull.number}`, { schema })).data;
      } catch (error) {
        if (!(error instanceof MusterError)) throw error;
        throw new MusterError(
          "failed",
          `merged, and cannot be looked at: pull request ${pull.number}: ${error.message}`,
          {
            hint: "it is done: do not merge it again",
            cause: error,
          },
        );
      }
    };
    const data = await look();
    if (!data.merged) {
      throw new MusterError("failed", `merged, says ${this.kind}, and does not show it: pull request ${pull.number}`);
    }
    return { outcome: "merged", ...(data.merge_commit_sha ? { sha: data.merge_commit_sha } : {}) };
  }

  async branchTip(branch: string): Promise<string | undefined> {
    const schema = z.object({ commit: z.object({ id: z.string().min(1) }) });
    try {
      return (await this.client.json(`${this.#base}/branches/${encodeURIComponent(branch)}`, { schema })).data.commit
        .id;
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 404) throw error;
      return undefined;
    }
  }

  async deleteBranch(branch: string): Promise<void> {
    try {
      await this.client.json(`${this.#base}/branches/${encodeURIComponent(branch)}`, {
        schema: z.unknown(),
        method: "DELETE",
      });
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 404) throw error; // gone is what was wanted
    }
  }

  /** Why it was not merged: by what the pull request shows now, then by the server's words. */
  async #refused(pull: Pull, sha: string, error: HttpError): Promise<MergeOutcome> {
    const { data } = await this.client.json(`${this.#base}/pulls/${pull.number}`, { schema: giteaPull });
    const refused = (reason: MergeRefusal, message: string): MergeOutcome => ({ outcome: "refused", reason, message });
    if (data.merged || data.state === "closed") return refused("closed", "it is closed already");
    if (data.head.sha !== sha) return refused("head_moved", `its head is now ${data.head.sha}`);
    if (data.draft) return refused("draft", "it is a draft");
    const words = error.reason;
    if (/approv|review/i.test(words)) return refused("approvals", words);
    if (/status check|check|ci\b/i.test(words)) return refused("checks", words);
    if (/head.*(out of date|changed)|out of date/i.test(words)) return refused("head_moved", words);
    if (data.mergeable === false || /conflict/i.test(words)) {
      return refused("conflict", words || "it conflicts with its base");
    }
    if (error.status === 403 || /protect|not allowed|permission/i.test(words)) {
      return refused("protected", words || "the branch is protected");
    }
    return refused("refused", words || `status ${error.status}`);
  }

  /** Ids of labels and of the milestone; a name that is not there is told before anything is made. */
  async #ids({ labels, milestone }: NewIssue): Promise<{ labels?: number[]; milestone?: number }> {
    const ids: { labels?: number[]; milestone?: number } = {};
    if (labels.length > 0) {
      const known = await this.#labels(labels);
      checkLabels(known.map(({ name }) => name), labels);
      ids.labels = labels.map((label) => known.find(({ name }) => name === label)?.id as number);
    }
    if (milestone !== undefined) ids.milestone = findMilestone(await this.milestones(), milestone).id;
    return ids;
  }

  /** Labels of the repo; those of its organisation too, where the repo lacks one that is wanted. */
  async #labels(wanted: readonly string[], signal?: AbortSignal) {
    const own = await readPages(this.client, `${this.#base}/labels`, { ...page, item: giteaLabel, signal });
    const names = own.rows.map(({ name }) => name);
    const lacking = wanted.find((label) => !names.includes(label));
    if (lacking === undefined) return own.rows;
    try {
      const shared = await readPages(this.client, path`/orgs/${this.#owner}/labels`, {
        ...page,
        item: giteaLabel,
        signal,
      });
      return [...own.rows, ...shared.rows];
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      if (error.status === 404) return own.rows; // the owner is a person
      if (error.status !== 403) throw error;
      // Without that scope a person is no more to be told from an organisation.
      throw new HttpError(
        "failed",
        `the repo has no label ${quoted(lacking)}, and those of ${this.#owner} may not be read: ${error.reason}`,
        {
          status: 403,
          reason: error.reason,
          hint: `if it is a label of the organisation, its token needs the scope read:organization; else ${
            nearestNames(lacking, names)
          }`,
          cause: error,
        },
      );
    }
  }
}

/**
 * Names go comma by comma into the query, and the answer is filtered again: what has a comma in it is not asked for. A
 * milestone goes by its title, which both look for before they take it for an id; of several with one title they take one.
 */
function filters({ milestone, labels }: LaneQuery, sameTitle: number): { milestones?: string; labels?: string } {
  const plain = labels.filter((label) => !label.includes(","));
  return {
    ...(milestone === undefined || milestone.includes(",") || sameTitle > 1 ? {} : { milestones: milestone }),
    ...(plain.length === 0 ? {} : { labels: plain.join(",") }),
  };
}
