#!/usr/bin/env -S deno run --allow-run=sh --allow-read=$HOME/.local/state/muster,$HOME/.config/systemd/user --allow-write=$HOME/.local/state/muster,$HOME/.config/systemd/user --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME
/**
 * Takes back what `muster fleet install` did, and nothing else.
 *
 * ```sh
 * deno run --allow-run=sh --allow-read=$HOME/.local/state/muster,$HOME/.config/systemd/user --allow-write=$HOME/.local/state/muster,$HOME/.config/systemd/user --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME tasks/fleet/uninstall.ts
 * ```
 *
 * @module
 */

import { uninstallUnits, unitVariables } from "../../lib/fleet/mod.ts";
import { visible } from "../../lib/io/mod.ts";
import { defineTask, runAsMain, stateDirectory, unitDirectory, z } from "../../lib/task/mod.ts";

/** `muster fleet uninstall`. */
export const fleetUninstall = defineTask({
  name: "fleet uninstall",
  tier: "write",
  summary: "Take back what fleet install did, and nothing else",
  description: "A fleet that runs is not touched: muster fleet stop comes first. How agents ended stays on record.",
  input: z.object({}),
  output: z.object({
    removed: z.array(z.string()).readonly().describe("Files that were removed"),
    changed: z.array(z.string()).readonly().describe("Files that somebody has changed since, and that are left"),
    agents: z.array(z.string()).readonly().describe("Agents whose units are gone"),
  }),
  permissions: {
    run: ["sh"],
    read: [stateDirectory, unitDirectory],
    write: [stateDirectory, unitDirectory],
    env: [...unitVariables],
  },
  examples: [{ run: "muster fleet uninstall", does: "remove the units" }],
  exit: ({ changed }) => changed.length > 0 ? 4 : 0,
  render: ({ removed, changed, agents }, { style }) =>
    [
      ...removed.map((path) => `removed  ${visible(path)}`),
      ...changed.map((path) => `${style.warn("left")}  ${visible(path)}: somebody has changed it`),
      removed.length + changed.length === 0 ? "no units were installed" : `${agents.length} agents have no units now`,
    ].join("\n"),
  run: async (_input, io, { signal }) => await uninstallUnits(io, signal),
});

if (import.meta.main) await runAsMain(fleetUninstall);
