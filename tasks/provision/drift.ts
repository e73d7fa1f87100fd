#!/usr/bin/env -S deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME
/**
 * Says what changed since a project's machine was provisioned, and what that will rerun.
 *
 * ```sh
 * deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME tasks/provision/drift.ts
 * ```
 *
 * @module
 */

import { look } from "../../lib/provision/mod.ts";
import { defineTask, runAsMain, z } from "../../lib/task/mod.ts";
import { driftOf, driftSchema, renderDrift } from "./_drift.ts";
import { driverPermissions, lookPermissions, openProject, projectField } from "./_project.ts";

/** `muster provision drift`. */
export const provisionDrift = defineTask({
  name: "provision drift",
  tier: "read",
  summary: "Say what changed since the machine was provisioned, and what that will rerun",
  input: z.object({
    ...projectField,
    exitCode: z.boolean().default(false).describe("Exit 1 on drift"),
    strict: z.boolean().default(false).describe("Read every declared file anew, whatever its size and times say"),
  }),
  output: driftSchema,
  permissions: lookPermissions,
  optional: [...driverPermissions],
  examples: [
    { run: "muster provision drift", does: "what would up do, and why" },
    { run: "muster provision drift --json", does: "print JSON" },
  ],
  exit: ({ drifted }, { exitCode }) => drifted && exitCode === true ? 1 : 0,
  render: renderDrift,
  run: async ({ project: directory, strict }, io, { signal, say }) => {
    return driftOf(await look(io, await openProject(io, directory, say), { strict, signal }));
  },
});

if (import.meta.main) await runAsMain(provisionDrift);
