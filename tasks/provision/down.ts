#!/usr/bin/env -S deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME
/**
 * Stops a project's machine, or removes it for good.
 *
 * ```sh
 * deno run --allow-run=sh,bash --allow-read=.,$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME tasks/provision/down.ts
 * ```
 *
 * @module
 */

import { look } from "../../lib/provision/look.ts";
import { acquireLease } from "../../lib/state/lease.ts";
import { defineTask, duration, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { driverPermissions, openProject, projectField, upPermissions } from "./_project.ts";

/** `muster provision down`. */
export const provisionDown = defineTask({
  name: "provision down",
  tier: "write",
  summary: "Stop the machine, or remove it for good",
  description:
    "A host, this one or one behind ssh, is never stopped: with --destroy muster forgets what it did there, and the\n" +
    "next up does all of it again.",
  input: z.object({
    ...projectField,
    destroy: z.boolean().default(false).describe("Remove the machine and all that is in it, and forget it"),
    timeout: flag(duration("30s").describe("How long to wait for another that provisions this machine"), {
      placeholder: "DURATION",
    }),
  }),
  output: z.object({
    machine: z.string(),
    result: z.enum(["stopped", "destroyed", "forgotten", "nothing"]).describe(
      "forgotten: a host is as it was, and its next up is as the first",
    ),
  }),
  permissions: upPermissions,
  optional: driverPermissions,
  examples: [
    { run: "muster provision down", does: "stop it" },
    { run: "muster provision down --destroy", does: "remove it" },
  ],
  render: ({ machine, result }) => `${machine}: ${result === "nothing" ? "nothing to do" : result}`,
  run: async ({ project: directory, destroy, timeout: timeoutMs }, io, { signal, say }) => {
    const project = await openProject(io, directory, say);
    const { state, machine, known } = await look(io, project, { signal });
    const { name: what, driver } = project.machine;
    await using _lease = await acquireLease(io, state.lease, {
      what: `taking down ${what}`,
      timeoutMs,
      signal,
    });
    const done = await machine.down({ destroy, signal });
    if (destroy) await state.forget();
    const isHost = driver === "host" || driver === "ssh";
    const destroyed = isHost ? (known ? "forgotten" as const : "nothing" as const) : "destroyed" as const;
    return {
      machine: what,
      result: destroy && (done || isHost) ? destroyed : done ? "stopped" as const : "nothing" as const,
    };
  },
});

if (import.meta.main) await runAsMain(provisionDown);
