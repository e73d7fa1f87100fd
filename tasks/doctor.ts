#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,PATH
/**
 * Looks at this host: tmux, systemd, limits, PATH, ssh, clock and disk, and says what would make a promise fail.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,PATH tasks/doctor.ts
 * ```
 *
 * @module
 */

import { checkHost, readInstall, readRoster, unitVariables } from "../lib/fleet/mod.ts";
import { MusterError, visible } from "../lib/io/mod.ts";
import { defineTask, homeDirectory, runAsMain, stateDirectory, z } from "../lib/task/mod.ts";
import { version } from "../lib/task/version.ts";
import { renderTable } from "./_table.ts";

/** `muster doctor`. */
export const doctor = defineTask({
  name: "doctor",
  tier: "read",
  summary: "Say what on this host would make a promise of muster fail, and the remedy",
  input: z.object({}),
  output: z.object({
    checks: z.array(z.object({
      name: z.string(),
      result: z.enum(["ok", "warning", "failed", "unknown"]).describe("unknown: it could not be looked at"),
      said: z.string().describe("What was seen"),
      remedy: z.string().optional(),
    })).readonly(),
  }),
  permissions: { run: ["tmux", "sh"], read: [homeDirectory, stateDirectory], env: [...unitVariables, "PATH"] },
  examples: [{ run: "muster doctor", does: "look at this host" }],
  exit: ({ checks }) => checks.some(({ result }) => result === "failed") ? 1 : 0,
  render: ({ checks }, { style }) => {
    const paint = { ok: style.good, warning: style.warn, failed: style.bad, unknown: style.quiet };
    return renderTable(checks.flatMap(({ name, result, said, remedy }) => [
      [{ text: result, paint: paint[result] }, name, visible(said)],
      ...(remedy === undefined ? [] : [["", "", style.quiet(`→ ${visible(remedy)}`)]]),
    ]));
  },
  run: async (_input, io, { signal }) => {
    const roster = await readRoster(io).catch((error) => {
      if (error instanceof MusterError && error.code === "not_found") return undefined;
      throw error;
    });
    const installed = await readInstall(io);
    return { checks: await checkHost(io, { roster, installed, path: io.env.get("PATH") ?? "", version, signal }) };
  },
});

if (import.meta.main) await runAsMain(doctor);
