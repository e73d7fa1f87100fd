#!/usr/bin/env -S deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME
/**
 * Brings the machine of a project to its declared state, and runs what that calls for.
 *
 * ```sh
 * deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME tasks/provision/up.ts
 * ```
 *
 * @module
 */

import { bringUp } from "../../lib/provision/bring_up.ts";
import { defineTask, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { Progress } from "./_progress.ts";
import { driverPermissions, openProject, projectField, upPermissions } from "./_project.ts";
import { renderRun, runExit, runFields, runOutput, runSchema } from "./_up.ts";

/** `muster provision up`. */
export const provisionUp = defineTask({
  name: "provision up",
  tier: "write",
  summary: "Bring the machine to its declared state, and run what that calls for",
  description:
    "Creates or starts the machine where it has to, then runs the packs and hooks that are new, changed, failed or\n" +
    "were interrupted, and nothing else. Steps after one that fails do not run; the next up resumes there.",
  input: z.object({
    ...projectField,
    noProvision: z.boolean().default(false).describe("Run no packs and hooks; the next up does"),
    reprovision: z.boolean().default(false).describe("Run all packs, post_start and post_attach, whatever is due"),
    plan: flag(z.string().optional().describe("Do nothing unless this is what provision plan says"), {
      placeholder: "ID",
    }),
    strict: z.boolean().default(false).describe("Read every declared file anew, whatever its size and times say"),
    ...runFields,
  }),
  output: runSchema,
  permissions: upPermissions,
  optional: driverPermissions,
  examples: [
    { run: "muster provision up", does: "bring the project's machine up" },
    { run: "muster provision up --no-provision --json", does: "bring up the machine alone, print JSON" },
  ],
  exit: runExit,
  render: renderRun,
  run: async ({ project: directory, verbose, timeout: timeoutMs, plan, strict, ...input }, io, job) => {
    const project = await openProject(io, directory, job.say);
    using progress = new Progress(io, job, verbose);
    const ask = input.noProvision ? "none" : input.reprovision ? "again" : "due";
    const options = { ask, timeoutMs, strict, onEvent: progress.take, signal: job.signal } as const;
    return runOutput(await bringUp(io, project, { ...options, ...(plan === undefined ? {} : { plan }) }));
  },
});

if (import.meta.main) await runAsMain(provisionUp);
