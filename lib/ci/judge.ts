/**
 * What came of a wait, from what was seen. Pure: no clock, no network.
 *
 * @module
 */

import type { PipelineClass } from "./statuses.ts";

/** How a wait ends. */
export const waitOutcomes = [
  "success",
  "failed",
  "no_success",
  "superseded",
  "needs_person",
  "timeout",
  "vanished",
  "none_registered",
  "unreachable",
] as const;

/** How a wait ends. */
export type WaitOutcome = typeof waitOutcomes[number];

/** The exit status of each outcome. */
export const waitExits: Readonly<Record<WaitOutcome, 0 | 1 | 3 | 4 | 5 | 6>> = {
  success: 0,
  failed: 1,
  no_success: 1,
  superseded: 1,
  timeout: 3,
  needs_person: 4,
  vanished: 5,
  none_registered: 5,
  unreachable: 6,
};

/** Where several hold, the first of these is told: by their exit statuses 6, 5, 3, 1, 4, 0. */
const precedence: readonly WaitOutcome[] = [
  "unreachable",
  "vanished",
  "none_registered",
  "timeout",
  "superseded",
  "failed",
  "no_success",
  "needs_person",
  "success",
];

/** One thing that is waited for, as it was last seen. */
export interface Seen {
  /** What its status means. */
  readonly class: PipelineClass;
  /** It was there, and is no more. */
  readonly vanished?: boolean;
  /** Another pipeline, or another try of it, stands in its place. */
  readonly superseded?: boolean;
}

/** What else is known when a wait is judged. */
export interface Circumstances {
  /** Whether all must be success. @default {false} */
  readonly strict?: boolean;
  /** Whether time has run out. @default {false} */
  readonly isLate?: boolean;
  /** Whether nothing registered for as long as one waits for that. @default {false} */
  readonly isEmpty?: boolean;
  /** Whether the commit is no longer the one that its branch or pull request is at. @default {false} */
  readonly hasMoved?: boolean;
  /** Whether the server could not be reached for as long as one waits for that. @default {false} */
  readonly isUnreachable?: boolean;
}

/**
 * The outcome of a wait; `undefined` while there is something to wait for.
 *
 * @example
 * ```ts
 * import { judge } from "./judge.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(judge([{ class: "success" }, { class: "live" }]), undefined);
 * assertEquals(judge([{ class: "success" }, { class: "live" }], { isLate: true }), "timeout");
 * assertEquals(judge([{ class: "success" }, { class: "bad" }]), "failed");
 * ```
 */
export function judge(all: readonly Seen[], about: Circumstances = {}): WaitOutcome | undefined {
  const { strict = false, isLate = false } = about;
  const holding = new Set<WaitOutcome>();
  if (about.isUnreachable) holding.add("unreachable");
  if (about.isEmpty) holding.add("none_registered");
  if (about.hasMoved) holding.add("superseded");
  const standing = all.filter(({ vanished, superseded }) => !vanished && !superseded);
  const has = (...classes: readonly PipelineClass[]) => standing.some((one) => classes.includes(one.class));
  // What was superseded is over, whatever the others do.
  if (all.some(({ superseded }) => superseded)) holding.add("superseded");
  const isGoing = has("live", "unknown");
  if (isGoing && !isLate && holding.size === 0) return undefined;
  if (all.some(({ vanished }) => vanished)) holding.add("vanished");
  if (isLate && (isGoing || all.length === 0)) holding.add("timeout");
  if (has("bad")) holding.add("failed");
  if (has("needs_person")) holding.add("needs_person");
  const successes = standing.filter((one) => one.class === "success").length;
  const isWhole = strict ? successes === standing.length : successes > 0;
  if (standing.length > 0 && !isGoing && !has("bad", "needs_person")) holding.add(isWhole ? "success" : "no_success");
  return precedence.find((outcome) => holding.has(outcome));
}
