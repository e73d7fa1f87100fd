#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster --allow-write=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME
/**
 * Writes roster entries for the sessions of a tmux server that muster did not start, and touches none of them.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster --allow-write=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME tasks/fleet/adopt.ts
 * ```
 *
 * @module
 */

import { adoptSessions } from "../../lib/fleet/mod.ts";
import { visible } from "../../lib/io/mod.ts";
import { defineTask, flag, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";
import { renderTable } from "../_table.ts";

/** `muster fleet adopt`. */
export const fleetAdopt = defineTask({
  name: "fleet adopt",
  tier: "write",
  summary: "Take sessions that exist into the roster, and move nothing",
  description:
    "Each entry is not managed and names its socket: it can be sent to, tailed and shown at once. When the program has\n" +
    "ended, take managed and socket out of its entry, and muster starts it in the fleet's own server.",
  input: z.object({
    socket: flag(
      z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, "expected the name of a socket").default("default")
        .describe(
          "The socket whose sessions are taken",
        ),
      { short: "L", placeholder: "SOCKET" },
    ),
    dryRun: z.boolean().default(false).describe("Show what would be written, and write nothing"),
  }),
  output: z.object({
    roster: z.string(),
    sessions: z.array(z.object({
      name: z.string(),
      result: z.enum(["adopted", "skipped"]),
      runtime: z.string().optional().describe("The kind of its program"),
      pane: z.string(),
      reason: z.string().optional().describe("Why it was skipped"),
    })).readonly(),
    toml: z.string().describe("What was written at the end of the roster, or would be"),
  }),
  permissions: { run: ["tmux", "sh"], read: [homeDirectory], write: [homeDirectory], env: homeVariables },
  examples: [{ run: "muster fleet adopt -L muster --dry-run", does: "show what would be written" }],
  render: ({ sessions, toml, roster }, { style }) => {
    const rows = sessions.map(({ name, result, runtime, pane, reason }) => [
      visible(name),
      { text: result, paint: result === "adopted" ? style.good : style.quiet },
      pane,
      visible(reason ?? runtime ?? ""),
    ]);
    return [renderTable(rows), ...(toml === "" ? [] : [style.quiet(`# ${visible(roster)}`), toml.trim()])].join("\n");
  },
  run: async ({ socket, dryRun }, io, { signal }) => await adoptSessions(io, socket, { dryRun, signal }),
});

if (import.meta.main) await runAsMain(fleetAdopt);
