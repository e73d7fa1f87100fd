/**
 * Sends that others' ends come in the way of: several killed at once, a late turn, a signal between two steps, a fan-out of
 * which one refuses; each with the promise that it tries to break.
 *
 * @module
 */

import { sendText } from "../lib/agents/mod.ts";
import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { realIo } from "../lib/io/mod.ts";
import { joinPane, leaveQueue, makeTicket, parseTarget } from "../lib/tmux/mod.ts";
import { DemoPane } from "./_demo_pane.ts";
import { root, World } from "./_world.ts";

const cli = ["run", "--quiet", "-A", new URL("mod.ts", root).pathname];

Deno.test("one owner at a time: two dead senders in a queue keep nobody waiting", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  for (let dead = 0; dead < 3; dead++) {
    const child = new Deno.Command("true").spawn();
    await child.status;
    await joinPane(pane.server, parseTarget("a"), makeTicket(child.pid, Date.now()));
  }
  const { code, document } = await pane.send("-m", "after the dead");
  assertEquals([code, document.outcome], [0, "submitted"], JSON.stringify(document));
  assertEquals(await pane.traces(), "");
});

Deno.test("a report is an observation: a turn that comes late has time for its proof", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  const owner = makeTicket(Deno.pid, Date.now());
  await joinPane(pane.server, parseTarget("a"), owner);
  // All of the sender's time is over when its turn comes.
  let aheadMs = 0;
  const clock = { ...realIo.clock, elapsed: () => realIo.clock.elapsed() + aheadMs };
  const sending = sendText({ ...realIo, clock }, pane.server, parseTarget("a"), "late", {
    timeoutMs: 50_000,
    runtime: "demo",
    trace: (step) => void (aheadMs ||= step === "its turn has come" ? 50_000 : 0),
  });
  await pane.world.eventually(
    "the sender to wait",
    async () => (await pane.traces()).split(" ").length > 1 || undefined,
  );
  await leaveQueue(pane.server, pane.paneId, owner);
  const { outcome, reason } = await sending;
  assertEquals([outcome, aheadMs], ["submitted", 50_000], reason);
  assertEquals(await pane.taken(), ["late"]);
});

Deno.test("what was begun is undone or told: a signal behind the paste leaves a draft that the next sender finishes", async () => {
  await using pane = await DemoPane.start(["--busy", "0", "--hold-paste"]);
  const words = ["tmux", "send", "-t", "a", "--runtime", "demo", "-m", "stopped halfway"];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...cli, ...words],
    clearEnv: true,
    env: { ...pane.world.env },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  await pane.world.eventually("the paste", async () => (await pane.traces()).includes("/typed") || undefined);
  child.kill("SIGTERM");
  const { code, stderr } = await child.output();
  await pane.drawn("❯ stopped halfway");
  assertEquals(code, 143);
  assertMatch(new TextDecoder().decode(stderr), /hint: the text was typed into %0 and Enter pressed 0 times/);
  const next = await pane.send("-m", "next");
  assertEquals([next.code, next.document.outcome, next.document.unfinished?.outcome], [0, "submitted", "submitted"]);
  assertEquals(await pane.taken(), ["stopped halfway", "next"]);
  assertEquals(await pane.traces(), "");
});

Deno.test("the same message again, behind a sender that was stopped, arrives once", async () => {
  await using pane = await DemoPane.start(["--busy", "0", "--hold-paste"]);
  const child = new Deno.Command(Deno.execPath(), {
    args: [...cli, "tmux", "send", "-t", "a", "--runtime", "demo", "-m", "once"],
    clearEnv: true,
    env: { ...pane.world.env },
    stdout: "null",
    stderr: "null",
  }).spawn();
  await pane.world.eventually("the paste", async () => (await pane.traces()).includes("/typed") || undefined);
  child.kill("SIGINT");
  assertEquals((await child.status).code, 130);
  await pane.drawn("❯ once");
  assertEquals((await pane.send("-m", "once")).document.outcome, "submitted");
  assertEquals(await pane.taken(), ["once"]);
});

