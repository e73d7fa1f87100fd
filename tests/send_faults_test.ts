/**
 * What goes wrong while a message is sent, each with the promise that it tries to break.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { sendText } from "../lib/agents/mod.ts";
import { type Host, realIo, withEnvironment } from "../lib/io/mod.ts";
import { joinPane, leaveQueue, makeTicket, parseTarget, readLease, TmuxServer } from "../lib/tmux/mod.ts";
import { DemoPane } from "./_demo_pane.ts";
import { root, runProgram, show } from "./_world.ts";

/** Where the receipts of a day are put on record, below a home. */
const receiptsOfADay = /^\.\/\.local\/state\/muster\/receipts\/\d{4}-\d\d-\d\d\.jsonl$/;

const isTyped = async (pane: DemoPane) => (await pane.traces()).includes("/typed") || undefined;

Deno.test("one owner at a time: copy mode behind the paste stops Enter until it is left", async () => {
  await using pane = await DemoPane.start(["--busy", "0", "--hold-paste"]);
  const sending = pane.send("-m", "hello");
  await pane.world.eventually("the paste", () => isTyped(pane));
  await pane.world.tmux(["copy-mode", "-t", "=a:"]);
  await pane.world.eventually("the draft below copy mode", async () => {
    await pane.end();
    const words = ["capture-pane", "-p", "-t", "=a:"];
    return (await pane.world.tmux(words)).includes("❯ hello") || undefined;
  });
  assertEquals(await pane.events(), []);
  await pane.world.tmux(["send-keys", "-t", "=a:", "-X", "cancel"]);
  const { code, document } = await sending;
  assertEquals([code, document.outcome, document.attempts], [0, "submitted", 1]);
  assertEquals(await pane.taken(), ["hello"]);
});

Deno.test("a report is an observation: an agent that ends at Enter took nothing that anybody saw", async () => {
  await using pane = await DemoPane.start(["--exit-after", "enter"]);
  await pane.world.tmux(["set-option", "-w", "-t", "=a:", "remain-on-exit", "on"]);
  const { code, document } = await pane.send("-m", "hello");
  assertEquals([code, document.outcome, document.evidence, document.attempts], [5, "dead", "none", 1]);
  assertEquals(await pane.traces(), "");
});

Deno.test("a report is an observation: what the transcript has is told, however late the screen is", async () => {
  await using pane = await DemoPane.start(["--busy", "0", "--redraw", "4000"]);
  // The draft is drawn after 4 s, its leaving 4 s behind Enter: time runs out in between.
  const { code, document } = await pane.send("-m", "hello", "--timeout", "7s");
  assertEquals([code, document.outcome, document.evidence], [0, "submitted", "transcript"], JSON.stringify(document));
  assertEquals(await pane.taken(), ["hello"]);
});

Deno.test("a report is an observation: what an Enter that is not the sender's submits is told by the transcript", async () => {
  await using pane = await DemoPane.start(["--busy", "0", "--redraw", "3000"]);
  const sending = pane.send("-m", "hello");
  await pane.world.eventually("the paste", () => isTyped(pane));
  // Before the draft is drawn: it is never seen to stand.
  await pane.keys("Enter");
  const { code, document } = await sending;
  assertEquals([code, document.outcome, document.evidence, document.attempts], [0, "submitted", "transcript", 0]);
  assertEquals(await pane.taken(), ["hello"]);
});

Deno.test("a report is an observation: messages that begin alike are told apart while they wait", async () => {
  await using pane = await DemoPane.start(["--busy", "forever"]);
  const texts = ["the same line\none", "the same line\ntwo", "the same line\nthree", "the same line\nthree"];
  const told: string[] = [];
  for (const text of texts) {
    const { document } = await pane.send("-m", text);
    told.push(`${document.outcome} by ${document.evidence}`);
  }
  assertEquals(told, ["submitted by transcript", ...Array(3).fill("queued by transcript")]);
  const waiting = pane.send("-m", "the same line\nfour", "--wait", "started");
  // An Escape right before an Enter is Alt-Enter to a program: the last one waits in the queue first.
  await pane.world.eventually("four to wait", async () => {
    return (await pane.world.screen("=a:")).filter((row) => /^ *↳ queued: /.test(row)).length === 4 || undefined;
  });
  for (let at = 2; at <= texts.length + 1; at++) {
    await pane.keys("Escape");
    await pane.world.eventually(`${at} to be taken`, async () => (await pane.taken()).length === at || undefined);
  }
  const { document } = await waiting;
  assertEquals([document.outcome, document.evidence, document.awaited?.reached], ["submitted", "transcript", true]);
  assertEquals(await pane.taken(), [...texts, "the same line\nfour"]);
});

