/**
 * When to look again where no event wakes a wait.
 *
 * @module
 */

/** What is known of a run when the next look is planned. */
export interface Pace {
  /** How long it has run, in milliseconds. */
  readonly elapsedMs: number;
  /** How long such a run usually takes; `undefined` where that is not known. */
  readonly usualMs?: number;
  /** The longest pause. */
  readonly mostMs: number;
  /** The shortest pause. @default {3_000} */
  readonly leastMs?: number;
}

/**
 * The pause before the next look, in milliseconds: long while the usual end is far, short near it, growing again when the
 * run takes longer than usual. Never above `mostMs`.
 *
 * @param jitter A number from 0 to 1 that keeps many waiters apart: a tenth of the pause at most, towards the shorter.
 *
 * @example
 * ```ts
 * import { pauseMs } from "./interval.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(pauseMs({ elapsedMs: 0, usualMs: 600_000, mostMs: 30_000 }, 0), 30_000);
 * assertEquals(pauseMs({ elapsedMs: 590_000, usualMs: 600_000, mostMs: 30_000 }, 0), 5_000);
 * assertEquals(pauseMs({ elapsedMs: 601_000, usualMs: 600_000, mostMs: 30_000 }, 0), 3_000);
 * ```
 */
export function pauseMs({ elapsedMs, usualMs, mostMs, leastMs = 3_000 }: Pace, jitter: number): number {
  const wanted = usualMs === undefined
    ? elapsedMs / 8
    : elapsedMs < usualMs
    ? (usualMs - elapsedMs) / 2
    : (elapsedMs - usualMs) / 4;
  const pause = Math.min(mostMs, Math.max(leastMs, wanted));
  return pause * (1 - 0.1 * jitter);
}

/** The middle one of some durations; `undefined` for none. */
export function medianMs(durations: readonly number[]): number | undefined {
  const sorted = durations.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
