/** Issues and pull requests as the tasks print them. @module */

import type { Issue, Pull } from "../lib/forge/mod.ts";
import { stringWidth } from "../lib/deps/string_width.ts";
import { visible } from "../lib/io/mod.ts";
import { flag, type Page, z } from "../lib/task/mod.ts";
import { cutToWidth, renderTable } from "./_table.ts";

/** A number of an issue or a pull request, as an argument. */
export function numberField(what: string) {
  return flag(z.int().min(1).describe(`The number of the ${what}`), {
    positional: true,
    placeholder: "NUMBER",
  });
}

/** Flags of what is created. */
export const createFields = {
  title: flag(z.string().min(1).describe("The title"), { short: "t", placeholder: "TITLE" }),
  label: flag(z.array(z.string()).default([]).describe("A label, exactly"), { short: "l", placeholder: "LABEL" }),
  milestone: flag(z.string().describe("The milestone, by its exact title").optional(), { placeholder: "TITLE" }),
  assignee: flag(z.array(z.string()).default([]).describe("Who it is assigned to"), {
    short: "a",
    placeholder: "LOGIN",
  }),
};

/** Flags of a list. */
export const listFields = {
  state: flag(z.enum(["open", "closed", "all"]).default("open").describe("In which state"), { placeholder: "STATE" }),
  limit: flag(z.int().min(1).max(1000).default(30).describe("How many, the newest first"), {
    short: "n",
    placeholder: "N",
  }),
};

const shared = {
  number: z.int(),
  title: z.string(),
  body: z.string(),
  labels: z.array(z.string()).readonly(),
  milestone: z.string().optional(),
  author: z.string(),
  url: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
};

/** An issue. */
export const issueSchema = z.object({
  ...shared,
  state: z.enum(["open", "closed"]),
  assignees: z.array(z.string()).readonly(),
});

/** A pull request. */
export const pullSchema = z.object({
  ...shared,
  state: z.enum(["open", "closed", "merged"]),
  draft: z.boolean(),
  assignees: z.array(z.string()).readonly().optional(),
  reviewers: z.array(z.string()).readonly().optional().describe("Who is asked to look at it, and has not yet"),
  head: z.string(),
  headSha: z.string(),
  headRepo: z.string().optional().describe("The repo of its branch, where that is another one"),
  base: z.string(),
});

/** As `--json` prints it. */
export function toIssueOutput({ openBlockers: _, ...issue }: Issue): z.output<typeof issueSchema> {
  return issue;
}

/** As `--json` prints it. */
export function toPullOutput({ isDraft, closes: _, ...pull }: Pull): z.output<typeof pullSchema> {
  return { ...pull, draft: isDraft };
}

type Item = z.output<typeof issueSchema> | z.output<typeof pullSchema>;

/** One of them as a person reads it: its facts, then its text. */
export function renderItem(item: Item, page: Page): string {
  const { style } = page;
  const facts = [
    stateOf(item),
    ...("head" in item ? [`${item.head} → ${item.base}`, item.headSha.slice(0, 12)] : []),
    ...(item.milestone === undefined ? [] : [item.milestone]),
    ...item.labels,
    ...(item.assignees ?? []).map((login) => `@${login}`),
    ...("reviewers" in item ? item.reviewers ?? [] : []).map((login) => `review by @${login}`),
  ];
  const text = visible(item.body, { keep: "\n\t" }).trimEnd();
  return [
    `${style.strong(style.link(`#${item.number}`, item.url))}  ${style.strong(visible(item.title) || "(no title)")}`,
    style.quiet(visible(facts.join(" · "))),
    style.quiet(visible(`by ${item.author} · ${item.createdAt} · ${item.url}`)),
    ...(text === "" ? [] : ["", text]),
  ].join("\n");
}

/** The narrowest that a title is cut to. */
const leastTitle = 20;

/** A list of them. */
export function renderItems(items: readonly Item[], { style, columns }: Page): string {
  if (items.length === 0) return style.quiet("none");
  const rows = items.map((item) => ({
    item,
    number: `#${item.number}`,
    title: visible(item.title) || "(no title)",
    beside: visible([...("head" in item ? [item.head] : []), ...item.labels].join("  ")),
  }));
  const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => stringWidth(text)));
  // What stands beside a title has as much as it needs, up to a third of the line, or what titles leave.
  const room = columns - widest(rows.map(({ number }) => number)) - widest(items.map(stateOf)) - 6;
  const titleWidest = Math.max(leastTitle, widest(rows.map(({ title }) => title)));
  const besideWidest = widest(rows.map(({ beside }) => beside));
  const besideWidth = Math.min(besideWidest, Math.max(Math.floor(room / 3), room - titleWidest));
  return renderTable(rows.map(({ item, number, title, beside }) => [
    { text: number, paint: (text) => paintState(item, style)(style.link(text, item.url)) },
    stateOf(item),
    cutToWidth(title, Math.max(leastTitle, room - besideWidth)),
    { text: cutToWidth(beside, besideWidth), paint: style.quiet },
  ]));
}

function stateOf(item: Item): string {
  return "draft" in item && item.draft && item.state === "open" ? "draft" : item.state;
}

function paintState(item: Item, style: Page["style"]): (text: string) => string {
  const state = stateOf(item);
  return state === "open" ? style.good : state === "draft" ? style.quiet : style.strong;
}
