import type { Io } from "../io/mod.ts";
import type { PaneView, Target, TmuxServer } from "../tmux/mod.ts";
import { type AgentTurnOptions, inAgentTurn, type TurnReport } from "./agent_turn.ts";
import type { Runtime } from "./runtime.ts";
import { screenOf } from "./screen.ts";
import { pauses } from "./turn.ts";

/** How an attempt to interrupt an agent ended. */
export const interruptOutcomes = ["interrupted", "not_busy", "still_busy", "held", "dead", "not_found"] as const;

/** What came of an interrupt. */
export type InterruptReport = TurnReport<typeof interruptOutcomes[number]>;

/**
 * Interrupts an agent's work by the key that its program has for that, and sees it stop. Pressed only while it is seen to be
 * busy: at a dialog the same key would answer, and in a composer it may clear what stands there.
 */
export async function interruptAgent(
  io: Io,
  server: TmuxServer,
  target: Target,
  options: AgentTurnOptions = {},
): Promise<InterruptReport> {
  const { trace = () => {} } = options;
  return await inAgentTurn<typeof interruptOutcomes[number], InterruptReport>(
    io,
    server,
    target,
    options,
    async (turn, runtime, end) => {
      const keys = runtime.interruptKeys;
      if (!keys) return { outcome: "held", reason: `muster knows no interrupt of the runtime ${runtime.kind}` };
      do {
        const obstacle = obstacleTo(turn.view, runtime);
        if (obstacle) return obstacle;
        if (await turn.press(keys)) break;
        if (await turn.isOwner() === false) return { outcome: "held", reason: "the lease of the pane was lost" };
        if (io.clock.elapsed() >= end) return { outcome: "held", reason: "the screen changed at each look" };
        // A program that works redraws its screen: what was seen is looked at again, and no key is pressed on another.
        if (!await turn.look(pauses.first)) return { outcome: "not_found", reason: "the pane is gone" };
      } while (true);
      trace(`pressed ${keys.join(" ")}`);
      const stopped = await turn.watch(end, (view) => {
        const now = runtime.read(screenOf(view)).state;
        return now === "idle" || now === "dialog" || now === "draft" ? "stopped" : undefined;
      });
      if (stopped === "stopped") return { outcome: "interrupted" };
      if (stopped === "late") {
        return { outcome: "still_busy", reason: "the agent did not stop, or went on with a message that was queued" };
      }
      return { outcome: "dead", reason: "the pane's program ended" };
    },
  );
}

/** Why the key may not be pressed on a screen; nothing where it may. */
function obstacleTo(view: PaneView, runtime: Runtime): Pick<InterruptReport, "outcome" | "reason"> | undefined {
  if (view.pane.isDead) return { outcome: "dead", reason: "the pane's program has ended" };
  if (view.pane.isInMode) return { outcome: "held", reason: "the pane is in copy mode" };
  const { state, composer, dialog } = runtime.read(screenOf(view));
  if (state === "dialog") return { outcome: "held", reason: `a dialog is open: ${dialog?.split("\n")[0] ?? ""}` };
  if (state !== "busy") return { outcome: "not_busy", reason: `the agent is ${state}` };
  if (composer !== undefined && composer !== "") {
    return { outcome: "held", reason: "a draft is in the composer, which the interrupt might clear" };
  }
}
