/**
 * What a proved send to a real program costs: Pi, from npm, in a pane against a model provider on loopback, beside the tmux
 * calls that no send can do without.
 *
 * @module
 */

import { runtimeOf, screenOf, sendText } from "../lib/agents/mod.ts";
import { realIo, withEnvironment } from "../lib/io/mod.ts";
import { programs } from "../tests/agents/programs.ts";
import { Stage } from "../tests/agents/stage.ts";
import { fork, interleave, type Section, timed, underLoad } from "./harness.ts";

/** Measures sends to Pi. */
export async function benchPi(signal: AbortSignal): Promise<readonly Section[]> {
  await using stage = await Stage.open(programs.pi);
  await stage.start();
  const io = withEnvironment(realIo, stage.world.env);
  const runtime = runtimeOf("pi");
  const tmux = (words: readonly string[], stdin?: string) =>
    fork("tmux", ["-u", "-N", "-L", "muster", ...words], { env: stage.world.env, stdin, signal });
  const capture = () => tmux(["capture-pane", "-p", "-t", "=a:"]);
  const becomesIdle = () =>
    stage.world.eventually("Pi to be idle", async () => {
      return runtime.read(screenOf(await stage.view())).state === "idle" || undefined;
    });
  const bare = async (text: string) => {
    await tmux(["load-buffer", "-b", "bench", "-"], text);
    await tmux(["paste-buffer", "-dpr", "-b", "bench", "-t", "=a:"]);
    while (!new RegExp(`─\\n *${text} *\\n─`).test(await capture()));
    await tmux(["send-keys", "-t", "=a:", "Enter"]);
    while (!/─\n *\n─/.test(await capture()));
  };
  const proved = async (text: string) => {
    const { outcome, evidence } = await sendText(io, stage.server, { session: "a" }, text, { runtime: "pi", signal });
    if (outcome !== "submitted") throw new Error(`Pi did not take the message: "${outcome}", evidence ${evidence}`);
  };
  let count = 0;
  const trial = (send: (text: string) => Promise<void>) => async () => {
    await becomesIdle();
    const text = `look at the parser again ${++count}`;
    return await timed(() => send(text));
  };
  const trials = { bare: trial(bare), proved: trial(proved) };
  // Its transcript begins with its first answer.
  await trials.proved();
  const idle = await interleave(trials, { rounds: 60, warmups: 3, signal });
  const loaded = await underLoad(() => interleave(trials, { rounds: 60, warmups: 3, signal }));
  const section = (title: string, took: typeof idle): Section => ({
    title,
    reference: { what: "load, paste, capture until shown, Enter, capture until gone", sample: took.bare },
    subjects: [{ what: "sendText, proved", sample: took.proved, goal: 1.5, tailGoal: 3 }],
  });
  return [
    section(`Send to Pi ${programs.pi.version}, against bare tmux calls`, idle),
    section("The same, while every core has another program to run", loaded),
  ];
}
