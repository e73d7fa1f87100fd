/**
 * `muster fleet watch`: on a pipe one JSON line per change, on a terminal a table that is drawn in place, with keys that act
 * on an agent; one tmux call at each tick.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { writeExecutable } from "./_executable.ts";
import { root, show, World } from "./_world.ts";

const demo = new URL("fixtures/agents/demo.ts", root).pathname;
const main = new URL("mod.ts", root).pathname;

async function fleet(names: readonly string[], ...flags: readonly string[]): Promise<World> {
  const world = await World.create();
  const agents = names.map((name) => {
    const deno = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock", demo];
    const command = JSON.stringify([...deno, "--name", name, ...flags]);
    return `[[agents]]\nname = "${name}"\nclass = "implementer"\nruntime = "demo"\ncommand = ${command}\n`;
  });
  await world.roster(`version = 1\n${agents.join("")}`);
  const ended = await world.muster(["fleet", "start"]);
  assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
  return world;
}

Deno.test("on a pipe, fleet watch prints a line for each agent, and one for each change", async () => {
  await using world = await fleet(["a", "b"], "--busy", "forever");
  const watching = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", main, "fleet", "watch", "--for", "8s", "-i", "100ms"],
    env: { ...world.env },
    clearEnv: true,
    cwd: world.cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let stdout = "";
  const reading = (async () => {
    for await (const part of watching.stdout.pipeThrough(new TextDecoderStream())) stdout += part;
  })();
  await world.eventually("the first look", () => Promise.resolve(stdout.split("\n").length > 2 || undefined));
  assertEquals((await world.muster(["agent", "send", "a", "-m", 'do "it"'])).code, 0);
  await reading;
  assertEquals((await watching.status).code, 0);
  const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.pop(), { watched: 2 });
  assertEquals(lines.filter(({ name }) => name === "b").map(({ state }) => state), ["idle"]);
  const states = lines.filter(({ name }) => name === "a");
  assertEquals([states.at(-1).state, states.at(-1).isOlder], ["busy", false]);
  assertEquals([states.at(-1).message.outcome, states.at(-1).message.text], ["submitted", 'do "it"']);
  assert(lines.length <= 6, "a busy agent's spinner is no change");
  assert(states[0].memoryBytes > 1_000_000);
});

Deno.test("fleet watch calls tmux once at each tick", async () => {
  await using world = await fleet(["a", "b", "c"]);
  const bin = `${world.directory}/bin`;
  await Deno.mkdir(bin);
  const tmux = (await world.run("sh", ["-c", "command -v tmux"])).stdout.trim();
  const calls = `${world.directory}/calls`;
  await writeExecutable(`${bin}/tmux`, `#!/bin/sh\necho "$$" >>'${calls}'\nexec ${tmux} "$@"\n`);
  const env = { PATH: `${bin}:${world.env.PATH}` };
  const words = ["fleet", "watch", "--for", "3s", "-i", "500ms"];
  assertEquals((await world.muster(words, { env })).code, 0);
  const count = (await Deno.readTextFile(calls)).trim().split("\n").length;
  // Ticks at 0 to 3 s, and the first look's second call, which reads every screen.
  assert(count >= 3 && count <= 8, `${count} calls`);
});

Deno.test("on a terminal, fleet watch draws a table in place, and its keys send, tail, reset, attach and quit", async () => {
  await using world = await fleet(["a", "b"], "--busy", "300");
  const socket = "terminal";
  const words = [Deno.execPath(), "run", "--quiet", "-A", main, "fleet", "watch", "-i", "100ms"];
  const shell = ["sh", "-c", '"$@"; echo "exit $?"; exec cat', "sh", ...words];
  await world.tmux(["new-session", "-d", "-x", "120", "-y", "20", "-s", "w", ...shell], { socket });
  const rows = () => world.screen("=w:", { socket });
  const until = (what: string, see: (rows: readonly string[]) => boolean) =>
    world.eventually(what, async () => {
      const seen = await rows();
      return see(seen) ? seen : undefined;
    });
  const press = (...keys: readonly string[]) => world.tmux(["send-keys", "-t", "=w:", ...keys], { socket });

  const first = await until("the table", (seen) => seen.filter((row) => / idle /.test(row)).length === 2);
  assertMatch(first[0] ?? "", /^AGENT +STATE +SINCE +CLASS +MEMORY +LAST MESSAGE +LAST LINE$/);
  assertMatch(first.at(-1) ?? "", /^↑↓ choose · s send/);
  await press("Down", "s", "hello there");
  await until("what is typed", (seen) => seen.at(-1) === "to b: hello there▏ (Enter sends, Esc does not)");
  await press("Enter");
  await until("the receipt", (seen) => seen.at(-1) === "b: submitted");
  await until("the message in the table", (seen) => seen.some((row) => /^b .* submitted: hello there/.test(row)));
  await press("t");
  await until("the tail", (seen) => seen.some((row) => row.startsWith(" muster demo agent · b")));
  await world.tmux(["resize-window", "-t", "=w:", "-x", "60", "-y", "12"], { socket });
  const small = await until("the small table", (seen) => seen.length === 12 && seen[0]?.endsWith("…") === true);
  assertEquals(small.every((row) => Array.from(row).length <= 60), true);
  await until("b to be idle", (seen) => seen.some((row) => /^b +idle/.test(row)));
  await press("r", "y");
  await until("the reset", (seen) => seen.at(-1) === "b: reset");
  await press("a");
  await until("the agent", (seen) => seen.at(-1)?.startsWith("[b]") === true);
  await world.tmux(["send-keys", "-t", "=w:", "C-b", "d"], { socket });
  await until("the table again", (seen) => seen[0]?.startsWith("AGENT") === true);
  await press("q");
  const last = await until("the end", (seen) => seen.at(-1) === "exit 0");
  assertEquals(last.some((row) => row.includes("AGENT")), false, "the person's own screen is back");
});

Deno.test("agent attach shows an agent inside tmux and outside, and read-only takes no key", async () => {
  await using world = await World.create('version = 1\n[[agents]]\nname = "a"\ncommand = ["cat"]\n');
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  const words = [Deno.execPath(), "run", "--quiet", "-A", main, "agent", "attach", "a"];
  const outside = await world.muster(["agent", "attach", "a"]);
  assertEquals(outside, {
    code: 2,
    stdout: "",
    stderr: "muster: not a terminal: standard input or output\nhint: muster agent tail a --follow prints what comes\n",
  });
  const socket = "terminal";
  await world.tmux(["new-session", "-d", "-x", "80", "-y", "10", "-s", "ro", ...words, "--read-only"], { socket });
  await world.eventually("the client", async () => (await world.tmux(["list-clients", "-F", "x"])) !== "" || undefined);
  await world.tmux(["send-keys", "-t", "=ro:", "typed", "Enter"], { socket });
  await world.tmux(["new-session", "-d", "-x", "80", "-y", "10", "-s", "rw", ...words], { socket });
  await world.eventually("two clients", async () => {
    return (await world.tmux(["list-clients", "-F", "x"])).trim().split("\n").length === 2 || undefined;
  });
  await world.tmux(["send-keys", "-t", "=rw:", "hello", "Enter"], { socket });
  const seen = await world.eventually("what was typed", async () => {
    const rows = await world.screen("=a:");
    return rows.includes("hello") ? rows : undefined;
  });
  assertEquals(seen.includes("typed"), false);

  // Inside the same server the client switches.
  await world.tmux(["new-session", "-d", "-s", "mine", "cat"]);
  const env = Object.entries(world.env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  await world.tmux([
    "new-session",
    "-d",
    "-x",
    "80",
    "-y",
    "10",
    "-s",
    "in",
    "env",
    "-u",
    "TMUX",
    "tmux",
    "-L",
    "muster",
    "attach",
    "-t",
    "=mine:",
  ], { socket });
  await world.eventually("the client in mine", async () => {
    return (await world.tmux(["list-clients", "-F", "#{session_name}"])).includes("mine") || undefined;
  });
  await world.tmux(["respawn-pane", "-k", "-t", "=mine:", ...env, ...words]);
  await world.eventually("the switch", async () => {
    const sessions = (await world.tmux(["list-clients", "-F", "#{session_name}"])).trim().split("\n");
    return !sessions.includes("mine") && sessions.filter((name) => name === "a").length === 3 || undefined;
  });
});
