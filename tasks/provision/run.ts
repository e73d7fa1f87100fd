#!/usr/bin/env -S deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME
/**
 * Runs all packs, post_start and post_attach again, on a machine that runs.
 *
 * ```sh
 * deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME tasks/provision/run.ts
 * ```
 *
 * @module
 */

import { bringUp } from "../../lib/provision/bring_up.ts";
import { defineTask, runAsMain, z } from "../../lib/task/mod.ts";
import { Progress } from "./_progress.ts";
import { driverPermissions, openProject, projectField, upPermissions } from "./_project.ts";
import { renderRun, runExit, runFields, runOutput, runSchema } from "./_up.ts";

/** `muster provision run`. */
export const provisionRun = defineTask({
  name: "provision run",
  aliases: ["provision reprovision"],
  tier: "write",
  summary: "Run all packs, post_start and post_attach again, without a restart",
  input: z.object({
    ...projectField,
    full: z.boolean().default(false).describe("Run post_create too"),
    ...runFields,
  }),
  output: runSchema,
  permissions: upPermissions,
  optional: driverPermissions,
  examples: [
    { run: "muster provision run", does: "run all but post_create again" },
    { run: "muster provision reprovision --full", does: "run everything again" },
  ],
  exit: runExit,
  render: renderRun,
  run: async ({ project: directory, verbose, timeout: timeoutMs, full }, io, job) => {
    const project = await openProject(io, directory, job.say);
    using progress = new Progress(io, job, verbose);
    const ask = full ? "full" : "again";
    const options = { ask, keepMachine: true, timeoutMs, onEvent: progress.take, signal: job.signal } as const;
    return runOutput(await bringUp(io, project, options));
  },
});

if (import.meta.main) await runAsMain(provisionRun);
