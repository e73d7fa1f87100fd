import { type Io, MusterError } from "../io/mod.ts";
import { type Target, type TmuxServer, viewPane } from "../tmux/mod.ts";
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
  return await lastAnswer(server.host, io, detected.process, detected.runtime, signal);
}
