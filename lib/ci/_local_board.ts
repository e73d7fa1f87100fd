import type { Io } from "../io/mod.ts";
import type { Board, BoardOptions, Freshness, Marks, Pause } from "./board.ts";

/** Every key, after a stream was opened anew: what was missed meanwhile only a read can tell. */
export const everyKey = "*";

/** Marks in memory, and those who wait for one. */
export class MarkList implements Marks {
  isStreaming = false;
  readonly counts = new Map<string, number>();
  total = 0;
  #changed = Promise.withResolvers<void>();
  readonly #opened = Promise.withResolvers<void>();

  /** The newest of the keys, or of all. */
  count(keys: readonly string[]): number {
    return Math.max(0, ...[...keys, everyKey].map((key) => this.counts.get(key) ?? 0));
  }

  /** Notes whether the stream comes through; from then on it is opened, or known not to be. */
  setStreaming(isStreaming: boolean): void {
    const isNew = this.isStreaming !== isStreaming;
    this.isStreaming = isStreaming;
    this.#opened.resolve();
    if (isNew) this.wake();
  }

  /** Resolves once it is known whether the stream comes through. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Notes that something happened. */
  mark(keys: readonly string[]): void {
    this.total++;
    for (const key of keys) {
      this.counts.delete(key); // the newest stand last
      this.counts.set(key, this.total);
    }
    this.wake();
  }

  /** Has everyone who waits look. */
  wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Resolves at the next mark or wake. */
  get next(): Promise<void> {
    return this.#changed.promise;
  }
}

/** Waits for a mark of the keys, or as long as the pause is. */
export async function waitForMark(
  { clock }: Pick<Io, "clock">,
  marks: MarkList,
  keys: readonly string[],
  count: number,
  { ms, streamingMs }: Pause,
  signal?: AbortSignal,
): Promise<void> {
  const begunMs = clock.elapsed();
  while (marks.count(keys) <= count) {
    const leftMs = (marks.isStreaming ? streamingMs : ms) - (clock.elapsed() - begunMs);
    if (leftMs <= 0) return;
    await within(clock, marks.next, leftMs, signal);
  }
}

/** Waits until it is known whether the stream comes through, or for so long. */
export async function waitForStream(
  { clock }: Pick<Io, "clock">,
  marks: MarkList,
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  await within(clock, marks.opened, ms, signal);
}

/** Waits for something, or for so long, and leaves no timer behind. */
async function within(clock: Io["clock"], what: Promise<void>, ms: number, signal?: AbortSignal): Promise<void> {
  const over = new AbortController();
  const late = clock.delay(ms, signal ? AbortSignal.any([signal, over.signal]) : over.signal);
  try {
    await Promise.race([what, late]);
  } finally {
    over.abort();
    await late.catch(() => {}); // it was stopped here, or by the signal, which the race has thrown
  }
  signal?.throwIfAborted();
}

/** A board of this process alone. */
export class LocalBoard implements Board {
  readonly #io: Io;
  readonly #marks = new MarkList();
  readonly #stop = new AbortController();
  readonly #stream: Promise<void>;
  readonly #hasStream: boolean;

  constructor(io: Io, { keepStream, signal }: BoardOptions) {
    this.#io = io;
    const stop = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
    const tell = {
      mark: (keys: readonly string[]) => Promise.resolve(this.#marks.mark(keys)),
      streaming: (isStreaming: boolean) => Promise.resolve(this.#marks.setStreaming(isStreaming)),
    };
    this.#hasStream = keepStream !== undefined;
    this.#stream = keepStream ? keepStream(tell, stop) : Promise.resolve();
    this.#stream.catch(() => {}); // thrown when the board is disposed of
  }

  async read<T>(_key: string, _freshness: Freshness, fetch: () => Promise<T>): Promise<T> {
    return await fetch();
  }

  async opened(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.#hasStream) await waitForStream(this.#io, this.#marks, ms, signal);
  }

  marks(): Promise<Marks> {
    return Promise.resolve(this.#marks);
  }

  async changed(keys: readonly string[], count: number, pause: Pause, signal?: AbortSignal): Promise<void> {
    await waitForMark(this.#io, this.#marks, keys, count, pause, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#stream;
  }
}
