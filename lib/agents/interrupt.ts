import type { Io } from "../io/mod.ts";
import type { Target, TmuxServer } from "../tmux/mod.ts";
import { type AgentTurnOptions, inAgentTurn, type TurnReport } from "./agent_turn.ts";
import { screenOf } from "./screen.ts";

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
      if (turn.view.pane.isInMode) return { outcome: "held", reason: "the pane is in copy mode" };
      const { state, composer, dialog } = runtime.read(screenOf(turn.view));
      if (state === "dialog") return { outcome: "held", reason: `a dialog is open: ${dialog?.split("\n")[0] ?? ""}` };
      if (state !== "busy") return { outcome: "not_busy", reason: `the agent is ${state}` };
      if (composer !== undefined && composer !== "") {
        return { outcome: "held", reason: "a draft is in the composer, which the interrupt might clear" };
      }
      if (!await turn.press(keys)) return { outcome: "held", reason: "the screen changed" };
      trace(`pressed ${keys.join(" ")}`);
      const stopped = await turn.watch(end, (view) => {
        const now = runtime.read(screenOf(view)).state;
        return now === "idle" || now === "dialog" || now === "draft" ? "stopped" : undefined;
      });
      if (stopped === "stopped") return { outcome: "interrupted" };
      if (stopped === "late") return { outcome: "still_busy", reason: "the agent did not stop" };
      return { outcome: "dead", reason: "the pane's program ended" };
    },
  );
}
