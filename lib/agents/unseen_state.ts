import { MusterError } from "../io/mod.ts";
import type { AgentState, Runtime } from "./runtime.ts";
import { runtimeKinds, runtimeOf } from "./runtimes.ts";

/**
 * Refuses to wait for a state that a program of this kind never shows: its screen is not read, so that a wait would run out
 * whatever the program does. That it has ended is seen of any.
 *
 * @throws {MusterError} of code `usage`, which names whom it was to be seen of.
 *
 * @example
 * ```ts
 * import { runtimeOf } from "./runtimes.ts";
 * import { refuseUnseenState } from "./unseen_state.ts";
 *
 * refuseUnseenState(runtimeOf("demo"), "idle", "coder0");
 * refuseUnseenState(runtimeOf("command"), "dead", "coder0");
 * ```
 */
export function refuseUnseenState({ kind, readsScreen }: Runtime, state: AgentState, who: string): void {
  if (readsScreen || state === "dead") return;
  const known = runtimeKinds.filter((one) => one !== "demo" && runtimeOf(one).readsScreen).join(", ");
  throw new MusterError("usage", `never seen ${state}, since the screen of kind ${kind} is not read: ${who}`, {
    hint: `do not wait for that, or say what its program is, in the roster or by --runtime: ${known}`,
  });
}
