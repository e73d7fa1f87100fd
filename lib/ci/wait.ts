/**
 * Waits until pipelines are at rest. What is waited for is pinned at the start: numbers, or a commit.
 *
 * @module
 */

import { HttpError } from "../http/mod.ts";
import { type Io, MusterError } from "../io/mod.ts";
import { isOutage, isPastDeadline } from "./_outage.ts";
import type { Board, Freshness } from "./board.ts";
import { medianMs, pauseMs } from "./interval.ts";
import { judge, type Seen, type WaitOutcome } from "./judge.ts";
import { type Pipeline, ranMs } from "./pipeline.ts";
import type { CiProvider } from "./provider.ts";
import { isRest } from "./statuses.ts";

/** What is waited for: pipelines by their numbers, or all that registers for a commit. */
export type WaitTarget =
  | { readonly kind: "numbers"; readonly numbers: readonly number[] }
  | {
    readonly kind: "commit";
    readonly sha: string;
    /** The number of the pull request whose head it is, where it was named by one. */
    readonly pull?: number;
    /** What the branch or pull request is at now, where the commit was named by one; `undefined` where it is gone. */
    readonly readHead?: () => Promise<string | undefined>;
  };

/** A pipeline that is waited for, as it was last seen. */
export interface Watched extends Seen {
  /** The pipeline. */
  readonly pipeline: Pipeline;
  /** The number of the pipeline that stands in its place, where there is one. */
  readonly supersededBy?: number;
}

/** What a look saw. */
export interface Look {
  /** What is waited for. */
  readonly watched: readonly Watched[];
  /** How long such a pipeline usually takes, where that is known. */
  readonly usualMs?: number;
  /** Since the wait began. */
  readonly elapsedMs: number;
}

/** Options of {@linkcode waitForPipelines}. */
export interface WaitOptions {
  /** Whom to ask. */
  readonly provider: CiProvider;
  /** Where what was read is shared. */
  readonly board: Board;
  /** How long to wait, in milliseconds; 0 for one look. */
  readonly timeoutMs: number;
  /** The longest pause between two looks, in milliseconds; half of it where no run is known to take long. @default {60_000} */
  readonly intervalMs?: number;
  /** How long anything may take to register for a commit, in milliseconds. @default {60_000} */
  readonly appearMs?: number;
  /** How long nothing new may register for a commit before success is said, in milliseconds. @default {10_000} */
  readonly settleMs?: number;
  /** How long the server may be out of reach, in milliseconds. @default {300_000} */
  readonly outageMs?: number;
  /** Whether all must be success. @default {false} */
  readonly strict?: boolean;
  /** Whether a restart or a new push is followed. @default {false} */
  readonly follow?: boolean;
  /** Whether looks tell the usual duration where no pause depends on it, which costs a request. @default {false} */
  readonly tellUsual?: boolean;
  /** Takes each look. */
  readonly onLook?: (look: Look) => void;
  /** Takes what a person should know. */
  readonly say?: (line: string) => void;
  /** Numbers from 0 to 1 that keep waiters apart. @default {Math.random} */
  readonly random?: () => number;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** How a wait ended. */
export interface WaitReport {
  /** How. */
  readonly outcome: WaitOutcome;
  /** What was waited for, as last seen. */
  readonly watched: readonly Watched[];
  /** The commit, where one was waited for. */
  readonly sha?: string;
  /** Why, where the outcome alone does not say it. */
  readonly reason?: string;
  /** How long it took. */
  readonly elapsedMs: number;
}

/**
 * While a stream comes through there is nothing to poll for, but for what it does not tell: an event that the server lost,
 * a repo of which it tells this token nothing, and a branch that has moved. So late may that be told.
 */
export const streamingPauseMs = 120_000;
/** How long the first look waits for the stream to open: one that is opened after it would have all read again. */
const openingMs = 1_000;
/** How often the head of a branch is read while its pipelines run. */
const headMs = 60_000;
/** How long what is known of the usual duration holds. */
const historyMs = 600_000;
/** Numbers of a history. */
const historyRows = 20;
/** What another pipeline that registers for the commit would change. */
const restOutcomes: readonly WaitOutcome[] = ["success", "no_success", "needs_person"];

/**
 * Waits until all that is waited for is at rest, or only a person can move it on, or it can no longer be.
 *
 * @throws {MusterError} of code `not_found` where a number is of no pipeline, of code `failed` where the server refuses: a
 * wrong token fails at once. An outage is waited out, up to `outageMs`.
 */
export async function waitForPipelines(
  io: Pick<Io, "clock">,
  target: WaitTarget,
  options: WaitOptions,
): Promise<WaitReport> {
  return await new Wait(io, target, options).run();
}

class Wait {
  readonly #io: Pick<Io, "clock">;
  readonly #options: WaitOptions;
  readonly #begunMs: number;
  #target: WaitTarget;
  #watched = new Map<string, Watched>();
  #usualMs: number | undefined;
  /** Since when nothing new came and nothing is live; `undefined` while something is. */
  #restSinceMs: number | undefined;
  /** Since when the target is what it is: a push that is followed begins anew. */
  #appearSinceMs: number;
  #outageSinceMs: number | undefined;
  #outages = 0;
  #headReadMs: number;
  #hasMoved = false;
  #reason: string | undefined;
  /** How many marks of the stream what was last read knows of. */
  #count = 0;
  /** How often in a row a mark led to nothing: a stream that lies must not have us read without end. */
  #idleWakes = 0;

