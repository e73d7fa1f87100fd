/** Whoever leaves a pane wakes the next in line, once, and nobody else. */

import { assert, assertEquals } from "../lib/deps/assert.ts";
import { takeTurn } from "../lib/agents/turn.ts";
import { type Host, localHost, realIo, withEnvironment } from "../lib/io/mod.ts";
import {
  awaitSignal,
  breakIfDead,
  endWaiting,
  joinPane,
  leaveQueue,
  makeTicket,
  parseTarget,
  readLease,
  type Ticket,
  TmuxServer,
  viewLeased,
} from "../lib/tmux/mod.ts";
import { World } from "./_world.ts";

/** A world with a session `a`, and tickets that join its queue. */
async function withPane() {
  const world = await World.create();
  await world.tmux(["new-session", "-d", "-s", "a", "cat"]);
  const paneId = (await world.tmux(["list-panes", "-t", "=a:", "-F", "#{pane_id}"])).trim();
  const io = withEnvironment(realIo, world.env);
  const server = new TmuxServer(localHost(io), "muster");
  const join = async (pid = Deno.pid, waits = true): Promise<Ticket> => {
    const ticket = makeTicket(pid, Date.now(), { waits });
    await joinPane(server, parseTarget("a"), ticket);
    return ticket;
  };
  /** Whether a signal was left for a ticket; takes it. */
  const isSignalled = async (ticket: Ticket) => {
    const waiting = awaitSignal(server, paneId, ticket).then(() => "waited" as const);
    const marker = world.tmux(["display-message", "-p", "x"]).then(() => world.tmux(["display-message", "-p", "x"]));
    const first = await Promise.race([waiting, marker.then(() => "marker" as const)]);
    if (first === "marker") await endWaiting(server, ticket);
    await waiting;
    return first === "waited";
  };
  return { world, io, server, paneId, join, isSignalled };
}

Deno.test("the next in line is woken by whoever leaves, with what it has to know", async () => {
  const { world, server, paneId, join, isSignalled } = await withPane();
  await using _world = world;
  const [owner, second, third] = [await join(), await join(), await join()];
  const waiting = awaitSignal(server, paneId, second);
  await leaveQueue(server, paneId, owner);
  const woken = await waiting;
  assertEquals([woken?.queue, woken?.view.pane.id], [[second, third], paneId]);
  assertEquals(await isSignalled(third), false);
  assertEquals([await isSignalled(second), await isSignalled(owner)], [false, false], "no signal is left over");
});

Deno.test("a signal that comes before anybody waits for it is not missed, and who never waits gets none", async () => {
  const { world, server, paneId, join, isSignalled } = await withPane();
  await using _world = world;
  const [owner, second, third] = [await join(), await join(), await join(Deno.pid, false)];
  await leaveQueue(server, paneId, owner);
  assertEquals((await awaitSignal(server, paneId, second))?.queue, [second, third]);
  await leaveQueue(server, paneId, second);
  assertEquals((await viewLeased(server, paneId))?.queue, [third]);
  assertEquals([await isSignalled(second), await isSignalled(third)], [false, false]);
});

Deno.test("who leaves from the middle wakes nobody, and a dead owner's breaker wakes the next", async () => {
  const { world, server, paneId, join, isSignalled } = await withPane();
  await using _world = world;
  const child = new Deno.Command("cat", { stdin: "piped" }).spawn();
  const [dead, second, third] = [await join(child.pid), await join(), await join()];
  await leaveQueue(server, paneId, second);
  assertEquals([await isSignalled(dead), await isSignalled(third)], [false, false]);
  child.kill("SIGKILL");
  await child.stdin.abort();
  await child.status;
  const waiting = awaitSignal(server, paneId, third);
  await breakIfDead(server, paneId, dead);
  assertEquals((await waiting)?.queue, [third]);
});

Deno.test("what is no ticket is no command, whoever wrote it into the queue", async () => {
  const { world, server, paneId, join } = await withPane();
  await using _world = world;
  for (
    const hostile of [" p1;kill-server", " p1 ; kill-server", "p1;kill-server", " p1\n;kill-server", ' p1"$(x)#{pid}']
  ) {
    const owner = await join();
    await world.tmux(["set-option", "-pa", "-t", paneId, "@muster_queue", hostile]);
    await leaveQueue(server, paneId, owner);
    const left = await world.tmux(["display-message", "-p", "-t", paneId, "#{@muster_queue}#{pane_in_mode}"]);
    assertEquals(left, `${hostile}0\n`);
    await world.tmux(["set-option", "-pu", "-t", paneId, "@muster_queue"]);
  }
});

Deno.test("a sender that waits asks tmux seldom, and leaves nothing behind when its time runs out", async () => {
  const { world, io, server, paneId, join } = await withPane();
  await using _world = world;
  const owner = await join();
  const ahead = [await join(), await join()];
  let calls = 0;
  let underWay = 0;
  const host: Host = {
    ...server.host,
    run: (...words) => {
      calls++;
      underWay++;
      return server.host.run(...words).finally(() => underWay--);
    },
  };
  const counted = new TmuxServer(host, "muster");
  const missed = await takeTurn(io, counted, parseTarget("a"), { timeoutMs: 1_500 });
  assert("missed" in missed && missed.missed === "late", JSON.stringify(missed));
  // Joining, waiting, leaving, ending the wait, and few looks; a waiter that polled would make hundreds.
  assert(calls < 12, `${calls} calls`);
  assertEquals((await readLease(server, paneId))?.queue, [owner, ...ahead]);
  assertEquals(underWay, 0);
});

Deno.test("a turn that comes is taken at once, and its owner's waiting is over", async () => {
  const { world, io, server, paneId, join, isSignalled } = await withPane();
  await using _world = world;
  const owner = await join();
  const taking = takeTurn(io, server, parseTarget("a"), { timeoutMs: 50_000 });
  await world.eventually("it to wait", async () => (await readLease(server, paneId))?.queue.length === 2 || undefined);
  await leaveQueue(server, paneId, owner);
  const turn = await taking;
  assert(!("missed" in turn));
  assertEquals((await readLease(server, paneId))?.queue, [turn.ticket]);
  await turn[Symbol.asyncDispose]();
  assertEquals([(await readLease(server, paneId))?.queue, await isSignalled(turn.ticket)], [[], false]);
});
