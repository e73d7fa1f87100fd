/** Whether the counts of a list prove that its rows kept their places. */
import type { Pages } from "../http/mod.ts";
import type { Steadiness } from "./forge.ts";

/** What is known of several lists together: no more than of the one that is known least. */
export function leastSteady(all: readonly Steadiness[]): Steadiness {
  const order: readonly Steadiness[] = ["moved", "unknown", "counted", "proved"];
  return order.find((one) => all.includes(one)) ?? "proved";
}

/** By how many rows each page said that there are, and how many different ones came. */
export function steadiness<Row>({ rows, totals, pages }: Pages<Row>, keyOf: (row: Row) => number): Steadiness {
  const distinct = new Set(rows.map(keyOf)).size;
  if (totals.length === 0) {
    return distinct !== rows.length ? "moved" : pages === 1 ? "proved" : "unknown";
  }
  if (rows.length !== distinct || !totals.every((total) => total === distinct)) return "moved";
  return pages === 1 ? "proved" : "counted";
}