Deno.test("a report is an observation: a pane that is killed behind the paste is told, and leaves no buffer", async () => {
  await using pane = await DemoPane.start(["--hold-paste"]);
  await pane.world.tmux(["new-session", "-d", "-s", "other", "cat"]);
  const sending = pane.send("-m", "hello");
  await pane.world.eventually("the paste", () => isTyped(pane));
  await pane.world.tmux(["kill-session", "-t", "=a"]);
  const { code, document } = await sending;
  assertEquals([code, document.outcome, document.attempts], [5, "dead", 0], JSON.stringify(document));
  assertEquals(await pane.world.tmux(["list-buffers"]), "");
});

for (const [command, outcome] of [["paste-buffer", "not_found"], ["send-keys", "dead"]] as const) {
  Deno.test(`a report is an observation: a pane that is gone just before ${command} is told, and leaves no buffer`, async () => {
    await using pane = await DemoPane.start([]);
    await pane.world.tmux(["new-session", "-d", "-s", "other", "cat"]);
    const { host } = pane.server;
    const run: Host["run"] = async (program, args, options) => {
      if (args.some((word) => word.includes(command))) {
        await pane.world.tmux(["kill-session", "-t", "=a"]).catch(() => {});
      }
      return await host.run(program, args, options);
    };
    const io = withEnvironment(realIo, pane.world.env);
    const server = new TmuxServer({ ...host, run }, "muster");
    const receipt = await sendText(io, server, { session: "a" }, "hello", { runtime: "demo" });
    assertEquals([receipt.outcome, receipt.attempts], [outcome, 0], JSON.stringify(receipt));
    assertEquals(await pane.world.tmux(["list-buffers"]), "");
  });
}

Deno.test("first come, first served: senders are served in the order in which they joined", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  const owner = makeTicket(Deno.pid, Date.now());
  await joinPane(pane.server, parseTarget("a"), owner);
  const messages = Array.from({ length: 8 }, (_, at) => `number ${at}`);
  const sends: ReturnType<DemoPane["send"]>[] = [];
  for (const [at, message] of messages.entries()) {
    sends.push(pane.send("-m", message, "--timeout", "50s"));
    await pane.world.eventually(`${at + 1} to wait`, async () => {
      return (await readLease(pane.server, pane.paneId))?.queue.length === at + 2 || undefined;
    });
  }
  await leaveQueue(pane.server, pane.paneId, owner);
  for (const { document } of await Promise.all(sends)) assertEquals(document.outcome, "submitted");
  assertEquals(await pane.taken(), messages);
});

Deno.test("exactly once: 50 processes × 20 messages to one pane at once", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  const program = new URL("tests/_many_sender.ts", root).pathname;
  const senders = Array.from({ length: 50 }, async (_, at) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", program, `s${at}`, "20"],
      clearEnv: true,
      env: { ...pane.world.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    const { code, stdout, stderr } = await child.output();
    const [said, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assertEquals([code, complained], [0, ""]);
    return (said ?? "").split("\n").filter((line) => line !== "");
  });
  const told = (await Promise.all(senders)).flat();
  assertEquals(told.filter((line) => !line.startsWith("submitted 1 ")), []);
  const sent = told.map((line) => line.slice("submitted 1 ".length));
  assertEquals([sent.length, new Set(sent).size], [1_000, 1_000]);
  assertEquals((await pane.taken()).toSorted(), sent.toSorted());
  assertEquals(new Set(await pane.events()), new Set(["user"]));
  assertEquals(await pane.traces(), "");
});

