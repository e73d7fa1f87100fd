/**
 * JSON over HTTP for forges and CI servers: one client for one server and one deadline.
 *
 * @module
 */

import type { z } from "../deps/zod.ts";
import { type Io, MusterError, type NetworkAnswer, NetworkError } from "../io/mod.ts";
import { EventStream, type EventStreamOptions } from "./event_stream.ts";
import { parseAnswer } from "./parse_answer.ts";
import { askedWaitMs, isRateLimited } from "./rate_limit.ts";
import { readBody } from "./_read_body.ts";
import { refusal } from "./_refusal.ts";

/** A secret, and the header that carries it. */
export interface HttpToken {
  /** The header's name, such as `Authorization`. */
  readonly header: string;
  /** What goes before the secret, such as `Bearer `. @default {""} */
  readonly prefix?: string;
  /** The secret; it goes to the client's own origin, and nowhere else. */
  readonly secret: string;
}

/** Options of {@linkcode HttpClient}. */
export interface HttpOptions {
  /** What every path is below, such as `https://git.example.org/api/v1`. */
  readonly baseUrl: string | URL;
  /** Who is asking. */
  readonly token?: HttpToken;
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Certificates of further authorities, as PEM. */
  readonly ca?: string;
  /** How long all that this client does may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How long one try of a request may take, in milliseconds. @default {30_000} */
  readonly tryMs?: number;
  /** How often an outage (502, 503, 504, no connection, a cut one) is tried again; until the deadline with `Infinity`. @default {4} */
  readonly retries?: number;
  /** How long to wait where a server says that too much was asked and not how long, in milliseconds. @default {60_000} */
  readonly unknownWaitMs?: number;
  /** The most bytes of one answer. @default {64 MiB} */
  readonly maxBytes?: number;
  /** Takes what is waited for, and why. */
  readonly say?: (line: string) => void;
  /** Stops everything. */
  readonly signal?: AbortSignal;
}

/** A query: values that are `undefined` are left out, an array is given many times. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Options of {@linkcode HttpClient.json}. */
export interface JsonOptions<Schema extends z.ZodType> {
  /** What the answer has to be; what it does not name is dropped. */
  readonly schema: Schema;
  /** The method. @default {"GET"} */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The query. */
  readonly query?: Query;
  /** What is sent, as JSON. */
  readonly body?: unknown;
  /** Whether it changes nothing although it is no GET, and so may be tried again: a GraphQL query. @default {false} */
  readonly isRead?: boolean;
  /** Whether an answer of success says in its text that too much was asked, as GraphQL does. */
  readonly isLimited?: (text: string) => boolean;
  /** Asks only for what changed since this client's last answer to the same request. @default {false} */
  readonly conditional?: boolean;
  /** Stops this request. */
  readonly signal?: AbortSignal;
}

/** An answer of success. */
export interface Answer<Data> {
  /** The status. */
  readonly status: number;
  /** Headers. */
  readonly headers: Headers;
  /** What it says; of a 304, what it said before. */
  readonly data: Data;
  /** The address that answered. */
  readonly url: URL;
  /** Whether nothing has changed since the last answer. */
  readonly notModified: boolean;
}

/** An answer whose body is read as it comes. */
export interface Opened {
  /** Headers. */
  readonly headers: Headers;
  /** The body, to be read to its end or cancelled. */
  readonly body: ReadableStream<Uint8Array>;
}

interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string | undefined;
  readonly url: URL;
}

const redirects = [301, 302, 303, 307, 308];
const outages = [502, 503, 504];
const maxRedirects = 5;
const firstPauseMs = 250;
const longestPauseMs = 15_000;

/**
 * A client of one server, for one job: its deadline is that of the job. It counts what it asks.
 *
 * - A token goes into its header, to the server's own origin only; a redirect to another origin is an error.
 * - Reads are tried again after an outage; a change only where it is known not to have been made.
 * - What a server asks to wait is waited, within the deadline.
 *
 * @example
 * ```ts
 * import { HttpClient } from "./client.ts";
 * import { fakeIo } from "../io/fake.ts";
 * import { z } from "../deps/zod.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const io = fakeIo({
 *   requests: [{
 *     url: "https://git.example.org/api/v1/version",
 *     headers: { authorization: "token s3cret" },
 *     answer: { body: '{"version":"1.26.3"}' },
 *   }],
 * });
 * const client = new HttpClient(io, {
 *   baseUrl: "https://git.example.org/api/v1",
 *   token: { header: "Authorization", prefix: "token ", secret: "s3cret" },
 *   timeoutMs: 30_000,
 * });
 * const { data } = await client.json("/version", { schema: z.object({ version: z.string() }) });
 * assertEquals([data.version, client.requests], ["1.26.3", 1]);
 * ```
 */
