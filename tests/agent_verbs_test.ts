/**
 * The verbs beside sending: a dialog is answered by name only, work is interrupted only while it is seen, a slash command
 * is typed only by the verb for it, and what is waited for is seen.
 *
 * @module
 */

import { assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { root, World } from "./_world.ts";

const program = new URL("fixtures/agents/demo.ts", root).pathname;

interface Report {
  readonly outcome: string;
  readonly reason?: string;
  readonly dialog?: string;
  readonly hint?: string;
  readonly choices?: readonly string[];
  readonly choice?: string;
}

/** A fleet of one demo agent, started, and its transcript. */
async function fleet(...flags: readonly string[]) {
  const world = await World.create();
  const transcript = `${world.home}/transcript.jsonl`;
  const deno = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock", `--allow-write=${transcript}`];
  const command = JSON.stringify([...deno, program, "--transcript", transcript, ...flags]);
  await world.roster(`version = 1\n[[agents]]\nname = "a"\nruntime = "demo"\ncommand = ${command}\n`);
  const { code, stderr } = await world.muster(["fleet", "start"]);
  const asks = flags.includes("--dialog") && flags.includes("start");
  assertEquals([code, stderr], [asks ? 4 : 0, ""]);
  const call = async (...words: readonly string[]) => {
    const { code, document } = await world.json<Report>(["agent", ...words]);
    return { code, ...document };
  };
  const events = async () =>
    (await Deno.readTextFile(transcript)).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line))
      .filter(({ type }) => type !== "session" && type !== "assistant")
      .map(({ type, text, answer }) => [type, text ?? answer].filter((one) => one !== undefined).join(" "));
  return { world, call, events };
}

Deno.test("agent answer gives the answer that was chosen, and no other", async () => {
  for (const [choose, answer] of [["No", "no"], ["2", "no"], ["1", "yes"], ["yes", undefined]] as const) {
    const { world, call, events } = await fleet("--dialog", "start");
    await using _world = world;
    const said = await call("answer", "a", "--expect", "Allow the command: rm -rf build?", "--choose", choose);
    if (answer === undefined) {
      assertEquals(said.code, 2);
      assertEquals(await events(), []);
      continue;
    }
    assertEquals([said.code, said.outcome, said.choice?.toLowerCase()], [0, "answered", answer]);
    assertEquals(await events(), [`dialog ${answer}`]);
    const again = await call("answer", "a", "--expect", "Allow the command: rm -rf build?", "--choose", choose);
    assertEquals([again.code, again.outcome], [1, "no_dialog"]);
  }
});

Deno.test("a report is an observation: an agent that asks as it starts is held, and the hint is what answers it", async () => {
  const question = "Do you trust 'this'; $(folder)?";
  const { world, call, events } = await fleet("--dialog", "start", "--dialog-text", question);
  await using _world = world;
  const answer = "muster agent answer a --expect 'Do you trust '\\''this'\\''; $(folder)?' --choose N";
  const asks = `\\S+ {2}a dialog is open: ${RegExp.escape(question)}\nhint: ${
    RegExp.escape(answer)
  } \\(1\\. Yes · 2\\. No\\)\n$`;
  const told = { code: 4, dialog: question, hint: `${answer} (1. Yes · 2. No)` };
  for (
    const [words, started] of [
      [["fleet", "start", "--replace"], "^a {2}started {2}%\\d+ {2}"],
      [["fleet", "restart", "--now"], "^a {2}restarted {2}%\\d+ {2}"],
      [["agent", "restart", "a", "--now"], "^a {2}restarted {2}%\\d+ {2}"],
    ] as const
  ) {
    const { code, stdout, stderr } = await world.muster(words);
    assertEquals([code, stderr], [4, ""], words.join(" "));
    assertMatch(stdout, new RegExp(started + asks), words.join(" "));
  }
  const { document } = await world.json<{ readonly agents: readonly Report[] }>(["fleet", "start", "--replace"]);
  assertEquals([document.agents[0]?.dialog, document.agents[0]?.hint], [told.dialog, told.hint]);
  const again = await world.muster(["fleet", "start"]);
  assertEquals([again.code, again.stdout], [0, "a  already running  %5\n"], "what runs already is not looked at");
  assertEquals((await world.muster(["fleet", "stop", "--now"])).code, 0);
  const launched = await call("launch", "a");
  assertEquals([launched.code, launched.dialog, launched.hint], [told.code, told.dialog, told.hint]);
  // As a person would run it, with the answer for N.
  const typed = answer.replace(/^muster/, '"$0" run --quiet -A "$1"').replace(/N$/, "2");
  const said = await world.run("sh", ["-c", typed, Deno.execPath(), new URL("mod.ts", root).pathname]);
  assertEquals([said.code, said.stderr], [0, ""], said.stdout);
  assertEquals(await events(), ["dialog no"]);
});

