/**
 * Reads a lane so that it can be believed: whole, and as it was at one time.
 *
 * @module
 */

import { quoted } from "../config/quoted.ts";
import { MusterError } from "../io/mod.ts";
import type { Change, Forge, LaneLists, LaneQuery, Steadiness } from "./forge.ts";
import type { Issue, Milestone, Pull } from "./model.ts";
import { nearestNames } from "./nearest_names.ts";

/** A lane as it was read. */
export interface LaneReading {
  /** The open issues of the lane. */
  readonly issues: readonly Issue[];
  /** All open pull requests of the repo. */
  readonly pulls: readonly Pull[];
  /** The repo's name, where it is now another one. */
  readonly movedTo?: string;
  /** How many milestones have the title that is asked for, where that is more than one. */
  readonly sameTitle?: number;
  /** Whether the repo keeps what blocks its issues, where the lists say so. */
  readonly keepsBlockers?: boolean;
}

/** How often a lane is read anew that changed while it was read. */
const maxReadings = 6;

/**
 * The open issues of a lane and all open pull requests. Rows can move from one page to another while pages are read, and
 * then one is missed; so the forge is asked at the end what changed since the beginning, and what cannot have been read
 * rightly is read again.
 *
 * @throws {MusterError} of code `not_found` for a milestone or a label that is not there, with the nearest names; of code
 * `failed` for a list that could not be read whole, at the deadline too.
 */
