/** What a person sees of `provision up` on a terminal: one line for each step, which changes while it runs. */

import { assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { ProjectWorld } from "./_project.ts";
import { root } from "./_world.ts";

Deno.test("on a terminal, a step's line shows its time and what it usually takes, and what it printed when it fails", async () => {
  await using project = await ProjectWorld.create({
    "muster.toml":
      '[packs]\nenabled = ["slow"]\n\n[hooks]\npost_create = "printf \'one\\n\\\\033[31mred\\n\'; exit 3"\n',
    "packs/slow.sh": "until [ -f go ]; do sleep 0.02; done\n",
  });
  const { world } = project;
  const muster = `'${Deno.execPath()}' run --quiet -A '${new URL("mod.ts", root).pathname}'`;
  const variables = Object.entries(world.env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const shell = ["sh", "-c", `cd '${project.root}'; exec sh -i`];
  await world.tmux(["new-session", "-d", "-x", "120", "-y", "30", "-s", "terminal", ...variables, ...shell]);
  const seen = (what: string, pattern: RegExp) =>
    world.eventually(what, async () => {
      const rows = await world.screen("=terminal:");
      return rows.some((row) => pattern.test(row)) ? rows : undefined;
    });
  const type = (line: string) => world.tmux(["send-keys", "-t", "=terminal:", line, "Enter"]);
  await type(`${muster} provision up; echo "exit $?"`);
  await seen("the line of the step to change", /^… slow {2}[1-9]s$/);
  await project.write("go", "");
  const rows = await seen("the end", /^exit 1$/);
  assertEquals(rows.filter((row) => row.startsWith("…")), []);
  const shown = rows.slice(rows.indexOf("create")).join("\n");
  assertMatch(
    shown,
    /^create\n✓ slow {2}ok {2}\S+\n✗ post_create {2}failed {2}\S+ {2}exit 3\n {2}│ one\n {2}│ \\u001b\[31mred\n {2}log: [^]*\ncwd: post_create failed: exit 3\nexit 1\n/,
  );
  await Deno.remove(`${project.root}/go`);
  await type(`${muster} provision up --reprovision; echo "again $?"`);
  await seen("the usual time", /^… slow {2}\d+s, usually \S+$/);
  await project.write("go", "");
  // What still runs would write into a world that is being removed.
  await seen("the end of it", /^again \d+$/);
});
