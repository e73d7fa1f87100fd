/** One sender at a time: many processes to one pane, and owners that are killed. */

import { reservePane } from "../lib/agents/mod.ts";
import { assertEquals, assertRejects } from "../lib/deps/assert.ts";
import { type Host, localHost, MusterError, type ProcessStart, realIo, withEnvironment } from "../lib/io/mod.ts";
import { breakIfDead, joinPane, leaveQueue, makeTicket, parseTarget, readLease, TmuxServer } from "../lib/tmux/mod.ts";
import { deathProof } from "../lib/tmux/pane_lease.ts";
import { writeExecutable } from "./_executable.ts";
import { root, World } from "./_world.ts";

const agentProgram = new URL("fixtures/agents/demo.ts", root).pathname;

/** A world with a demo agent in the session `a`, and what its transcript says that it was told. */
async function withAgent(...flags: readonly string[]) {
  const world = await World.create();
  const transcript = `${world.cwd}/transcript.jsonl`;
  const agent = [Deno.execPath(), "run", "--quiet", "--no-config", `--allow-write=${transcript}`, agentProgram];
  const words = [...agent, "--transcript", transcript, ...flags];
  await world.tmux(["new-session", "-d", "-s", "a", "-x", "150", "-y", "50", ...words]);
  await world.eventually(
    "the agent to be ready",
    async () => (await world.screen("=a:")).some((row) => row.includes("· ready")) || undefined,
  );
  const told = async () =>
    (await Deno.readTextFile(transcript)).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line))
      .filter(({ type }) => type === "user").map(({ text }) => text as string);
  const send = (message: string, timeout = "50s") =>
    world.json<{ readonly outcome: string; readonly reason?: string }>(
      ["tmux", "send", "-t", "a", "--runtime", "demo", "-m", message, "--timeout", timeout],
    );
  const server = new TmuxServer(localHost(withEnvironment(realIo, world.env)), "muster");
  return {
    world,
    told,
    send,
    server,
    paneId: (await world.tmux(["list-panes", "-t", "=a:", "-F", "#{pane_id}"])).trim(),
  };
}

Deno.test("messages of many processes at once arrive whole, once each, and are told so", async () => {
  const { world, told, send, server, paneId } = await withAgent("--busy", "0");
  await using _world = world;
  const messages = Array.from({ length: 16 }, (_, at) => `message ${at}: ${"word ".repeat(at + 1)}end`);
  const sent = await Promise.all(messages.map((message) => send(message)));
  assertEquals(sent.map(({ document }) => document.outcome), messages.map(() => "submitted"), JSON.stringify(sent));
  assertEquals((await told()).sort(), messages.toSorted());
  assertEquals([(await readLease(server, paneId))?.queue, await world.tmux(["list-buffers"])], [[], ""]);
});

Deno.test("an owner that is killed is proved dead, and its lease goes to the next", async () => {
  const { world, told, send, server, paneId } = await withAgent("--busy", "0");
  await using _world = world;
  const child = new Deno.Command("cat", { stdin: "piped" }).spawn();
  await joinPane(server, parseTarget("a"), makeTicket(child.pid, Date.now()));
  const late = await send("too early", "700ms");
  assertEquals([late.code, late.document.outcome], [4, "held"]);
  assertEquals(late.document.reason, `another send has the pane: process ${child.pid}`);
  child.kill("SIGKILL");
  await child.stdin.abort();
  const sent = await send("after the dead");
  assertEquals([sent.code, sent.document.outcome], [0, "submitted"]);
  assertEquals([await told(), (await readLease(server, paneId))?.queue], [["after the dead"], []]);
  await child.status;
});

