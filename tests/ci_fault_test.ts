/** Faults of networks, servers, streams and clocks, and the promise that each tries to break. */

import {
  boardDirectory,
  isOutage,
  type KeepStream,
  openBoard,
  streamKeeper,
  waitForPipelines,
  type WaitOptions,
} from "../lib/ci/mod.ts";
import { Woodpecker } from "../lib/ci/woodpecker.ts";
import { assert, assertEquals, assertRejects } from "../lib/deps/assert.ts";
import { HttpClient } from "../lib/http/mod.ts";
import { type Io, MusterError, NetworkError, pollUntil, realIo, withEnvironment } from "../lib/io/mod.ts";
import { type Life, movingClock, openStage, otherSha, sha, waitOn, worldWith } from "./_ci/life.ts";
import { LiveWoodpecker } from "./_ci/stream.ts";
import { describe } from "./_vendor/description.ts";

const ignore = describe("woodpecker") === undefined; // said on standard error; in CI it is an error
const number12 = { kind: "numbers", numbers: [12] } as const;
const life: Life = [
  { at: 0, has: [{ number: 12, status: "running" }] },
  { at: 120, has: [{ number: 12, status: "success" }] },
];

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

async function eventually(what: string, look: () => boolean): Promise<void> {
  await pollUntil(realIo.clock, () => Promise.resolve(look() || undefined), { what, timeoutMs: 60_000 });
}

test("an outage of 30 s ends no wait, and is told when it begins and when it is over", async () => {
  for (const status of [500, 502, 503]) {
    await using stage = openStage("woodpecker", life);
    stage.server.before = () => {
      const now = stage.clock.elapsed();
      return now >= 30_000 && now < 60_000 ? new Response("<html>", { status }) : undefined;
    };
    const said: string[] = [];
    const report = await waitOn(stage, number12, { say: (line) => said.push(line) });
    assertEquals([report.outcome, said.length], ["success", 2], said.join("\n"));
    assert(said[0]?.endsWith(": trying again") && said[1]?.endsWith(" answers again"), said.join("\n"));
  }
});

test("an outage at the very beginning is waited out too", async () => {
  await using stage = openStage("woodpecker", life);
  stage.server.before = () => stage.clock.elapsed() < 40_000 ? new Response("", { status: 502 }) : undefined;
  assertEquals((await waitOn(stage, number12)).outcome, "success");
});

test("an outage that lasts longer than --outage is told as unreachable, with why", async () => {
  await using stage = openStage("woodpecker", life);
  stage.server.before = () => stage.clock.elapsed() >= 30_000 ? new Response("", { status: 502 }) : undefined;
  const report = await waitOn(stage, number12, { outageMs: 60_000, timeoutMs: 3_600_000 });
  assertEquals([report.outcome, report.watched[0]?.pipeline.status], ["unreachable", "running"]);
  assert(report.reason?.includes("502"), report.reason);
  assert(report.elapsedMs >= 90_000 && report.elapsedMs < 120_000, `${report.elapsedMs}`);
});

test("a name that is not known for a while ends no wait", async () => {
  await using stage = openStage("woodpecker", life);
  const network = {
    ...stage.io.network,
    fetch: (...args: Parameters<Io["network"]["fetch"]>) => {
      const now = stage.clock.elapsed();
      if (now >= 30_000 && now < 60_000) return Promise.reject(new NetworkError("name", "cannot reach ci: dns error"));
      return stage.io.network.fetch(...args);
    },
  };
  const url = stage.server.url;
  const client = new HttpClient({ ...stage.io, network }, { baseUrl: `${url}/api`, timeoutMs: 3_600_000, retries: 0 });
  const provider = new Woodpecker({ repo: "ada/tool", url, client });
  assertEquals((await waitOn({ ...stage, provider }, number12)).outcome, "success");
});

test("a clock that jumps by a day, forth or back, neither ends a wait nor makes it longer", async () => {
  for (const jumpMs of [86_400_000, -86_400_000]) {
    await using stage = openStage("woodpecker", life);
    const clock = {
      ...stage.clock,
      now: () => stage.clock.now() + (stage.clock.elapsed() > 45_000 ? jumpMs : 0),
      elapsed: stage.clock.elapsed,
      delay: stage.clock.delay,
    };
    const report = await waitOn({ ...stage, io: { ...stage.io, clock } }, number12);
    assertEquals(report.outcome, "success");
    assert(report.elapsedMs >= 120_000 && report.elapsedMs <= 130_000, `${report.elapsedMs}`);
  }
});

