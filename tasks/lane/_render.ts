/** A brief as a person reads it. @module */

import { stringWidth } from "../../lib/deps/string_width.ts";
import { visible } from "../../lib/io/mod.ts";
import type { Page } from "../../lib/task/mod.ts";
import { type Cell, cutToWidth, renderTable } from "../_table.ts";
import type { BriefOutput } from "./brief.ts";

type Row = BriefOutput["candidates"][number];
type Link = BriefOutput["underway"][number]["links"][number];

/** The narrowest that a title is cut to. */
const leastTitle = 20;

/** With `--ready` the numbers, one on each line; else the whole brief. */
export function renderBrief(brief: BriefOutput, page: Page): string {
  if (brief.ready) return brief.ready.join("\n");
  const { candidates, underway, held, warnings } = brief;
  const { style } = page;
  const counts = [
    style.good(`${candidates.length} to dispatch`),
    style.strong(`${underway.length} underway`),
    style.warn(`${held.length} held`),
  ];
  const sections = [
    section("DISPATCH", candidates, page, style.good, (row) => [notes(row)]),
    section(
      "UNDERWAY",
      underway,
      page,
      style.strong,
      (row) => row.links.map((link) => linkText(link, row.heldBy, page)),
      linkUrl,
    ),
    section(
      "HELD",
      held,
      page,
      style.warn,
      (row) => {
        // A label that holds it is named once.
        const labels = row.labels.filter((label) => !row.heldBy.includes(`label ${label}`));
        return [visible([row.heldBy.join(", "), notes({ ...row, labels })].filter(Boolean).join("  "))];
      },
    ),
    warnings.length === 0 ? "" : [
      style.warn("WARNINGS"),
      ...warnings.map(({ message }) => `  ${visible(message)}`),
    ].join("\n"),
  ];
  return [header(brief, page), counts.join(style.quiet(" · ")), ...sections].filter((part) => part !== "").join("\n\n");
}

function header(
  { repo, forge, host, login, milestone, labels, time, mine }: BriefOutput,
  { style, columns }: Page,
): string {
  const lane = [
    ...(milestone === null ? [] : [`milestone ${milestone}`]),
    ...labels.map((label) => `label ${label}`),
  ].join(", ") || "all open issues";
  const asked = `${forge} ${host}${login === null ? "" : ` as ${login}`} · ${time.replace(/\.\d+Z$/, "Z")}`;
  const where = mine === undefined ? [] : [
    mine === null
      ? "that agent is in no checkout of the repo"
      : `${mine.agent} is on ${mine.branch || "no branch"} in ${mine.directory}`,
  ];
  return [
    cutToWidth(`${visible(repo)} · ${visible(lane)}`, columns).replace(visible(repo), style.strong(visible(repo))),
    style.quiet(cutToWidth(visible(asked), columns)),
    ...where.map((line) => style.quiet(cutToWidth(visible(line), columns))),
  ].join("\n");
}

function section<One extends Row>(
  title: string,
  rows: readonly One[],
  { columns, style }: Page,
  paint: (text: string) => string,
  besides: (row: One) => readonly string[],
  besideUrl: (row: One, at: number) => string | undefined = () => undefined,
): string {
  if (rows.length === 0) return "";
  const numberWidth = Math.max(...rows.map(({ number }) => String(number).length)) + 1;
  const widest = Math.max(...rows.map(({ title }) => stringWidth(visible(title))), leastTitle);
  const besideWidest = Math.max(...rows.flatMap(besides).map((text) => stringWidth(text)), 0);
  // What stands beside a title has as much as it needs, up to half of the line.
  const room = columns - numberWidth - 6;
  const besideWidth = Math.min(besideWidest, Math.max(leastTitle, Math.floor(room / 2), room - widest));
  const titleWidth = Math.max(leastTitle, Math.min(widest, room - besideWidth));
  const cells = rows.flatMap((row): Cell[][] => {
    const [first = "", ...others] = besides(row);
    const beside = (text: string, at: number): Cell => {
      const url = besideUrl(row, at);
      return {
        text: cutToWidth(text, besideWidth),
        paint: (shown) => style.quiet(url === undefined ? shown : style.link(shown, url)),
      };
    };
    return [
      [
        { text: `  #${row.number}`, paint: (text) => paint(style.link(text, row.url)) },
        cutToWidth(visible(row.title) || "(no title)", titleWidth),
        beside(first, 0),
      ],
      ...others.map((text, at): Cell[] => ["", "", beside(text, at + 1)]),
    ];
  });
  return `${paint(title)}\n${renderTable(cells)}`;
}

/** Labels, assignees, and the agents that carry it. */
function notes({ labels, assignees, agents }: Row): string {
  return visible([
    ...(labels.length > 0 ? [labels.join(", ")] : []),
    ...assignees.map((login) => `@${login}`),
    ...(agents && agents.length > 0 ? [`carried by ${agents.join(", ")}`] : []),
  ].join("  "));
}

function linkText({ pr, class: of, draft, branch, author }: Link, heldBy: readonly string[], _page: Page): string {
  const parts = [`pr ${pr}`, of, ...(draft ? ["draft"] : []), branch, `@${author}`, ...heldBy];
  return visible(parts.join("  "));
}

function linkUrl({ links }: { readonly links?: readonly Link[] }, at: number): string | undefined {
  return links?.[at]?.url;
}
