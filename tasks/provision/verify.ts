#!/usr/bin/env -S deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME
/**
 * Runs the `verify_worktree` hook, whose exit status says whether the worktree is good.
 *
 * ```sh
 * deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME tasks/provision/verify.ts
 * ```
 *
 * @module
 */

import { MusterError } from "../../lib/io/error.ts";
import { visible } from "../../lib/io/visible.ts";
import { look } from "../../lib/provision/look.ts";
import { Masker } from "../../lib/provision/masker.ts";
import { readDeclaredScript } from "../../lib/provision/read_steps.ts";
import { runScript } from "../../lib/provision/run_script.ts";
import { joined, secretValues } from "../../lib/provision/run_steps.ts";
import { defineTask, runAsMain, z } from "../../lib/task/mod.ts";
import { driverPermissions, openProject, projectField, upPermissions } from "./_project.ts";

/** `muster provision verify`. */
export const provisionVerify = defineTask({
  name: "provision verify",
  tier: "write",
  summary: "Run the verify_worktree hook, which says whether the worktree is good",
  input: z.object({ ...projectField }),
  output: z.object({
    machine: z.string(),
    result: z.enum(["ok", "failed", "interrupted"]),
    code: z.int(),
    reason: z.string().optional(),
    output: z.string(),
  }),
  permissions: upPermissions,
  optional: driverPermissions,
  examples: [{ run: "muster provision verify", does: "check the worktree" }],
  exit: ({ result }) => result === "ok" ? 0 : 1,
  render: ({ machine, result, reason, output }, { style }) => {
    const verdict = result === "ok" ? style.good("ok") : style.bad(`${result}: ${visible(reason ?? "")}`);
    const text = visible(output, { keep: "\n\t" });
    return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${machine}: verify_worktree ${verdict}`;
  },
  run: async ({ project: directory }, io, { signal, say }) => {
    const project = await openProject(io, directory, say);
    const hook = project.verifyWorktree;
    if (hook === undefined) {
      throw new MusterError("not_found", `no verify_worktree hook: ${visible(project.file)}`, {
        hint: 'write verify_worktree = "scripts/verify.sh" below [hooks]',
      });
    }
    const script = await readDeclaredScript(io, project, "verify_worktree", hook);
    const { machine, observation } = await look(io, project, { signal });
    const { name, driver, directory: where } = project.machine;
    if (!observation.running && driver !== "host" && driver !== "ssh") {
      throw new MusterError("not_found", `the machine does not run: ${name}`, {
        hint: "muster provision up starts it",
      });
    }
    const secrets = secretValues(io, { name: "verify_worktree", secrets: hook.secrets });
    const masker = new Masker(Object.values(secrets));
    const printed: string[] = [];
    if (hook.isPath) await machine.bring(project.root, [hook.run], { signal });
    const end = await runScript(io, script, {
      bash: machine.bash(),
      directory: joined(where, hook.cwd),
      variables: { MUSTER_MACHINE: name, MUSTER_STEP: "verify_worktree", ...hook.variables, ...secrets },
      graceMs: 10_000,
      ...(hook.timeoutMs === undefined ? {} : { timeoutMs: hook.timeoutMs }),
      onOutput: (text) => printed.push(masker.push(text)),
      signal,
    });
    signal.throwIfAborted();
    printed.push(masker.end());
    const { result, code, reason } = end;
    return { machine: name, result, code, ...(reason === undefined ? {} : { reason }), output: printed.join("") };
  },
});

if (import.meta.main) await runAsMain(provisionVerify);
