/**
 * What a sender takes while it waits for another's send: its own process and tmux's, against a Deno that does nothing.
 *
 * @module
 */

import { localHost, pollUntil } from "../lib/io/mod.ts";
import { joinPane, makeTicket, parseTarget, readLease, TmuxServer } from "../lib/tmux/mod.ts";
import { checkout, type Section, Stage } from "./harness.ts";

const socket = "memory";
const rounds = 5;

/** Measures memory; only where the kernel has /proc, since nothing else tells what a process shares with others. */
export async function benchMemory(signal: AbortSignal): Promise<readonly Section[]> {
  await using stage = await Stage.open(signal);
  await stage.tmux(socket, ["new-session", "-d", "-s", "agent", "--", "cat"]);
  const server = new TmuxServer(localHost(stage.io), socket);
  const joined = await joinPane(server, parseTarget("agent"), makeTicket(Deno.pid, Date.now()), signal);
  if (!joined) throw new Error("There is no pane to wait for");
  const { pane } = joined.view;
  const send = ["run", "--quiet", "--allow-run=tmux", `${checkout}tasks/tmux/send.ts`];
  const words = [...send, "-t", "agent", "-L", socket, "-m", "hello", "--timeout", "10m"];
  const waits = async () => ((await readLease(server, pane.id, signal))?.queue.length ?? 0) > 1 || undefined;
  const idle = ["eval", "--quiet", "console.log('up'); setTimeout(() => {}, 600_000)"];
  const [waiting, empty]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    waiting.push(await measure(stage, words, waits));
    empty.push(await measure(stage, idle, () => Promise.resolve(true)));
  }
  return [{
    title: "Memory of a sender that waits for another's send",
    unit: "MB",
    reference: { what: "a Deno that waits for nothing", sample: empty },
    subjects: [{ what: "tmux send, and the tmux by which it waits", sample: waiting }],
  }];
}

/** What a Deno and its children have in memory once they wait: their share of what is shared counted. */
async function measure(
  stage: Stage,
  words: readonly string[],
  waits: () => Promise<true | undefined>,
): Promise<number> {
  const io = stage.io;
  const child = io.process.start(io.process.deno, words);
  try {
    await pollUntil(io.clock, waits, { what: "a sender to wait", timeoutMs: 60_000, signal: stage.signal });
    let last = -1;
    // It has come to rest when it needs no more than a moment ago.
    return await pollUntil(io.clock, async () => {
      const now = await memory(child.pid);
      const isSame = Math.abs(now - last) < 0.05;
      last = now;
      return isSame && now > 0 ? now : undefined;
    }, { what: "a sender to come to rest", timeoutMs: 60_000, firstPauseMs: 200, longestPauseMs: 200 });
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
}

/** Of a process and its children, in MB (proportional set size). */
async function memory(pid: number): Promise<number> {
  const children = (await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`)).trim().split(" ");
  let kilobytes = 0;
  for (const one of [String(pid), ...children].filter((word) => word !== "")) {
    const text = await Deno.readTextFile(`/proc/${one}/smaps_rollup`).catch(() => ""); // it has just ended
    kilobytes += Number(/^Pss: +(\d+) kB$/m.exec(text)?.[1] ?? 0);
  }
  return kilobytes / 1000;
}
