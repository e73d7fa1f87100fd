/**
 * What every forge has: issues, pull requests, milestones, labels. Each forge's own file translates to these.
 *
 * @module
 */

/** An issue. */
export interface Issue {
  /** Its number, as `#12` names it. */
  readonly number: number;
  /** Its title; empty where it has none. */
  readonly title: string;
  /** Its text, in Markdown. */
  readonly body: string;
  /** Whether it is open. */
  readonly state: "open" | "closed";
  /** The names of its labels. */
  readonly labels: readonly string[];
  /** The title of its milestone. */
  readonly milestone?: string;
  /** The logins of those it is assigned to. */
  readonly assignees: readonly string[];
  /** The login of its author. */
  readonly author: string;
  /** Its page. */
  readonly url: string;
  /** When it was opened, RFC 3339 UTC. */
  readonly createdAt: string;
  /** When anything of it last changed, RFC 3339 UTC. */
  readonly updatedAt: string;
  /** How many open issues block it, where the list itself says so. */
  readonly openBlockers?: number;
}

/** An issue of some repo. */
export interface IssueReference {
  /** Its number. */
  readonly number: number;
  /** Its repo, where it is another one. */
  readonly repo?: string;
}

/** What a repo is called that was deleted: the fork of a pull request that is open all the same. */
export const goneRepo = "a repo that is gone";

/** What an issue is called that the token may not see. */
export const unseenIssue = "an issue that the token may not see";

/** A pull request; GitLab says merge request. */
export interface Pull {
  /** Its number. */
  readonly number: number;
  /** Its title. */
  readonly title: string;
  /** Its text, in Markdown. */
  readonly body: string;
  /** Whether it is open, merged, or closed without that. */
  readonly state: "open" | "closed" | "merged";
  /** Whether its author says that it is not done. */
  readonly isDraft: boolean;
  /** The branch that it is from. */
  readonly head: string;
  /** The commit that it is at. */
  readonly headSha: string;
  /** The repo of its branch, where that is another one. */
  readonly headRepo?: string;
  /** The branch that it goes to. */
  readonly base: string;
  /** The names of its labels. */
  readonly labels: readonly string[];
  /** The title of its milestone. */
  readonly milestone?: string;
  /** The logins of those it is assigned to, where that was asked. */
  readonly assignees?: readonly string[];
  /** The logins of those who are asked to look at it, where that was asked. */
  readonly reviewers?: readonly string[];
  /** The login of its author. */
  readonly author: string;
  /** Its page. */
  readonly url: string;
  /** When it was opened, RFC 3339 UTC. */
  readonly createdAt: string;
  /** When anything of it last changed, RFC 3339 UTC. */
  readonly updatedAt: string;
  /** The issues that the forge itself records as closed by it, where it keeps such a record. */
  readonly closes?: readonly IssueReference[];
}

/** A milestone. */
export interface Milestone {
  /** What the API calls it by: an id, on GitHub a number. */
  readonly id: number;
  /** Its title. */
  readonly title: string;
  /** Whether it is open. */
  readonly state: "open" | "closed";
  /** Its text. */
  readonly description: string;
  /** The day it is due, `YYYY-MM-DD`. */
  readonly due?: string;
  /** How many of its issues are open and closed, where the forge says so. */
  readonly counts?: { readonly open: number; readonly closed: number };
  /** Its page, where the forge says it. */
  readonly url?: string;
}
