/** The skill from which an agent learns muster: where it is put, and that what it tells agents to type is there. */

import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { tasks } from "../tasks/index.ts";
import { root, World } from "./_world.ts";

const skill = await Deno.readTextFile(new URL("skills/muster/SKILL.md", root));

const roster = `version = 1
[[agents]]
name = "coder0"
runtime = "claude"
[[agents]]
name = "coder1"
runtime = "codex"
[[agents]]
name = "coder2"
runtime = "pi"
`;

Deno.test("fleet init offers the skill to each program of the roster, and puts it there on request", async () => {
  await using world = await World.create(roster);
  const own = `${world.musterHome}/skills/muster/SKILL.md`;
  const theirs = [".claude", ".agents"].map((name) => `${world.home}/${name}/skills/muster/SKILL.md`);
  const refused = await world.muster(["fleet", "init"]);
  assertEquals([refused.code, refused.stdout], [4, ""]);
  const put = await world.muster(["fleet", "init", "--skills"]);
  assertEquals([put.code, put.stderr], [0, ""]);
  assertEquals(
    put.stdout,
    `kept ${world.rosterPath}\n${[own, ...theirs].map((path) => `skill ${path}\n`).join("")}` +
      "next: look at it, then muster fleet start\n",
  );
  assertEquals(await Deno.readTextFile(world.rosterPath), roster);
  for (const path of [own, ...theirs]) assertEquals(await Deno.readTextFile(path), skill);
  // One that somebody has written over stays.
  await Deno.writeTextFile(theirs[0] ?? "", "my own");
  const held = await world.muster(["fleet", "init", "--skills"]);
  assertEquals([held.code, await Deno.readTextFile(theirs[0] ?? "")], [4, "my own"]);
  assertMatch(held.stderr, /^muster: another skill is there: .*\nhint: --force writes over it\n$/);
  await using fresh = await World.create();
  const { stdout } = await fresh.muster(["fleet", "init", "--profile", "factory"]);
  assertMatch(
    stdout,
    /^wrote .*\nskill .*\/muster\/skills\/muster\/SKILL\.md\nmuster fleet init --skills puts it where .*\n/,
  );
  assertEquals([...Deno.readDirSync(fresh.home)].map(({ name }) => name), [".config"]);
});

Deno.test("what the skill tells agents to type are verbs, with flags that they have", () => {
  const lines = [...skill.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = ""]) => block.split("\n"));
  const calls = lines.flatMap((line) => line.split(/ && |\$\(/)).filter((line) => line.startsWith("muster "));
  assert(calls.length > 8);
  for (const call of calls) {
    const words = call.replace(/#.*$/, "").replace(/"[^"]*"/g, "TEXT").split(/\s+/).filter((word) => word !== "");
    const row = tasks.find(({ command }) => command === words.slice(1, 3).join(" "));
    assert(row, call);
    for (const word of words.filter((one) => /^--?[a-z]/.test(one))) {
      const isKnown = row.flags.some(({ long, short }) => word === `--${long}` || word === `-${short}`);
      assert(isKnown, `${word} of ${call}`);
    }
  }
  assertMatch(skill, /^---\nname: muster\ndescription: .{1,1024}\n---\n/);
});
