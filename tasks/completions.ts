#!/usr/bin/env -S deno run
/**
 * Prints the completion script of a shell. Verbs, flags and values of choices complete without any permission, names of
 * agents and sessions where muster may read them.
 *
 * ```sh
 * deno run tasks/completions.ts bash
 * ```
 *
 * @module
 */

import bash from "../lib/task/completions/muster.bash" with { type: "text" };
import fish from "../lib/task/completions/muster.fish" with { type: "text" };
import zsh from "../lib/task/completions/muster.zsh" with { type: "text" };
import { defineTask, flag, runAsMain, z } from "../lib/task/mod.ts";

const scripts = { bash, zsh, fish } as const;

/** `muster completions`. */
export const completions = defineTask({
  name: "completions",
  tier: "read",
  summary: "Print the completion script of a shell",
  description: 'bash: eval "$(muster completions bash)" in ~/.bashrc\n' +
    'zsh:  eval "$(muster completions zsh)" in ~/.zshrc, after compinit\n' +
    "fish: muster completions fish > ~/.config/fish/completions/muster.fish",
  input: z.object({
    shell: flag(z.enum(["bash", "zsh", "fish"]).describe("The shell"), { positional: true, placeholder: "SHELL" }),
  }),
  output: z.object({ shell: z.enum(["bash", "zsh", "fish"]), script: z.string().describe("The script's text") }),
  permissions: {},
  examples: [{ run: "muster completions bash", does: "print the script for bash" }],
  render: ({ script }) => script,
  run: ({ shell }) => Promise.resolve({ shell, script: scripts[shell] }),
});

if (import.meta.main) await runAsMain(completions);