export async function readLane(forge: Forge, query: LaneQuery, signal?: AbortSignal): Promise<LaneReading> {
  try {
    let known: ReadonlySet<string> = new Set();
    let last: LaneLists | undefined;
    for (let reading = 0; reading < maxReadings; reading++) {
      const lists = await forge.laneLists(query, signal);
      const changes = await forge.changes(lists.sinceMs, signal);
      const settled = isSameAs(last, lists) && !mayHaveArrived(lists, changes, known, query)
        ? settle(lists, changes, query)
        : undefined;
      last = lists;
      known = new Set(changes.map(keyOf));
      if (settled === undefined) continue;
      if (settled.issues.length === 0) await checkNames(forge, query, signal);
      const { movedTo, sameTitle, keepsBlockers } = lists;
      return { ...settled, movedTo, sameTitle, keepsBlockers };
    }
  } catch (error) {
    if (!(error instanceof MusterError) || error.code !== "timeout") throw error;
    throw new MusterError("failed", `the lane could not be read whole: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
  }
  throw new MusterError(
    "failed",
    `the lane could not be read whole: it changed during each of ${maxReadings} readings`,
    {
      hint: "run it again when less is going on",
    },
  );
}

/**
 * The lists with what changed meanwhile; `undefined` where a row may have been missed.
 *
 * So many different rows as every page said that there are leave room for none that was missed but those that left before
 * they were read, if none came meanwhile and none that left was read: then, and only then, a change is taken as it is.
 */
function settle(lists: LaneLists, changes: readonly Change[], query: LaneQuery) {
  if (lists.issuesKept === "moved" || lists.pullsKept === "moved") return undefined;
  const issues = new Map(lists.issues.map((issue) => [issue.number, issue]));
  const pulls = new Map(lists.pulls.map((pull) => [pull.number, pull]));
  for (const change of changes) {
    const isIssue = change.kind === "issue";
    const number = isIssue ? change.issue.number : change.number;
    const isRead = isIssue ? issues.has(number) : pulls.has(number);
    const belongs = isIssue ? isInLane(change.issue, query) : change.isOpen;
    if (isRead !== belongs || (isIssue ? lists.issuesKept : lists.pullsKept) === "unknown") return undefined;
    if (!isRead) continue;
    if (isIssue) issues.set(number, { ...issues.get(number), ...change.issue });
    else pulls.set(number, { ...pulls.get(number) as Pull, title: change.title, body: change.body });
  }
  return { issues: [...issues.values()], pulls: [...pulls.values()] };
}

/**
 * Whether a list of which too little is known came again as it was: what is deleted shows in no change, but a row that
 * was read before it was deleted is not read again.
 */
function isSameAs(last: LaneLists | undefined, lists: LaneLists): boolean {
  const isSame = (
    rows: readonly { readonly number: number }[],
    before: readonly { readonly number: number }[] = [],
  ) => {
    const numbers = new Set(before.map(({ number }) => number));
    return rows.length === before.length && rows.every(({ number }) => numbers.has(number));
  };
  const isDoubtful = (kept: Steadiness) => kept === "unknown";
  return (!isDoubtful(lists.issuesKept) || isSame(lists.issues, last?.issues)) &&
    (!isDoubtful(lists.pullsKept) || isSame(lists.pulls, last?.pulls));
}

/**
 * Whether a row may have come while a list was read whose counts agree: if another one was deleted meanwhile, a third one
 * can have been missed between two pages. What changed before the reading began did not come during it.
 */
function mayHaveArrived(
  lists: LaneLists,
  changes: readonly Change[],
  known: ReadonlySet<string>,
  query: LaneQuery,
): boolean {
  const { issues, pulls, issuesKept, pullsKept, sinceMs } = lists;
  const isFresh = ({ updatedAt }: { readonly updatedAt: string }) => Date.parse(updatedAt) >= sinceMs;
  const here = changes.filter((change) => change.kind === "issue" ? isInLane(change.issue, query) : change.isOpen);
  // A row that came, and was deleted as well, is in no change.
  const read = [
    ...issues.filter(isFresh).map((issue): Change => ({ kind: "issue", issue })),
    ...pulls.filter(isFresh).map((pull): Change => ({ ...pull, kind: "pull", isOpen: true })),
  ];
  return [...here, ...read].some((change) =>
    (change.kind === "issue" ? issuesKept : pullsKept) === "counted" && !known.has(keyOf(change))
  );
}

/** A change, told from an earlier one of the same item. */
function keyOf(change: Change): string {
  return change.kind === "issue"
    ? `issue ${change.issue.number} ${change.issue.updatedAt}`
    : `pull ${change.number} ${change.updatedAt}`;
}

/** Whether an issue is one of a lane: open, of its milestone, and with all of its labels. */
export function isInLane(issue: Issue, query: LaneQuery): boolean {
  return issue.state === "open" && hasNames(issue, query);
}

/** Whether an item has the milestone and all of the labels that a query names. */
export function hasNames({ milestone, labels }: Pick<Issue, "milestone" | "labels">, query: LaneQuery): boolean {
  return (query.milestone === undefined || milestone === query.milestone) &&
    query.labels.every((label) => labels.includes(label));
}

/** Throws a `MusterError` of code `not_found` for a milestone or a label that is not there: no empty list is told of such. */
export async function checkNames(
  forge: Pick<Forge, "milestones" | "labels">,
  { milestone, labels }: LaneQuery,
  signal?: AbortSignal,
): Promise<void> {
  if (milestone !== undefined) findMilestones(await forge.milestones(signal), milestone);
  if (labels.length > 0) checkLabels(await forge.labels(labels, signal), labels);
}

/**
 * The one milestone of a title.
 *
 * @throws {MusterError} of code `not_found`, with the nearest titles; of code `usage` where there are two, as Gitea and
 * Forgejo let be.
 */
export function findMilestone(all: readonly Milestone[], title: string): Milestone {
  const [found, ...others] = findMilestones(all, title) as [Milestone, ...Milestone[]];
  if (others.length === 0) return found;
  throw new MusterError("usage", `${others.length + 1} milestones have this title: ${quoted(title)}`, {
    hint: "give them different titles: which is meant cannot be told",
  });
}

/**
 * The milestones of a title; Gitea and Forgejo let there be several.
 *
 * @throws {MusterError} of code `not_found`, with the nearest titles.
 */
export function findMilestones(all: readonly Milestone[], title: string): readonly Milestone[] {
  const found = all.filter((one) => one.title === title);
  if (found.length > 0) return found;
  throw new MusterError("not_found", `no such milestone: ${quoted(title)}`, {
    hint: nearestNames(title, all.map((one) => one.title)),
  });
}

/** Throws a `MusterError` of code `not_found` for a label that is not there, with the nearest names. */
export function checkLabels(known: readonly string[], labels: readonly string[]): void {
  const unknown = labels.find((label) => !known.includes(label));
  if (unknown === undefined) return;
  throw new MusterError("not_found", `no such label: ${quoted(unknown)}`, { hint: nearestNames(unknown, known) });
}
