/**
 * The guard before a push or a merge: waits until nothing runs on a branch, and vouches for the commits that it saw then.
 *
 * @module
 */

import { type Io, MusterError } from "../io/mod.ts";
import { isOutage } from "./_outage.ts";
import type { Board } from "./board.ts";
import type { WaitOutcome } from "./judge.ts";
import type { Pipeline } from "./pipeline.ts";
import type { CiProvider } from "./provider.ts";
import { streamingPauseMs, waitForPipelines, type Watched } from "./wait.ts";

/** What a guard is for. */
export const guardPurposes = ["push", "merge"] as const;

/** What a guard is for. */
export type GuardPurpose = typeof guardPurposes[number];

/** How a guard ends: as a wait does, and with what it vouches for only where that is success. */
export type GuardOutcome = WaitOutcome;

/** The commits that a push or merge is about. */
export interface GuardHeads {
  /** What is pushed or merged. */
  readonly sha: string;
  /** What the branch that it goes to is at; empty where there is no such branch yet. */
  readonly base: string;
}

/** Options of {@linkcode guardBranch}. */
export interface GuardOptions {
  /** Whom to ask. */
  readonly provider: CiProvider;
  /** Where what was read is shared. */
  readonly board: Board;
  /** What it is for: a merge wants its head green too. */
  readonly purpose: GuardPurpose;
  /** The branch that is pushed to or merged into. */
  readonly branch: string;
  /** The number of the pull request that is merged. */
  readonly pull?: number;
  /** Reads what is pushed or merged, and where to, each time anew. */
  readonly readHeads: () => Promise<GuardHeads>;
  /** How long to wait, in milliseconds. */
  readonly timeoutMs: number;
  /** The longest pause between two looks, in milliseconds, as of a wait. @default {60_000} */
  readonly intervalMs?: number;
  /** How long anything may take to register for the head, in milliseconds. @default {60_000} */
  readonly appearMs?: number;
  /** How long nothing new may register for the head, in milliseconds. @default {10_000} */
  readonly settleMs?: number;
  /** How long the server may be out of reach, in milliseconds. @default {300_000} */
  readonly outageMs?: number;
  /** Takes what a person should know. */
  readonly say?: (line: string) => void;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** What a guard found. */
export interface GuardReport extends GuardHeads {
  /** How it ended; it vouches for `sha` on `base` only where this is `success`. */
  readonly outcome: GuardOutcome;
  /** What runs on the branch, where that is why; of a merge also what its head is at. */
  readonly pipelines: readonly Pipeline[];
  /** Why, where the outcome alone does not say it. */
  readonly reason?: string;
  /** How often it began anew because a commit moved. */
  readonly restarts: number;
  /** How long it took, in milliseconds. */
  readonly elapsedMs: number;
}

/** The most pipelines of a branch that are looked at: those that run are among the newest. */
const branchRows = 50;

/**
 * Waits until no pipeline is live on the branch, and for a merge until its head is green, which is looked at again if the
 * branch took a while; then reads the commits again. If one moved meanwhile it begins anew, within its time. What happens after it returned it cannot know: a merge or push has
 * to name the commits that it vouches for.
 *
 * @throws {MusterError} where the server refuses.
 */
export async function guardBranch(io: Pick<Io, "clock">, options: GuardOptions): Promise<GuardReport> {
  const { purpose, readHeads, timeoutMs, say, signal } = options;
  const begunMs = io.clock.elapsed();
  const leftMs = () => Math.max(0, timeoutMs - (io.clock.elapsed() - begunMs));
  let heads = await readHeads();
  let restarts = 0;
  /** Whether the head was green before it took a while until the branch was quiet: a look says whether it still is. */
  let wasGreen = false;
  while (true) {
    const report = (outcome: GuardOutcome, pipelines: readonly Pipeline[] = [], reason?: string): GuardReport => ({
      outcome,
      ...heads,
      pipelines,
      ...(reason === undefined ? {} : { reason }),
      restarts,
      elapsedMs: io.clock.elapsed() - begunMs,
    });
    if (purpose === "merge") {
      const wait = await waitForPipelines(io, {
        kind: "commit",
        sha: heads.sha,
        pull: options.pull,
        readHead: async () => (await readHeads()).sha,
      }, { ...options, timeoutMs: leftMs(), ...(wasGreen ? { settleMs: 0 } : {}) });
      const hasMoved = wait.outcome === "superseded" && wait.reason?.startsWith("pushed meanwhile");
      if (wait.outcome !== "success" && !hasMoved) {
        return report(wait.outcome, wait.watched.map(({ pipeline }) => pipeline), reasonOf(wait.watched, wait.reason));
      }
    }
    const busy = await awaitQuiet(io, options, leftMs);
    if (busy.live.length > 0 || busy.outcome !== undefined) {
      return report(busy.outcome ?? "timeout", busy.live, busy.reason ?? `still live on ${options.branch}`);
    }
    const now = await readHeads();
    if (now.sha === heads.sha && now.base === heads.base) {
      if (purpose === "push" || !busy.hasWaited) return report("success");
      wasGreen = true;
      continue;
    }
    const moved = now.sha !== heads.sha ? `the head moved to ${now.sha}` : `the base moved to ${now.base || "nothing"}`;
    heads = now;
    if (leftMs() === 0) return report("timeout", [], moved);
    restarts++;
    wasGreen = false;
    say?.(`${moved}: beginning anew`);
    signal?.throwIfAborted();
  }
}

function reasonOf(watched: readonly Watched[], reason: string | undefined): string {
  if (reason !== undefined) return reason;
  const told = watched.filter(({ class: one }) => one !== "success").map(({ pipeline }) =>
    `${pipeline.name || pipeline.number} ${pipeline.status}`
  );
  return told.length > 0 ? `the head is not green: ${told.join(", ")}` : "nothing registered for the head";
}

interface Quiet {
  readonly live: readonly Pipeline[];
  /** Whether it took more than one look until none was live. */
  readonly hasWaited?: boolean;
  readonly outcome?: GuardOutcome;
  readonly reason?: string;
}

/** Waits until none of the branch's pipelines is live; a status that is in no table may be. */
async function awaitQuiet(
  io: Pick<Io, "clock">,
  options: GuardOptions,
  leftMs: () => number,
): Promise<Quiet> {
  const { provider, board, branch, intervalMs = 60_000, outageMs = 300_000, say, signal } = options;
  let outageSinceMs: number | undefined;
  let told = "";
  let maxAgeMs = 0;
  let live: readonly Pipeline[] = [];
  for (let looks = 0;; looks++) {
    signal?.throwIfAborted();
    const isLate = leftMs() === 0;
    const marks = await board.marks();
    const { total } = marks;
    const keys = live.map(({ number }) => String(number));
    live = [];
    let reason: string | undefined;
    try {
      const rows = await board.read(
        `branch ${provider.repo} ${branch}`,
        { maxAgeMs, after: marks.count(keys) },
        async () => [...await provider.recent({ branch, limit: branchRows }, signal)],
      );
      outageSinceMs = undefined;
      live = await stillLive(rows, options);
      if (live.length === 0) return { live, hasWaited: looks > 0 };
    } catch (error) {
      if (!isOutage(error)) throw error;
      reason = (error as MusterError).message;
      outageSinceMs ??= io.clock.elapsed();
      if (io.clock.elapsed() - outageSinceMs >= outageMs) return { live, outcome: "unreachable", reason };
    }
    if (isLate) return { live, outcome: "timeout", reason };
    const line = reason ??
      `${branch}: waiting for ${live.map((one) => `${one.name || one.number} ${one.status}`).join(", ")}`;
    if (line !== told) say?.(line);
    told = line;
    const pause = Math.min(intervalMs / 2, leftMs());
    const streamingMs = reason === undefined ? Math.min(streamingPauseMs, leftMs()) : pause;
    await board.changed(live.map(({ number }) => String(number)), total, { ms: pause, streamingMs }, signal);
    maxAgeMs = pause * 0.8;
  }
}

/** Rows of Woodpecker's list have no workflows: one that says `killed` may still run. */
async function stillLive(rows: readonly Pipeline[], { provider, signal }: GuardOptions): Promise<readonly Pipeline[]> {
  const live = rows.filter((row) => row.class === "live" || row.class === "unknown");
  if (provider.kind !== "woodpecker") return live;
  const killed = rows.filter(({ status }) => status === "killed").slice(0, 3);
  const whole = await Promise.all(killed.map(({ number }) => provider.pipeline(number, signal)));
  return [...live, ...whole.filter((one) => one.class === "live" || one.class === "unknown")];
}