Deno.test("a fold of a person's is not taken for a killed sender's message", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  const file = await pane.world.file("message.txt", "short message");
  const dying = new URL("tests/_dying_sender.ts", root).pathname;
  for (let call = 2; !(await pane.world.screen("=a:")).some((row) => row.startsWith("❯ short")); call++) {
    await pane.world.deno(["run", "--quiet", "-A", dying, file, "after", String(call)]);
    assert(call < 8, "the sender never left a draft");
    if ((await pane.traces()).includes("/typed")) await pane.shows("❯ short");
  }
  await pane.keys("C-c");
  await pane.world.eventually("an empty composer", async () => {
    return (await pane.world.screen("=a:")).includes("❯") || undefined;
  });
  const text = Array.from({ length: 40 }, (_, at) => `a person's line ${at}`).join("\n");
  await pane.world.tmux(["load-buffer", "-b", "person", "-"], { stdin: text });
  await pane.world.tmux(["paste-buffer", "-dpr", "-b", "person", "-t", "=a:"]);
  await pane.shows("[Pasted text #");
  const { code, document } = await pane.send("-m", "next");
  assertEquals([code, document.outcome], [4, "held"], JSON.stringify(document));
  assertEquals(await pane.taken(), []);
});

Deno.test("--id is of a pane, and goes with --wait", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  await pane.world.tmux(["split-window", "-d", "-t", "=a:", "cat"]);
  const first = await pane.send("-m", "once", "--id", "job");
  const other = await pane.world.json<{ readonly outcome: string; readonly repeated?: true }>(
    ["tmux", "send", "-t", "%1", "-m", "once", "--id", "job"],
  );
  assertEquals([first.document.outcome, other.document.outcome, other.document.repeated], [
    "submitted",
    "submitted",
    undefined,
  ]);
  const again = await pane.send("-m", "once", "--id", "job", "--wait", "idle");
  assertEquals([again.code, again.document.repeated, again.document.awaited?.reached], [0, true, true]);
});

Deno.test("a dialog can be answered while a sender waits for it with --when-free", async () => {
  await using world = await World.create();
  const program = new URL("fixtures/agents/demo.ts", root).pathname;
  const deno = [Deno.execPath(), "run", "--quiet", "--no-config", "--allow-write=.", program];
  const command = JSON.stringify([...deno, "--transcript", "a.jsonl", "--dialog", "start"]);
  await world.roster(`version = 1\n[[agents]]\nname = "a"\nruntime = "demo"\ncommand = ${command}\n`);
  assertEquals((await world.muster(["fleet", "start"])).code, 4);
  const sending = world.muster(["agent", "send", "a", "-m", "hello", "--when-free", "50s"]);
  await world.eventually("the sender to look", async () => {
    const words = ["display-message", "-p", "-t", "=a:", "#{@muster_queue}"];
    return (await world.tmux(words)).trim() !== "" || undefined;
  });
  const answer = await world.muster(["agent", "answer", "a", "--expect", "Allow the command", "--choose", "No"]);
  assertEquals([answer.code, answer.stderr], [0, ""], answer.stdout);
  assertEquals((await sending).code, 0);
});

Deno.test("agent send types into no program that has the whole screen", async () => {
  await using world = await World.create();
  await world.file("long.txt", "line\n".repeat(500));
  await world.roster(
    `version = 1\n[[agents]]\nname = "pager"\nworking_directory = "${world.cwd}"\ncommand = ["less", "long.txt"]\n`,
  );
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  await world.eventually("less to have the screen", async () => {
    return (await world.tmux(["display-message", "-p", "-t", "=pager:", "#{alternate_on}"])).trim() === "1" ||
      undefined;
  });
  const before = await world.screen("=pager:");
  const { code, stdout } = await world.muster(["agent", "send", "pager", "-m", "q"]);
  assertEquals(code, 4);
  assertMatch(stdout, /^held {2}pager .*\n {2}less has the whole screen, and may take text as keys\n/);
  assertEquals(await world.screen("=pager:"), before);
  const look = await world.muster(["tmux", "send", "-t", "pager", "-m", "q", "--dry-run"]);
  assertEquals(look.code, 0 + (look.stdout.startsWith("would type nothing") ? 4 : 1), look.stdout);
});