Deno.test("a reservation that was stopped while tmux made it holds the pane for nobody", async () => {
  const { world, server, paneId } = await withAgent("--busy", "0");
  await using _world = world;
  const stop = new AbortController();
  let isMade = false;
  const host: Host = {
    ...server.host,
    async run(program, args, options) {
      const result = await server.host.run(program, args, options);
      const joins = args.some((word) => word.includes("@muster_queue")) && args.includes("-pF");
      if (!joins || isMade) return result;
      isMade = true;
      stop.abort(new MusterError("interrupted", "stopped"));
      throw stop.signal.reason;
    },
  };
  const options = { timeoutMs: 60_000, signal: stop.signal };
  const reserve = () => reservePane(realIo, new TmuxServer(host, server.socket), parseTarget("a"), options);
  assertEquals((await assertRejects(reserve, MusterError)).code, "interrupted");
  assertEquals([isMade, (await readLease(server, paneId))?.queue], [true, []]);
});

/** What a server whose clock says so many seconds more than it did at its start proves of this process's tickets. */
async function provingWith(clock: { readonly aheadBy: number }) {
  const world = await World.create();
  const date = (await world.run("sh", ["-c", "command -v date"])).stdout.trim();
  await Deno.mkdir(`${world.cwd}/bin`);
  const fake = `#!/bin/sh\n[ "$*" = +%s ] && echo $(($(${date} +%s) + ${clock.aheadBy})) || exec ${date} "$@"\n`;
  await writeExecutable(`${world.cwd}/bin/date`, fake);
  const path = `${world.cwd}/bin:${world.env.PATH}`;
  await world.run("tmux", ["-u", "-f", "/dev/null", "-L", "muster", "new-session", "-d", "-s", "a", "cat"], {
    env: { PATH: path },
  });
  await world.tmux(["set-environment", "-g", "PATH", path]);
  const { start } = await localHost(realIo).leaseOwner();
  const isDead = async (ticket: string): Promise<boolean> => {
    const says = (word: string) => `set-option -p -t =a: @proof ${word}`;
    await world.tmux(["set-option", "-p", "-t", "=a:", "@proof", ""]);
    await world.tmux(["if-shell", "-b", "-t", "=a:", deathProof(ticket), says("dead"), says("alive")]);
    const proof = await world.eventually("a proof", async () => {
      // tmux before 3.6 may miss the end of a job; another one heals it.
      await world.tmux(["if-shell", "-b", "true", ""]);
      return (await world.tmux(["display-message", "-p", "-t", "=a:", "#{@proof}"])).trim() || undefined;
    });
    return proof === "dead";
  };
  return { world, start, isDead };
}

const day = 24 * 3600_000;

Deno.test("a process of the same number that began later is not the owner", async () => {
  const { world, start, isDead } = await provingWith({ aheadBy: 0 });
  await using _world = world;
  const own = start as ProcessStart;
  assertEquals(await isDead(makeTicket(Deno.pid, Date.now(), { start })), false);
  const earlier = { ...own, ticks: own.ticks - 1 };
  assertEquals(await isDead(makeTicket(Deno.pid, Date.now(), { start: earlier })), true, "another tick");
  // Of a sender that may not read its own start, and of an older muster's.
  assertEquals(await isDead(makeTicket(Deno.pid, Date.now())), false);
  assertEquals(await isDead(makeTicket(Deno.pid, Date.now() - 30 * day)), true, "it began later");
  assertEquals(await isDead("no ticket"), true);
});

Deno.test("an owner that ended is dead, whatever is known of it", async () => {
  const { world, start, isDead } = await provingWith({ aheadBy: 0 });
  await using _world = world;
  const child = new Deno.Command("true").spawn();
  await child.status;
  assertEquals(await isDead(makeTicket(child.pid, Date.now(), { start })), true);
  assertEquals(await isDead(makeTicket(child.pid, Date.now())), true);
});

Deno.test("a number of another process namespace proves nothing", async () => {
  const { world, start, isDead } = await provingWith({ aheadBy: 0 });
  await using _world = world;
  const elsewhere = { ...start as ProcessStart, namespace: 1 };
  const child = new Deno.Command("true").spawn();
  await child.status;
  for (const pid of [Deno.pid, child.pid]) {
    assertEquals(await isDead(makeTicket(pid, Date.now(), { start: elsewhere })), false);
  }
});

