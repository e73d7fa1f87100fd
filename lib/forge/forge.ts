/**
 * The one face of every forge: what muster asks of it. Each forge's own file is an implementation.
 *
 * @module
 */

import type { ForgeKind } from "../config/forges_schema.ts";
import type { HttpClient } from "../http/mod.ts";
import type { Issue, Milestone, Pull } from "./model.ts";

/** Which issues are a lane. */
export interface LaneQuery {
  /** The title of their milestone, exactly. */
  readonly milestone?: string;
  /** Labels, all of which they have, exactly. */
  readonly labels: readonly string[];
}

/**
 * Whether the rows of a list kept their places while its pages were read. It is proved by one page or by a cursor; the
 * forge's own counts agree, which one row that went and another that came leave as they were; they show that rows moved; or
 * nothing is known.
 */
export type Steadiness = "proved" | "counted" | "moved" | "unknown";

/** The lists of a lane, as they were read once. */
export interface LaneLists {
  /** Open issues of the lane, whatever else the forge answered left out. */
  readonly issues: readonly Issue[];
  /** All open pull requests. */
  readonly pulls: readonly Pull[];
  /** Whether issues kept their places while the pages were read. */
  readonly issuesKept: Steadiness;
  /** The same of the pull requests. */
  readonly pullsKept: Steadiness;
  /** A time before the first of the reads, by the forge's clock, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** The repo's name, where it is now another one. */
  readonly movedTo?: string;
  /** How many milestones have the title that is asked for, where that is more than one. */
  readonly sameTitle?: number;
  /** Whether the repo keeps what blocks its issues, where the lists say so. */
  readonly keepsBlockers?: boolean;
}

/** What changed since a time: an issue, or what can be told of a pull request. */
export type Change =
  | { readonly kind: "issue"; readonly issue: Issue }
  | {
    readonly kind: "pull";
    readonly number: number;
    readonly isOpen: boolean;
    readonly title: string;
    readonly body: string;
    readonly updatedAt: string;
  };

/** What a new issue is to be. */
export interface NewIssue {
  /** Its title. */
  readonly title: string;
  /** Its text. */
  readonly body: string;
  /** The names of its labels. */
  readonly labels: readonly string[];
  /** The title of its milestone. */
  readonly milestone?: string;
  /** The logins of those it is assigned to. */
  readonly assignees: readonly string[];
}

/** What a new pull request is to be. */
export interface NewPull extends NewIssue {
  /** The branch that it is from. */
  readonly head: string;
  /** The branch that it goes to. */
  readonly base: string;
  /** Whether it is not done. */
  readonly isDraft: boolean;
  /** The logins of those who are asked to look at it. */
  readonly reviewers: readonly string[];
}

/** Which issues or pull requests are listed. */
export interface ListQuery extends LaneQuery {
  /** In which state they are. */
  readonly state: "open" | "closed" | "all";
}

/** Why a pull request was not merged. */
export const mergeRefusals = [
  "conflict",
  "checks",
  "approvals",
  "head_moved",
  "protected",
  "draft",
  "closed",
  "refused",
] as const;

/** Why a pull request was not merged. */
export type MergeRefusal = typeof mergeRefusals[number];

/** What became of a merge. */
export type MergeOutcome =
  | { readonly outcome: "merged"; readonly sha?: string }
  | { readonly outcome: "refused"; readonly reason: MergeRefusal; readonly message: string };

/** How to merge. */
export interface MergeRequest {
  /** What the commits become. */
  readonly method: "squash" | "merge" | "rebase";
  /** The commit that was looked at: another one is not merged. */
  readonly sha: string;
  /** The first line of the commit; the forge's own by default. */
  readonly title?: string;
  /** What comes after it; the forge's own by default. */
  readonly message?: string;
}

/** A forge, asked about one repo. */
export interface Forge {
  /** What it is. */
  readonly kind: ForgeKind;
  /** `owner/repo`. */
  readonly repo: string;
  /** Where its pages are. */
  readonly url: string;
  /** Who asks it, and counts. */
  readonly client: HttpClient;

  /** Reads the lists of a lane once. */
  laneLists(query: LaneQuery, signal?: AbortSignal): Promise<LaneLists>;
  /** All that changed since a time. */
  changes(sinceMs: number, signal?: AbortSignal): Promise<readonly Change[]>;
  /**
   * The open issues that block one, as the forge records them, as `#12`, `owner/repo#12`, or `unseenIssue` for one that it
   * does not show; not there where the list says it.
   */
  openBlockers?(number: number, signal?: AbortSignal): Promise<readonly string[]>;

  /** All milestones, closed ones too. */
  milestones(signal?: AbortSignal): Promise<readonly Milestone[]>;
  /**
   * The names of labels that an issue may have: of the repo, and of what is above it where the repo lacks one of those that
   * are wanted, or where the forge tells them together.
   */
  labels(wanted: readonly string[], signal?: AbortSignal): Promise<readonly string[]>;
  /** The branch that changes go to by default. */
  defaultBranch(signal?: AbortSignal): Promise<string>;

  /** Opens an issue. */
  createIssue(issue: NewIssue): Promise<Issue>;
  /** One issue. */
  issue(number: number): Promise<Issue>;
  /** Issues, the newest first, at most so many. */
  issues(query: ListQuery, limit: number): Promise<readonly Issue[]>;
  /** Closes an issue. */
  closeIssue(number: number): Promise<Issue>;
  /** Adds a comment to an issue. */
  comment(number: number, body: string): Promise<void>;
  /** Opens a milestone. */
  createMilestone(
    milestone: { readonly title: string; readonly description: string; readonly due?: string },
  ): Promise<Milestone>;
  /** Closes a milestone. */
  closeMilestone(milestone: Milestone): Promise<Milestone>;
  /** Opens a pull request. */
  createPull(pull: NewPull): Promise<Pull>;
  /** One pull request. */
  pull(number: number): Promise<Pull>;
  /** Pull requests, the newest first, at most so many. */
  pulls(query: ListQuery, limit: number): Promise<readonly Pull[]>;
  /** Merges a pull request, or says why not. */
  merge(pull: Pull, request: MergeRequest): Promise<MergeOutcome>;
  /** The commit that a branch is at; `undefined` where there is no such branch. */
  branchTip(branch: string): Promise<string | undefined>;
  /** Deletes a branch; nothing where it is gone. */
  deleteBranch(branch: string): Promise<void>;
}
