#!/usr/bin/env -S deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME
/**
 * Shows what a step printed the last time that it ran.
 *
 * ```sh
 * deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME tasks/provision/log.ts
 * ```
 *
 * @module
 */

import { visible } from "../../lib/io/visible.ts";
import { lastLog } from "../../lib/provision/logs.ts";
import { MachineState } from "../../lib/provision/machine_state.ts";
import { readProject } from "../../lib/provision/read_project.ts";
import { defineTask, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { driverPermissions, lookPermissions, projectField } from "./_project.ts";

/** `muster provision log`. */
export const provisionLog = defineTask({
  name: "provision log",
  tier: "read",
  summary: "Show what a step printed the last time that it ran",
  input: z.object({
    step: flag(z.string().optional().describe("The pack or hook; the one that ran last where none is named"), {
      positional: true,
      placeholder: "STEP",
    }),
    ...projectField,
  }),
  output: z.object({
    step: z.string(),
    result: z.string(),
    at: z.string(),
    run: z.string(),
    log: z.string().describe("The file"),
    reason: z.string().optional(),
    text: z.string(),
  }),
  permissions: lookPermissions,
  optional: driverPermissions,
  examples: [{ run: "muster provision log", does: "the step that ran last" }],
  render: ({ text }) => visible(text, { keep: "\n\t" }),
  run: async ({ project: directory, step }, io) => {
    const state = await MachineState.of(io, await readProject(io, directory));
    const { records } = await state.journal.read();
    const { record, text } = await lastLog(io.files, records, step);
    const { result, at, run, log = "", reason } = record;
    return { step: record.step, result, at, run, log, ...(reason === undefined ? {} : { reason }), text };
  },
});

if (import.meta.main) await runAsMain(provisionLog);
