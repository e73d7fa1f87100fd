/** The agent's own transcript: what it had before is noted, and a message is found after it, in that process's file alone. */

import { assert, assertEquals, assertRejects } from "../lib/deps/assert.ts";
import { detectRuntime, lastAnswer, noteTranscript, readProcesses } from "../lib/agents/mod.ts";
import { type Host, type Io, localHost, MusterError, realIo, withEnvironment } from "../lib/io/mod.ts";
import { root, World } from "./_world.ts";

const agentProgram = new URL("fixtures/agents/demo.ts", root).pathname;

/** A world with a demo agent in a session, and what is needed to follow its transcript. */
async function withAgent(flags: readonly string[] = [], io: Io = realIo) {
  const world = await World.create();
  const host = localHost(withEnvironment(io, world.env));
  const start = async (session: string, transcript: string, ...more: readonly string[]) => {
    const agent = [Deno.execPath(), "run", "--quiet", "--no-config", `--allow-write=${transcript}`, agentProgram];
    const words = [...agent, "--transcript", transcript, "--name", session, ...more];
    await world.tmux(["new-session", "-d", "-s", session, "-x", "150", "-y", "50", "-c", world.cwd, ...words]);
    await world.eventually(
      `${session} to be ready`,
      async () => (await world.screen(`=${session}:`)).some((row) => row.includes("· ready")) || undefined,
    );
  };
  const say = async (session: string, text: string) => {
    await world.tmux(["load-buffer", "-b", session, "-"], { stdin: text });
    await world.tmux(["paste-buffer", "-dpr", "-b", session, "-t", `=${session}:`]);
    await world.tmux(["send-keys", "-t", `=${session}:`, "Enter"]);
  };
  const process = async (session: string) => {
    const pid = Number(await world.tmux(["display-message", "-p", "-t", `=${session}:`, "#{pane_pid}"]));
    const detected = detectRuntime((await readProcesses(host, [pid])).get(pid) ?? []);
    assert(detected.what === "agent");
    return detected;
  };
  const note = async (session: string, message: string, on: Host = host) => {
    const { runtime, process: own } = await process(session);
    const watch = await noteTranscript(on, io, own, runtime, message);
    assert("look" in watch, JSON.stringify(watch));
    return watch;
  };
  const transcript = `${world.cwd}/a.jsonl`;
  await start("a", transcript, ...flags);
  return { world, host, io, start, say, process, note, transcript };
}

const difficult = 'many\n\n  lines with "quotes", $(x) `y` \\ and \t tabs; 🚀 👩‍💻 é é עברית\u2028\n' +
  "x".repeat(200_000) + "\n;";

/** A world in which nothing may be read but by sh. */
const withoutRead: Io = {
  ...realIo,
  permissions: { isGranted: (descriptor) => descriptor.name !== "read" && realIo.permissions.isGranted(descriptor) },
};

for (const [how, io] of [["by sh", withoutRead], ["by muster itself", realIo]] as const) {
  Deno.test(`a message is found after the noted offset, byte for byte, ${how}`, async () => {
    const { world, note, say, transcript } = await withAgent(["--busy", "0"], io);
    await using _world = world;
    await say("a", difficult);
    await world.eventually(
      "the first",
      async () => (await Deno.readTextFile(transcript)).includes("assistant") || undefined,
    );
    const watch = await note("a", difficult);
    assertEquals(await watch.look(), { isFinished: false }, "the same message of before does not count");
    await say("a", `${difficult}.`);
    await world.eventually(
      "the second",
      async () => (await Deno.readTextFile(transcript)).split('"type":"assistant"').length === 3 || undefined,
    );
    assertEquals(await watch.look(), { isFinished: false }, "nor does one that is almost the same");
    await say("a", difficult);
    const sighting = await world.eventually("the message", async () => {
      const now = await watch.look();
      return now.isFinished ? now : undefined;
    });
    assertEquals([sighting.seen, sighting.path], ["taken", transcript]);
    assert(/^Received \d+ lines/.test(sighting.answer ?? ""));
  });
}

Deno.test("a message that waits in the queue is told from one that was taken up", async () => {
  const { world, note, say } = await withAgent(["--busy", "forever"]);
  await using _world = world;
  await say("a", "first");
  const watch = await note("a", "second");
  await say("a", "second");
  await world.eventually("the queue", async () => (await watch.look()).seen === "queued" || undefined);
  assertEquals((await watch.look()).isFinished, false);
  await world.tmux(["send-keys", "-t", "=a:", "Escape"]);
  await world.eventually("the start", async () => (await watch.look()).seen === "taken" || undefined);
});

