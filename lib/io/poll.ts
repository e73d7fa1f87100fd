import { MusterError } from "./error.ts";
import type { Clock } from "./io.ts";

/** Options of {@linkcode pollUntil}. */
export interface PollOptions {
  /** What is waited for, as the error says it: `the composer to show the message`. */
  readonly what: string;
  /** How long to wait, in milliseconds. */
  readonly timeoutMs: number;
  /** The first pause between two looks, in milliseconds. @default {1} */
  readonly firstPauseMs?: number;
  /** The longest pause between two looks, in milliseconds. @default {8} */
  readonly longestPauseMs?: number;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
}

/**
 * Looks again and again until there is something to see, with pauses that grow by half from the first to the longest.
 * Looks once more when time is out, so that a slow machine is not a wrong answer.
 *
 * @throws {MusterError} of code `timeout` that names what was waited for.
 *
 * @example
 * ```ts
 * import { realIo } from "./real.ts";
 * import { pollUntil } from "./poll.ts";
 *
 * let looks = 0;
 * const seen = await pollUntil(realIo.clock, () => Promise.resolve(++looks === 3 ? "here" : undefined), {
 *   what: "the third look",
 *   timeoutMs: 1000,
 * });
 * if (seen !== "here") throw new Error("unreachable");
 * ```
 */
export async function pollUntil<T>(
  clock: Clock,
  look: () => Promise<T | undefined>,
  options: PollOptions,
): Promise<T> {
  const end = clock.elapsed() + options.timeoutMs;
  const longest = options.longestPauseMs ?? 8;
  let pause = options.firstPauseMs ?? 1;
  while (true) {
    options.signal?.throwIfAborted();
    const late = clock.elapsed() >= end;
    const seen = await look();
    if (seen !== undefined) return seen;
    if (late) {
      throw new MusterError("timeout", `time ran out after ${options.timeoutMs} ms waiting for ${options.what}`);
    }
    await clock.delay(Math.min(pause, Math.max(0, end - clock.elapsed())), options.signal);
    pause = Math.min(longest, pause * 1.5);
  }
}
