import { assert, assertEquals } from "../lib/deps/assert.ts";
import { stringWidth } from "../lib/deps/string_width.ts";
import { styleFor } from "../lib/task/mod.ts";
import { renderItems } from "./_items.ts";

const issue = (number: number, title: string, labels: readonly string[] = []) => ({
  number,
  title,
  body: "",
  state: "open" as const,
  labels,
  assignees: [],
  author: "ada",
  url: "",
  createdAt: "",
  updatedAt: "",
});

Deno.test("a list is aligned, and fits its page whatever it holds", () => {
  const items = [
    issue(123, "日本語のタイトルは幅が二倍です。".repeat(5)),
    issue(4, "Short", ["blocked", "good first issue"]),
    issue(5, ""),
    issue(6, "\u001b[31mred", ["x".repeat(90)]),
  ];
  for (const columns of [60, 80, 110, 200]) {
    const rows = renderItems(items, { columns, style: styleFor({ color: false }) }).split("\n");
    for (const row of rows) assert(stringWidth(row) <= columns, `${stringWidth(row)} columns of ${columns}: ${row}`);
    assertEquals(rows.length, items.length);
    assert(rows[2]?.startsWith("#5    open  (no title)"), rows[2]);
    assert(rows[3]?.includes("\\u001b[31mred"), rows[3]);
  }
  const page = renderItems([issue(7, "One", ["bug"]), issue(6, "Two")], {
    columns: 80,
    style: styleFor({ color: false }),
  });
  assertEquals(page, "#7  open  One  bug\n#6  open  Two");
});