Deno.test("a sibling in the same home and directory that gets the same text does not count", async () => {
  const { world, note, say, start } = await withAgent(["--busy", "0"]);
  await using _world = world;
  await start("b", `${world.cwd}/b.jsonl`, "--busy", "0");
  const watch = await note("a", "to both");
  await say("b", "to both");
  await world.eventually(
    "the sibling",
    async () => (await Deno.readTextFile(`${world.cwd}/b.jsonl`)).includes("to both") || undefined,
  );
  assertEquals(await watch.look(), { isFinished: false });
  await say("a", "to both");
  await world.eventually("the agent", async () => (await watch.look()).seen === "taken" || undefined);
});

Deno.test("a line that is half written is left for the next look, and a half line of before is no line", async () => {
  const { world, note, transcript } = await withAgent();
  await using _world = world;
  const add = (text: string) => Deno.writeTextFile(transcript, text, { append: true });
  await add('{"type":"user","text":"half');
  const watch = await note("a", "half");
  await add('"}\n{"type":"user","te');
  assertEquals(await watch.look(), { isFinished: false });
  await add('xt":"hal');
  assertEquals(await watch.look(), { isFinished: false });
  await add('f"}\n{"type":"assistant","text":"answer"}\nno JSON\n[]\n');
  const { seen, answer, isFinished } = await watch.look();
  assertEquals({ seen, answer, isFinished }, { seen: "taken", answer: "answer", isFinished: true });
});

Deno.test("of messages that begin alike, those that waited before are passed over, the same text among them", async () => {
  const { world, note, transcript } = await withAgent();
  await using _world = world;
  const add = (...texts: readonly string[]) =>
    Deno.writeTextFile(transcript, texts.map((text) => `${JSON.stringify({ type: "user", text })}\n`).join(""), {
      append: true,
    });
  const watch = async (count: number) => {
    const watch = await note("a", "line 0\nmine");
    watch.reckonWith({ count, includes: (text) => text.startsWith("line 0") });
    return async () => (await watch.look()).seen;
  };
  const one = await watch(1);
  await add("something else", "line 0\nmine");
  assertEquals(await one(), undefined, "the one that waited may have the same text");
  await add("line 0\nmine");
  assertEquals(await one(), "taken");
  const two = await watch(2);
  await add("line 0\nanother", "line 0\na third");
  assertEquals(await two(), undefined);
  await add("line 0\nmine");
  assertEquals(await two(), "taken");
});

Deno.test("a huge transcript costs no more than what was added to it, and a huge line is passed over", async () => {
  const { world, host, note, transcript } = await withAgent([], withoutRead);
  await using _world = world;
  const line = `${JSON.stringify({ type: "tool", text: "y".repeat(9_000_000) })}\n`;
  await Deno.writeTextFile(transcript, line.repeat(6), { append: true });
  let printed = 0;
  const counted: Host = {
    ...host,
    run: async (...words) => {
      const result = await host.run(...words);
      printed += result.stdout.length;
      return result;
    },
  };
  const watch = await note("a", "after", counted);
  assert(printed < 10_000, `${printed}`);
  await Deno.writeTextFile(transcript, `${line}{"type":"user","text":"after"}\n`, { append: true });
  await world.eventually("the message", async () => (await watch.look()).seen === "taken" || undefined);
});

Deno.test("the last answer is read from the end; a process that keeps no transcript has none", async () => {
  const { world, host, io, say, process, transcript } = await withAgent(["--busy", "0"], withoutRead);
  await using _world = world;
  const { process: own, runtime } = await process("a");
  assertEquals(await lastAnswer(host, io, own, runtime), undefined);
  await say("a", "one word");
  await world.eventually(
    "the answer",
    async () => (await Deno.readTextFile(transcript)).includes("assistant") || undefined,
  );
  const tool = `${JSON.stringify({ type: "tool", text: "z".repeat(900_000) })}\n`;
  await Deno.writeTextFile(transcript, tool, { append: true });
  const last = await lastAnswer(host, io, own, runtime);
  assertEquals([last?.text, last?.isTied], ["Received 1 line, 8 characters.", true]);
  await assertRejects(
    () => lastAnswer(host, io, { ...own, argv: own.argv.slice(0, 6) }, runtime),
    MusterError,
    "no transcript: the demo agent was started without --transcript",
  );
});
