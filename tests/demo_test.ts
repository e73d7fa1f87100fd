/** The demo, to its end and cut short: whatever happens, it leaves no process, socket or file behind. */

import { assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { root, World } from "./_world.ts";

/** A demo that runs, and what it has printed so far. */
async function startDemo(world: World) {
  const task = new URL("tasks/demo.ts", root).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", task],
    clearEnv: true,
    env: { ...world.env },
    cwd: world.cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  const readUntil = async (text: string) => {
    while (!printed.includes(text)) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`The demo ended before it printed ${JSON.stringify(text)}: ${printed}`);
      printed += value;
    }
    return printed;
  };
  const readAll = async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) printed += part.value;
    return printed;
  };
  const home = /\/tmp\/muster-demo-\w+/.exec(await readUntil("A fleet of three"))?.[0] ?? "";
  return { child, reader, readUntil, readAll, home };
}

async function assertNothingLeft(world: World, home: string): Promise<void> {
  assertMatch(home, /^\/tmp\/muster-demo-\w+$/);
  const { code } = await world.run("sh", ["-c", 'ls -d "$1"', "sh", home]);
  assertEquals(code, 2, `${home} is left`);
  await world.eventually("the demo's processes to be gone", async () => {
    const { stdout } = await world.run("sh", [
      "-c",
      'grep -lsaF "$1" /proc/[0-9]*/cmdline /proc/[0-9]*/environ || true',
      "sh",
      home,
    ]);
    const others = stdout.split("\n").filter((path) => path !== "" && !path.includes("/self/"));
    const left = others.filter((path) => {
      try {
        return !Deno.readTextFileSync(path).includes("grep");
      } catch {
        return false; // it has ended
      }
    });
    return left.length === 0 || undefined;
  });
}

Deno.test("the demo shows its job and leaves nothing behind", async () => {
  await using world = await World.create();
  const demo = await startDemo(world);
  const [printed, { code }, stderr] = await Promise.all([
    demo.readAll(),
    demo.child.status,
    new Response(demo.child.stderr).text(),
  ]);
  assertEquals([code, stderr], [0, ""]);
  for (const outcome of ["submitted  coder0", "queued  coder1", "held  reviewer0", "dead", "server muster: stopped"]) {
    assertEquals(printed.includes(outcome), true, `${outcome} in ${printed}`);
  }
  await assertNothingLeft(world, demo.home);
});

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 143]] as const) {
  Deno.test(`the demo interrupted by ${signal} leaves nothing behind`, async () => {
    await using world = await World.create();
    const demo = await startDemo(world);
    await demo.readUntil("started");
    demo.child.kill(signal);
    const [, { code }, stderr] = await Promise.all([
      demo.readAll(),
      demo.child.status,
      new Response(demo.child.stderr).text(),
    ]);
    assertEquals([code, stderr], [status, `muster: interrupted: ${signal}\n`]);
    await assertNothingLeft(world, demo.home);
  });
}

Deno.test("the demo whose server dies under it fails, says so, and leaves nothing behind", async () => {
  await using world = await World.create();
  const demo = await startDemo(world);
  await demo.readUntil("started");
  await world.run("tmux", ["-N", "-L", "muster", "kill-server"], { env: { TMUX_TMPDIR: demo.home } });
  const [, { code }, stderr] = await Promise.all([
    demo.readAll(),
    demo.child.status,
    new Response(demo.child.stderr).text(),
  ]);
  assertEquals([code === 0, /^muster: .+\n/.test(stderr)], [false, true], stderr);
  await assertNothingLeft(world, demo.home);
});

Deno.test("the demo whose reader goes away leaves nothing behind", async () => {
  await using world = await World.create();
  const demo = await startDemo(world);
  await demo.reader.cancel();
  const [{ code }] = await Promise.all([demo.child.status, new Response(demo.child.stderr).text()]);
  assertEquals(code, 6);
  await assertNothingLeft(world, demo.home);
});
