import { sideBySide } from "./side_by_side.ts";

/** Jobs that give these results, each with a signal that stops it. */
type Jobs<Results extends readonly unknown[]> = readonly [
  ...{ [At in keyof Results]: (signal: AbortSignal) => Promise<Results[At]> },
];

/**
 * Does different jobs at the same time. The first one that fails stops the others through their signal, and is what is
 * thrown once they have ended: nothing goes on behind an error.
 *
 * @example
 * ```ts
 * import { together } from "./together.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const [count, name] = await together([() => Promise.resolve(1), () => Promise.resolve("a")]);
 * assertEquals([count + 1, name.length], [2, 1]);
 * ```
 */
export async function together<Results extends readonly unknown[]>(
  jobs: Jobs<Results>,
  signal?: AbortSignal,
): Promise<Results> {
  const all: readonly ((signal: AbortSignal) => Promise<unknown>)[] = jobs;
  const results: readonly unknown[] = await sideBySide(all, (job, stop) => job(stop), { width: all.length, signal });
  return results as Results;
}
