import { z } from "../deps/zod.ts";

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/**
 * Milliseconds of a duration: `250ms`, `30s`, `20m`, `1h`, a fraction of one, or a bare number of seconds.
 *
 * @throws {RangeError} if the text is no duration, or longer than 24 days, which no timer can wait.
 *
 * @example
 * ```ts
 * import { parseDuration } from "./duration.ts";
 *
 * if (parseDuration("1.5s") !== 1500 || parseDuration(30) !== 30_000) throw new Error("unreachable");
 * ```
 */
export function parseDuration(value: string | number): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(String(value).trim());
  if (!match) {
    throw new RangeError(
      `Cannot parse ${JSON.stringify(value)} as a duration: expected a number and a unit such as "30s"`,
    );
  }
  const ms = Number(match[1]) * units[(match[2] ?? "s") as keyof typeof units];
  if (ms >= 2 ** 31) {
    throw new RangeError(`Cannot wait as long as ${JSON.stringify(value)}: expected less than 24 days`, {
      cause: "less than 24 days",
    });
  }
  return ms;
}

/** A duration as a person reads it: `250ms`, `1.5s`, `20m`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  for (const [unit, next] of [["s", units.m], ["m", units.h]] as const) {
    if (ms < next) return `${Number((ms / units[unit]).toFixed(1))}${unit}`;
  }
  return `${Number((ms / units.h).toFixed(1))}h`;
}

/** A field that may be left out, takes text or seconds, and gives milliseconds. */
export type DurationField = z.ZodPipe<
  z.ZodDefault<z.ZodUnion<readonly [z.ZodString, z.ZodNumber]>>,
  z.ZodTransform<number, string | number>
>;

/** A zod field that takes a duration and gives milliseconds. */
export function duration(byDefault: string): DurationField {
  return z.union([z.string(), z.number()]).default(byDefault).meta({ format: "duration" }).transform(
    (value, context) => {
      try {
        return parseDuration(value);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        context.addIssue({
          code: "custom",
          message: `expected ${error.cause ?? "a duration such as 30s"}, got ${JSON.stringify(value)}`,
        });
        return z.NEVER;
      }
    },
  );
}
