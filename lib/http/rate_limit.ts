/** What a server says of how long to wait. @module */

/** The head of an answer. */
interface Head {
  readonly status: number;
  readonly headers: Headers;
}

/**
 * Whether an answer says that too much was asked: 429, or GitHub's 403 with no requests left or with a time to wait.
 *
 * @example
 * ```ts
 * import { isRateLimited } from "./rate_limit.ts";
 *
 * const headers = new Headers({ "x-ratelimit-remaining": "0" });
 * if (!isRateLimited({ status: 403, headers })) throw new Error("unreachable");
 * if (isRateLimited({ status: 403, headers: new Headers() })) throw new Error("unreachable");
 * ```
 */
export function isRateLimited({ status, headers }: Head): boolean {
  if (status === 429) return true;
  return status === 403 && (headers.get("x-ratelimit-remaining") === "0" || headers.has("retry-after"));
}

/**
 * Milliseconds that an answer asks to wait: by `Retry-After` (seconds or a date), else until the reset of the limit
 * (`X-RateLimit-Reset`, GitLab's `RateLimit-Reset`) where none is left; `undefined` where it says nothing.
 *
 * @example
 * ```ts
 * import { askedWaitMs } from "./rate_limit.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(askedWaitMs(new Headers({ "retry-after": "2" }), 0), 2_000);
 * assertEquals(askedWaitMs(new Headers({ "retry-after": "Thu, 01 Jan 1970 00:01:00 GMT" }), 50_000), 10_000);
 * assertEquals(askedWaitMs(new Headers({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "30" }), 0), 31_000);
 * assertEquals(askedWaitMs(new Headers(), 0), undefined);
 * ```
 */
export function askedWaitMs(headers: Headers, nowMs: number): number | undefined {
  const after = headers.get("retry-after")?.trim();
  if (after) {
    if (/^\d+$/.test(after)) return Number(after) * 1000;
    const date = Date.parse(after);
    if (!Number.isNaN(date)) return Math.max(0, date - nowMs);
  }
  const prefix = ["x-ratelimit", "ratelimit"].find((one) => headers.has(`${one}-reset`));
  if (prefix === undefined || (headers.get(`${prefix}-remaining`) ?? "0") !== "0") return undefined;
  const reset = Number(headers.get(`${prefix}-reset`));
  // A second on top, as both clocks are cut to seconds.
  return Number.isFinite(reset) ? Math.max(0, reset * 1000 - nowMs) + 1000 : undefined;
}
