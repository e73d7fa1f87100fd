/**
 * A lane, split: what can be dispatched, what is underway, what is held. A pure function of what was read.
 *
 * @module
 */

import type { ForgeKind } from "../config/forges_schema.ts";
import { closingGrammars, type TextPlace } from "./closing_references.ts";
import type { Issue, IssueReference, Pull } from "./model.ts";
import { bareNumbers, branchNumbers } from "./named_numbers.ts";
import { nearMisses } from "./near_misses.ts";

/** How a pull request names an issue, the strongest first. */
export const linkClasses = ["forge", "keyword", "title", "branch"] as const;

/** How a pull request names an issue. */
export type LinkClass = typeof linkClasses[number];

/** A pull request that links an issue, and the strongest of the ways in which it does. */
export interface LaneLink {
  /** The pull request. */
  readonly pull: Pull;
  /** How it names the issue. */
  readonly class: LinkClass;
}

/** An issue that someone works on. */
export interface UnderwayIssue {
  /** The issue. */
  readonly issue: Issue;
  /** Every open pull request that links it, in the order of their numbers. */
  readonly links: readonly LaneLink[];
  /** Why it would be held if nobody worked on it. */
  readonly heldBy: readonly string[];
}

/** An issue that is not to be dispatched. */
export interface HeldIssue {
  /** The issue. */
  readonly issue: Issue;
  /** Why, such as `label blocked`. */
  readonly heldBy: readonly string[];
}

/** Something that may not mean what it seems to. */
export interface LaneWarning {
  /** What kind of thing. */
  readonly code: "near_miss" | "not_recorded" | "foreign" | "branch_only" | "moved" | "same_title" | "unseen_blocker";
  /** What it is, on one line. */
  readonly message: string;
  /** The issue, where there is one. */
  readonly number?: number;
  /** The pull request, where there is one. */
  readonly pr?: number;
}

/** A lane, split in three lists that share no issue. */
export interface Lane {
  /** Open, linked by no open pull request, and not held. */
  readonly candidates: readonly Issue[];
  /** Linked by an open pull request. */
  readonly underway: readonly UnderwayIssue[];
  /** Held, and linked by none. */
  readonly held: readonly HeldIssue[];
  /** What may not mean what it seems to. */
  readonly warnings: readonly LaneWarning[];
}

/** What {@linkcode splitLane} needs to know. */
export interface LaneFacts {
  /** Whose grammar the keywords are of. */
  readonly kind: ForgeKind;
  /** Where the texts stand. */
  readonly place: TextPlace;
  /** The open issues of the lane. */
  readonly issues: readonly Issue[];
  /** All open pull requests of the repo. */
  readonly pulls: readonly Pull[];
  /** Labels that hold an issue. */
  readonly heldLabels: readonly string[];
  /** Open issues that block others, as far as they were read one by one: their numbers by what they block. */
  readonly blockers?: ReadonlyMap<number, readonly string[]>;
}

/**
 * Splits a lane. An issue with a linking pull request is underway, whatever else it is.
 *
 * @example
 * ```ts
 * import { splitLane } from "./lane.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const issue = { title: "", body: "", state: "open", labels: [], assignees: [], author: "ada", url: "", createdAt: "", updatedAt: "" } as const;
 * const lane = splitLane({
 *   kind: "gitea",
 *   place: { repo: "ada/tool", url: "https://git.example.org" },
 *   issues: [{ ...issue, number: 1 }, { ...issue, number: 2, labels: ["blocked"] }],
 *   pulls: [],
 *   heldLabels: ["blocked"],
 * });
 * assertEquals(lane.candidates.map(({ number }) => number), [1]);
 * assertEquals(lane.held.map(({ heldBy }) => heldBy), [["label blocked"]]);
 * ```
 */
