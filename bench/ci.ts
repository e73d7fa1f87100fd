/**
 * What waiting for CI costs: how long after a pipeline is at rest a wait ends, and how many requests a run of ten minutes
 * takes from one waiter and from fifty, against a loop that looks every 30 s down to every 3 s. The ten minutes pass on a
 * clock that moves only when someone waits.
 *
 * @module
 */

import { boardDirectory, isOutage, openBoard, streamKeeper, waitForPipelines } from "../lib/ci/mod.ts";
import { Woodpecker } from "../lib/ci/woodpecker.ts";
import { HttpClient } from "../lib/http/mod.ts";
import { type Io, pollUntil } from "../lib/io/mod.ts";
import { openStage, waitOn } from "../tests/_ci/life.ts";
import { LiveWoodpecker } from "../tests/_ci/stream.ts";
import { interleave, type Section, Stage } from "./harness.ts";

const target = { kind: "numbers", numbers: [12] } as const;
const runSeconds = 600;
/** The longest pause of the wait without a stream whose end is measured. */
const intervalMs = 250;

/** Measures waits. */
export async function benchCi(signal: AbortSignal): Promise<readonly Section[]> {
  await using stage = await Stage.open(signal);
  const took = await interleave({
    hundred: () => Promise.resolve(100),
    stream: () => untilEnd(stage.io, true),
    poll: () => untilEnd(stage.io, false),
  }, { rounds: 40, warmups: 3, signal });
  const polled = await pollRequests();
  const [one, fifty] = [await streamRequests(stage.io, 1), await streamRequests(stage.io, 50)];
  return [{
    title: "From a pipeline's rest to the end of a wait, against 100 ms",
    reference: { what: "100 ms", sample: took.hundred },
    subjects: [
      { what: "with the stream (goal: p95 of 100 ms)", sample: took.stream, goal: 1 },
      { what: `without, looking every ${intervalMs} ms at most (goal: the interval)`, sample: took.poll, goal: 2.5 },
    ],
  }, {
    title: "Requests of a run of ten minutes, against a look every 30 s",
    unit: "requests",
    reference: { what: "a loop that looks every 30 s", sample: [runSeconds / 30] },
    subjects: [
      { what: "a loop that looks every 3 s", sample: [runSeconds / 3] },
      { what: "ci wait without a stream, the usual duration known", sample: [polled], goal: 1 / 10 },
      { what: "ci wait with the stream, 100 steps told", sample: [one], goal: 1 / 10 },
      { what: "50 of them on one machine (goal: those of one, and 50)", sample: [fifty], goal: (one + 50) / 20 },
    ],
  }, {
    title: "The same, against a look every 3 s",
    unit: "requests",
    reference: { what: "a loop that looks every 3 s", sample: [runSeconds / 3] },
    subjects: [
      { what: "ci wait without a stream", sample: [polled], goal: 1 / 10 },
      { what: "ci wait with the stream, 100 steps told", sample: [one], goal: 1 / 10 },
    ],
  }];
}

function openWait(io: Io, woodpecker: LiveWoodpecker, hasStream: boolean, directory?: string) {
  const { url } = woodpecker.server;
  const client = new HttpClient(io, { baseUrl: `${url}/api`, timeoutMs: 3_600_000, retries: 0 });
  const provider = new Woodpecker({ repo: "ada/tool", url, client });
  const keepStream = hasStream ? streamKeeper(io, provider) : undefined;
  return { provider, board: openBoard(io, { keepStream, directory, timeoutMs: 60_000, isOutage }) };
}

/** Milliseconds from a pipeline's rest to the end of the wait for it. */
async function untilEnd(io: Io, hasStream: boolean): Promise<number> {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = [{ number: 12, status: "running" }];
  const { provider, board } = openWait(io, woodpecker, hasStream);
  await using _board = board;
  let looks = 0;
  const onLook = () => void looks++;
  const waiting = waitForPipelines(io, target, { provider, board, timeoutMs: 60_000, intervalMs, onLook });
  await pollUntil(io.clock, () => Promise.resolve(looks >= 2 || undefined), { what: "two looks", timeoutMs: 10_000 });
  const restMs = performance.now();
  woodpecker.states = [{ number: 12, status: "success" }];
  if (hasStream) woodpecker.send({ number: 12, status: "success" });
  const { outcome } = await waiting;
  if (outcome !== "success") throw new Error(`The wait ended as ${outcome}`);
  return performance.now() - restMs;
}

/** Requests of a run of ten minutes, whose history says that it takes ten minutes. */
async function pollRequests(): Promise<number> {
  await using stage = openStage("woodpecker", []);
  const base = stage.clock.now() / 1000;
  const pipeline = (number: number, status: string, from: number, to: number) => ({
    number,
    status,
    commit: "a".repeat(40),
    created: base + from,
    started: base + from,
    finished: to,
  });
  const now = () => {
    const isOver = stage.clock.elapsed() >= runSeconds * 1000;
    return pipeline(12, isOver ? "success" : "running", 0, isOver ? base + runSeconds : 0);
  };
  const old = pipeline(11, "success", -2 * runSeconds, base - runSeconds);
  stage.server.on("GET", "/repos/{repo_id}/pipelines", () => ({ body: [now(), old] }));
  stage.server.on("GET", "/repos/{repo_id}/pipelines/{pipeline_number}", () => ({ body: now() }));
  const { outcome } = await waitOn(stage, target, { timeoutMs: 3_600_000, intervalMs: 30_000 });
  if (outcome !== "success") throw new Error(`The wait ended as ${outcome}`);
  return stage.server.calls.length;
}

/** Requests of so many waiters with one stream, which tells a hundred steps and then the end. */
async function streamRequests(io: Io, count: number): Promise<number> {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = [{ number: 12, status: "running" }];
  const directory = await boardDirectory(io, { url: woodpecker.server.url, secret: "" });
  let ready = 0;
  const all = Array.from({ length: count }, async () => {
    const { provider, board } = openWait(io, woodpecker, true, directory);
    await using _board = board;
    let looks = 0;
    const onLook = () => void (++looks === 2 && ready++);
    return await waitForPipelines(io, target, { provider, board, timeoutMs: 60_000, onLook });
  });
  await pollUntil(io.clock, () => Promise.resolve(ready === count || undefined), {
    what: "all to wait",
    timeoutMs: 60_000,
  });
  for (let step = 0; step < 100; step++) woodpecker.send({ number: 12, status: "running" });
  woodpecker.states = [{ number: 12, status: "success" }];
  woodpecker.send({ number: 12, status: "success" });
  for (const { outcome } of await Promise.all(all)) {
    if (outcome !== "success") throw new Error(`A wait ended as ${outcome}`);
  }
  return woodpecker.server.calls.length;
}
