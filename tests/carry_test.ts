/** The ways to carry muster to a host without a registry: one file, one binary. */

import { assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { version } from "../lib/task/version.ts";
import { root, World } from "./_world.ts";

/** What is compiled is checked and written whole, 100 MB of it. */
const timeoutMs = 300_000;

const build = (name: string) => new URL(`build/${name}.ts`, root).pathname;

Deno.test("the bundle does muster's job from one file, with no registry and no cache", async () => {
  await using world = await World.create();
  const file = `${world.cwd}/muster.js`;
  const made = await world.deno(["run", "--allow-all", build("bundle"), "--output", file]);
  assertEquals(made, { code: 0, stdout: `${file}\n`, stderr: "" });
  const empty = { DENO_DIR: `${world.directory}/deno` };
  const muster = (permissions: readonly string[], ...words: readonly string[]) =>
    world.deno(["run", "--cached-only", "--no-config", ...permissions, file, ...words], { env: empty });
  assertEquals(await muster([], "--version"), { code: 0, stdout: `muster ${version}\n`, stderr: "" });
  assertEquals(JSON.parse((await muster([], "manifest", "--json")).stdout).version, version);
  assertMatch((await muster([], "completions", "bash")).stdout, /complete -o default -F _muster muster/);
  await world.tmux(["new-session", "-d", "-s", "a", "cat"]);
  const sent = await muster(["--allow-run=tmux"], "tmux", "send", "-L", "muster", "-t", "a", "-m", "hi", "--json");
  assertEquals([sent.code, JSON.parse(sent.stdout).outcome, sent.stderr], [0, "submitted", ""]);
});

Deno.test("compile makes a binary that is muster, or says that its base cannot be had", async () => {
  await using world = await World.create();
  const output = `${world.cwd}/muster`;
  const made = await world.deno(["run", "--allow-all", build("compile"), "--output", output], { timeoutMs });
  if (made.code === 0) return assertEquals(made.stdout, `${output}\n`);
  assertEquals([made.code, made.stdout], [6, ""]);
  assertMatch(
    made.stderr,
    /^muster: cannot fetch the base binary of deno compile: .+\nhint: deno task bundle makes one file that deno runs\n$/,
  );
});

Deno.test("compile does not call a binary muster that is merely deno", async () => {
  await using world = await World.create();
  const output = `${world.cwd}/muster`;
  const made = await world.deno(["run", "--allow-all", build("compile"), "--output", output], {
    env: { DENORT_BIN: Deno.execPath() },
    timeoutMs,
  });
  assertEquals([made.code, made.stdout], [6, ""]);
  assertMatch(
    made.stderr,
    /^muster: the binary is not muster: it says "deno .*"\nhint: is DENORT_BIN set to deno itself\?\n$/,
  );
  assertEquals([...Deno.readDirSync(world.cwd)], []);
});

Deno.test("compile refuses a flag that it does not have", async () => {
  await using world = await World.create();
  assertEquals(await world.deno(["run", "--allow-all", build("compile"), "--taget", "x"]), {
    code: 2,
    stdout: "",
    stderr: "muster: unknown flag: --taget\nhint: one of --target, --output\n",
  });
});