for (const aheadBy of [3600, -3600]) {
  Deno.test(`a clock that is set by ${aheadBy} s proves nothing of a living owner`, async () => {
    const { world, start, isDead } = await provingWith({ aheadBy });
    await using _world = world;
    for (const joinedAt of [Date.now(), Date.now() + aheadBy * 1000]) {
      assertEquals(await isDead(makeTicket(Deno.pid, joinedAt, { start })), false);
      assertEquals(await isDead(makeTicket(Deno.pid, joinedAt)), false);
    }
    const another = { ...start as ProcessStart, ticks: 1 };
    assertEquals(await isDead(makeTicket(Deno.pid, Date.now(), { start: another })), true);
    assertEquals(await isDead(makeTicket(Deno.pid, Date.now() - 30 * day)), true, "later by any clock");
  });
}

Deno.test("a dead owner is taken out of the queue, a living one is not", async () => {
  const { world, server, paneId } = await withAgent();
  await using _world = world;
  const { start } = await server.host.leaseOwner();
  const living = makeTicket(Deno.pid, Date.now(), { start });
  const reused = makeTicket(Deno.pid, Date.now(), { start: { ...start as ProcessStart, ticks: 1 } });
  await joinPane(server, parseTarget("a"), living);
  await joinPane(server, parseTarget("a"), reused);
  await breakIfDead(server, paneId, living);
  await world.eventually("the dead one to be taken out", async () => {
    await breakIfDead(server, paneId, reused);
    return (await readLease(server, paneId))?.queue.length === 1 || undefined;
  });
  assertEquals((await readLease(server, paneId))?.queue, [living]);
});

Deno.test("a sender that is killed while it waits is passed over", async () => {
  const { world, told, send, server, paneId } = await withAgent("--busy", "0");
  await using _world = world;
  const owner = makeTicket(Deno.pid, Date.now());
  await joinPane(server, parseTarget("a"), owner);
  const waiting = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      new URL("mod.ts", root).pathname,
      "tmux",
      "send",
      "-t",
      "a",
      "-m",
      "never",
      "--runtime",
      "demo",
    ],
    clearEnv: true,
    env: { ...world.env },
    stdout: "null",
    stderr: "null",
  }).spawn();
  await world.eventually(
    "the sender to wait",
    async () => (await readLease(server, paneId))?.queue.length === 2 || undefined,
  );
  waiting.kill("SIGKILL");
  await waiting.status;
  const next = send("next");
  await world.eventually("the next to wait behind the owner alone", async () => {
    const queue = (await readLease(server, paneId))?.queue ?? [];
    const isDeadOut = !queue.some((ticket) => ticket.startsWith(`p${waiting.pid}t`));
    return queue.length === 2 && isDeadOut || undefined;
  });
  await world.tmux(["set-option", "-pF", "-t", paneId, "@muster_queue", `#{s/ ${owner}//:@muster_queue}`]);
  assertEquals((await next).document.outcome, "submitted");
  assertEquals([await told(), (await readLease(server, paneId))?.queue], [["next"], []]);
});

Deno.test("a call that is cut short leaves no place in the queue, and a program's own name breaks nothing", async () => {
  const { world, server, paneId } = await withAgent();
  await using _world = world;
  for (let ms = 0; ms < 12; ms++) {
    const ticket = makeTicket(Deno.pid, Date.now());
    const joined = await joinPane(server, parseTarget("a"), ticket, AbortSignal.timeout(ms)).catch(() => undefined);
    if (joined) await leaveQueue(server, paneId, ticket);
    assertEquals((await readLease(server, paneId))?.queue, [], `after ${ms} ms`);
  }
  await world.tmux(["new-session", "-d", "-s", "b", "bash", "-c", "exec -a $'a\\tb' sleep 300"]);
  const ticket = makeTicket(Deno.pid, Date.now());
  const name = await world.eventually("the program to name itself", async () => {
    const joined = await joinPane(server, parseTarget("b"), ticket);
    return joined?.view.pane.command.startsWith("a") ? joined.view.pane.command : undefined;
  });
  assertEquals(name, "a b");
});
