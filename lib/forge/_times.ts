/** Times of forges. */

/** The time as RFC 3339 in UTC, to the second; as it is where it cannot be read. */
export function utc(time: string): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? time : toSecond(ms);
}

/** Milliseconds since 1970 as RFC 3339 in UTC, to the second. */
export function toSecond(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * A time before which a list began to be read: by the server's clock, a second off, as it is cut; else by this one's, which
 * said `begunMs` before the reading: that may take minutes, where a limit is waited for.
 */
export function since(dates: readonly (number | undefined)[], begunMs: number): number {
  const known = dates.filter((date) => date !== undefined);
  // Without a word from the server, its clock may be off by this much.
  return known.length === dates.length && known.length > 0 ? Math.min(...known) - 1_000 : begunMs - 120_000;
}

/** A day as the beginning of that day, which forges take for a time. */
export function dayToTime(day: string): string {
  return `${day}T00:00:00Z`;
}
