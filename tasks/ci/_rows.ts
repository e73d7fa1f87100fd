/** Pipelines as a table. @module */

import { visible } from "../../lib/io/mod.ts";
import { formatDuration, type Page, type z } from "../../lib/task/mod.ts";
import { cutToWidth, renderTable } from "../_table.ts";
import { classPaint, type pipelineSchema } from "./_ci.ts";

/** Pipelines as a person reads them. */
export function renderPipelines(pipelines: readonly z.output<typeof pipelineSchema>[], { style }: Page): string {
  const paint = classPaint(style);
  const heading = ["NUMBER", "STATUS", "NAME", "BRANCH", "COMMIT", "EVENT", "TOOK", ""];
  const rows = pipelines.map((one) => [
    String(one.number),
    { text: visible(one.status), paint: paint[one.class] },
    cutToWidth(visible(one.name), 30),
    cutToWidth(visible(one.branch), 30),
    visible(one.sha).slice(0, 10),
    visible(one.event),
    one.durationMs === undefined ? "" : formatDuration(one.durationMs),
    visible(one.url),
  ]);
  return renderTable([heading.map((text) => ({ text, paint: style.quiet })), ...rows]);
}
