import { type Host, type Io, MusterError } from "../io/mod.ts";
import { type Target, type TmuxServer, viewPane } from "../tmux/mod.ts";
import type { AgentProcess } from "./process.ts";
import { screenOf } from "./screen.ts";
import { marksOf } from "./skeleton.ts";
import { lastAnswer } from "./transcript.ts";
import { detectProgram, mistaken } from "./witness.ts";
import { runtimeOf } from "./runtimes.ts";

/**
 * The last thing that the agent in a pane said, from its transcript; `undefined` where it has said nothing yet.
 *
 * @throws {MusterError} of code `not_found` where the pane is gone, its program has ended, or it has no transcript that is
 * surely its own.
 */
export async function lastAnswerIn(
  io: Io,
  server: TmuxServer,
  target: Target,
  kind: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const view = await viewPane(server, target, signal);
  if (!view) throw new MusterError("not_found", "the pane is gone");
  if (view.pane.isDead) throw new MusterError("not_found", "the pane's program has ended");
  const found = await detectProgram(server.host, io, view.pane, signal);
  if ("none" in found) throw new MusterError("not_found", `no transcript: ${found.none}`);
  const { detected } = found;
  if (detected.what !== "agent") {
    const why = mistaken(detected, runtimeOf(kind)) ?? "no agent program was found in the pane";
    throw new MusterError("not_found", `no transcript: ${why}`);
  }
  const { runtime, process } = detected;
  const { isFresh, conversation = [] } = runtime.read(screenOf(view));
  if (isFresh) return undefined;
  const last = await lastAnswer(server.host, io, process, runtime, signal);
  if (!last || last.isTied) return last?.text;
  // A process of before may have said it in the same place: this one has said it since it began, or shows it.
  const isOwn = last.atMs !== undefined && last.atMs >= await startOf(io, server.host, process, signal);
  return isOwn || isShown(conversation, last.text) ? last.text : undefined;
}

/** When a process began, by its host's clock as that goes now, in milliseconds; never told too early. */
async function startOf(io: Io, host: Host, { startTicks }: AgentProcess, signal?: AbortSignal): Promise<number> {
  const script = 'read -r up rest </proc/uptime && echo "$up" && getconf CLK_TCK && date +%s';
  const { stdout } = await host.run("sh", ["-c", script], { signal });
  const [uptime, ticks, now] = stdout.split("\n").map(Number);
  if (!uptime || !ticks || !now) throw new MusterError("failed", "cannot tell when the agent's process began");
  const nowMs = host.destination === "" ? io.clock.now() : (now + 1) * 1_000;
  return nowMs - (uptime - startTicks / ticks) * 1_000;
}

/** Whether the end of an answer stands among what was said. */
function isShown(conversation: readonly string[], answer: string): boolean {
  const { tail, reduce } = marksOf(answer);
  return tail !== "" && reduce(conversation.join("\n")).includes(tail);
}