  constructor(io: Pick<Io, "clock">, target: WaitTarget, options: WaitOptions) {
    this.#io = io;
    this.#options = options;
    this.#target = target.kind === "numbers" ? { ...target, numbers: [...new Set(target.numbers)] } : target;
    this.#begunMs = this.#appearSinceMs = this.#headReadMs = io.clock.elapsed();
  }

  get #elapsedMs(): number {
    return this.#io.clock.elapsed() - this.#begunMs;
  }

  get #intervalMs(): number {
    return this.#options.intervalMs ?? 60_000;
  }

  /** The longest pause for what usually takes so long: a tenth of it, within what was asked for. */
  #mostMs(usualMs: number): number {
    return Math.min(this.#intervalMs, Math.max(this.#intervalMs / 2, usualMs / 10));
  }

  async run(): Promise<WaitReport> {
    const { board, timeoutMs, signal } = this.#options;
    if (timeoutMs > 0) await board.opened(Math.min(openingMs, timeoutMs), signal);
    let freshMs = 0;
    while (true) {
      signal?.throwIfAborted();
      const isLate = this.#elapsedMs >= timeoutMs;
      const outcome = await this.#tryLook(freshMs, isLate);
      if (outcome) return this.#report(outcome);
      const pause = Math.min(this.#pauseMs(), Math.max(0, timeoutMs - this.#elapsedMs));
      freshMs = await this.#sleep(pause);
    }
  }

  #report(outcome: WaitOutcome): WaitReport {
    return {
      outcome,
      watched: this.#inOrder,
      ...(this.#target.kind === "commit" ? { sha: this.#target.sha } : {}),
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      elapsedMs: this.#elapsedMs,
    };
  }

  /** One look; an outage is one more reason to wait, until it has lasted too long. */
  async #tryLook(maxAgeMs: number, isLate: boolean): Promise<WaitOutcome | undefined> {
    const { outageMs = 300_000, say } = this.#options;
    try {
      await this.#look(maxAgeMs);
      if (this.#outageSinceMs !== undefined) say?.(`${this.#options.provider.host} answers again`);
      this.#outageSinceMs = undefined;
      this.#outages = 0;
      this.#reason = undefined;
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (isPastDeadline(error)) {
        this.#reason = (error as Error).message;
        return this.#lastSeen();
      }
      if (!isOutage(error)) throw error;
      const now = this.#io.clock.elapsed();
      this.#reason = (error as Error).message;
      if (this.#outageSinceMs === undefined) say?.(`${this.#reason}: trying again`);
      this.#outageSinceMs ??= now;
      this.#outages++;
      if (now - this.#outageSinceMs >= outageMs) return "unreachable";
      return isLate ? this.#lastSeen() : undefined;
    }
    this.#options.onLook?.({
      watched: this.#inOrder,
      usualMs: this.#usualMs,
      elapsedMs: this.#elapsedMs,
    });
    const outcome = this.#judge({ isLate });
    if (this.#target.kind === "numbers" || outcome === "timeout") return outcome;
    if (this.#isHeadDue(outcome) && !(await this.#isHeadStill())) {
      // Followed: what registered for the new commit is looked at next.
      return this.#hasMoved ? this.#judge({ isLate }) : isLate ? "timeout" : undefined;
    }
    return outcome === undefined ? undefined : this.#settled(outcome, isLate);
  }

  #judge({ isLate }: { readonly isLate: boolean }): WaitOutcome | undefined {
    const { strict, appearMs = 60_000 } = this.#options;
    const isEmpty = this.#target.kind === "commit" && this.#watched.size === 0 && this.#outageSinceMs === undefined &&
      this.#io.clock.elapsed() - this.#appearSinceMs >= appearMs;
    return judge([...this.#watched.values()], { strict, isLate, isEmpty, hasMoved: this.#hasMoved });
  }

  /** What can be said at the end without a look: of a commit, that it is at rest, only looks in which nothing new registered. */
  #lastSeen(): WaitOutcome | undefined {
    const outcome = this.#judge({ isLate: true });
    return this.#target.kind === "commit" && outcome && restOutcomes.includes(outcome) ? "timeout" : outcome;
  }

  /** Success of a commit is said only after a while in which nothing new registered. */
  #settled(outcome: WaitOutcome, isLate: boolean): WaitOutcome | undefined {
    const { settleMs = 10_000 } = this.#options;
    if (!restOutcomes.includes(outcome)) return outcome;
    const now = this.#io.clock.elapsed();
    this.#restSinceMs ??= now;
    if (now - this.#restSinceMs >= settleMs) return outcome;
    if (!isLate) return undefined;
    this.#reason = "all is at rest, but not for long enough to know that nothing else registers";
    return "timeout";
  }

  async #look(maxAgeMs: number): Promise<void> {
    const marks = await this.#options.board.marks();
    this.#count = marks.count(this.#keys);
    const freshness = { maxAgeMs, after: this.#count };
    if (this.#target.kind === "numbers") await this.#lookAtNumbers(this.#target.numbers, freshness);
    else await this.#lookAtCommit(this.#target, freshness);
    this.#usualMs ??= await this.#readUsual(marks.isStreaming);
  }

  /** What is waited for, numbers as they were given: which was read first tells nothing. */
  get #inOrder(): readonly Watched[] {
    const all = [...this.#watched.values()];
    if (this.#target.kind === "commit") return all;
    const { numbers } = this.#target;
    return all.toSorted((a, b) => numbers.indexOf(a.pipeline.number) - numbers.indexOf(b.pipeline.number));
  }

  get #keys(): readonly string[] {
    return this.#target.kind === "commit" ? [this.#target.sha] : this.#target.numbers.map(String);
  }

  async #lookAtNumbers(numbers: readonly number[], freshness: Freshness): Promise<void> {
    await Promise.all(numbers.map(async (number) => {
      const known = [...this.#watched.values()].find(({ pipeline }) => pipeline.number === number);
      if (known && (isRest(known.class) || known.vanished)) return;
      const pipeline = await this.#readPipeline(number, freshness);
      if (pipeline) return await this.#note(pipeline, freshness);
      if (!known) throw noPipeline(number, this.#options.provider);
      this.#watched.set(known.pipeline.key, { ...known, vanished: true });
    }));
  }

  /** A pipeline; `undefined` where there is none, of which one answer alone is no proof. */
  async #readPipeline(number: number, freshness: Freshness): Promise<Pipeline | undefined> {
    const { board, provider, signal } = this.#options;
    const read = () => provider.pipeline(number, signal);
    try {
      return await board.read(`pipeline ${provider.repo} ${number}`, freshness, read);
    } catch (error) {
      if (!(error instanceof HttpError) || error.code !== "not_found") throw error;
    }
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof HttpError) || error.code !== "not_found") throw error;
      return undefined;
    }
  }

  async #lookAtCommit({ sha, pull }: WaitTarget & { readonly kind: "commit" }, freshness: Freshness): Promise<void> {
    const { board, provider, signal } = this.#options;
    const isOfPull = pull !== undefined && provider.ofPull !== undefined;
    const all = await board.read(
      isOfPull ? `pull ${provider.repo} ${pull} ${sha}` : `commit ${provider.repo} ${sha}`,
      freshness,
      async () => [...await (isOfPull ? provider.ofPull(pull, sha, signal) : provider.ofCommit(sha, signal))],
    );
    const restarted = new Map(all.flatMap(({ parent, number }) => parent === undefined ? [] : [[parent, number]]));
    for (const pipeline of all) {
      const by = restarted.get(pipeline.number);
      const known = this.#watched.get(pipeline.key);
      // One that was restarted before the wait began is not what is waited for.
      if (by !== undefined && !known) continue;
      if (!known) this.#restSinceMs = undefined;
      await this.#note(by === undefined ? pipeline : { ...pipeline, supersededBy: by }, freshness);
    }
    for (const [key, known] of this.#watched) {
      if (known.vanished || known.superseded || all.some((one) => one.key === key)) continue;
      const isNumbered = /^(pipeline|run) /.test(key);
      const pipeline = isNumbered ? await this.#readPipeline(known.pipeline.number, freshness) : undefined;
      if (pipeline) await this.#note(pipeline, freshness);
      else this.#watched.set(key, { ...known, vanished: true });
    }
  }

  /** Notes a pipeline as it is now: is it still the one that was pinned? */
  async #note(pipeline: Pipeline, freshness: Freshness): Promise<void> {
    const { follow = false, say } = this.#options;
    const known = this.#watched.get(pipeline.key);
    const by = pipeline.supersededBy ?? await this.#restartOf(pipeline, freshness);
    const isAnother = known !== undefined &&
      (pipeline.attempt !== known.pipeline.attempt || isRest(known.class) && !isRest(pipeline.class));
    if (pipeline.class === "live" || pipeline.class === "unknown") this.#restSinceMs = undefined;
    if (!isAnother && by === undefined) {
      this.#watched.set(pipeline.key, { class: pipeline.class, pipeline });
      return;
    }
    if (!follow) {
      this.#watched.set(pipeline.key, {
        class: pipeline.class,
        pipeline,
        superseded: true,
        ...(by === undefined ? {} : { supersededBy: by }),
      });
      return;
    }
    if (by === undefined) {
      say?.(`${pipeline.key} was restarted: following it`);
      this.#watched.set(pipeline.key, { class: pipeline.class, pipeline });
      return;
    }
    say?.(`${pipeline.key} is superseded by ${by}: following that`);
    this.#watched.delete(pipeline.key);
    if (this.#target.kind === "numbers") {
      const numbers = this.#target.numbers.map((number) => number === pipeline.number ? by : number);
      this.#target = { kind: "numbers", numbers: [...new Set(numbers)] };
    }
    const next = await this.#readPipeline(by, freshness);
    if (next) await this.#note(next, freshness);
  }

  /** The number of a restart, where a restart has a number of its own: looked for once a pipeline has ended badly. */
  async #restartOf({ class: one, number }: Pipeline, freshness: Freshness): Promise<number | undefined> {
    if (one !== "bad" || this.#options.provider.kind !== "woodpecker" || this.#target.kind === "commit") {
      return undefined;
    }
    const rows = await this.#recent({ maxAgeMs: Math.min(freshness.maxAgeMs, 1_000), after: freshness.after });
    return rows.find(({ parent }) => parent === number)?.number;
  }

  async #recent(freshness: Freshness): Promise<readonly Pipeline[]> {
    const { board, provider, signal } = this.#options;
    const read = async () => [...await provider.recent({ limit: historyRows }, signal)];
    return await board.read(`recent ${provider.repo}`, freshness, read);
  }

  /** How long pipelines of this repo take, from those that ended well; 0 where nothing tells. */
  async #readUsual(isStreaming: boolean): Promise<number | undefined> {
    const { timeoutMs, tellUsual = false } = this.#options;
    if (timeoutMs === 0 || isStreaming && !tellUsual) return undefined;
    const [one] = this.#watched.values();
    if (!one || isRest(one.class) && this.#watched.size === 1) return undefined;
    const rows = await this.#recent({ maxAgeMs: historyMs });
    const alike = rows.filter(({ name }) => name === one.pipeline.name);
    return medianMs(alike.filter((row) => row.class === "success").flatMap((row) => ranMs(row) ?? [])) ?? 0;
  }

  /** The head is read before the last word, and now and then before that. */
  #isHeadDue(outcome: WaitOutcome | undefined): boolean {
    return outcome !== undefined || this.#io.clock.elapsed() - this.#headReadMs >= Math.max(headMs, this.#intervalMs);
  }

  /** Whether branch or pull request are where they were; where not, the new commit is followed, or said. */
  async #isHeadStill(): Promise<boolean> {
    const { follow = false, say } = this.#options;
    if (this.#target.kind !== "commit" || this.#target.readHead === undefined) return true;
    const { readHead, sha, pull } = this.#target;
    this.#headReadMs = this.#io.clock.elapsed();
    const head = await readHead();
    if (head === undefined || head === sha) return true;
    this.#reason = `pushed meanwhile: ${head}`;
    if (!follow) {
      this.#hasMoved = true;
      return false;
    }
    say?.(`pushed meanwhile: following ${head}`);
    this.#target = { kind: "commit", sha: head, pull, readHead };
    this.#watched.clear();
    this.#restSinceMs = undefined;
    this.#appearSinceMs = this.#io.clock.elapsed();
    return false;
  }

  #pauseMs(): number {
    const { random = Math.random, settleMs = 10_000 } = this.#options;
    const most = this.#mostMs(this.#usualMs ?? 0);
    const leastMs = Math.min(3_000, most);
    if (this.#outageSinceMs !== undefined) {
      return Math.min(most, 15_000, 1_000 * 2 ** (this.#outages - 1)) * (1 - 0.5 * random());
    }
    if (this.#restSinceMs !== undefined) {
      return Math.max(0, this.#restSinceMs + settleMs - this.#io.clock.elapsed());
    }
    const live = [...this.#watched.values()].filter((one) => !isRest(one.class));
    if (live.length === 0) return pauseMs({ elapsedMs: this.#elapsedMs, mostMs: most, leastMs }, random());
    const usualMs = this.#usualMs || undefined;
    const pauses = live.map(({ pipeline: { startedMs, createdMs } }) => {
      // By the server's clock and ours, which may differ: a wrong guess costs a few looks, nothing else.
      const from = startedMs ?? createdMs;
      const elapsedMs = from === undefined ? this.#elapsedMs : Math.max(0, this.#io.clock.now() - from);
      return pauseMs({ elapsedMs, usualMs, mostMs: most, leastMs }, random());
    });
    return Math.min(...pauses);
  }

  /** Waits for an event or the pause; the age that the next answer may have. */
  async #sleep(pause: number): Promise<number> {
    const { board, signal, random = Math.random } = this.#options;
    const isCalm = this.#outageSinceMs === undefined && this.#restSinceMs === undefined && this.#watched.size > 0;
    const leftMs = Math.max(0, this.#options.timeoutMs - this.#elapsedMs);
    const streamingMs = isCalm ? Math.min(leftMs, streamingPauseMs * (1 - 0.1 * random())) : pause;
    // Marks that led to nothing, one after the other, are followed by a pause in which none is heard; the first may be of
    // the stream's opening.
    const deafMs = this.#idleWakes < 2 ? 0 : Math.min(pause, 125 * 2 ** Math.min(this.#idleWakes, 9));
    if (deafMs > 0) await this.#io.clock.delay(deafMs, signal);
    const pauses = { ms: Math.max(0, pause - deafMs), streamingMs: Math.max(0, streamingMs - deafMs) };
    await board.changed(this.#keys, this.#count, pauses, signal);
    const isWoken = (await board.marks()).count(this.#keys) > this.#count;
    this.#idleWakes = isWoken ? this.#idleWakes + 1 : 0;
    // Another waiter's answer is as good, unless it is as old as our own.
    if (isWoken) return Number.MAX_SAFE_INTEGER;
    return this.#restSinceMs === undefined ? pause * 0.8 : Math.min(1_000, pause / 10);
  }
}

function noPipeline(number: number, { repo, host }: CiProvider): MusterError {
  return new MusterError("not_found", `no such pipeline: ${number}`, {
    hint: `muster ci list -r ${repo} shows those of ${host}`,
  });
}