Deno.test("nothing of the person's is harmed: hostile session names and messages are text and nothing else", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  const { world } = pane;
  const names = [
    "'; touch x; '",
    "$(touch x)",
    "`touch x`",
    '"; touch x; "',
    "a b",
    "#{pid}",
    "-t",
    "%0",
    "=a",
  ];
  const texts = ["'; touch x; '", "$(touch x)", "`touch x`", "line\n'; touch x; '\n", "#(touch x)", '\\"; touch x'];
  for (const name of names) {
    const made = await world.tmux([
      "new-session",
      "-d",
      "-P",
      "-F",
      "#{session_id} #{session_name}",
      "-s",
      name,
      "cat",
    ]);
    const [, id = "", named = ""] = /^(\S+) (.*)\n$/.exec(made) ?? [];
    for (const text of texts) {
      const words = ["tmux", "send", "-t", `=${named}`, "-m", text];
      const { code, document } = await world.json<{ outcome: string; target: { session: string } }>(words);
      assertEquals([code, document.outcome, document.target.session], [0, "submitted", named], `${named}: ${text}`);
    }
    await world.tmux(["kill-session", "-t", id]);
  }
  for (const text of texts) assertEquals((await pane.send("-m", text)).document.outcome, "submitted");
  assertEquals(await pane.taken(), texts);
  assertEquals([...Deno.readDirSync(world.cwd)].map(({ name }) => name), ["transcript.jsonl"]);
  // muster's own record of the sends, and nothing that any of the words would have made.
  const files = (await world.run("find", [".", "!", "-type", "d"], { cwd: world.home })).stdout.trim().split("\n");
  assertEquals(files.filter((path) => !receiptsOfADay.test(path)), []);
  const kept = await Promise.all(files.map((path) => Deno.readTextFile(`${world.home}/${path}`)));
  const records = kept.join("").trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(records.length, (names.length + 1) * texts.length);
  assertEquals(new Set(records.map(({ outcome }) => outcome)), new Set(["submitted"]));
});

Deno.test({
  name: "a full disk under the lease: the lease is in the server's memory, and a send is proved all the same",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await using pane = await DemoPane.start(["--busy", "0"]);
    // A server of its own, whose directory of sockets is a file system that has no byte left.
    const script = `set -e
      mkdir "$0/full"; mount -t tmpfs -o size=64k,mode=700 tmpfs "$0/full"
      export TMUX_TMPDIR="$0/full"
      tmux -u -L muster -f /dev/null new-session -d -s cat cat
      dd if=/dev/zero of="$0/full/fill" bs=1k 2>/dev/null || true
      ! echo more >"$0/full/more" 2>/dev/null || [ ! -s "$0/full/more" ]
      "$1" run --quiet -A "$2" tmux send -t cat -m hello --json --id once || echo "exit $?"
      "$1" run --quiet -A "$2" tmux send -t cat -m hello --json --id once || echo "exit $?"
      pid=$(tmux -L muster display-message -p '#{pid}'); tmux -L muster kill-server
      while kill -0 "$pid" 2>/dev/null; do :; done`;
    const words = [
      "--mount",
      "sh",
      "-c",
      script,
      pane.world.directory,
      Deno.execPath(),
      new URL("mod.ts", root).pathname,
    ];
    const ended = await runProgram("unshare", words, { env: pane.world.env, cwd: pane.world.cwd });
    assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
    const [first, second] = ended.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals([first.outcome, second.outcome, second.repeated], ["submitted", "submitted", true]);
    assertEquals(first.messageId, second.messageId);
  },
});

Deno.test("a report is an observation: a paste that its pane did not live to see is not told as typed", async () => {
  await using pane = await DemoPane.start(["--busy", "0"]);
  await pane.world.tmux(["new-session", "-d", "-s", "other", "cat"]);
  const owner = makeTicket(Deno.pid, Date.now());
  await joinPane(pane.server, parseTarget("a"), owner);
  const sending = pane.send("-m", "hello", "--timeout", "50s");
  await pane.world.eventually("the sender to wait", async () => {
    return (await readLease(pane.server, pane.paneId))?.queue.length === 2 || undefined;
  });
  await pane.world.tmux(["kill-session", "-t", "=a"]);
  const { code, document } = await sending;
  assertEquals([code, document.outcome], [5, "not_found"]);
  assertMatch(document.reason ?? "", /the pane is gone/);
  assert(!document.reason?.includes("typed"));
});
