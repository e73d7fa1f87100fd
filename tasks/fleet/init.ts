#!/usr/bin/env -S deno run --allow-read=$HOME/.config/muster --allow-write=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME
/**
 * Writes a first roster, which starts as it is, and the JSON Schema that editors check it by.
 *
 * ```sh
 * deno run --allow-read=$HOME/.config/muster --allow-write=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME tasks/fleet/init.ts
 * ```
 *
 * @module
 */

import factoryRoster from "../../fixtures/rosters/factory.toml" with { type: "text" };
import minimalRoster from "../../fixtures/rosters/first.toml" with { type: "text" };
import { musterHome } from "../../lib/config/locate.ts";
import { rosterJsonSchema } from "../../lib/fleet/mod.ts";
import { MusterError } from "../../lib/io/mod.ts";
import { defineTask, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";

/** `muster fleet init`. */
export const fleetInit = defineTask({
  name: "fleet init",
  tier: "write",
  summary: "Write a first roster, which starts as it is",
  description:
    "minimal is the holder and one agent, which starts as it is; factory is an orchestrator, implementers and reviewers\n" +
    "over two runtimes, whose programs have to be there.",
  input: z.object({
    profile: z.enum(["minimal", "factory"]).default("minimal").describe("What the roster holds"),
    force: z.boolean().default(false).describe("Write over a roster that is there"),
  }),
  output: z.object({
    roster: z.string().describe("The roster's path"),
    schema: z.string().describe("The path of its JSON Schema"),
    replaced: z.boolean().describe("Whether a roster was there"),
  }),
  permissions: { read: [homeDirectory], write: [homeDirectory], env: homeVariables },
  examples: [
    { run: "muster fleet init", does: "write $MUSTER_HOME/fleet/roster.toml" },
    { run: "muster fleet init --force", does: "write it anew" },
    { run: "muster fleet init --profile factory --force", does: "write one of a whole factory" },
  ],
  render: ({ roster, replaced }) =>
    `${replaced ? "replaced" : "wrote"} ${roster}\nnext: look at it, then muster fleet start`,
  run: async ({ profile, force }, io) => {
    const directory = `${musterHome(io.env)}/fleet`;
    const roster = `${directory}/roster.toml`;
    const schema = `${directory}/roster.schema.json`;
    const replaced = await io.files.facts(roster) !== undefined;
    if (replaced && !force) {
      throw new MusterError("held", `a roster is there: ${roster}`, { hint: "--force writes over it" });
    }
    await io.files.write(roster, profile === "factory" ? factoryRoster : minimalRoster, { exclusive: !force });
    await io.files.write(schema, `${JSON.stringify(rosterJsonSchema(), null, 2)}\n`);
    return { roster, schema, replaced };
  },
});

if (import.meta.main) await runAsMain(fleetInit);
