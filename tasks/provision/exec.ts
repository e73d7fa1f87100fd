#!/usr/bin/env -S deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME
/**
 * Runs a command on a project's machine.
 *
 * ```sh
 * deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME tasks/provision/exec.ts
 * ```
 *
 * @module
 */

import { MusterError } from "../../lib/io/error.ts";
import { look } from "../../lib/provision/look.ts";
import { runScript } from "../../lib/provision/run_script.ts";
import { defineTask, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { driverPermissions, openProject, projectField, upPermissions } from "./_project.ts";

/** `muster provision exec`. */
export const provisionExec = defineTask({
  name: "provision exec",
  tier: "write",
  summary: "Run a command on the machine, where its steps run",
  description:
    "The command gets no input unless --tty gives it this terminal. A status other than 0 is told, and is exit 1.",
  input: z.object({
    command: flag(z.array(z.string()).min(1).describe("The command and its words, behind --"), {
      positional: true,
      placeholder: "COMMAND",
    }),
    ...projectField,
    tty: z.boolean().default(false).describe("Give it this terminal, its input and output"),
  }),
  output: z.object({
    machine: z.string(),
    code: z.int().describe("The command's own exit status"),
    output: z.string().describe("What it printed; empty with --tty"),
  }),
  permissions: upPermissions,
  optional: driverPermissions,
  examples: [{ run: "muster provision exec -- uname -s", does: "run one command there" }],
  exit: ({ code }) => code === 0 ? 0 : 1,
  render: ({ output }) => output,
  run: async ({ project: directory, command, tty }, io, { signal, say }) => {
    const project = await openProject(io, directory, say);
    const { machine, observation } = await look(io, project, { signal });
    const { name, driver, directory: where } = project.machine;
    if (!observation.running && driver !== "host" && driver !== "ssh") {
      throw new MusterError("not_found", `the machine does not run: ${name}`, {
        hint: "muster provision up starts it",
      });
    }
    if (tty) {
      const [program = "", ...args] = machine.terminal(command);
      const code = await io.process.attach(program, args);
      return { machine: name, code, output: "" };
    }
    const printed: string[] = [];
    const script = { path: "", text: "", before: command, after: [] };
    const end = await runScript(io, script, {
      bash: machine.bash(),
      directory: where,
      variables: {},
      graceMs: 10_000,
      onOutput: (text) => printed.push(text),
      signal,
    });
    signal.throwIfAborted();
    if (end.result !== "ok") say(`${command[0]}: ${end.reason}`);
    return { machine: name, code: end.code, output: printed.join("") };
  },
});

if (import.meta.main) await runAsMain(provisionExec);
