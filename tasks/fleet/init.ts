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
import { readRoster, rosterJsonSchema, skillPlaces } from "../../lib/fleet/mod.ts";
import { type Io, MusterError } from "../../lib/io/mod.ts";
import musterSkill from "../../skills/muster/SKILL.md" with { type: "text" };
import { defineTask, homeDirectory, homeVariables, runAsMain, z } from "../../lib/task/mod.ts";

/** Where programs look for a person's skills. */
const skillDirectories = ["$HOME/.claude/skills", "$HOME/.agents/skills"];

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
    force: z.boolean().default(false).describe("Write over a roster, or a skill, that is there"),
    skills: z.boolean().default(false).describe(
      "Put the muster skill where the roster's programs look for skills; a roster that is there stays as it is",
    ),
  }),
  output: z.object({
    roster: z.string().describe("The roster's path"),
    schema: z.string().describe("The path of its JSON Schema"),
    replaced: z.boolean().describe("Whether a roster was written over"),
    isKept: z.boolean().describe("Whether a roster was there and stayed as it is"),
    skills: z.array(z.string()).readonly().describe("Where the muster skill is now"),
    offers: z.array(z.object({ kinds: z.array(z.string()).readonly(), path: z.string() })).readonly().describe(
      "Where --skills would put it as well",
    ),
  }),
  permissions: { read: [homeDirectory], write: [homeDirectory], env: homeVariables },
  optional: [{
    permissions: { read: skillDirectories, write: skillDirectories },
    buys: "--skills",
  }],
  examples: [
    { run: "muster fleet init", does: "write $MUSTER_HOME/fleet/roster.toml" },
    { run: "muster fleet init --force", does: "write it anew" },
    { run: "muster fleet init --profile factory --force", does: "write one of a whole factory" },
  ],
  render: ({ roster, replaced, skills, offers, isKept }) =>
    [
      `${isKept ? "kept" : replaced ? "replaced" : "wrote"} ${roster}`,
      ...skills.map((path) => `skill ${path}`),
      ...offers.map(({ kinds, path }) =>
        `muster fleet init --skills puts it where ${kinds.join(" and ")} looks: ${path}`
      ),
      "next: look at it, then muster fleet start",
    ].join("\n"),
  run: async ({ profile, force, skills: wantsSkills }, io) => {
    const home = musterHome(io.env);
    const roster = `${home}/fleet/roster.toml`;
    const schema = `${home}/fleet/roster.schema.json`;
    const isThere = await io.files.facts(roster) !== undefined;
    const isKept = isThere && wantsSkills && !force;
    if (isThere && !force && !isKept) {
      throw new MusterError("held", `a roster is there: ${roster}`, { hint: "--force writes over it" });
    }
    if (!isKept) {
      await io.files.write(roster, profile === "factory" ? factoryRoster : minimalRoster, { exclusive: !force });
      await io.files.write(schema, `${JSON.stringify(rosterJsonSchema(), null, 2)}\n`);
    }
    const own = `${home}/skills/muster/SKILL.md`;
    await placeSkill(io, own, force);
    const places = skillPlaces(await readRoster(io)).map(({ kinds, directory }) => ({
      kinds,
      path: `${io.env.get("HOME")}/${directory}/muster/SKILL.md`,
    }));
    if (!wantsSkills) return { roster, schema, replaced: isThere, isKept, skills: [own], offers: places };
    for (const { path } of places) await placeSkill(io, path, force);
    return {
      roster,
      schema,
      replaced: isThere && !isKept,
      isKept,
      skills: [own, ...places.map(({ path }) => path)],
      offers: [],
    };
  },
});

/** Writes the skill; one that is there and says something else is somebody's own. */
async function placeSkill(io: Io, path: string, force: boolean): Promise<void> {
  const there = await io.files.read(path);
  if (there !== undefined && !force && new TextDecoder().decode(there) !== musterSkill) {
    throw new MusterError("held", `another skill is there: ${path}`, { hint: "--force writes over it" });
  }
  await io.files.write(path, musterSkill);
}

if (import.meta.main) await runAsMain(fleetInit);