test("a server that says how long to wait is not asked meanwhile", async () => {
  await using stage = openStage("woodpecker", life);
  const asked: number[] = [];
  stage.server.before = () => {
    asked.push(stage.clock.elapsed());
    const isFirst = asked.filter((at) => at >= 30_000).length === 1;
    return isFirst && stage.clock.elapsed() >= 30_000
      ? new Response("", { status: 429, headers: { "retry-after": "50" } })
      : undefined;
  };
  assertEquals((await waitOn(stage, number12)).outcome, "success");
  const [limited = 0, next = 0] = asked.filter((at) => at >= 30_000);
  assertEquals(next - limited, 50_000);
});

test("a server that says to come back after the deadline is not asked again: time has run out, and why is told", async () => {
  await using stage = openStage("woodpecker", life);
  let asked = 0;
  stage.server.before = () => {
    if (stage.clock.elapsed() < 30_000) return undefined;
    asked++;
    return new Response("", { status: 429, headers: { "retry-after": "86400000" } });
  };
  const report = await waitOn(stage, number12);
  assertEquals([report.outcome, asked, report.watched[0]?.pipeline.status], ["timeout", 1, "running"]);
  assert(report.reason?.startsWith("rate limit reached: "), report.reason);
});

test("no green is said of a commit when the server is lost before it was at rest for long enough", async () => {
  const lost = [
    new Response("", { status: 429, headers: { "retry-after": "86400000" } }),
    new Response("", { status: 502 }),
  ];
  for (const answer of lost) {
    await using stage = openStage("woodpecker", life);
    let restedMs = Infinity;
    stage.server.before = () => stage.clock.elapsed() > restedMs ? answer.clone() : undefined;
    const report = await waitOn(stage, { kind: "commit", sha }, {
      timeoutMs: 300_000,
      onLook: ({ watched: [one], elapsedMs }) => void (restedMs = one?.class === "success" ? elapsedMs : Infinity),
    });
    assertEquals([report.outcome, report.watched[0]?.pipeline.status], ["timeout", "success"]);
    assert(report.reason !== undefined);
  }
});

/** Waits for pipeline 12 by the stream, on the real clock. */
async function waitLive(
  woodpecker: LiveWoodpecker,
  options: Partial<WaitOptions> & { readonly directory?: string; readonly hasStream?: boolean; readonly url?: string } =
    {},
) {
  const { directory, hasStream = true, url = woodpecker.server.url } = options;
  const client = new HttpClient(realIo, { baseUrl: `${url}/api`, timeoutMs: 3_600_000, retries: 0 });
  const provider = new Woodpecker({ repo: "ada/tool", url, client });
  const keepStream = hasStream ? streamKeeper(realIo, provider) : undefined;
  await using board = openBoard(realIo, { keepStream, directory, timeoutMs: 60_000, isOutage, signal: options.signal });
  return await waitForPipelines(realIo, number12, {
    provider,
    board,
    timeoutMs: 3_600_000,
    intervalMs: 3_600_000,
    ...options,
  });
}

test("an event wakes the wait, and a read decides: nobody polls meanwhile", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = [{ number: 12, status: "running" }];
  const waiting = waitLive(woodpecker);
  await eventually("the stream to open", () => woodpecker.streams === 1);
  for (let step = 0; step < 100; step++) woodpecker.send({ number: 12, status: "running", workflows: ["running"] });
  woodpecker.send({ number: 99, status: "success" });
  woodpecker.states = [{ number: 12, status: "success" }];
  woodpecker.send({ number: 12, status: "success" });
  assertEquals((await waiting).outcome, "success");
  assert(woodpecker.reads <= 6, `${woodpecker.reads} reads`);
});

test("what a stream that comes through never tells is seen two minutes later at most", async () => {
  await using stage = openStage("woodpecker", life);
  const keepStream: KeepStream = async ({ streaming }, stop) => {
    await streaming(true);
    await new Promise((resolve) => stop.addEventListener("abort", resolve));
  };
  await using board = openBoard(stage.io, { keepStream, timeoutMs: 60_000, isOutage });
  const options = { provider: stage.provider, board, timeoutMs: 3_600_000, random: () => 0 };
  const report = await waitForPipelines(stage.io, number12, options);
  assertEquals(report.outcome, "success");
  assert(report.elapsedMs <= 240_000, `${report.elapsedMs}`);
});

test("what happens while a stream is cut is seen when it is open again", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = [{ number: 12, status: "running" }];
  let looks = 0;
  const waiting = waitLive(woodpecker, { onLook: () => void looks++ });
  await eventually("a look, and the stream to open", () => looks >= 1 && woodpecker.streams === 1);
  woodpecker.cut();
  woodpecker.states = [{ number: 12, status: "failure", workflows: ["failure"] }];
  assertEquals((await waiting).outcome, "failed");
  assertEquals(woodpecker.streamsOpened, 2);
});