Deno.test("agent answer presses nothing at a dialog that was not expected", async () => {
  const { world, call, events } = await fleet("--dialog", "start", "--dialog-text", "Delete the database?");
  await using _world = world;
  for (const expect of ["Allow the command: rm -rf build?", "Delete the data", "e"]) {
    const said = await call("answer", "a", "--expect", expect, "--choose", "Yes");
    const isPart = expect === "Delete the data";
    assertEquals([said.code, said.outcome], isPart ? [0, "answered"] : [4, "held"], expect);
    if (isPart) break;
    assertEquals([said.reason, said.dialog, said.choices], [
      "another dialog is open",
      "Delete the database?",
      ["Yes", "No"],
    ]);
    assertEquals(await events(), []);
  }
  assertEquals(await events(), ["dialog yes"]);
  const person = await fleet("--dialog", "start");
  await using _person = person.world;
  const { code, stdout, stderr } = await person.world.muster([
    "agent",
    "answer",
    "a",
    "--expect",
    "Quit?",
    "--choose",
    "1",
  ]);
  assertEquals([code, stderr], [4, ""]);
  assertMatch(
    stdout,
    /^held {2}a %1 {2}\S+\n {2}another dialog is open\n {2}it asks: Allow the command: rm -rf build\?\n {2}it offers: 1\. Yes · 2\. No\n {2}│/,
  );
});

Deno.test("agent interrupt stops work that is seen, and is refused at a dialog and over a draft", async () => {
  const { world, call, events } = await fleet("--busy", "forever");
  await using _world = world;
  const idle = await call("interrupt", "a");
  assertEquals([idle.code, idle.outcome, idle.reason], [1, "not_busy", "the agent is idle"]);
  assertEquals((await world.muster(["tmux", "send", "-t", "a", "-m", "work"])).code, 0);
  await world.tmux(["send-keys", "-t", "=a:", "-l", "a draft"]);
  await world.eventually("the draft", async () => {
    return (await world.screen("=a:")).some((row) => row.startsWith("❯ a draft")) || undefined;
  });
  const draft = await call("interrupt", "a");
  assertEquals([draft.code, draft.outcome], [4, "held"]);
  await world.tmux(["send-keys", "-t", "=a:", ...Array(7).fill("BSpace")]);
  await world.eventually("the draft to go", async () => {
    return (await world.screen("=a:")).every((row) => !row.startsWith("❯ a")) || undefined;
  });
  const stopped = await call("interrupt", "a");
  assertEquals([stopped.code, stopped.outcome], [0, "interrupted"]);
  assertEquals(await events(), ["user work", "interrupted Interrupted."]);

  const asking = await fleet("--dialog", "start");
  await using _asking = asking.world;
  const held = await asking.call("interrupt", "a");
  assertEquals([held.code, held.outcome], [4, "held"]);
  assertEquals(await asking.events(), []);
});

Deno.test("agent interrupt looks again where the screen changed since it was seen", async () => {
  const { world, call, events } = await fleet("--busy", "forever", "--say", "line\n".repeat(100));
  await using _world = world;
  assertEquals((await world.muster(["tmux", "send", "-t", "a", "-m", "work"])).code, 0);
  const history = async () => Number(await world.tmux(["display-message", "-p", "-t", "=a:", "#{history_size}"]));
  assertEquals(await history() > 0, true);
  // Behind the first look the pane is no longer as it was seen.
  await world.tmux(["set-hook", "-g", "after-capture-pane", "clear-history -t =a:"]);
  const stopped = await call("interrupt", "a");
  assertEquals([stopped.code, stopped.outcome, stopped.reason], [0, "interrupted", undefined]);
  assertEquals([await history(), await events()], [0, ["user work", "interrupted Interrupted."]]);
});

Deno.test("agent command types a slash command, and only that", async () => {
  const { world, call, events } = await fleet("--busy", "0");
  await using _world = world;
  const typed = await call("command", "a", "/compact keep the plan");
  assertEquals([typed.code, typed.outcome], [0, "submitted"]);
  assertEquals(await events(), ["user /compact keep the plan"]);
  for (const words of ["compact", "/", "/two\nlines", ""]) {
    assertEquals((await call("command", "a", words)).code, 2, words);
  }
  assertEquals((await events()).length, 1);
});

Deno.test("agent wait sees each state come, and says which did not", async () => {
  const { world, call } = await fleet("--busy", "forever");
  await using _world = world;
  assertEquals((await call("wait", "a", "--for", "idle")).code, 0);
  const busy = call("wait", "a", "--for", "busy");
  assertEquals((await world.muster(["tmux", "send", "-t", "a", "-m", "work"])).code, 0);
  assertEquals((await busy).code, 0);
  const pid = Number(await world.tmux(["display-message", "-p", "-t", "=a:", "#{pane_pid}"]));
  const done = call("wait", "a", "--for", "idle");
  Deno.kill(pid, "SIGUSR2");
  assertEquals((await done).code, 0);
  const late = await world.muster(["agent", "wait", "a", "--for", "dialog", "--timeout", "200ms"]);
  assertEquals(late, { code: 3, stdout: "a  idle  time ran out\n", stderr: "" });
  const idle = call("wait", "a", "--for", "dialog", "--timeout", "50s");
  const dead = call("wait", "a", "--for", "dead");
  Deno.kill(pid, "SIGKILL");
  assertEquals((await dead).code, 0);
  assertEquals((await idle).code, 5);
});
