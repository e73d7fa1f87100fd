import { type Io, MusterError } from "../io/mod.ts";
import type { PaneView, Target, TmuxServer } from "../tmux/mod.ts";
import type { Reading } from "./runtime.ts";
import { type AgentTurnOptions, inAgentTurn, type TurnReport } from "./agent_turn.ts";
import { screenOf } from "./screen.ts";
import { skeleton } from "./skeleton.ts";

/** How an attempt to answer a dialog ended. */
export const answerOutcomes = ["answered", "unanswered", "no_dialog", "unknown", "held", "dead", "not_found"] as const;

/** Options of {@linkcode answerDialog}. */
export interface AnswerOptions extends AgentTurnOptions {
  /** The text of the dialog that is meant: all of it, or a part of it that is long enough to know it by. */
  readonly expect: string;
  /** The answer: its number, from 1, or its text. */
  readonly choose: string;
}

/** What came of an answer. */
export interface AnswerReport extends TurnReport<typeof answerOutcomes[number]> {
  /** The dialog that was seen. */
  readonly dialog?: string;
  /** The answers that it offers. */
  readonly choices?: readonly string[];
  /** The one that was given. */
  readonly choice?: string;
}

/** The fewest letters of a part by which a dialog is known. */
const telling = 8;

/**
 * Answers the dialog that an agent has open, if it is the one expected: moves to the answer, sees it chosen, and presses
 * Enter on the screen that shows it.
 *
 * @throws {MusterError} of code `usage` where the dialog does not offer the answer; nothing was pressed.
 */
export async function answerDialog(
  io: Io,
  server: TmuxServer,
  target: Target,
  options: AnswerOptions,
): Promise<AnswerReport> {
  const { trace = () => {} } = options;
  return await inAgentTurn<typeof answerOutcomes[number], AnswerReport>(
    io,
    server,
    target,
    options,
    async (turn, runtime, end) => {
      const read = (view: PaneView): Reading => runtime.read(screenOf(view));
      const { dialog, choices = [], selected } = read(turn.view);
      if (turn.view.pane.isInMode) return { outcome: "held", reason: "the pane is in copy mode" };
      if (dialog === undefined) return { outcome: "no_dialog", reason: "no dialog is open" };
      const seen = { dialog, choices };
      if (!isExpected(dialog, options.expect)) return { outcome: "held", reason: "another dialog is open", ...seen };
      if (choices.length === 0 || selected === undefined) {
        return { outcome: "held", reason: "muster cannot read the answers of this dialog", ...seen };
      }
      const wanted = findChoice(choices, options.choose);
      const choice = choices[wanted];
      const isIt = (reading: Reading) =>
        reading.dialog === dialog && reading.choices?.join("\n") === choices.join("\n");
      for (let at = selected; at !== wanted;) {
        const next = at + Math.sign(wanted - at);
        trace(`choosing ${choices[next]}`);
        if (!await turn.press([next > at ? "Down" : "Up"])) {
          return {
            outcome: "held",
            reason: "the screen changed",
            ...seen,
          };
        }
        const moved = await turn.watch(end, (view) => {
          const reading = read(view);
          return !isIt(reading) ? "other" : reading.selected === next ? "moved" : undefined;
        });
        if (moved === "other") return { outcome: "held", reason: "another dialog has opened", ...seen };
        if (moved !== "moved") {
          return {
            outcome: moved === "late" ? "unanswered" : "dead",
            reason: "the choice did not move",
            ...seen,
          };
        }
        at = next;
      }
      // The fence presses Enter on this very screen or not at all.
      if (!isIt(read(turn.view)) || !await turn.press(["Enter"])) {
        return { outcome: "held", reason: "the screen changed", ...seen };
      }
      trace(`pressed Enter on ${choice}`);
      const gone = await turn.watch(end, (view) => read(view).dialog === dialog ? undefined : "answered");
      if (gone === "answered") return { outcome: "answered", ...seen, choice };
      if (gone === "late") return { outcome: "unanswered", reason: "the dialog is still open", ...seen, choice };
      return { outcome: "dead", reason: "the pane's program ended after the answer", ...seen, choice };
    },
  );
}

function isExpected(dialog: string, expect: string): boolean {
  const [shown, wanted] = [skeleton(dialog), skeleton(expect)];
  return shown === wanted || wanted.length >= telling && shown.includes(wanted);
}

function findChoice(choices: readonly string[], choose: string): number {
  const number = /^\d+$/.test(choose) ? Number(choose) - 1 : -1;
  const at = choices[number] === undefined ? choices.findIndex((one) => skeleton(one) === skeleton(choose)) : number;
  if (at >= 0) return at;
  throw new MusterError("usage", `the dialog has no such answer: ${choose}`, {
    hint: `it offers ${choices.map((one, index) => `${index + 1}. ${one}`).join(" · ")}`,
  });
}
