/** What reads a pane's terminal, as its host's own processes say. */

import { assert, assertEquals } from "../lib/deps/assert.ts";
import { detectRuntime, findProcesses, readProcesses } from "../lib/agents/mod.ts";
import { type Host, localHost, MusterError, realIo, withEnvironment } from "../lib/io/mod.ts";
import { root, World } from "./_world.ts";

const agentProgram = new URL("fixtures/agents/demo.ts", root).pathname;
const demo = [Deno.execPath(), "run", "--quiet", "--no-config", agentProgram];

/** How processes are read: by sh on their host, or by muster itself where it may read all that its person may. */
const ways = [
  ["by sh", ({ files: _files, ...host }: Host): Host => host],
  ["by muster itself", (host: Host): Host => host],
] as const;

/** A world with a pane that runs the words given, the host that it is on, and its process. */
async function withPane(as: (host: Host) => Host, ...words: readonly string[]) {
  const world = await World.create();
  await world.tmux(["new-session", "-d", "-s", "a", "-x", "100", "-y", "30", "-c", world.cwd, "--", ...words]);
  const host = as(localHost(withEnvironment(realIo, world.env)));
  const pid = Number(await world.tmux(["display-message", "-p", "-t", "=a:", "#{pane_pid}"]));
  const look = async () => (await readProcesses(host, [pid])).get(pid) ?? [];
  const seeing = (what: string, isSo: (found: Awaited<ReturnType<typeof look>>) => boolean) =>
    world.eventually(what, async () => {
      const found = await look();
      return isSo(found) ? found : undefined;
    });
  return { world, host, pid, look, seeing };
}

for (const [way, as] of ways) {
  Deno.test(`an agent behind two wrappers is found, with its own directory and variables, ${way}`, async () => {
    const inner = `cd / && CODEX_HOME=/agent/own SECRET=hunter2 exec "$@"`;
    const { world, seeing } = await withPane(as, "sh", "-c", 'sh -c "$@"; :', "sh", inner, "sh", ...demo);
    await using _world = world;
    const found = await seeing("the agent", (processes) => detectRuntime(processes).what === "agent");
    const detected = detectRuntime(found);
    assert(detected.what === "agent");
    assertEquals([detected.runtime.kind, detected.process.cwd], ["demo", "/"]);
    assertEquals(detected.process.env, { HOME: world.home, CODEX_HOME: "/agent/own" });
    assertEquals(found.map(({ argv }) => argv[0]), ["sh", "sh", Deno.execPath()].slice(-found.length));
  });

  Deno.test(`what a process is called, and where it stands, is data, ${way}`, async () => {
    const { world, look, seeing, host } = await withPane(as, "sh", "-c", "exec cat");
    await using _world = world;
    await seeing("cat", (processes) => processes[0]?.argv[0] === "cat");
    const strange = `${world.cwd}/'; touch x; '\n$(touch y)\n -> /etc/passwd`;
    await Deno.mkdir(strange, { recursive: true });
    await Deno.writeTextFile(`${strange}/log`, "");
    const program = `exec -a "a\nm root 1" sleep 60 3<"$PWD/log"`;
    await world.tmux([
      "respawn-pane",
      "-k",
      "-t",
      "=a:",
      "-c",
      strange,
      "-e",
      `CODEX_HOME=b\nHOME=c`,
      "--",
      "bash",
      "-c",
      program,
    ]);
    const pid = Number(await world.tmux(["display-message", "-p", "-t", "=a:", "#{pane_pid}"]));
    const [found] = await world.eventually("sleep", async () => {
      const processes = (await readProcesses(host, [pid])).get(pid);
      return processes?.[0]?.argv[1] === "60" ? processes : undefined;
    });
    assertEquals(found?.argv, ["a\nm root 1", "60"]);
    assertEquals([found?.cwd, found?.env.CODEX_HOME, found?.env.HOME], [strange, "b\nHOME=c", world.home]);
    assertEquals(found?.files, [], "an open file whose name could make up a line counts for nothing");
    assertEquals([...Deno.readDirSync(world.cwd)].length, 1);
    assertEquals(await look(), [], "the process of before is gone");
  });

  Deno.test(`a job that was stopped reads nothing: the shell does, ${way}`, async () => {
    const { world, seeing } = await withPane(as, "bash", "--norc", "-i");
    await using _world = world;
    await seeing("the shell", (processes) => detectRuntime(processes).what === "shell");
    await world.tmux(["send-keys", "-t", "=a:", "-l", demo.map((word) => `'${word}'`).join(" ")]);
    await world.tmux(["send-keys", "-t", "=a:", "Enter"]);
    const running = await seeing("the agent", (processes) => detectRuntime(processes).what === "agent");
    assertEquals(running.length, 1, "the shell is in the background");
    const agent = running[0]?.pid ?? 0;
    Deno.kill(agent, "SIGSTOP");
    const stopped = await seeing("the shell again", (processes) => detectRuntime(processes).what === "shell");
    assertEquals(detectRuntime(stopped).what, "shell");
    Deno.kill(agent, "SIGKILL");
  });

  Deno.test(`many panes are looked at in one call, and processes are found by their name, ${way}`, async () => {
    const { world, host, pid, seeing } = await withPane(as, "sh", "-c", "cat; :");
    await using _world = world;
    await seeing("cat", (processes) => processes.length === 2);
    await world.tmux(["new-session", "-d", "-s", "b", "cat"]);
    const second = Number(await world.tmux(["display-message", "-p", "-t", "=b:", "#{pane_pid}"]));
    let calls = 0;
    const counted: Host = { ...host, run: (...words) => (calls++, host.run(...words)) };
    const found = await world.eventually("both", async () => {
      calls = 0;
      const both = await readProcesses(counted, [pid, second, 4_194_305]);
      return both.get(second)?.[0]?.argv[0] === "cat" ? both : undefined;
    });
    assertEquals([...found.values()].map((one) => one.map(({ argv }) => argv.join(" "))), [
      ["sh -c cat; :", "cat"],
      ["cat"],
      [],
    ]);
    assertEquals(calls, host.files ? 0 : 1);
    assert((await findProcesses(host, "cat")).some((one) => one.pid === second));
    assertEquals(await findProcesses(host, "no such program"), []);
  });
}

