import { stringWidth, truncatedWidth } from "../deps/string_width.ts";

/** The text, cut to a width with an ellipsis where it is longer. */
export function cutToWidth(text: string, columns: number): string {
  const { truncated, index } = truncatedWidth(text, { limit: columns, ellipsis: "…", ellipsisWidth: 1 });
  if (!truncated) return text;
  const kept = text.slice(0, index);
  if (stringWidth(kept) < columns) return `${kept}…`;
  // fast-string-truncated-width 3.0.3 leaves too much where "。" and its like stand before other wide characters.
  const characters = [...new Intl.Segmenter().segment(kept)].map(({ segment }) => segment);
  while (characters.length > 0 && stringWidth(characters.join("")) >= columns) characters.pop();
  return `${characters.join("")}…`;
}
