#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME
/**
 * Checks the roster and every other file of muster's, and changes nothing.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME tasks/check.ts
 * ```
 *
 * @module
 */

import { musterHome } from "../lib/config/locate.ts";
import { checkFiles } from "../lib/fleet/mod.ts";
import { checkForges } from "../lib/forge/mod.ts";
import { MusterError, visible } from "../lib/io/mod.ts";
import { checkProject } from "../lib/provision/check_project.ts";
import { defineTask, homeDirectory, homeVariables, runAsMain, z } from "../lib/task/mod.ts";

/** `muster check`. */
export const check = defineTask({
  name: "check",
  tier: "read",
  summary: "Check the roster and every other file of muster's",
  input: z.object({}),
  output: z.object({
    files: z.array(z.object({
      path: z.string(),
      kind: z.enum([
        "forges",
        "ca",
        "project",
        "roster",
        "tmux.conf",
        "env_file",
        "kickstart_template",
        "working_directory",
      ]),
      ok: z.boolean(),
      problems: z.array(z.object({ message: z.string(), hint: z.string().optional() })).readonly(),
    })),
  }),
  permissions: { run: ["tmux", "sh"], read: [homeDirectory], env: homeVariables },
  optional: [
    { permissions: { read: ["FILE"] }, buys: "a check of env_file, kickstart_template and ca elsewhere" },
    { permissions: { read: ["."] }, buys: "a check of the muster.toml in the working directory" },
  ],
  examples: [{ run: "muster check", does: "check all files" }],
  exit: ({ files }) => files.every(({ ok }) => ok) ? 0 : 1,
  render: ({ files }, { style }) =>
    files.flatMap(({ path, kind, ok, problems }) => [
      `${ok ? style.good("ok") : style.bad("bad")}  ${kind}  ${visible(path)}`,
      ...problems.flatMap(({ message, hint }) => [
        `  ${visible(message)}`,
        ...(hint ? [`    hint: ${visible(hint)}`] : []),
      ]),
    ]).join("\n"),
  run: async (_input, io, { signal }) => {
    const files = [...await checkFiles(io, signal), ...await checkForges(io), ...await checkProject(io, ".")];
    if (files.length > 0) return { files };
    throw new MusterError("not_found", `nothing to check: ${musterHome(io.env)}`, {
      hint: "muster fleet init writes a roster",
    });
  },
});

if (import.meta.main) await runAsMain(check);
