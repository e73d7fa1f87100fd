/**
 * What a send does beside typing: it waits for a pane that a person has, says what it would do, answers a repeated id,
 * waits for the work; and the verbs that act on what it finds.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { joinPane, leaveQueue, makeTicket, parseTarget } from "../lib/tmux/mod.ts";
import { DemoPane, type SeenReceipt } from "./_demo_pane.ts";
import { root } from "./_world.ts";

Deno.test("--when-free waits for a dialog, a draft and copy mode to go, and types nothing before", async (t) => {
  await t.step("a draft", async () => {
    await using pane = await DemoPane.start(["--busy", "0"]);
    await pane.keys("-l", "half a thought");
    await pane.shows("half a thought");
    const late = await pane.send("-m", "hello", "--when-free", "300ms");
    assertEquals([late.code, late.document.outcome], [4, "held"]);
    const sending = pane.send("-m", "hello", "--when-free", "50s", "--timeout", "20s");
    await pane.world.eventually("the sender to have joined", async () => (await pane.traces()) !== "" || undefined);
    await pane.keys("-l", " is whole");
    await pane.shows("half a thought is whole");
    await pane.keys("Enter");
    const sent = await sending;
    assertEquals([sent.code, sent.document.outcome], [0, "submitted"], JSON.stringify(sent));
    assertEquals(await pane.taken(), ["half a thought is whole", "hello"]);
  });
  await t.step("a dialog", async () => {
    await using pane = await DemoPane.start(["--busy", "0", "--dialog", "start"], "Enter to answer");
    const sending = pane.send("-m", "hello", "--when-free", "50s");
    await pane.world.eventually("the sender to have joined", async () => (await pane.traces()) !== "" || undefined);
    await pane.keys("Down");
    await pane.shows("❯ 2. No");
    await pane.keys("Enter");
    assertEquals((await sending).document.outcome, "submitted");
    assertEquals(await pane.events(), ["dialog", "user"]);
  });
  await t.step("copy mode", async () => {
    await using pane = await DemoPane.start(["--busy", "0"]);
    await pane.world.tmux(["copy-mode", "-t", "=a:"]);
    const sending = pane.send("-m", "hello", "--when-free", "50s");
    await pane.world.eventually("the sender to have joined", async () => (await pane.traces()) !== "" || undefined);
    await pane.world.tmux(["send-keys", "-t", "=a:", "-X", "cancel"]);
    assertEquals((await sending).document.outcome, "submitted");
    assertEquals(await pane.taken(), ["hello"]);
  });
});

Deno.test("a shell prompt where the agent should be is held at once", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  await pane.world.tmux(["new-session", "-d", "-s", "shell", "env", "PS1=% ", "bash", "--noprofile", "--norc", "-i"]);
  await pane.world.eventually("the prompt", async () => (await pane.world.screen("=shell:"))[0] === "%" || undefined);
  const words = ["tmux", "send", "-t", "shell", "--runtime", "demo", "-m", "rm -rf build"];
  const { code, document } = await pane.world.json<{ readonly outcome: string; readonly reason: string }>(words);
  assertEquals([code, document.outcome], [4, "held"]);
  assertMatch(document.reason, /^a shell is where the agent should be: bash$/);
  assertEquals(await pane.world.screen("=shell:"), ["%"]);
});

Deno.test("--id answers a repeated send with the first receipt, and refuses another message", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  const first = await pane.send("-m", "once", "--id", "job 1; 'x'");
  const again = await pane.send("-m", "once", "--id", "job 1; 'x'");
  assertEquals([first.code, first.document.outcome, again.code], [0, "submitted", 0]);
  assertEquals(again.document, { ...first.document, repeated: true });
  const other = await pane.send("-m", "another", "--id", "job 1; 'x'");
  assertEquals(other.code, 2);
  assertEquals(JSON.parse(other.stdout).error.message, "the id was used for another message: job 1; 'x'");
  const held = await (async () => {
    await pane.world.tmux(["copy-mode", "-t", "=a:"]);
    const { document } = await pane.send("-m", "later", "--id", "job 2");
    await pane.world.tmux(["send-keys", "-t", "=a:", "-X", "cancel"]);
    return document;
  })();
  const later = await pane.send("-m", "later", "--id", "job 2");
  assertEquals([held.outcome, later.document.outcome, later.document.repeated], ["held", "submitted", undefined]);
  assertEquals(await pane.taken(), ["once", "later"]);
});

Deno.test("--wait idle of a program whose screen is not read is refused before anything is typed; --wait started is not", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  const { world } = pane;
  await world.tmux(["new-session", "-d", "-s", "cat", "cat"]);
  const program = new URL("fixtures/agents/demo.ts", root).pathname;
  const demo = [Deno.execPath(), "run", "--quiet", "--no-config", "-A", program, "--transcript", "b.jsonl"];
  await world.roster(
    `version = 1\n[[agents]]\nname = "b"\nruntime = "demo"\ncommand = ${JSON.stringify(demo)}\n` +
      '[[agents]]\nname = "c"\ncommand = ["cat"]\nreset_between_tasks = true\n',
  );
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  const pidOf = () => world.tmux(["display-message", "-p", "-t", "=c:", "#{pane_pid}"]);
  const pid = await pidOf();
  const hint =
    "do not wait for that, or say what its program is, in the roster or by --runtime: claude, codex, opencode, pi";
  for (
    const [words, who] of [
      [["tmux", "send", "-t", "cat"], "cat"],
      [["agent", "send", "-s", "cat"], "cat"],
      [["agent", "send", "c"], "c"],
      [["agent", "send", "c", "--task"], "c"],
      [["agent", "send", "b", "c"], "c"],
    ] as const
  ) {
    assertEquals(await world.muster([...words, "-m", "hello", "--wait", "idle"]), {
      code: 2,
      stdout: "",
      stderr: `muster: never seen idle, since the screen of kind command is not read: ${who}\nhint: ${hint}\n`,
    });
  }
  const waited = await world.muster(["agent", "wait", "b", "c", "--for", "busy"]);
  assertEquals([waited.code, waited.stdout], [2, ""]);
  assertEquals([await world.screen("=cat:"), await world.screen("=c:"), await pidOf()], [[""], [""], pid]);
  const transcript = await Deno.readTextFile(`${world.home}/b.jsonl`);
  assertEquals(transcript.includes('"user"'), false);
  assertEquals(await world.tmux(["list-panes", "-a", "-F", "#{@muster_queue}"]), "\n".repeat(5));
  const { code, document } = await world.json<SeenReceipt>([
    "tmux",
    "send",
    "-t",
    "cat",
    "-m",
    "hello",
    "--wait",
    "started",
  ]);
  assertEquals([code, document.outcome, document.awaited], [0, "submitted", { event: "started", reached: true }]);
});

Deno.test("--wait goes on until a queued message is taken up, and until the work is done", async () => {
  await using pane = await DemoPane.start(["--busy", "forever"]);
  assertEquals((await pane.send("-m", "first")).document.outcome, "submitted");
  const starting = pane.send("-m", "second", "--wait", "started", "--timeout", "50s");
  await pane.recorded("queued", 1);
  await pane.end();
  const started = await starting;
  assertEquals([started.code, started.document.outcome, started.document.awaited], [
    0,
    "submitted",
    { event: "started", reached: true },
  ]);
  assertEquals(await pane.taken(), ["first", "second"]);
  const working = pane.send("-m", "third", "--wait", "idle", "--timeout", "50s");
  await pane.recorded("queued", 2);
  for (let ended = 2; ended <= 3; ended++) {
    await pane.end();
    await pane.recorded("assistant", ended);
  }
  const idle = await working;
  assertEquals([idle.code, idle.document.outcome, idle.document.awaited], [0, "submitted", {
    event: "idle",
    reached: true,
  }]);
  assertEquals((await pane.entries()).at(-1)?.type, "assistant");
  const late = await pane.send("-m", "fourth", "--wait", "idle", "--timeout", "3s");
  assertEquals([late.code, late.document.outcome, late.document.awaited], [3, "submitted", {
    event: "idle",
    reached: false,
  }]);
});

Deno.test("--dry-run says what a send sees and would do, and types nothing", async (t) => {
  interface Survey {
    readonly would: string;
    readonly reason?: string;
    readonly state: string;
    readonly draft?: string;
    readonly dialog?: string;
    readonly lease: { readonly owner: number; readonly waiters: number };
  }
  const look = async (pane: DemoPane) => {
    const words = ["tmux", "send", "-t", "a", "--runtime", "demo", "-m", "hello", "--dry-run"];
    const { code, document } = await pane.world.json<Survey>(words);
    const { would, reason, state, draft, dialog, lease } = document;
    return { code, would, reason, state, draft, dialog, lease };
  };
  const free = { owner: 0, waiters: 0 };
  const nothing = { reason: undefined, dialog: undefined, draft: undefined };
  await t.step("a free pane, one that another has, a draft", async () => {
    await using pane = await DemoPane.start(["--busy", "0"]);
    assertEquals(await look(pane), { ...nothing, code: 0, would: "type", state: "idle", draft: "", lease: free });
    const ticket = makeTicket(Deno.pid, Date.now());
    await joinPane(pane.server, parseTarget("a"), ticket);
    const lease = { owner: Deno.pid, waiters: 0 };
    const reason = "another send has the pane";
    assertEquals(await look(pane), { ...nothing, reason, code: 0, would: "wait", state: "idle", draft: "", lease });
    await leaveQueue(pane.server, pane.paneId, ticket);
    await pane.keys("-l", "half");
    await pane.shows("❯ half");
    const held = await look(pane);
    assertEquals([held.code, held.would, held.draft, held.reason], [
      4,
      "hold",
      "half",
      "a draft is in the composer: half",
    ]);
    assertEquals(await pane.events(), []);
    const words = ["tmux", "send", "-t", "a", "--runtime", "demo", "-m", "hello", "--dry-run"];
    const { stdout, stderr } = await pane.world.muster(words);
    assertEquals(stderr, "");
    assertMatch(
      stdout,
      /^would type nothing: a draft is in the composer: half\n {2}pane +a %0 on \S+, socket muster\n/,
    );
  });
  await t.step("a dialog, and no pane", async () => {
    await using pane = await DemoPane.start(["--dialog", "start"], "Enter to answer");
    const seen = await look(pane);
    assertEquals([seen.code, seen.would, seen.state, seen.dialog], [
      4,
      "hold",
      "dialog",
      "Allow the command: rm -rf build?",
    ]);
    const none = await pane.world.muster(["tmux", "send", "-t", "b", "-m", "x", "--dry-run"]);
    assertEquals(none, {
      code: 5,
      stdout: "nobody to type to: no such target: b\n  hint: did you mean a? sessions on the socket muster: a\n",
      stderr: "",
    });
    assertEquals(await pane.events(), []);
  });
});

Deno.test("-v says the socket, the target and each step on standard error", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  const { code, stdout, stderr } = await pane.world.muster([
    "tmux",
    "send",
    "-v",
    "-t",
    "a",
    "--runtime",
    "demo",
    "-m",
    "hello",
  ]);
  assertEquals(code, 0);
  assertMatch(stdout, /^submitted {2}a %0/);
  assertMatch(
    stderr,
    // An agent that is kept from its processor may be given Enter again.
    /^socket muster, target a\njoined the queue of %0 as number 1\npasting into %0\n(pressed Enter, \d\n)+submitted, seen in the transcript\n$/,
  );
});

Deno.test("--base64 takes the body in base64, and says when it is none", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  const body = "it's; \\ 🚀\ntwo";
  const encoded = new TextEncoder().encode(body).toBase64();
  assertEquals((await pane.send("--base64", "-m", encoded)).document.outcome, "submitted");
  assertEquals(await pane.taken(), [body]);
  const { code, stderr } = await pane.world.muster(["tmux", "send", "-t", "a", "--base64", "-m", "no base64!"]);
  assertEquals([code, stderr], [
    2,
    "muster: message is not base64\nhint: leave --base64 away to send it as it is\n",
  ]);
});

Deno.test("--sanitize says in the receipt what it changed", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  interface Sanitized extends SeenReceipt {
    readonly sanitized?: number;
    readonly bytes: number;
  }
  const words = ["tmux", "send", "-t", "a", "--runtime", "demo", "--sanitize"];
  const { document } = await pane.world.json<Sanitized>([...words, "-m", "a\u001b[31mb\r\nc\u0007"]);
  assertEquals([document.outcome, document.sanitized], ["submitted", 3]);
  const plain = await pane.world.json<Sanitized>([...words, "-m", "plain\n\ttext"]);
  assertEquals([plain.document.outcome, plain.document.sanitized], ["submitted", undefined]);
  assertEquals(await pane.taken(), ["a\\u001b[31mb\nc\\u0007", "plain\n\ttext"]);
  const told = await pane.world.muster([...words, "-m", "\u0007"]);
  assertMatch(told.stdout, /^submitted {2}a %0 .*\n {2}control characters that were shown as text: 1\n$/);
  const one = await pane.world.muster(["tmux", "send", "-t", "a", "--runtime", "demo", "-m", "x"]);
  assertMatch(one.stdout, / · 1 byte · /);
});

Deno.test("nothing of the person's is harmed: who types behind the paste is not mixed up, and nothing is submitted", async () => {
  await using pane = await DemoPane.start(["--busy", "0", "--redraw", "400"]);
  // In the step that pastes: no moment in which the sender could see its own text alone.
  await pane.world.tmux(["set-hook", "-g", "after-paste-buffer", "send-keys -t =a: -l ' and a person'"]);
  const { code, document } = await pane.send("-m", "from the sender", "--timeout", "3s");
  assertEquals([code, document.outcome, document.attempts], [3, "unknown", 0]);
  await pane.shows("from the sender and a person");
  assertEquals(await pane.events(), []);
});

Deno.test("exactly once: a resize behind the paste", async () => {
  await using pane = await DemoPane.start(["--busy", "0", "--redraw", "200"]);
  const text = "word ".repeat(60).trim();
  const sending = pane.send("-m", text);
  await pane.world.eventually("the paste", async () => (await pane.traces()).includes("/typed") || undefined);
  await pane.world.tmux(["resize-window", "-t", "=a:", "-x", "71", "-y", "33"]);
  const { code, document } = await sending;
  assertEquals([code, document.outcome], [0, "submitted"], JSON.stringify(document));
  assertEquals(await pane.taken(), [text]);
});

Deno.test("a report is an observation: where the tmux server is killed behind the paste, the receipt says what was done", async () => {
  await using pane = await DemoPane.start(["--busy", "0", "--hold-paste"]);
  const sending = pane.send("-m", "hello");
  await pane.world.eventually("the paste", async () => (await pane.traces()).includes("/typed") || undefined);
  const server = (await pane.world.tmux(["display-message", "-p", "#{pid}"])).trim();
  Deno.kill(Number(server), "SIGKILL");
  const { code, document, stderr } = await sending;
  assert(["unknown", "dead"].includes(document.outcome), JSON.stringify(document));
  assertEquals([code, stderr, document.attempts], [document.outcome === "dead" ? 5 : 3, "", 0]);
  assertEquals(await pane.events(), []);
});

Deno.test("agent send -s reaches a session that no roster names, behind whom it is from", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  const { world } = pane;
  const host = (await world.tmux(["display-message", "-p", "#{host}"])).trim();
  const send = (...words: readonly string[]) =>
    world.json<SeenReceipt>(["agent", "send", "-s", "a", "--runtime", "demo", ...words]);
  const first = await send("-m", "hello", "--id", "one");
  assertEquals([first.code, first.document.outcome], [0, "submitted"]);
  await send("-S", "ci:main", "--dst-host", "build1", "-m", "main is green");
  // The same message under the same id, from another session.
  const again = await send("-S", "ci:main", "-m", "hello", "--id", "one");
  assertEquals([again.code, again.document.repeated, again.document.messageId], [0, true, first.document.messageId]);
  await world.tmux(["-L", "elsewhere", "new-session", "-d", "-s", "b", "cat"]);
  const other = await world.json<SeenReceipt>(["agent", "send", "-s", "b", "-L", "elsewhere", "-m", "hi"]);
  assertEquals([other.code, other.document.outcome], [0, "submitted"]);
  assertMatch((await world.screen("=b:", { socket: "elsewhere" })).join("\n"), /^\[\S+:- -> \S+:b\] hi/);
  assertEquals(await pane.taken(), [`[${host}:- -> ${host}:a] hello`, "[ci:main -> build1:a] main is green"]);
  const none = await world.muster(["agent", "send", "-s", "aa", "-m", "x"]);
  assertEquals([none.code, none.stderr], [5, ""]);
  assertMatch(none.stdout, /^not_found {2}aa on socket muster .*\n {2}no such target: aa\n/);
  for (const words of [["-S", "nobody"], ["-S", "a b:c"], ["--dst-host", "a b"]]) {
    assertEquals((await send(...words, "-m", "x")).code, 2, words.join(" "));
  }
});
