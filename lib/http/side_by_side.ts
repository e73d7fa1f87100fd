/** Options of {@linkcode sideBySide}. */
export interface SideBySideOptions {
  /** How many are done at the same time. @default {8} */
  readonly width?: number;
  /** Stops all of them. */
  readonly signal?: AbortSignal;
}

/**
 * Does a job for each value, several at a time, and returns what they gave in order. The first one that fails stops the
 * others through their signal, and is what is thrown once they have ended.
 *
 * @example
 * ```ts
 * import { sideBySide } from "./side_by_side.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(await sideBySide([1, 2, 3], (value) => Promise.resolve(value * 2)), [2, 4, 6]);
 * ```
 */
export async function sideBySide<Value, Result>(
  values: readonly Value[],
  job: (value: Value, signal: AbortSignal) => Promise<Result>,
  { width = 8, signal }: SideBySideOptions = {},
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = values.entries();
  const stop = new AbortController();
  const over = signal ? AbortSignal.any([stop.signal, signal]) : stop.signal;
  const work = async () => {
    for (const [at, value] of queue) {
      over.throwIfAborted();
      results[at] = await job(value, over);
    }
  };
  const workers = Array.from({ length: Math.min(width, values.length) }, work);
  try {
    await Promise.all(workers);
    return results;
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(workers);
    throw error;
  }
}
