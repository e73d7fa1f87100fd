/**
 * The brief of a lane: read, split, and the blockers of what would be dispatched looked at.
 *
 * @module
 */

import { HttpError, sideBySide } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import { quoted } from "../config/quoted.ts";
import type { Forge, LaneQuery } from "./forge.ts";
import { type Lane, type LaneFacts, type LaneWarning, splitLane } from "./lane.ts";
import { type Issue, unseenIssue } from "./model.ts";
import { type LaneReading, readLane } from "./read_lane.ts";

/** Options of {@linkcode briefLane}. */
export interface BriefOptions {
  /** Labels that hold an issue. */
  readonly heldLabels: readonly string[];
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/**
 * Reads and splits a lane. Where the forge tells blockers only one issue at a time, that is asked for each candidate: one
 * of which it is not known is none.
 *
 * @throws {MusterError} as `readLane`: there is no brief of half a lane.
 */
export async function briefLane(forge: Forge, query: LaneQuery, options: BriefOptions): Promise<Lane> {
  const { heldLabels, signal } = options;
  const reading = await readLane(forge, query, signal);
  const { issues, pulls, movedTo, keepsBlockers } = reading;
  const repo = movedTo ?? forge.repo;
  const facts: LaneFacts = { kind: forge.kind, place: { repo, url: forge.url }, issues, pulls, heldLabels };
  const lane = splitLane(facts);
  const notes = notesOf(forge, query, reading);
  if (forge.openBlockers === undefined || keepsBlockers === false || lane.candidates.length === 0) {
    return withWarnings(lane, notes);
  }
  const blockers = await readBlockers(forge, lane.candidates, signal);
  return withWarnings(splitLane({ ...facts, blockers }), [...notes, ...unseen(blockers)]);
}

/** What is to be known of the reading as a whole. */
function notesOf(forge: Forge, { milestone }: LaneQuery, { movedTo, sameTitle }: LaneReading): LaneWarning[] {
  const title = quoted(milestone ?? "");
  return [
    ...(movedTo === undefined
      ? []
      : [{ code: "moved", message: `the repo has moved: ${forge.repo} is now ${movedTo}` } as const]),
    ...(sameTitle === undefined
      ? []
      : [{ code: "same_title", message: `${sameTitle} milestones have the title ${title}: all are read` } as const]),
  ];
}

/** The issues that are held by one that the forge does not show: whether it is still open, it does not say either. */
function unseen(blockers: ReadonlyMap<number, readonly string[]>): LaneWarning[] {
  return [...blockers].filter(([, names]) => names.includes(unseenIssue)).map(([number]) => ({
    code: "unseen_blocker",
    number,
    message: `#${number} depends on ${unseenIssue}: whether that one is closed is not known`,
  }));
}

async function readBlockers(forge: Forge, candidates: readonly Issue[], signal?: AbortSignal) {
  const blockers = new Map<number, readonly string[]>();
  const read = async ({ number }: Issue, stop?: AbortSignal) => {
    blockers.set(number, await forge.openBlockers?.(number, stop) ?? []);
  };
  const [first, second, ...others] = candidates;
  const isMissing = (error: unknown) => error instanceof HttpError && error.status === 404;
  /** At the deadline too the lane could not be read, and that is a failure. */
  const wholeError = (error: unknown): unknown => {
    if (!(error instanceof MusterError) || error.code !== "timeout" && error.code !== "not_found") return error;
    const open = candidates.length - blockers.size;
    const what = `of ${candidates.length} candidates ${open} could not be asked what blocks them`;
    return new MusterError("failed", `the lane could not be read whole: ${what}: ${error.message}`, {
      hint: error.code === "timeout" ? "--timeout gives it longer, -m and -l narrow the lane" : error.hint,
      cause: error,
    });
  };
  try {
    if (first) await read(first, signal);
  } catch (error) {
    if (!isMissing(error)) throw wholeError(error);
    // Gitea answers 404 for every issue of a repo that keeps no dependencies, and for one that was deleted.
    try {
      if (second) await read(second, signal);
    } catch (again) {
      if (isMissing(again)) return blockers;
      throw wholeError(again);
    }
    if (second) throw wholeError(error);
    return blockers;
  }
  if (second) others.unshift(second);
  try {
    await sideBySide(others, read, { width: 16, signal });
  } catch (error) {
    throw wholeError(error);
  }
  return blockers;
}

function withWarnings(lane: Lane, more: readonly LaneWarning[]): Lane {
  return more.length === 0 ? lane : { ...lane, warnings: [...more, ...lane.warnings] };
}
