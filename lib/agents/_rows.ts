/** What the screens of terminal programs have in common. */

/** Rows without the blank ones at their end. */
export function withoutBlankEnd(rows: readonly string[]): string[] {
  return rows.slice(0, rows.findLastIndex((row) => row.trim() !== "") + 1);
}

/** Rows without the blank ones at both ends. */
export function withoutBlankEnds(rows: readonly string[]): string[] {
  const begin = rows.findIndex((row) => row.trim() !== "");
  return begin < 0 ? [] : withoutBlankEnd(rows.slice(begin));
}

/** The rows that begin a paragraph at the end: those after the last blank one. */
export function lastParagraph(rows: readonly string[]): string[] {
  const trimmed = withoutBlankEnd(rows);
  return trimmed.slice(trimmed.findLastIndex((row) => row.trim() === "") + 1);
}
