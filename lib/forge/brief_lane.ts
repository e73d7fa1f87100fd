/**
 * The brief of a lane: read, split, and the blockers of what would be dispatched looked at.
 *
 * @module
 */

import { HttpError, sideBySide } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import type { Forge, LaneQuery } from "./forge.ts";
import { type Lane, type LaneFacts, type LaneWarning, splitLane } from "./lane.ts";
import type { Issue } from "./model.ts";
import { readLane } from "./read_lane.ts";

/** Options of {@linkcode briefLane}. */
export interface BriefOptions {
  /** Labels that hold an issue. */
  readonly heldLabels: readonly string[];
  /** For how many candidates a forge is asked one by one what blocks them. @default {300} */
  readonly maxBlockerReads?: number;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/**
 * Reads and splits a lane. Where the forge tells blockers only one issue at a time, that is asked for the candidates; of
 * more candidates than `maxBlockerReads` it is not, and a warning says so.
 *
 * @throws {MusterError} as `readLane`: there is no brief of half a lane.
 */
export async function briefLane(forge: Forge, query: LaneQuery, options: BriefOptions): Promise<Lane> {
  const { heldLabels, maxBlockerReads = 300, signal } = options;
  const { issues, pulls, movedTo } = await readLane(forge, query, signal);
  const repo = movedTo ?? forge.repo;
  const facts: LaneFacts = { kind: forge.kind, place: { repo, url: forge.url }, issues, pulls, heldLabels };
  const lane = splitLane(facts);
  const moved: LaneWarning[] = movedTo === undefined
    ? []
    : [{ code: "moved", message: `the repo has moved: ${forge.repo} is now ${movedTo}` }];
  const { candidates } = lane;
  if (forge.openBlockers === undefined || candidates.length === 0) return withWarnings(lane, moved);
  if (candidates.length > maxBlockerReads) {
    const message = `what blocks them was not asked for ${candidates.length} candidates: ` +
      `narrow the lane to ${maxBlockerReads}, or use --ready`;
    return withWarnings(lane, [...moved, { code: "blockers_unread", message }]);
  }
  const blockers = await readBlockers(forge, candidates, signal);
  return withWarnings(splitLane({ ...facts, blockers }), moved);
}

async function readBlockers(forge: Forge, candidates: readonly Issue[], signal?: AbortSignal) {
  const blockers = new Map<number, readonly string[]>();
  const read = async ({ number }: Issue, stop?: AbortSignal) => {
    blockers.set(number, await forge.openBlockers?.(number, stop) ?? []);
  };
  const [first, second, ...others] = candidates;
  const isMissing = (error: unknown) => error instanceof HttpError && error.status === 404;
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
    await sideBySide(others, (issue, stop) => read(issue, signal ? AbortSignal.any([signal, stop]) : stop));
  } catch (error) {
    throw wholeError(error);
  }
  return blockers;
}

/** At the deadline too the lane could not be read, and that is a failure. */
function wholeError(error: unknown): unknown {
  if (!(error instanceof MusterError) || error.code !== "timeout" && error.code !== "not_found") return error;
  return new MusterError("failed", `the lane could not be read whole: ${error.message}`, {
    hint: error.hint,
    cause: error,
  });
}

function withWarnings(lane: Lane, more: readonly LaneWarning[]): Lane {
  return more.length === 0 ? lane : { ...lane, warnings: [...more, ...lane.warnings] };
}