test("events out of order decide nothing", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = [{ number: 12, status: "running" }];
  const waiting = waitLive(woodpecker);
  await eventually("the stream to open", () => woodpecker.streams === 1);
  woodpecker.states = [{ number: 12, status: "success" }];
  woodpecker.send({ number: 12, status: "success" });
  woodpecker.send({ number: 12, status: "running" });
  woodpecker.send({ number: 12, status: "pending" });
  assertEquals((await waiting).outcome, "success");
});

test("a stream that lies is not believed, nor does it have the server asked without end", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = [{ number: 12, status: "running" }];
  let looks = 0;
  const waiting = waitLive(woodpecker, { onLook: () => void looks++ });
  await eventually("the stream to open", () => woodpecker.streams === 1);
  woodpecker.sendRaw("data: no JSON\n\ndata: {}\n\nevent: x\n\n:\n\n");
  for (let lie = 0; lie < 200; lie++) woodpecker.send({ number: 12, status: "success" });
  await eventually("a look after the lie", () => looks >= 3);
  const before = woodpecker.reads;
  for (let lie = 0; lie < 200; lie++) woodpecker.send({ number: 12, status: "success" });
  woodpecker.states = [{ number: 12, status: "failure", workflows: ["failure"] }];
  woodpecker.send({ number: 12, status: "failure" });
  assertEquals((await waiting).outcome, "failed");
  assert(woodpecker.reads - before <= 6, `${woodpecker.reads - before} reads`);
});

test("a stream that a proxy holds back is no reason not to poll", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.isBuffering = true;
  woodpecker.states = [{ number: 12, status: "running" }];
  let looks = 0;
  const waiting = waitLive(woodpecker, { intervalMs: 20, onLook: () => void looks++ });
  await eventually("five looks", () => looks >= 5);
  woodpecker.states = [{ number: 12, status: "success" }];
  assertEquals((await waiting).outcome, "success");
});

test("nor is one of which a proxy keeps back even the head", async () => {
  let upstream = "";
  let held = 0;
  await using proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    if (pathname.endsWith("/stream/events")) held++;
    const answer = await fetch(`${upstream}${pathname}${search}`, { headers: request.headers });
    return new Response(await answer.bytes(), { status: answer.status, headers: answer.headers });
  });
  await using woodpecker = new LiveWoodpecker();
  upstream = woodpecker.server.url;
  woodpecker.states = [{ number: 12, status: "running" }];
  let looks = 0;
  const url = `http://127.0.0.1:${proxy.addr.port}`;
  const waiting = waitLive(woodpecker, { url, intervalMs: 20, onLook: () => void looks++ });
  await eventually("five looks", () => looks >= 5);
  assertEquals([held, woodpecker.streams], [1, 1]);
  woodpecker.states = [{ number: 12, status: "success" }];
  assertEquals((await waiting).outcome, "success");
});

