/**
 * What waiting for CI costs: how long after a pipeline is at rest a wait ends, how many requests a run of ten minutes takes
 * from one waiter and from fifty processes, against a loop that looks every 30 s down to every 3 s, and what a waiter has
 * in memory. Without a stream the ten minutes pass on a clock that moves only when someone waits. With one the waiters are
 * processes and the run is told in a moment: a wait rests while nothing is told, but for the looks for an event that the
 * server lost, which are added.
 *
 * @module
 */

import { isOutage, openBoard, streamingPauseMs, streamKeeper, waitForPipelines } from "../lib/ci/mod.ts";
import { Woodpecker } from "../lib/ci/woodpecker.ts";
import { HttpClient } from "../lib/http/mod.ts";
import { type Child, type Io, pollUntil } from "../lib/io/mod.ts";
import { openStage, waitOn } from "../tests/_ci/life.ts";
import { LiveWoodpecker } from "../tests/_ci/stream.ts";
import { checkout, interleave, type Section, Stage } from "./harness.ts";

const target = { kind: "numbers", numbers: [12] } as const;
const runSeconds = 600;
/** The longest pause of the wait without a stream whose end is measured. */
const intervalMs = 250;
/** How many steps a run tells by the stream before its end. */
const toldSteps = 100;
/** How many processes are measured, one after the other. */
const processRounds = 10;

/** Measures waits. */
export async function benchCi(signal: AbortSignal): Promise<readonly Section[]> {
  await using stage = await Stage.open(signal);
  const took = await interleave({
    hundred: () => Promise.resolve(100),
    stream: () => untilEnd(stage.io, true),
    poll: () => untilEnd(stage.io, false),
  }, { rounds: 40, warmups: 3, signal });
  const polled = await pollRequests();
  const [one, fifty] = [await waitInProcesses(stage, 1), await waitInProcesses(stage, 50)];
  const lost = Math.floor(runSeconds * 1000 / streamingPauseMs); // looks for an event that the server lost
  const [oneRequests, fiftyRequests] = [one.requests + lost, fifty.requests + lost];
  const [waiters, empties, exits]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < processRounds; round++) {
    empties.push(await emptyMb(stage));
    const { mostMb, exitMs } = await waitInProcesses(stage, 1);
    waiters.push(mostMb);
    exits.push(...exitMs);
  }
  const told = `${toldSteps} steps told`;
  return [{
    title: "From a pipeline's rest to the end of a wait, against 100 ms",
    reference: { what: "100 ms", sample: took.hundred },
    subjects: [
      { what: "with the stream (goal: p95 of 100 ms)", sample: took.stream, goal: 1 },
      { what: `without, looking every ${intervalMs} ms at most (goal: the interval)`, sample: took.poll, goal: 2.5 },
      { what: "with the stream, a process until it has exited", sample: exits, goal: 1 },
      { what: "50 processes with one stream, each until it has exited", sample: fifty.exitMs },
    ],
  }, {
    title: "Requests of a run of ten minutes, against a look every 30 s",
    unit: "requests",
    reference: { what: "a loop that looks every 30 s", sample: [runSeconds / 30] },
    subjects: [
      { what: "a loop that looks every 3 s", sample: [runSeconds / 3] },
      { what: "ci wait without a stream, the usual duration known", sample: [polled], goal: 1 / 10 },
      { what: `ci wait with the stream, ${told}`, sample: [oneRequests], goal: 1 / 10 },
      {
        what: "50 processes on one machine (goal: those of one, and 50)",
        sample: [fiftyRequests],
        goal: (oneRequests + 50) / (runSeconds / 30),
      },
    ],
  }, {
    title: "The same, against a look every 3 s",
    unit: "requests",
    reference: { what: "a loop that looks every 3 s", sample: [runSeconds / 3] },
    subjects: [
      { what: "ci wait without a stream", sample: [polled], goal: 1 / 10 },
      { what: `ci wait with the stream, ${told}`, sample: [oneRequests], goal: 1 / 10 },
    ],
  }, {
    title: "Memory of a waiter: the most that its process had (VmHWM)",
    unit: "MB",
    reference: { what: "a Deno that waits for nothing", sample: empties },
    subjects: [{ what: `ci wait with the stream, ${told}`, sample: waiters }],
  }];
}

