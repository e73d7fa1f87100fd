#!/usr/bin/env -S deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME
/**
 * Shows what `provision up` would do, why, and in which order; changes nothing.
 *
 * ```sh
 * deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME tasks/provision/plan.ts
 * ```
 *
 * @module
 */

import { actions } from "../../lib/provision/action.ts";
import { look } from "../../lib/provision/look.ts";
import { defineTask, runAsMain, z } from "../../lib/task/mod.ts";
import { renderTable } from "../_table.ts";
import { describeChange } from "./_drift.ts";
import { driverPermissions, lookPermissions, openProject, projectField } from "./_project.ts";

/** `muster provision plan`. */
export const provisionPlan = defineTask({
  name: "provision plan",
  tier: "read",
  summary: "Show what up would do, why, and in which order",
  input: z.object({ ...projectField }),
  output: z.object({
    machine: z.string(),
    id: z.string().describe("up --plan ID does this and nothing else"),
    action: z.enum(actions),
    steps: z.array(z.object({
      name: z.string(),
      reason: z.string().describe("check: its own check is asked whether there is anything to do"),
      changes: z.array(z.string()).describe("The inputs that changed"),
    })),
  }),
  permissions: lookPermissions,
  optional: driverPermissions,
  examples: [{ run: "muster provision plan", does: "look before you leap" }],
  render: ({ machine, id, action, steps }, { style }) => {
    if (action === "none" && steps.length === 0) return `${machine}: nothing to do`;
    const rows = steps.map(({ name, reason, changes }) => [name, reason, changes.join("; ")]);
    return [
      `${machine}: ${action === "none" ? "the machine stays as it is" : action.replaceAll("_", " ")}${
        steps.length === 0 ? ", no steps" : ""
      }`,
      ...(rows.length > 0 ? [renderTable(rows).replaceAll(/^/gm, "  ")] : []),
      style.quiet(`to do exactly this: muster provision up --plan ${id}`),
    ].join("\n");
  },
  run: async ({ project: directory }, io, { signal, say }) => {
    const project = await openProject(io, directory, say);
    const { plan, action, due } = await look(io, project, { signal });
    const steps = due.map(({ step, reason, changes }) => ({
      name: step.name,
      reason,
      changes: changes.flatMap((change) => describeChange({ step: step.name, ...change, needs: "nothing" })),
    }));
    return { machine: project.machine.name, id: plan, action, steps };
  },
});

if (import.meta.main) await runAsMain(provisionPlan);
