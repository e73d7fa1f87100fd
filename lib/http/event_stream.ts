import { createParser, type EventSourceMessage } from "../deps/event_stream.ts";
import { MusterError, NetworkError } from "../io/mod.ts";

/** One server-sent event. */
export type ServerEvent = EventSourceMessage;

/** Options of an {@linkcode EventStream}. */
export interface EventStreamOptions {
  /** The most characters of one event. @default {4 Mi} */
  readonly maxLength?: number;
  /** How long nothing at all may come, comments counted, in milliseconds; without end where left out. */
  readonly idleMs?: number;
  /** Called whenever bytes come, comments counted. */
  readonly onBytes?: () => void;
  /** Closes the stream. */
  readonly signal?: AbortSignal;
}

/**
 * Server-sent events as they come, for one reader. The loop ends when the server closes the stream, and throws where the
 * connection is cut, nothing comes for too long, or the signal aborts. Leaving the loop closes it.
 *
 * @example
 * ```ts
 * import { EventStream } from "./event_stream.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const bytes = new TextEncoder().encode(": ping\n\ndata: one\n\ndata: two\n\n");
 * const stream = new EventStream(ReadableStream.from([bytes]), "GET /events", new AbortController());
 * const seen: string[] = [];
 * for await (const { data } of stream) seen.push(data);
 * assertEquals(seen, ["one", "two"]);
 * ```
 */
export class EventStream implements AsyncIterable<ServerEvent>, AsyncDisposable {
  readonly #body: ReadableStream<Uint8Array>;
  readonly #where: string;
  readonly #stop: AbortController;
  readonly #options: EventStreamOptions;

  /** Takes the body of an answer; `stop` closes the connection. */
  constructor(
    body: ReadableStream<Uint8Array>,
    where: string,
    stop: AbortController,
    options: EventStreamOptions = {},
  ) {
    this.#body = body;
    this.#where = where;
    this.#stop = stop;
    this.#options = options;
  }

  /** The events. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ServerEvent, void> {
    const { idleMs, maxLength = 4 * 1024 * 1024, onBytes } = this.#options;
    const events: ServerEvent[] = [];
    let broken: MusterError | undefined;
    const parser = createParser({
      maxBufferSize: maxLength,
      onEvent: (event) => void events.push(event),
      onError: (error) => {
        // A line that is no field is skipped, as the format has it.
        if (error.type !== "max-buffer-size-exceeded") return;
        broken = new MusterError("failed", `event is too long: ${this.#where}: more than ${maxLength} characters`);
      },
    });
    const decoder = new TextDecoder();
    const reader = this.#body.getReader();
    try {
      while (true) {
        const { done, value } = await this.#within(idleMs, reader.read());
        if (done) return;
        onBytes?.();
        parser.feed(decoder.decode(value, { stream: true }));
        yield* events.splice(0);
        if (broken) throw broken;
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new NetworkError("cut", `stream was cut: ${this.#where}`, { cause: error });
    } finally {
      reader.cancel().catch(() => {}); // nobody reads on, and one that was cut cannot be cancelled
      await this[Symbol.asyncDispose]();
    }
  }

  /** What is read, unless nothing comes for too long or the stream is closed: deno 2.9.6 may leave a read hanging then. */
  async #within<T>(idleMs: number | undefined, read: Promise<T>): Promise<T> {
    const over = Promise.withResolvers<never>();
    const stops = [this.#stop.signal, ...(this.#options.signal ? [this.#options.signal] : [])];
    const stop = AbortSignal.any(stops);
    const close = () => over.reject(stop.reason);
    if (stop.aborted) close();
    stop.addEventListener("abort", close, { once: true });
    const timer = idleMs === undefined ? undefined : setTimeout(() => {
      over.reject(new NetworkError("cut", `stream is silent: ${this.#where}: nothing for ${idleMs} ms`));
    }, idleMs);
    try {
      return await Promise.race([read, over.promise]);
    } finally {
      clearTimeout(timer);
      stop.removeEventListener("abort", close);
      read.catch(() => {}); // it may end later, and nobody waits for it
    }
  }

  /** Closes the stream. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new MusterError("interrupted", `stream closed: ${this.#where}`));
    return Promise.resolve();
  }
}
