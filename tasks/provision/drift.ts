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

import { look } from "../../lib/provision/look.ts";
import { defineTask, homeDirectory, homeVariables, runAsMain, stateDirectory, z } from "../../lib/task/mod.ts";
import { allDrift, allSchema, renderAll } from "./_all.ts";
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
    all: z.boolean().default(false).describe("Every machine that was provisioned from the fleet's hosts"),
    here: z.boolean().default(false).describe("With --all, those of this host alone"),
    strict: z.boolean().default(false).describe("Read every declared file anew, whatever its size and times say"),
  }),
  output: z.union([driftSchema, allSchema]),
  permissions: lookPermissions,
  optional: [
    ...driverPermissions,
    { permissions: { read: [homeDirectory], env: homeVariables, run: ["ssh"] }, buys: "--all: the roster's hosts" },
    { permissions: { write: [stateDirectory] }, buys: "a second look that need not read unchanged files" },
  ],
  examples: [
    { run: "muster provision drift", does: "what would up do, and why" },
    { run: "muster provision drift --json", does: "print JSON" },
    { run: "muster provision drift --all", does: "a table of machines and their steps" },
  ],
  exit: (output, { exitCode }) => {
    if (!("machines" in output)) return output.drifted && exitCode === true ? 1 : 0;
    if (output.machines.some(({ error }) => error !== undefined)) return 6;
    return exitCode === true && output.machines.some(({ drift }) => drift?.drifted) ? 1 : 0;
  },
  render: (output, page) => "machines" in output ? renderAll(output, page) : renderDrift(output),
  run: async ({ project: directory, all, here, strict }, io, { signal, say }) => {
    if (all) return await allDrift(io, { hereOnly: here, strict, signal });
    return driftOf(await look(io, await openProject(io, directory, say), { strict, signal }));
  },
});

if (import.meta.main) await runAsMain(provisionDrift);
