import { assert, assertEquals } from "../../lib/deps/assert.ts";
import { stringWidth } from "../../lib/deps/string_width.ts";
import { styleFor } from "../../lib/task/mod.ts";
import type { BriefOutput } from "./brief.ts";
import { renderBrief } from "./_render.ts";

const issue = (number: number, title: string) => ({
  number,
  title,
  url: `https://git.example.org/ada/tool/issues/${number}`,
  labels: [],
  assignees: [],
});

const wide = "日本語のタイトルは幅が二倍です。".repeat(8);

const brief: BriefOutput = {
  repo: "ada/tool",
  forge: "gitea",
  host: "git.example.org",
  login: "ada",
  milestone: "v1",
  labels: ["bug"],
  time: "2026-03-01T10:00:00.000Z",
  candidates: [
    issue(2, "Short"),
    issue(345, wide),
    issue(7, "\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007"),
  ],
  underway: [{
    ...issue(1, "Parser"),
    links: [{
      pr: 21,
      class: "keyword",
      draft: true,
      title: "x",
      branch: "fix",
      author: "bob",
      url: "https://git.example.org/ada/tool/pulls/21",
    }],
    heldBy: [],
  }],
  held: [{ ...issue(6, ""), heldBy: ["label blocked"] }],
  warnings: [{ code: "near_miss", message: `pull request 21: ${"long ".repeat(40)}\u001b[31m` }],
  requests: 4,
};

// deno-lint-ignore no-control-regex -- escape sequences are what is looked for
const sequences = /\u001b\[\d+m|\u001b\]8;;[^\u001b]*\u001b\\/g;

Deno.test("a brief for a person: header, counts, aligned rows cut by display width", () => {
  for (const columns of [60, 80, 120]) {
    const page = renderBrief(brief, { columns, style: styleFor({ color: false }) });
    const rows = page.split("\n");
    assertEquals(rows.slice(0, 4), [
      "ada/tool · milestone v1, label bug",
      "gitea git.example.org as ada · 2026-03-01T10:00:00Z",
      "",
      "3 to dispatch · 1 underway · 1 held",
    ]);
    // Nothing of a warning is cut; all else fits.
    const cut = rows.slice(0, rows.indexOf("WARNINGS"));
    assert(cut.every((row) => stringWidth(row) <= columns), `wider than ${columns}`);
    assert(rows.some((row) => row.includes("…")), "the long title is not cut");
    assert(rows.includes("  #6  (no title)  label blocked"), page);
    assert(page.includes("pr 21  keyword  draft  fix  @bob"), page);
    assert(rows.at(-1)?.endsWith("long \\u001b[31m"), page);
    assert(!page.includes("\u001b"), "an escape sequence of a title is printed as it is");
  }
});

Deno.test("a brief on a terminal: colours by state, links where it has them, and the same text", () => {
  const bare = renderBrief(brief, { columns: 100, style: styleFor({ color: false }) });
  const color = renderBrief(brief, { columns: 100, style: styleFor({ color: true }) });
  const linked = renderBrief(brief, { columns: 100, style: styleFor({ color: true, links: true }) });
  for (const page of [color, linked]) assertEquals(page.replace(sequences, ""), bare);
  assert(!color.includes("\u001b]8;;"), "links on a terminal that has none");
  for (const url of ["https://git.example.org/ada/tool/issues/2", "https://git.example.org/ada/tool/pulls/21"]) {
    assert(linked.includes(`\u001b]8;;${url}\u001b\\`), url);
  }
  assert(!linked.includes("\u001b]8;;https://evil.example"), "a title's own link is one");
  assert(
    color.includes("\u001b[32mDISPATCH\u001b[39m") && color.includes("\u001b[33mHELD\u001b[39m"),
    "no colours by state",
  );
});

Deno.test("--ready is numbers, one on a line", () => {
  const page = { columns: 80, style: styleFor({ color: true, links: true }) };
  assertEquals(renderBrief({ ...brief, ready: [2, 345] }, page), "2\n345");
  assertEquals(renderBrief({ ...brief, ready: [] }, page), "");
});
