/**
 * Where the waiters of one machine share what they read: whoever wants an answer that another has read just now takes that
 * one. Fifty that wait for one pipeline cost the server what one does.
 *
 * @module
 */

import type { Io } from "../io/mod.ts";
import { LocalBoard } from "./_local_board.ts";
import { SharedBoard } from "./_shared_board.ts";

/** How fresh an answer has to be. */
export interface Freshness {
  /** How long before it is asked for its reading may have begun, in milliseconds; with 0 it is read after that. */
  readonly maxAgeMs: number;
  /** It must have been read after so many marks, as {@linkcode Marks.count} counts them. @default {0} */
  readonly after?: number;
}

/** What a stream of events told, by keys such as `12` and a commit. */
export interface Marks {
  /** How many marks there are up to the newest of the keys: an answer read after fewer does not know of it. */
  count(keys: readonly string[]): number;
  /** How many marks there are. */
  readonly total: number;
  /** Whether a stream is open and known to come through, so that there is little to poll for. */
  readonly isStreaming: boolean;
}

/** How long to wait for something to happen. */
export interface Pause {
  /** Without a stream, in milliseconds. */
  readonly ms: number;
  /** While one comes through, in milliseconds; when it is cut, what is past of `ms` counts. */
  readonly streamingMs: number;
}

/** Where waiters share what they read. */
export interface Board extends AsyncDisposable {
  /** The answer to a question: one that is fresh enough, or read anew. A failure that `isShared` is shared like an answer. */
  read<T>(key: string, freshness: Freshness, fetch: () => Promise<T>): Promise<T>;
  /** Waits until the stream comes through, or is known not to, or for so long: what is read after it misses nothing. */
  opened(ms: number, signal?: AbortSignal): Promise<void>;
  /** What the stream told up to now. */
  marks(): Promise<Marks>;
  /** Waits until something happened to one of the keys since `count`, or as long as the pause is. */
  changed(keys: readonly string[], count: number, pause: Pause, signal?: AbortSignal): Promise<void>;
}

/** Opens a stream, hands out the keys of what happened, and says whether it comes through. Ends when the signal aborts. */
export type KeepStream = (
  tell: { mark(keys: readonly string[]): Promise<void>; streaming(isStreaming: boolean): Promise<void> },
  signal: AbortSignal,
) => Promise<void>;

/** Options of {@linkcode openBoard}. */
export interface BoardOptions {
  /** A directory that the waiters of the same server and token share; none where left out. */
  readonly directory?: string;
  /** The stream, where the server has one: of the waiters, one keeps it. */
  readonly keepStream?: KeepStream;
  /** How long to wait for another's reading of the same thing, in milliseconds. */
  readonly timeoutMs: number;
  /** Which failures are those of the server, which the others meet too. */
  readonly isOutage: (error: unknown) => boolean;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** A board, shared through a directory, or of this process alone. */
export function openBoard(io: Io, options: BoardOptions): Board {
  return options.directory === undefined
    ? new LocalBoard(io, options)
    : new SharedBoard(io, options.directory, options);
}
