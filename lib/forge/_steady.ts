/** Whether the counts of a list prove that its rows kept their places. */
import type { Pages } from "../http/mod.ts";

/** Each page said how many rows there are, all the same, and so many different ones came. */
export function isSteady<Row>({ rows, totals }: Pages<Row>, keyOf: (row: Row) => number): boolean {
  const [total] = totals;
  return total !== undefined && totals.every((one) => one === total) && rows.length === total &&
    new Set(rows.map(keyOf)).size === total;
}
