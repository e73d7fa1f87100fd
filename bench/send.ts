/**
 * What a proved send costs: `tmux send` to the demo agent in a pane, against the tmux calls that a send cannot do
 * without, and against the same calls with fixed waits, as shell scripts do it.
 *
 * @module
 */

import { pollUntil } from "../lib/io/mod.ts";
import { callTask } from "../lib/task/call.ts";
import { tmuxSend } from "../tasks/tmux/send.ts";
import { checkout, interleave, type Section, Stage, timed, underLoad } from "./harness.ts";

const socket = "send";
const session = "agent";

/** What shell scripts wait after the paste and after Enter, in milliseconds. */
const waits = { afterPaste: 500, afterEnter: 1200 } as const;

/** Measures sends. */
export async function benchSend(signal: AbortSignal): Promise<readonly Section[]> {
  await using stage = await Stage.open(signal);
  await startAgent(stage);
  let count = 0;
  const trial = (send: (stage: Stage, text: string) => Promise<void>) => async () => {
    await becomesIdle(stage);
    const text = `please look at the parser again, ${++count}`;
    return await timed(() => send(stage, text));
  };
  const trials = { bare: trial(sendBare), call: trial(sendByCall) };
  const took = await interleave({
    ...trials,
    command: trial(sendByCommand),
    waits: trial(sendWithWaits),
  }, { rounds: 200, warmups: 5, seldom: { command: 5, waits: 40 }, signal });
  const loaded = await underLoad(() => interleave(trials, { rounds: 200, warmups: 5, signal }));
  const reference = "load, paste, capture until shown, Enter, capture until gone";
  return [{
    title: "Send to the demo agent, against bare tmux calls",
    reference: { what: reference, sample: took.bare },
    subjects: [
      { what: "tmux send, called", sample: took.call, goal: 1.5, tailGoal: 3 },
      { what: "tmux send, whole command", sample: took.command },
    ],
  }, {
    title: "The same, while every core has another program to run",
    reference: { what: reference, sample: loaded.bare },
    subjects: [{ what: "tmux send, called", sample: loaded.call, goal: 1.5, tailGoal: 3 }],
  }, {
    title: "The same, against fixed waits",
    reference: { what: "load, paste, 0.5 s, Enter, 1.2 s, capture", sample: took.waits },
    subjects: [
      { what: "tmux send, called", sample: took.call, goal: 1 / 15 },
      { what: "tmux send, whole command", sample: took.command, goal: 1 / 15 },
    ],
  }];
}

async function startAgent(stage: Stage): Promise<void> {
  const size = ["-x", "200", "-y", "50"];
  const program = `${checkout}fixtures/agents/demo.ts`;
  const agent = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock", program, "--busy", "0"];
  await stage.tmux(socket, ["new-session", "-d", "-s", session, ...size, "--", ...agent]);
  await becomesIdle(stage);
}

async function becomesIdle(stage: Stage): Promise<void> {
  const look = async () => {
    const screen = await capture(stage);
    return isEmpty(screen) && screen.trimEnd().endsWith("· ready") || undefined;
  };
  await pollUntil(stage.io.clock, look, { what: "the demo agent to be idle", timeoutMs: 10_000, signal: stage.signal });
}

async function sendBare(stage: Stage, text: string): Promise<void> {
  await paste(stage, text);
  while (!holds(await capture(stage), text));
  await pressEnter(stage);
  while (!isEmpty(await capture(stage)));
}

async function sendWithWaits(stage: Stage, text: string): Promise<void> {
  await paste(stage, text);
  await stage.io.clock.delay(waits.afterPaste, stage.signal);
  await pressEnter(stage);
  await stage.io.clock.delay(waits.afterEnter, stage.signal);
  if (!isEmpty(await capture(stage))) throw new Error("The demo agent did not take the message in 1.2 s");
}

async function sendByCall(stage: Stage, text: string): Promise<void> {
  const input = { target: session, socket, message: text, runtime: "demo" };
  const receipt = await callTask(tmuxSend, input, { io: stage.io, signal: stage.signal });
  expectSubmitted("outcome" in receipt ? receipt.outcome : receipt.would);
}

async function sendByCommand(stage: Stage, text: string): Promise<void> {
  const script = ["run", "--allow-run=tmux", `${checkout}tasks/tmux/send.ts`];
  const words = ["-t", session, "-L", socket, "-m", text, "--runtime", "demo", "--json"];
  expectSubmitted(JSON.parse(await stage.fork(Deno.execPath(), [...script, ...words])).outcome);
}

function expectSubmitted(outcome: string): void {
  if (outcome !== "submitted") throw new Error(`The demo agent did not take the message: "${outcome}"`);
}

async function paste(stage: Stage, text: string): Promise<void> {
  await stage.tmux(socket, ["load-buffer", "-b", "bench", "-"], text);
  await stage.tmux(socket, ["paste-buffer", "-dpr", "-b", "bench", "-t", `=${session}:`]);
}

async function pressEnter(stage: Stage): Promise<void> {
  await stage.tmux(socket, ["send-keys", "-t", `=${session}:`, "Enter"]);
}

async function capture(stage: Stage): Promise<string> {
  return await stage.tmux(socket, ["capture-pane", "-p", "-t", `=${session}:`]);
}

/** The composer is the one row above a rule; a message that was taken stands above an answer. */
function holds(screen: string, text: string): boolean {
  return screen.includes(`\n❯ ${text}\n─`);
}

function isEmpty(screen: string): boolean {
  return screen.includes("\n❯\n─");
}
