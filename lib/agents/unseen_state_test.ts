import { assertEquals, assertThrows } from "../deps/assert.ts";
import { MusterError } from "../io/mod.ts";
import { agentStates } from "./runtime.ts";
import { runtimeKinds, runtimeOf } from "./runtimes.ts";
import { refuseUnseenState } from "./unseen_state.ts";

Deno.test("of a program whose screen is not read only its end is waited for; of the others any state", () => {
  for (const kind of runtimeKinds) {
    for (const state of agentStates) {
      const wait = () => refuseUnseenState(runtimeOf(kind), state, "a");
      if (kind !== "command" || state === "dead") {
        wait();
        continue;
      }
      const { code, message, hint } = assertThrows(wait, MusterError);
      assertEquals([code, message, hint], [
        "usage",
        `never seen ${state}, since the screen of kind command is not read: a`,
        "do not wait for that, or say what its program is, in the roster or by --runtime: claude, codex, opencode, pi",
      ]);
    }
  }
});