export function splitLane(facts: LaneFacts): Lane {
  const { kind, place, heldLabels, blockers } = facts;
  const issues = facts.issues.toSorted((a, b) => a.number - b.number);
  const inLane = new Set(issues.map(({ number }) => number));
  const links = new Map<number, LaneLink[]>();
  const warnings: LaneWarning[] = [];
  for (const pull of facts.pulls.toSorted((a, b) => a.number - b.number)) {
    const { own, foreign } = byRepo(closingGrammars[kind](pull, place));
    const record = new Set((pull.closes ?? []).flatMap(({ number, repo }) => repo === undefined ? [number] : []));
    const evidence: Readonly<Record<LinkClass, ReadonlySet<number>>> = {
      forge: record,
      keyword: own,
      title: new Set(bareNumbers(pull.title)),
      branch: new Set(branchNumbers(pull.head)),
    };
    const linked = new Map<number, LinkClass>();
    for (const one of linkClasses) {
      for (const number of evidence[one]) if (inLane.has(number) && !linked.has(number)) linked.set(number, one);
    }
    for (const [number, one] of linked) links.set(number, [...links.get(number) ?? [], { pull, class: one }]);
    warnings.push(...warningsOf(facts, pull, { inLane, linked, own, foreign }));
  }
  const heldBy = (issue: Issue): string[] => [
    ...heldLabels.filter((label) => issue.labels.includes(label)).map((label) => `label ${label}`),
    ...blockers?.has(issue.number)
      ? (blockers.get(issue.number) ?? []).map((blocker) => `blocked by ${blocker}`)
      : issue.openBlockers
      ? [`blocked by ${issue.openBlockers} open ${issue.openBlockers === 1 ? "issue" : "issues"}`]
      : [],
  ];
  const underway: UnderwayIssue[] = [];
  const held: HeldIssue[] = [];
  const candidates: Issue[] = [];
  for (const issue of issues) {
    const linking = links.get(issue.number);
    const reasons = heldBy(issue);
    if (linking) underway.push({ issue, links: linking, heldBy: reasons });
    else if (reasons.length > 0) held.push({ issue, heldBy: reasons });
    else candidates.push(issue);
  }
  for (const { issue: { number }, links } of underway) {
    if (links.some((link) => link.class !== "branch")) continue;
    const branches = links.map(({ pull }) => `${pull.head} of pull request ${pull.number}`).join(", ");
    warnings.push({
      code: "branch_only",
      number,
      message: `#${number} is underway by a number in a branch alone: ${branches}`,
    });
  }
  return { candidates, underway, held, warnings };
}

interface Seen {
  readonly inLane: ReadonlySet<number>;
  readonly linked: ReadonlyMap<number, LinkClass>;
  readonly own: ReadonlySet<number>;
  readonly foreign: readonly IssueReference[];
}

/** What in a pull request looks like a link and is none, or is one that the forge will not act on. */
function warningsOf({ kind, place }: LaneFacts, pull: Pull, { inLane, linked, own, foreign }: Seen): LaneWarning[] {
  const pr = pull.number;
  const warnings = new Map<number, LaneWarning>();
  const warn = (code: LaneWarning["code"], number: number, message: string) => {
    if (!warnings.has(number)) warnings.set(number, { code, number, pr, message: `pull request ${pr}: ${message}` });
  };
  // Where the forge keeps a record, a keyword that is not in it closes nothing.
  if (pull.closes !== undefined) {
    for (const [number, one] of linked) {
      if (one === "keyword") {
        warn(
          "not_recorded",
          number,
          `its keyword for #${number} is not in the forge's record: it goes to ${pull.base}`,
        );
      }
    }
  }
  for (const { number, repo } of foreign) {
    if (inLane.has(number) && !linked.has(number)) {
      warn("foreign", number, `${repo}#${number} is of another repo, and is no link to #${number}`);
    }
  }
  for (const { text, numbers, repo } of [...nearMisses(pull.title), ...nearMisses(pull.body)]) {
    const isForeign = repo !== undefined && repo.toLowerCase() !== place.repo.toLowerCase();
    for (const [at, number] of numbers.entries()) {
      if (!inLane.has(number) || linked.has(number) || isForeign && at === 0) continue;
      const first = numbers[0] as number;
      const message = at > 0 && own.has(first)
        ? `"${text}" closes only #${first} on ${kind}: #${number} needs a keyword of its own`
        : `"${text}" is no closing keyword for #${number} on ${kind}`;
      warn("near_miss", number, message);
    }
  }
  return [...warnings.values()];
}

function byRepo(references: readonly IssueReference[]) {
  return {
    own: new Set(references.flatMap(({ number, repo }) => repo === undefined ? [number] : [])),
    foreign: references.filter(({ repo }) => repo !== undefined),
  };
}
