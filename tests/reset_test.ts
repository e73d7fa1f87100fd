/**
 * Resetting agents: a fresh context is seen, or it is not told; a busy agent, a dialog and a persona that is to last are
 * left alone; the kickstart is sent on start and on reset, its places filled.
 *
 * @module
 */

import { assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { realIo, withEnvironment } from "../lib/io/mod.ts";
import { callTask } from "../lib/task/call.ts";
import { agentSend } from "../tasks/agent/send.ts";
import { root, show, World } from "./_world.ts";

const program = new URL("fixtures/agents/demo.ts", root).pathname;

interface Report {
  readonly outcome: string;
  readonly evidence: string;
  readonly command: string;
  readonly kickstart?: string;
  readonly reason?: string;
  readonly note?: string;
}

/** A fleet of one demo agent, started. */
async function fleet(flags: readonly string[], keys = "", { hasTranscript = true } = {}) {
  const world = await World.create();
  const path = `${world.home}/transcript.jsonl`;
  const deno = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock", `--allow-write=${path}`];
  const transcript = hasTranscript ? ["--transcript", path] : [];
  const command = JSON.stringify([...deno, program, ...transcript, ...flags]);
  await world.roster(`version = 1\n[[agents]]\nname = "a"\nruntime = "demo"\ncommand = ${command}\n${keys}`);
  const ended = await world.muster(["fleet", "start"]);
  assertEquals([ended.code, ended.stderr], [flags.includes("--dialog") ? 4 : 0, ""], show(ended));
  const reset = async (...words: readonly string[]) => {
    const { code, document } = await world.json<Report>(["agent", "reset", "a", ...words]);
    return { code, ...document };
  };
  const send = async (message: string, ...words: readonly string[]) =>
    (await world.muster(["agent", "send", "a", "-m", message, ...words])).code;
  const idle = () =>
    world.eventually("a to be idle", async () => {
      return (await world.muster(["fleet", "status"])).stdout.includes(" idle ") || undefined;
    });
  const events = async () =>
    (await Deno.readTextFile(path)).trim().split("\n").map((line) => JSON.parse(line))
      .filter(({ type }) => type === "session" || type === "user").map(({ type, text }) => text ?? type);
  return { world, reset, send, idle, events };
}

Deno.test("agent reset is proved by the transcript, and sends the kickstart with its places filled", async () => {
  const { world, reset, send, idle, events } = await fleet(
    ["--busy", "0"],
    'class = "implementer"\nkickstart = "You are {{agent}}, {{class}}. Do: {{ task }}"\n',
  );
  await using _world = world;
  assertEquals(await send("before"), 0);
  await idle();
  const none = await world.muster(["agent", "reset", "a"]);
  assertEquals([none.code, none.stderr], [
    2,
    "muster: no value for a place of the kickstart: {{task}}\nhint: --set task=…\n",
  ]);
  const done = await reset("--set", "task=fix $& it");
  assertEquals([done.code, done.outcome, done.evidence, done.command, done.kickstart], [
    0,
    "reset",
    "transcript",
    "/clear",
    "submitted",
  ]);
  await idle();
  const all = await events();
  assertMatch(all[1], /before$/);
  assertEquals([all[0], ...all.slice(2)], ["session", "session", "You are a, implementer. Do: fix $& it"]);
  assertEquals((await reset("--new", "--set", "task=x")).command, "/new");
});

Deno.test("agent reset is proved by the screen where there is no transcript", async () => {
  const { world, reset, send, idle } = await fleet(["--busy", "0"], "", { hasTranscript: false });
  await using _world = world;
  assertEquals(await send("something that is said"), 0);
  await idle();
  const done = await reset();
  assertEquals([done.code, done.outcome, done.evidence], [0, "reset", "screen"]);
  assertEquals((await world.screen("=a:")).some((row) => row.includes("something")), false);
});

Deno.test("a reset that was taken and made nothing fresh is unknown, exit 3, and no kickstart is sent", async () => {
  const { world, reset, send, idle, events } = await fleet(["--busy", "0", "--deaf-reset"]);
  await using _world = world;
  assertEquals(await send("before"), 0);
  await idle();
  const done = await reset("--timeout", "2s");
  assertEquals([done.code, done.outcome, done.evidence, done.reason], [
    3,
    "unknown",
    "none",
    "/clear was taken, and no fresh context was seen",
  ]);
  assertEquals((await events()).length, 2);
});

Deno.test("a busy agent is reset with --force alone, which interrupts it", async () => {
  const { world, reset, send, events } = await fleet(["--busy", "forever"], 'kickstart_template = "~/kick.md"\n');
  await using _world = world;
  await Deno.writeTextFile(`${world.home}/kick.md`, "From a file: {{agent}}");
  assertEquals(await send("work"), 0);
  const held = await reset();
  assertEquals([held.code, held.outcome, held.reason], [4, "held", "the agent is busy"]);
  assertEquals((await events()).length, 2, "nothing was typed");
  const done = await reset("--force");
  assertEquals([done.code, done.outcome, done.kickstart], [0, "reset", "submitted"]);
  assertEquals((await events()).slice(2), ["session", "From a file: a"]);
});

Deno.test("a persona that is to last is reset with --force alone, and one that half is with a note", async () => {
  {
    const { world, reset } = await fleet(["--busy", "0"], "persistent_persona = true\n");
    await using _world = world;
    const held = await reset();
    assertEquals([held.code, held.outcome], [4, "held"]);
    assertMatch(held.reason ?? "", /^persistent_persona/);
    assertEquals((await reset("--force")).outcome, "reset");
  }
  const { world, reset } = await fleet(["--busy", "0"], 'persistent_persona = "semi"\n');
  await using _world = world;
  const done = await reset();
  assertEquals([done.outcome, done.note], ["reset", 'persistent_persona is "semi": what it knew is gone']);
});

Deno.test("agent reset leaves a dialog alone", async () => {
  const { world, reset, events } = await fleet(["--dialog", "start"]);
  await using _world = world;
  const held = await reset();
  assertEquals([held.code, held.outcome], [4, "held"]);
  assertEquals(await events(), ["session"]);
});

Deno.test("an agent without a reset command is restarted, and kickstarted", async () => {
  await using world = await World.create(
    'version = 1\n[[agents]]\nname = "a"\ncommand = ["cat"]\nkickstart = "hello {{agent}}"\n',
  );
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  await world.eventually("the kickstart", async () => {
    return (await world.screen("=a:")).filter((row) => row === "hello a").length === 2 || undefined;
  });
  const before = await world.tmux(["display-message", "-p", "-t", "=a:", "#{pane_pid}"]);
  const { code, document } = await world.json<Report>(["agent", "reset", "a"]);
  assertEquals([code, document.outcome, document.kickstart], [0, "restarted", "submitted"]);
  const after = await world.tmux(["display-message", "-p", "-t", "=a:", "#{pane_pid}"]);
  assertEquals(before === after, false);
});

Deno.test("agent send --task resets an agent with reset_between_tasks first, and no other", async () => {
  for (const [keys, sessions] of [["reset_between_tasks = true\n", 2], ["", 1]] as const) {
    const { world, send, idle, events } = await fleet(["--busy", "0"], keys);
    await using _world = world;
    assertEquals(await send("one"), 0);
    await idle();
    assertEquals(await send("two", "--task"), 0);
    await idle();
    const all = await events();
    assertEquals(all.filter((one) => one === "session").length, sessions);
    assertMatch(all.at(-1), /two$/);
  }
});

Deno.test("a task that is sent again under its id resets nothing, and is not typed again", async () => {
  const { world, send, idle, events } = await fleet(["--busy", "0"], "reset_between_tasks = true\n");
  await using _world = world;
  assertEquals(await send("before"), 0);
  await idle();
  const task = () => world.json<{ outcome: string; repeated?: true }>(words);
  const words = ["agent", "send", "a", "--task", "--id", "task-1", "-m", "go"];
  const first = await task();
  assertEquals([first.code, first.document.outcome, first.document.repeated], [0, "submitted", undefined]);
  await idle();
  const again = await task();
  assertEquals([again.code, again.document.outcome, again.document.repeated], [0, "submitted", true]);
  const all = (await events()).map((text: string) => text.replace(/^\[.*?\] /, ""));
  assertEquals(all, ["session", "before", "session", "go"]);
  assertEquals(await send("other", "--task", "--id", "task-1"), 2, "the id stands for one message");
});

Deno.test("a task for several: what fails for one keeps no receipt of another back", async () => {
  const agent = (name: string, more: string) => `[[agents]]\nname = "${name}"\ncommand = ["cat"]\n${more}`;
  const template = 'reset_between_tasks = true\nkickstart_template = "~/begin.txt"\n';
  await using world = await World.create(`version = 1\n${agent("a", "")}${agent("b", template)}`);
  await Deno.writeTextFile(`${world.home}/begin.txt`, "begin");
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  await Deno.remove(`${world.home}/begin.txt`);
  const words = ["agent", "send", "a", "b", "--task", "-m", "go"];
  const { code, document } = await world.json<{ receipts: { outcome: string; reason?: string }[] }>(words);
  assertEquals([code, document.receipts.map(({ outcome }) => outcome)], [3, ["submitted", "unknown"]]);
  assertMatch(document.receipts[1]?.reason ?? "", /^nothing was sent: .*begin\.txt/);
});

Deno.test("nobody's message comes between the reset, the kickstart and the task of agent send --task", async () => {
  const { world, events } = await fleet(["--busy", "0"], 'reset_between_tasks = true\nkickstart = "begin"\n');
  await using _world = world;
  const io = withEnvironment(realIo, world.env);
  const send = (message: string, task = false) =>
    callTask(agentSend, { agents: ["a"], message, task, source: "here:there", timeout: "60s" }, { io });
  let isDone = false;
  let count = 0;
  // There is always somebody waiting in the queue.
  const others = Array.from({ length: 4 }, async () => {
    while (!isDone) {
      const receipt = await send(`other ${count++}`);
      assertEquals("outcome" in receipt && receipt.outcome, "submitted");
    }
  });
  try {
    for (let round = 0; round < 4; round++) {
      const receipt = await send(`task ${round}`, true);
      assertEquals("outcome" in receipt && receipt.outcome, "submitted", JSON.stringify(receipt));
    }
  } finally {
    isDone = true;
    await Promise.all(others);
  }
  const all = (await events()).map((text: string) => text.replace(/^\[.*?\] /, ""));
  const resets = all.flatMap((text, at) => text === "session" && at > 0 ? [all.slice(at, at + 3)] : []);
  assertEquals(resets, [0, 1, 2, 3].map((round) => ["session", "begin", `task ${round}`]));
  assertEquals(all.filter((text) => text.startsWith("other ")).length, count);
  assertEquals(await world.tmux(["display-message", "-p", "-t", "=a:", "#{@muster_queue}"]), "\n");
});

Deno.test("the same holds for an agent that is reset by a restart: its new pane is kept for the task", async () => {
  await using world = await World.create(
    'version = 1\n[[agents]]\nname = "a"\ncommand = ["cat"]\nreset_between_tasks = true\n',
  );
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  const io = withEnvironment(realIo, world.env);
  let isDone = false;
  const others = Array.from({ length: 4 }, async () => {
    while (!isDone) {
      const receipt = await callTask(agentSend, { agents: ["a"], message: "other", source: "a:b" }, { io });
      assertEquals(
        "outcome" in receipt && ["submitted", "not_found", "dead", "unknown"].includes(receipt.outcome),
        true,
      );
    }
  });
  try {
    for (let round = 0; round < 4; round++) {
      const receipt = await callTask(agentSend, { agents: ["a"], message: "task", task: true, source: "a:b" }, { io });
      assertEquals("outcome" in receipt && receipt.outcome, "submitted", JSON.stringify(receipt));
      const [first] = await world.screen("=a:");
      assertMatch(first ?? "", /\] task$/);
    }
  } finally {
    isDone = true;
    await Promise.all(others);
  }
  assertEquals(await world.tmux(["display-message", "-p", "-t", "=a:", "#{@muster_queue}"]), "\n");
  assertEquals((await world.tmux(["show-options", "-s"])).includes("muster_next"), false);
});