async function withState<Result>(job: (directory: string) => Promise<Result>): Promise<Result> {
  const home = await Deno.makeTempDir({ prefix: "muster-test-" });
  try {
    const io = withEnvironment(realIo, { HOME: home, MUSTER_STATE: `${home}/state`, XDG_STATE_HOME: "" });
    const directory = await boardDirectory(io, { url: "woodpecker http://ci", secret: "s3cret-t0ken" });
    if (directory === undefined) throw new Error("no directory to share");
    const result = await job(directory);
    for await (const { name, isFile } of Deno.readDir(directory)) {
      const text = isFile ? await Deno.readTextFile(`${directory}/${name}`) : "";
      assert(!text.includes("t0ken") && !name.includes("t0ken"), `the token is in ${name}`);
    }
    assert(!directory.includes("t0ken"));
    return result;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

test("many waiters of one machine share one stream and one reader", async () => {
  const reads = async (count: number) =>
    await withState(async (directory) => {
      await using woodpecker = new LiveWoodpecker();
      woodpecker.states = [{ number: 12, status: "running" }];
      let looked = 0;
      const all = Array.from({ length: count }, () => {
        let mine = 0;
        return waitLive(woodpecker, { directory, onLook: () => void (mine++ === 0 && looked++) });
      });
      await eventually("all to look", () => looked === count && woodpecker.streams === 1);
      woodpecker.states = [{ number: 12, status: "success" }];
      woodpecker.send({ number: 12, status: "success" });
      for (const report of await Promise.all(all)) assertEquals(report.outcome, "success");
      return { reads: woodpecker.reads, streams: woodpecker.streamsOpened };
    });
  const [one, fifty] = [await reads(1), await reads(50)];
  // A waiter that ends before the others have looked leaves the stream to the next.
  assert(fifty.reads <= one.reads + 50, `${fifty.reads} reads of 50 waiters, ${one.reads} of one`);
});

test("50 waiters that are told to come back later come back as one, and not before", async () => {
  await withState(async (directory) => {
    await using woodpecker = new LiveWoodpecker();
    woodpecker.states = [{ number: 12, status: "running" }];
    let looked = 0;
    const all = Array.from({ length: 50 }, () => {
      let mine = 0;
      return waitLive(woodpecker, { directory, onLook: () => void (mine++ === 0 && looked++) });
    });
    await eventually("all to look", () => looked === 50 && woodpecker.streams === 1);
    const asked: number[] = [];
    woodpecker.server.before = ({ template }) => {
      if (template === "/stream/events") return undefined;
      asked.push(performance.now());
      return asked.length === 1 ? new Response("", { status: 429, headers: { "retry-after": "1" } }) : undefined;
    };
    woodpecker.states = [{ number: 12, status: "success" }];
    woodpecker.send({ number: 12, status: "success" });
    for (const report of await Promise.all(all)) assertEquals(report.outcome, "success");
    const [limited = 0, next = 0] = asked;
    assert(next - limited >= 1_000, `asked again after ${next - limited} ms`);
    assert(asked.length <= 5, `${asked.length} requests`);
  });
});

test("when the one that keeps the stream ends, another takes over, and sees what was missed", async () => {
  await withState(async (directory) => {
    await using woodpecker = new LiveWoodpecker();
    woodpecker.states = [{ number: 12, status: "running" }];
    const leave = new AbortController();
    const leader = waitLive(woodpecker, { directory, signal: leave.signal });
    await eventually("the stream to open", () => woodpecker.streams === 1);
    let looks = 0;
    const follower = waitLive(woodpecker, { directory, onLook: () => void looks++ });
    await eventually("the follower to look", () => looks >= 1);
    leave.abort(new Error("leaves"));
    await leader.then(() => Promise.reject(new Error("it should have been stopped")), (error) => {
      assertEquals(error.message, "leaves");
    });
    woodpecker.states = [{ number: 12, status: "success" }];
    assertEquals((await follower).outcome, "success");
    assertEquals(woodpecker.streamsOpened, 2);
  });
});

test("a wait tells nothing that was read before it began, however short a time before", async () => {
  await withState(async (directory) => {
    await using woodpecker = new LiveWoodpecker();
    woodpecker.states = [{ number: 12, status: "success" }];
    const wait = async () => (await waitLive(woodpecker, { directory, hasStream: false })).outcome;
    assertEquals(await wait(), "success");
    woodpecker.states = [{ number: 12, status: "failure", workflows: ["failure"] }];
    assertEquals(await wait(), "failed");
  });
});

test("an outage that one waiter met is not held against the server for longer than a moment", async () => {
  await withState(async (directory) => {
    const clock = movingClock();
    await using board = openBoard(worldWith(clock), { directory, timeoutMs: 60_000, isOutage });
    const down = () => Promise.reject(new NetworkError("name", "cannot reach ci: refused"));
    const up = () => Promise.resolve("up");
    const freshness = { maxAgeMs: 600_000 };
    await assertRejects(() => board.read("id", freshness, down), NetworkError, "refused");
    await assertRejects(() => board.read("id", freshness, up), MusterError, "refused");
    clock.move(10_000);
    assertEquals([await board.read("id", freshness, up), await board.read("id", freshness, down)], ["up", "up"]);
  });
});

test("what was read by a clock that was ahead is none for those whose clock is right", async () => {
  await withState(async (directory) => {
    const clock = movingClock();
    await using board = openBoard(worldWith(clock), { directory, timeoutMs: 60_000, isOutage });
    const read = (answer: string) => board.read("id", { maxAgeMs: 600_000 }, () => Promise.resolve(answer));
    clock.move(86_400_000);
    assertEquals(await read("ahead"), "ahead");
    clock.move(-86_400_000);
    assertEquals([await read("right"), await read("later")], ["right", "right"]);
  });
});

test("a wait by a commit does not see another commit's pipelines", async () => {
  await using stage = openStage("woodpecker", [{ at: 0, has: [{ number: 12, status: "success", sha: otherSha }] }]);
  assertEquals((await waitOn(stage, { kind: "commit", sha: "c".repeat(40) })).outcome, "none_registered");
});
