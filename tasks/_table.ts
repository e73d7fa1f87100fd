import { stringWidth } from "../lib/deps/string_width.ts";

export { cutToWidth } from "../lib/task/cut_to_width.ts";

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