export class HttpClient {
  readonly #io: Pick<Io, "network" | "clock">;
  readonly #options: HttpOptions;
  readonly #base: URL;
  readonly #end: number;
  readonly #seen = new Map<string, { readonly etag: string; readonly text: string | undefined }>();
  #requests = 0;

  /** Creates a client whose deadline begins now. */
  constructor(io: Pick<Io, "network" | "clock">, options: HttpOptions) {
    this.#io = io;
    this.#options = options;
    this.#base = new URL(options.baseUrl);
    this.#end = io.clock.elapsed() + options.timeoutMs;
  }

  /** How many requests were made, tries and redirects counted. */
  get requests(): number {
    return this.#requests;
  }

  /** Milliseconds until the deadline. */
  get leftMs(): number {
    return Math.max(0, this.#end - this.#io.clock.elapsed());
  }

  /** The server's host, with its port where that is not the usual one. */
  get host(): string {
    return this.#base.host;
  }

  /** The address of a path below the base; a whole address must be of the same origin. */
  url(path: string, query: Query = {}): URL {
    const url = /^https?:\/\//i.test(path)
      ? new URL(path)
      : new URL(this.#base.href.replace(/\/+$/, "") + (path.startsWith("/") ? path : `/${path}`));
    if (url.origin !== this.#base.origin) {
      throw new MusterError("failed", `address of another host: ${url.origin}${url.pathname}`, {
        hint: `the token is for ${this.#base.origin} and is not sent elsewhere`,
      });
    }
    for (const [name, value] of Object.entries(query)) {
      if (value === undefined) continue;
      if (typeof value === "object") { for (const one of value) url.searchParams.append(name, one); }
      else url.searchParams.set(name, String(value));
    }
    return url;
  }

  /**
   * Asks, and reads the answer as JSON of a shape.
   *
   * @throws {HttpError} where the server refuses: `not_found` for 404 and 410, else `failed`.
   * @throws {NetworkError} where it cannot be asked.
   * @throws {MusterError} of code `timeout` at the deadline, of code `failed` for an answer of another shape.
   */
  async json<Schema extends z.ZodType>(
    path: string,
    options: JsonOptions<Schema>,
  ): Promise<Answer<z.output<Schema>>> {
    const { method = "GET", schema, body, conditional = false, signal, isRead = method === "GET" } = options;
    const url = this.url(path, options.query);
    const where = showRequest(method, url);
    const known = conditional ? this.#seen.get(url.href) : undefined;
    const headers: Record<string, string> = { accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (known) headers["if-none-match"] = known.etag;
    const received = await this.#send(method, url, {
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      isRead,
      isLimited: options.isLimited,
      signal,
    });
    const { status } = received;
    if (status === 304 && known) {
      return {
        ...received,
        data: parseAnswer(known.text, schema, where, this.#options.token?.secret),
        notModified: true,
      };
    }
    if (status < 200 || status > 299) throw refusal(method, received, this.#options.token?.secret);
    const etag = received.headers.get("etag");
    if (conditional && etag !== null) this.#seen.set(url.href, { etag, text: received.text });
    return {
      status,
      headers: received.headers,
      url: received.url,
      data: parseAnswer(received.text, schema, where, this.#options.token?.secret),
      notModified: false,
    };
  }

  /**
   * Opens a stream of server-sent events; it is open when this returns. It is not opened anew when it ends: what was
   * missed meanwhile only a read can tell.
   *
   * @throws {HttpError} where the server refuses.
   */
  async events(path: string, options: EventStreamOptions & { readonly query?: Query } = {}): Promise<EventStream> {
    const url = this.url(path, options.query);
    const stop = new AbortController();
    const late = setTimer(() => stop.abort(this.#lateError(url, [])), Math.min(this.#tryMs, this.leftMs));
    const signal = AbortSignal.any([stop.signal, ...signals(this.#options.signal, options.signal)]);
    let answer: NetworkAnswer;
    try {
      answer = await this.#fetch("GET", url, { headers: { accept: "text/event-stream" }, signal });
      const type = answer.headers.get("content-type") ?? "";
      if (answer.status === 200 && answer.body !== null && type.startsWith("text/event-stream")) {
        return new EventStream(answer.body, showRequest("GET", url), stop, options);
      }
      const text = await readBody(answer, showRequest("GET", url), this.#maxBytes);
      if (answer.status !== 200) throw refusal("GET", { ...answer, text, url }, this.#options.token?.secret);
      throw new MusterError("failed", `not a stream of events: ${showRequest("GET", url)}: ${type || "no type"}`);
    } catch (error) {
      stop.abort(error);
      throw error;
    } finally {
      late();
    }
  }

  /**
   * Asks, and hands out the body as it comes, however long it is. Where the server sends on to another host for it, as
   * GitHub does with logs, that host is asked without the token.
   *
   * @throws {HttpError} where the server refuses.
   * @throws {NetworkError} where it cannot be asked; nothing is tried again.
   */
  async open(path: string, options: { readonly query?: Query; readonly signal?: AbortSignal } = {}): Promise<Opened> {
    let url = this.url(path, options.query);
    const stop = new AbortController();
    const late = setTimer(() => stop.abort(this.#lateError(url, [])), Math.min(this.#tryMs, this.leftMs));
    const signal = AbortSignal.any([stop.signal, ...signals(this.#options.signal, options.signal)]);
    try {
      for (let hops = 0; hops <= maxRedirects; hops++) {
        const isOwn = url.origin === this.#base.origin;
        const answer = isOwn
          ? await this.#fetch("GET", url, { headers: { accept: "*/*" }, signal })
          : await this.#fetchElsewhere(url, signal);
        if (answer.status >= 200 && answer.status < 300) {
          return { headers: answer.headers, body: answer.body ?? new Blob([]).stream() };
        }
        const location = answer.headers.get("location");
        if (!redirects.includes(answer.status) || !location || !URL.canParse(location, url)) {
          const text = await readBody(answer, showRequest("GET", url), this.#maxBytes);
          throw refusal("GET", { ...answer, text, url }, this.#options.token?.secret);
        }
        await answer.body?.cancel();
        url = new URL(location, url);
      }
      throw new MusterError("failed", `redirected without end: ${showRequest("GET", this.url(path))}`);
    } finally {
      late();
    }
  }

  async #fetchElsewhere(url: URL, signal: AbortSignal): Promise<NetworkAnswer> {
    if (this.#base.protocol === "https:" && url.protocol !== "https:") {
      throw new MusterError("failed", `redirected to a host without https: ${url.host}`);
    }
    this.#requests++;
    return await this.#io.network.fetch(url, { headers: { "user-agent": "muster" }, signal });
  }

  get #tryMs(): number {
    return this.#options.tryMs ?? 30_000;
  }

  get #maxBytes(): number {
    return this.#options.maxBytes ?? 64 * 1024 * 1024;
  }

  /** One request to its answer: through redirects, outages and limits. */
  async #send(
    method: string,
    first: URL,
    request: {
      readonly headers: Record<string, string>;
      readonly body?: string;
      readonly isRead: boolean;
      readonly isLimited?: (text: string) => boolean;
      readonly signal?: AbortSignal;
    },
  ): Promise<Received> {
    const { isRead, isLimited } = request;
    const stops = signals(this.#options.signal, request.signal);
    const failures: string[] = [];
    let url = first;
    let redirected = 0;
    let limited = 0;
    for (let failed = 0;;) {
      for (const stop of stops) stop.throwIfAborted();
      if (this.leftMs === 0) throw this.#lateError(url, failures);
      const late = AbortSignal.timeout(Math.max(1, Math.min(this.#tryMs, this.leftMs)));
      let received: Received | undefined;
      let pause = Math.min(longestPauseMs, firstPauseMs * 2 ** failed) * (0.5 + Math.random() / 2);
      let head = 0;
      try {
        const answer = await this.#fetch(method, url, { ...request, signal: AbortSignal.any([late, ...stops]) });
        head = answer.status;
        received = { ...answer, url, text: await readBody(answer, showRequest(method, url), this.#maxBytes) };
      } catch (error) {
        const isLate = late.aborted && error === late.reason;
        const reason = isLate ? "no answer" : error instanceof NetworkError ? error.message : undefined;
        if (reason === undefined) throw error;
        failures.push(reason);
        const wasSent = isLate || error instanceof NetworkError && error.fault === "cut";
        if (!isRead && wasSent) throw this.#uncertain(method, url, head, reason, error);
        if (isLate && this.leftMs === 0) throw this.#lateError(url, failures);
        const isLasting = error instanceof NetworkError && error.fault === "certificate";
        if (isLasting || failed++ >= this.#retries) {
          if (isLate) throw this.#lateError(url, failures);
          throw error;
        }
      }
      if (received) {
        if (redirects.includes(received.status)) {
          if (++redirected > maxRedirects) throw new MusterError("failed", `redirected without end: ${first.href}`);
          url = this.#redirect(method, received);
          continue;
        }
        const isOutage = outages.includes(received.status);
        const isSuccess = received.status >= 200 && received.status < 300;
        const saysLimit = isSuccess && received.text !== undefined && (isLimited?.(received.text) ?? false);
        const told = saysLimit ? "said that its rate limit is reached" : `answered ${received.status}`;
        const asked = isOutage || saysLimit || isRateLimited(received)
          ? askedWaitMs(received.headers, this.#io.clock.now())
          : undefined;
        if (saysLimit || isRateLimited(received)) {
          failures.push(saysLimit ? told : `status ${received.status}`);
          pause = asked ?? this.#unknownWaitMs * 2 ** limited++;
        } else if (isOutage && isRead && failed < this.#retries) {
          failures.push(`status ${received.status}`);
          failed++;
          pause = asked ?? pause;
        } else if (isOutage && !isRead && !(received.status === 503 && asked !== undefined)) {
          // A gateway gave up waiting; what it stands before may have done it all the same.
          throw this.#uncertain(method, url, 0, `status ${received.status}`, undefined);
        } else return received;
        if (pause >= this.leftMs) throw this.#cannotWait(url, received.status, told, pause);
        if (pause >= 1_000) {
          this.#options.say?.(`${url.host} ${told}: asking again in ${Math.ceil(pause / 1000)} s`);
        }
      }
      await this.#io.clock.delay(Math.min(pause, this.leftMs), stops.length > 0 ? AbortSignal.any(stops) : undefined);
    }
  }

  get #retries(): number {
    return this.#options.retries ?? 4;
  }

  get #unknownWaitMs(): number {
    return this.#options.unknownWaitMs ?? 60_000;
  }

  /** One try: the token goes along, as the address is of the client's own origin. */
  async #fetch(
    method: string,
    url: URL,
    request: { readonly headers: Record<string, string>; readonly body?: string; readonly signal: AbortSignal },
  ): Promise<NetworkAnswer> {
    const { token, headers, ca } = this.#options;
    this.#requests++;
    return await this.#io.network.fetch(url, {
      method,
      headers: {
        "user-agent": "muster",
        ...headers,
        ...request.headers,
        ...(token ? { [token.header]: `${token.prefix ?? ""}${token.secret}` } : {}),
      },
      body: request.body,
      ca,
      signal: request.signal,
    });
  }

  /** Where a redirect leads: to the same origin, or nowhere. */
  #redirect(method: string, { status, headers, url }: Received): URL {
    const location = headers.get("location") ?? "";
    const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
    if (next === undefined || location === "") {
      throw new MusterError("failed", `redirected to nowhere: ${showRequest(method, url)}: status ${status}`);
    }
    if (next.origin !== this.#base.origin) {
      throw new MusterError("failed", `redirected to another host: ${showRequest(method, url)}: ${next.origin}`, {
        hint: "the token is not sent there: if it has moved, change url in forges.toml",
      });
    }
    // 301 to 303 turn a change into a read, which would look like its success.
    if (method !== "GET" && status < 307) {
      throw new MusterError("failed", `redirected: ${showRequest(method, url)}: to ${next.pathname}`, {
        hint: "it was not done: has the repo moved?",
      });
    }
    return next;
  }

  #lateError(url: URL, failures: readonly string[]): MusterError {
    const last = failures.at(-1);
    const told = `time ran out after ${this.#options.timeoutMs} ms waiting for ${url.host}`;
    return new MusterError("timeout", last === undefined ? told : `${told}: ${last}`, {
      hint: "--timeout gives it longer",
    });
  }

  #cannotWait(url: URL, status: number, told: string, pauseMs: number): MusterError {
    const seconds = Math.ceil(pauseMs / 1000);
    const why = outages.includes(status) ? "out of order" : "rate limit reached";
    return new MusterError(
      "timeout",
      `${why}: ${url.host} ${told}, and may be asked again in ${seconds} s`,
      {
        hint: `that is past the deadline of ${this.#options.timeoutMs} ms: --timeout gives it longer`,
      },
    );
  }

  #uncertain(method: string, url: URL, status: number, reason: string, cause: unknown): MusterError {
    const told = status >= 200 && status < 300 ? `answered ${status}, then ` : "";
    return new MusterError("failed", `not known whether it was done: ${showRequest(method, url)}: ${told}${reason}`, {
      hint: "look before trying again",
      cause,
    });
  }
}

/** `GET https://git.example.org/api/v1/version`; a query may be long, and tells little. */
export function showRequest(method: string, url: URL): string {
  return `${method} ${url.origin}${url.pathname}`;
}

function signals(...all: readonly (AbortSignal | undefined)[]): AbortSignal[] {
  return all.filter((one) => one !== undefined);
}

/** Calls `job` after a time, unless the function that is returned is called first. */
function setTimer(job: () => void, ms: number): () => void {
  const timer = setTimeout(job, ms);
  return () => clearTimeout(timer);
}
