import { truncatedWidth } from "../deps/string_width.ts";

/** The text, cut to a width with an ellipsis where it is longer. */
export function cutToWidth(text: string, columns: number): string {
  const { truncated, index } = truncatedWidth(text, { limit: columns, ellipsis: "…", ellipsisWidth: 1 });
  return truncated ? `${text.slice(0, index)}…` : text;
}
