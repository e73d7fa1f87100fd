#!/usr/bin/env -S deno run --allow-run=sh --allow-read=$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME
/**
 * Removes old records of the fleet: receipts of sends, how agents ended, and what was logged of them.
 *
 * ```sh
 * deno run --allow-run=sh --allow-read=$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME tasks/prune.ts
 * ```
 *
 * @module
 */

import { pruneState, unitVariables } from "../lib/fleet/mod.ts";
import { visible } from "../lib/io/mod.ts";
import { defineTask, flag, runAsMain, stateDirectory, z } from "../lib/task/mod.ts";

/** `muster prune`. */
export const prune = defineTask({
  name: "prune",
  tier: "write",
  summary: "Remove records that are older than 30 days, or more than 1 GiB of them",
  description: "What is needed to know how the fleet and its machines are is no such record, and stays.",
  input: z.object({
    days: flag(z.int().min(1).max(3650).default(30).describe("How old a record may be"), { placeholder: "N" }),
    mebibytes: flag(z.int().min(1).default(1024).describe("How much all of them may take"), { placeholder: "N" }),
    dryRun: z.boolean().default(false).describe("Show what would be removed, and remove nothing"),
  }),
  output: z.object({
    files: z.array(z.object({
      path: z.string(),
      result: z.enum(["removed", "shortened"]),
      bytes: z.int().describe("How much of it went"),
    })).readonly(),
    bytes: z.int().describe("What is left, of all records"),
  }),
  permissions: { run: ["sh"], read: [stateDirectory], write: [stateDirectory], env: [...unitVariables] },
  examples: [{ run: "muster prune", does: "remove what is old" }],
  render: ({ files, bytes }) =>
    [
      ...files.map(({ path, result, bytes }) => `${result}  ${visible(path)}  ${bytes} bytes`),
      `${bytes} bytes of records are left`,
    ].join("\n"),
  run: async ({ days, mebibytes, dryRun }, io, { signal }) =>
    await pruneState(io, { maxAgeMs: days * 86_400_000, maxBytes: mebibytes * 1024 * 1024, dryRun, signal }),
});

if (import.meta.main) await runAsMain(prune);
