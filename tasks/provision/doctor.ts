#!/usr/bin/env -S deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME
/**
 * Looks for what is wrong with a project's provisioning. Drift is information, and no issue.
 *
 * ```sh
 * deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME tasks/provision/doctor.ts
 * ```
 *
 * @module
 */

import { visible } from "../../lib/io/visible.ts";
import { findIssues } from "../../lib/provision/doctor.ts";
import { defineTask, runAsMain, z } from "../../lib/task/mod.ts";
import { driverPermissions, lookPermissions, projectField } from "./_project.ts";
import { readProject } from "../../lib/provision/read_project.ts";

/** `muster provision doctor`. */
export const provisionDoctor = defineTask({
  name: "provision doctor",
  tier: "read",
  summary: "Look for what is wrong with the project's provisioning",
  input: z.object({ ...projectField }),
  output: z.object({
    machine: z.string(),
    findings: z.array(z.object({
      level: z.enum(["ok", "info", "issue"]),
      about: z.string(),
      message: z.string(),
      hint: z.string().optional(),
    })),
  }),
  permissions: lookPermissions,
  optional: driverPermissions,
  examples: [{ run: "muster provision doctor", does: "look at everything that provisioning rests on" }],
  exit: ({ findings }) => findings.some(({ level }) => level === "issue") ? 1 : 0,
  render: ({ findings }, { style }) => {
    const paint = { ok: style.good, info: style.quiet, issue: style.bad };
    return findings.flatMap(({ level, about, message, hint }) => [
      `${paint[level](level.padEnd(5))}  ${about}: ${visible(message)}`,
      ...(hint === undefined ? [] : [`       hint: ${visible(hint)}`]),
    ]).join("\n");
  },
  run: async ({ project: directory }, io, { signal }) => {
    const project = await readProject(io, directory);
    return { machine: project.machine.name, findings: await findIssues(io, project, signal) };
  },
});

if (import.meta.main) await runAsMain(provisionDoctor);