Deno.test("looks that are asked for at once by sh go together, each with what it asked for", async () => {
  const { world, host, pid, seeing } = await withPane(ways[0][1], "sh", "-c", "cat; :");
  await using _world = world;
  await seeing("cat", (processes) => processes.length === 2);
  let calls = 0;
  const counted: Host = { ...host, run: (...words) => (calls++, host.run(...words)) };
  const stop = new AbortController();
  const all = Array.from({ length: 20 }, () => readProcesses(counted, [pid]));
  const given = readProcesses(counted, [pid], stop.signal).catch((error: unknown) => error);
  const without = readProcesses(counted, [pid], undefined, { withFiles: false });
  stop.abort("given up");
  const found = (await Promise.all(all)).map((one) => one.get(pid)?.map(({ argv, files }) => [argv.join(" "), files]));
  assertEquals(found, Array(20).fill([["sh -c cat; :", []], ["cat", []]]));
  assertEquals((await without).get(pid)?.[1]?.files, undefined);
  assertEquals(await given, "given up");
  // The first, those that came meanwhile, and the one that asks for less.
  assertEquals(calls, 3);
  const failing: Host = { ...host, run: () => Promise.reject(new MusterError("failed", "no sh")) };
  const failed = await Promise.allSettled([readProcesses(failing, [pid]), readProcesses(failing, [pid])]);
  assertEquals(failed.map(({ status }) => status), ["rejected", "rejected"]);
});

Deno.test("every shell reads the same, whether or not the kernel lets it name itself", async () => {
  const program = `exec -a "$(printf 'ă \\201\\210')" sleep 61 3<"$PWD/a log"`;
  const { world, host, pid, seeing } = await withPane(ways[0][1], "bash", "-c", `: >"a log"; ${program}`);
  await using _world = world;
  const [expected] = await seeing("sleep", ([first]) => first?.argv[1] === "61");
  assertEquals(expected?.files, [`${world.cwd}/a log`]);
  const shells = [["sh"], ["bash", "--posix"], ["dash"], ["busybox", "sh"]];
  const tried: string[] = [];
  for (const [shell = "", ...words] of shells) {
    for (const name of ["/proc/$$/comm", "/proc/$$/nothing"]) {
      const run: Host["run"] = (_, [flag = "", script = "", ...rest], options) =>
        realIo.process.run(shell, [...words, flag, script.replace("/proc/$$/comm", name), ...rest], options);
      try {
        const found = await readProcesses({ ...host, run }, [pid]);
        assertEquals(found.get(pid)?.[0], expected, `${shell} ${name}`);
        tried.push(shell);
      } catch (error) {
        if (!(error instanceof MusterError) || error.code !== "missing_program") throw error;
      }
    }
  }
  assert(tried.includes("sh"), `${tried}`);
});

Deno.test("what one process has open says nothing of another, however it is called", async () => {
  const { world, host, pid, seeing } = await withPane(ways[0][1], "bash", "-c", 'exec sleep 62 3<>"$PWD/own"');
  await using _world = world;
  await seeing("sleep", ([first]) => first?.argv[1] === "62");
  const path = `${world.cwd}/x\nlr-x------ 1 0 64 Jan  1 00:00 /proc/${pid}/fd/9 -> /passwd`;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, "");
  await world.tmux(["new-session", "-d", "-s", "b", "-e", `F=${path}`, "bash", "-c", 'exec sleep 63 3<"$F"']);
  const second = Number(await world.tmux(["display-message", "-p", "-t", "=b:", "#{pane_pid}"]));
  const both = await world.eventually("both", async () => {
    const found = await readProcesses(host, [pid, second]);
    return found.get(second)?.[0]?.argv[1] === "63" ? found : undefined;
  });
  assertEquals([both.get(pid)?.[0]?.files, both.get(second)?.[0]?.files], [[`${world.cwd}/own`], []]);
  assertEquals((await readProcesses(host, [pid])).get(pid)?.[0]?.files, [`${world.cwd}/own`]);
});
