/**
 * A board in a directory: an answer is a file, and the system's lock on its sibling has one process read it while the
 * others wait. One process keeps the stream, under a lock that the system lets go when that process dies; the others see
 * its marks in a file. Nothing of a token is in any of them. None needs to outlive a crash of the machine: what is broken
 * is read anew.
 *
 * @module
 */

import { z } from "../deps/zod.ts";
import { type FileLock, type Io, MusterError } from "../io/mod.ts";
import { digestText } from "../state/mod.ts";
import type { Board, BoardOptions, Freshness, KeepStream, Marks, Pause } from "./board.ts";
import { MarkList, waitForMark, waitForStream } from "./_local_board.ts";

const marksSchema = z.object({
  total: z.int(),
  aliveMs: z.number(),
  counts: z.array(z.tuple([z.string(), z.int()])),
});
const answerSchema = z.object({
  atMs: z.number(),
  after: z.int(),
  value: z.unknown().optional(),
  outage: z.string().optional(),
});
type Answer = z.output<typeof answerSchema>;

/** How often those who do not keep the stream look at what it told, in milliseconds. */
const lookMs = 50;
/** How often they try to keep it themselves. */
const leadMs = 1_000;
/** How old the last sign of a stream may be; it pings every 30 s. */
const aliveMs = 75_000;
/** How long an outage that one met is one that the others need not meet themselves. */
const outageMs = 5_000;
/** The most keys whose marks are kept: an older one counts as marked by `*`. */
const maxKeys = 500;

/** A board in a directory; see the module. */
export class SharedBoard implements Board {
  readonly #io: Io;
  readonly #directory: string;
  readonly #options: BoardOptions;
  readonly #marks = new MarkList();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #isLeading = false;

  constructor(io: Io, directory: string, options: BoardOptions) {
    this.#io = io;
    this.#directory = directory;
    this.#options = options;
    const { keepStream, signal } = options;
    const stop = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
    this.#running = keepStream ? this.#watch(keepStream, stop) : Promise.resolve();
    this.#running.catch(() => this.#marks.wake()); // thrown when the board is disposed of
  }

  async read<T>(key: string, freshness: Freshness, fetch: () => Promise<T>): Promise<T> {
    const path = `${this.#directory}/${await digestText(key)}`;
    const askedMs = this.#io.clock.now();
    const known = await this.#answer(path, askedMs, freshness);
    if (known) return this.#valueOf(known);
    const { timeoutMs, signal } = this.#options;
    await using _lock = await this.#io.files.lock(`${path}.lock`, { timeoutMs, signal });
    const meanwhile = await this.#answer(path, askedMs, freshness);
    if (meanwhile) return this.#valueOf(meanwhile);
    const after = (await this.marks()).total;
    const atMs = this.#io.clock.now(); // what changes while it is read it may not know of
    const write = (answer: Pick<Answer, "value" | "outage">) =>
      this.#io.files.write(path, JSON.stringify({ atMs, after, ...answer }), { mode: 0o600, synced: false });
    try {
      const value = await fetch();
      await write({ value });
      return value;
    } catch (error) {
      if (this.#options.isOutage(error)) await write({ outage: (error as Error).message });
      throw error;
    }
  }

  #valueOf<T>({ value, outage }: Answer): T {
    if (outage !== undefined) throw new SharedOutage(outage);
    return value as T;
  }

  /** An answer that is fresh enough. One from the future is of another clock, and none. */
  async #answer(path: string, askedMs: number, { maxAgeMs, after = 0 }: Freshness): Promise<Answer | undefined> {
    const answer = await this.#readJson(path, answerSchema);
    if (!answer || answer.atMs > this.#io.clock.now()) return undefined;
    const mostMs = answer.outage === undefined ? maxAgeMs : Math.min(maxAgeMs, outageMs);
    return answer.atMs > askedMs - mostMs && answer.after >= after ? answer : undefined;
  }

  async opened(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.#options.keepStream) await waitForStream(this.#io, this.#marks, ms, signal);
  }

  async marks(): Promise<Marks> {
    if (!this.#isLeading && this.#options.keepStream) await this.#readMarks();
    return this.#marks;
  }

  async changed(keys: readonly string[], count: number, pause: Pause, signal?: AbortSignal): Promise<void> {
    await waitForMark(this.#io, this.#marks, keys, count, pause, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Keeps the stream, or looks at what its keeper tells until there is none. */
  async #watch(keepStream: KeepStream, stop: AbortSignal): Promise<void> {
    try {
      while (!stop.aborted) {
        await using lock = await this.#tryLead(stop);
        if (lock) return await this.#lead(keepStream, stop);
        for (let waited = 0; waited < leadMs; waited += lookMs) {
          await this.#readMarks();
          await this.#io.clock.delay(lookMs, stop);
        }
      }
    } catch (error) {
      if (!stop.aborted) throw error;
    }
  }

  async #tryLead(signal: AbortSignal): Promise<FileLock | undefined> {
    try {
      return await this.#io.files.lock(`${this.#directory}/stream.lock`, { timeoutMs: 0, signal });
    } catch (error) {
      if (error instanceof MusterError && error.code === "timeout") return undefined;
      throw error;
    }
  }

  async #lead(keepStream: KeepStream, stop: AbortSignal): Promise<void> {
    await this.#readMarks(); // the count goes on where the one before left it
    this.#marks.isStreaming = false; // unlike what was told, which may be of one that was killed
    this.#isLeading = true;
    let toldMs = 0;
    const tell = async () => {
      toldMs = this.#marks.isStreaming ? this.#io.clock.now() : 0;
      const counts = [...this.#marks.counts].slice(-maxKeys);
      const text = JSON.stringify({ total: this.#marks.total, aliveMs: toldMs, counts });
      await this.#io.files.write(`${this.#directory}/marks`, text, { mode: 0o600, synced: false });
    };
    try {
      await keepStream({
        mark: async (keys) => {
          this.#marks.mark(keys);
          await tell();
        },
        streaming: async (isStreaming) => {
          const isNew = this.#marks.isStreaming !== isStreaming;
          this.#marks.setStreaming(isStreaming);
          if (isNew || isStreaming && this.#io.clock.now() - toldMs > aliveMs / 4) await tell();
        },
      }, stop);
    } finally {
      this.#marks.setStreaming(false);
      await tell();
    }
  }

  async #readMarks(): Promise<void> {
    const read = await this.#readJson(`${this.#directory}/marks`, marksSchema);
    const told = read ?? { total: 0, aliveMs: 0, counts: [] };
    const ageMs = this.#io.clock.now() - told.aliveMs;
    const isStreaming = told.aliveMs > 0 && ageMs >= 0 && ageMs <= aliveMs;
    if (isStreaming !== this.#marks.isStreaming) this.#marks.setStreaming(isStreaming);
    if (told.total === this.#marks.total) return;
    this.#marks.total = told.total;
    this.#marks.counts.clear();
    for (const [key, count] of told.counts) this.#marks.counts.set(key, count);
    this.#marks.wake();
  }

  /** A file of this board; one that is broken or of another version is none: it is read anew. */
  async #readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema> | undefined> {
    const bytes = await this.#io.files.read(path);
    if (bytes === undefined) return undefined;
    try {
      return schema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }
}

/** An outage that another waiter met just now. */
export class SharedOutage extends MusterError {
  constructor(message: string) {
    super("failed", message);
  }
}
