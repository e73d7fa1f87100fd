#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS,PATH
/**
 * Proves on the running fleet what muster promises of it, by looking and with an agent of its own that is removed again.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=$HOME/.config/muster,$HOME/.local/state/muster --allow-write=$HOME/.local/state/muster --allow-env=HOME,MUSTER_HOME,MUSTER_STATE,XDG_CONFIG_HOME,XDG_STATE_HOME,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS,PATH tasks/fleet/verify.ts
 * ```
 *
 * @module
 */

import { readInstall, readRoster, startVariables, verifyFleet } from "../../lib/fleet/mod.ts";
import { visible } from "../../lib/io/mod.ts";
import { defineTask, homeDirectory, runAsMain, stateDirectory, z } from "../../lib/task/mod.ts";
import { version } from "../../lib/task/version.ts";
import { openHosts } from "../_hosts.ts";
import { renderTable } from "../_table.ts";

/** `muster fleet verify`. */
export const fleetVerify = defineTask({
  name: "fleet verify",
  tier: "write",
  summary: "Prove on the running fleet, without harm to it, what muster promises of it",
  description:
    "A canary is started on the fleet's socket, sent to, reset, restarted, killed and removed. No agent of the roster is\n" +
    "typed into, and other tmux sockets are looked at alone.",
  input: z.object({}),
  output: z.object({
    checks: z.array(z.object({
      promise: z.string(),
      result: z.enum(["proved", "broken", "not_proved"]).describe("not_proved: it could not be tried"),
      said: z.string().describe("What was seen, or why it could not be tried"),
    })).readonly(),
  }),
  permissions: {
    run: ["tmux", "sh"],
    read: [homeDirectory, stateDirectory],
    write: [stateDirectory],
    env: [...startVariables, "PATH"],
  },
  examples: [{ run: "muster fleet verify", does: "prove it on the fleet that runs" }],
  exit: ({ checks }) => checks.some(({ result }) => result === "broken") ? 1 : 0,
  render: ({ checks }, { style }) => {
    const paint = { proved: style.good, broken: style.bad, not_proved: style.quiet };
    return renderTable(checks.map(({ promise, result, said }) => [
      { text: result.replace("_", " "), paint: paint[result] },
      promise,
      visible(said),
    ]));
  },
  run: async (_input, io, { signal, say }) => {
    await using hosts = openHosts(io);
    const [roster, installed] = await Promise.all([readRoster(io), readInstall(io)]);
    const path = io.env.get("PATH") ?? "";
    const told = io.terminal.isTerminal.err ? say : undefined;
    return { checks: await verifyFleet(io, hosts, roster, { installed, path, version, say: told, signal }) };
  },
});

if (import.meta.main) await runAsMain(fleetVerify);
