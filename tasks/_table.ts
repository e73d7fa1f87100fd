import { stringWidth, truncatedWidth } from "../lib/deps/string_width.ts";

/** A cell: its text, and how it is coloured. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

/** Rows of cells as aligned columns, by display width; the first row is the heading. */
export function renderTable(rows: readonly (readonly Cell[])[]): string {
  const textOf = (cell: Cell) => typeof cell === "string" ? cell : cell.text;
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => stringWidth(textOf(row[column] ?? ""))))
  );
  return rows.map((row) =>
    row.map((cell, column) => {
      const text = textOf(cell);
      const gap = column === row.length - 1 ? "" : " ".repeat((widths[column] ?? 0) - stringWidth(text) + 2);
      return (typeof cell === "string" ? text : cell.paint(text)) + gap;
    }).join("").trimEnd()
  ).join("\n");
}

/** The text, cut to a width with an ellipsis where it is longer. */
export function cutToWidth(text: string, columns: number): string {
  const { truncated, index } = truncatedWidth(text, { limit: columns, ellipsis: "…", ellipsisWidth: 1 });
  return truncated ? `${text.slice(0, index)}…` : text;
}