function openWait(io: Io, woodpecker: LiveWoodpecker, hasStream: boolean) {
  const { url } = woodpecker.server;
  const client = new HttpClient(io, { baseUrl: `${url}/api`, timeoutMs: 3_600_000, retries: 0 });
  const provider = new Woodpecker({ repo: "ada/tool", url, client });
  const keepStream = hasStream ? streamKeeper(io, provider) : undefined;
  return { provider, board: openBoard(io, { keepStream, timeoutMs: 60_000, isOutage }) };
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
  const waits = () => Promise.resolve(looks >= 1 && (!hasStream || woodpecker.streams === 1) || undefined);
  await pollUntil(io.clock, waits, { what: "a wait to have looked", timeoutMs: 60_000 });
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
  const { outcome } = await waitOn(stage, target, { timeoutMs: 3_600_000, intervalMs: 60_000 });
  if (outcome !== "success") throw new Error(`The wait ended as ${outcome}`);
  return stage.server.calls.length;
}

/** What so many processes that wait with one stream came to: their requests, their memory, when each had exited. */
interface Waited {
  readonly requests: number;
  readonly mostMb: number;
  readonly exitMs: readonly number[];
}

/** Has so many processes wait for a run that tells a hundred steps and then its end. */
async function waitInProcesses({ io, signal }: Stage, count: number): Promise<Waited> {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = [{ number: 12, status: "running" }];
  const { url } = woodpecker.server;
  const home = String(io.env.get("MUSTER_HOME"));
  await io.files.makeDirectory(home, { mode: 0o700 });
  const forge =
    '[[forge]]\nhost = "git.example.org"\nkind = "gitea"\nurl = "https://git.example.org"\nowners = ["ada"]\n';
  await io.files.write(`${home}/forges.toml`, `${forge}[forge.ci]\nkind = "woodpecker"\nurl = "${url}"\n`);
  const words = ["run", "--quiet", "-A", `${checkout}cli.ts`, "ci", "wait", "-r", "ada/tool", "-n", "12"];
  await using children = new AsyncDisposableStack();
  const all = Array.from({ length: count }, () => children.use(io.process.start(io.process.deno, words)));
  let looked = 0;
  const read = async (child: Child) => {
    let text = "";
    for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) {
      if (!text.includes("12: running") && (text + piece).includes("12: running")) looked++;
      text += piece;
    }
    return text;
  };
  const said = all.map(read);
  await pollUntil(io.clock, () => Promise.resolve(looked === count && woodpecker.streams === 1 || undefined), {
    what: `${count} processes to wait`,
    timeoutMs: 300_000,
    signal,
  });
  for (let step = 0; step < toldSteps; step++) woodpecker.send({ number: 12, status: "running" });
  const mostMb = Math.max(...await Promise.all(all.map(({ pid }) => peakMb(pid))));
  const restMs = performance.now();
  woodpecker.states = [{ number: 12, status: "success" }];
  woodpecker.send({ number: 12, status: "success" });
  const exitMs = await Promise.all(all.map(async ({ status }, at) => {
    const code = await status;
    if (code !== 0) throw new Error(`A wait ended with status ${code}: ${await said[at]}`);
    return performance.now() - restMs;
  }));
  return { requests: woodpecker.server.calls.length, mostMb, exitMs };
}

/** The most memory that a process had, in MB, as its kernel says. */
async function peakMb(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000;
}

/** The same of a Deno that waits for nothing. */
async function emptyMb({ io }: Stage): Promise<number> {
  const words = ["eval", "--quiet", "console.log('up'); setTimeout(() => {}, 600_000)"];
  await using child = io.process.start(io.process.deno, words);
  for await (const _ of child.stdout) break; // it is up
  return await peakMb(child.pid);
}
