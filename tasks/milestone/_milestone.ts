/** Milestones as the tasks print them. @module */

import type { Milestone } from "../../lib/forge/mod.ts";
import { visible } from "../../lib/io/mod.ts";
import { type Page, z } from "../../lib/task/mod.ts";
import { renderTable } from "../_table.ts";

/** A milestone. */
export const milestoneSchema = z.object({
  title: z.string(),
  state: z.enum(["open", "closed"]),
  description: z.string(),
  due: z.string().optional().describe("The day it is due"),
  counts: z.object({ open: z.int(), closed: z.int() }).optional().describe("Its issues, where the forge counts them"),
  url: z.string().optional(),
});

/** As `--json` prints it. */
export function toMilestoneOutput({ id: _, ...milestone }: Milestone): z.output<typeof milestoneSchema> {
  return milestone;
}

/** Milestones as a person reads them. */
export function renderMilestones(all: readonly z.output<typeof milestoneSchema>[], { style }: Page): string {
  if (all.length === 0) return style.quiet("none");
  return renderTable(all.map(({ title, state, due, counts }) => [
    { text: visible(title), paint: state === "open" ? style.good : style.quiet },
    state,
    due === undefined ? "" : `due ${due}`,
    { text: counts ? `${counts.open} open, ${counts.closed} closed` : "", paint: style.quiet },
  ]));
}
