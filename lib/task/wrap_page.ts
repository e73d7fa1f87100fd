import { stringWidth } from "../deps/string_width.ts";

/** Wider lines are hard to read. */
const widest = 100;

/**
 * A help page for a terminal of so many columns: no word is cut at its edge. What is too long goes on below its own text,
 * the columns of a table are kept, a flag stays with its placeholder, and a paragraph is filled anew.
 *
 * @example
 * ```ts
 * import { wrapPage } from "./wrap_page.ts";
 *
 * const page = wrapPage("FLAGS\n  --wait  Wait until the agent takes it up\n", 30);
 * if (page !== "FLAGS\n  --wait  Wait until the agent\n          takes it up\n") throw new Error(page);
 * ```
 */
export function wrapPage(page: string, columns: number): string {
  const width = Math.min(columns, widest);
  return joinParagraphs(page.split("\n")).flatMap((line) => wrapLine(line, width)).join("\n");
}

/** Lines of prose that follow each other as one; headings, tables and lists are no prose. */
function joinParagraphs(lines: readonly string[]): string[] {
  const joined: string[] = [];
  let isOpen = false;
  for (const line of lines) {
    const isProse = /^\S/.test(line) && !/^[A-Z ]+$/.test(line);
    if (isProse && isOpen) joined.push(`${joined.pop()} ${line}`);
    else joined.push(line);
    isOpen = isProse;
  }
  return joined;
}

function wrapLine(line: string, width: number): string[] {
  if (stringWidth(line) <= width) return [line];
  const [start = ""] = /^ */.exec(line) ?? [];
  const [, left = ""] = /^( *\S.*? {2,})\S/.exec(line) ?? [];
  const isTable = left !== "" && stringWidth(left) <= width / 2;
  const hang = isTable ? stringWidth(left) : start === "" ? 0 : start.length + 4;
  // The text of a column that would leave it too little room goes below.
  const isBelow = !isTable && left !== "" && stringWidth(left.trimEnd()) <= width;
  const head = isTable || isBelow ? left : start;
  const rows: string[] = isBelow ? [left.trimEnd()] : [];
  let row = isBelow ? " ".repeat(hang) : head;
  let isEmpty = true;
  for (const [word] of line.slice(head.length).matchAll(/[[(][^\])]*[\])]\S*|\S+/g)) {
    if (!isEmpty && stringWidth(row) + 1 + stringWidth(word) > width) {
      rows.push(row);
      row = " ".repeat(hang);
      isEmpty = true;
    }
    row += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...rows, row];
}
