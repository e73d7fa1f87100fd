import { type Io, MusterError } from "../io/mod.ts";
import type { PaneView, Target, TmuxServer } from "../tmux/mod.ts";
import { type AgentTurnOptions, inAgentTurn, type TurnReport } from "./agent_turn.ts";
import { screenOf } from "./screen.ts";
import { dialogOffer, isSameOffer } from "./dialog_offer.ts";
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

/** How long a program that is at work may take to draw a dialog of which it tells elsewhere already, in milliseconds. */
const drawsWithinMs = 2_000;

/**
 * How long a dialog may stand after Enter before that is taken to be lost, in milliseconds: long, since one that was only
 * late would leave the second Enter to whatever the program asks next.
 */
const swallowedAfterMs = 5_000;

/** The fewest letters of a part by which a dialog is known. */
export const tellingLetters = 8;

/**
 * Answers the dialog that an agent has open, if it is the one expected: moves to the answer, sees it chosen, and presses
 * Enter. tmux presses a key only while the cursor is where it was seen; a dialog that another of the same shape has
 * replaced in between, within a millisecond or two, it does not tell apart.
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
      const read = (view: PaneView) => dialogOffer(runtime.read(screenOf(view)));
      if (turn.view.pane.isInMode) return { outcome: "held", reason: "the pane is in copy mode" };
      const { state } = runtime.read(screenOf(turn.view));
      if (read(turn.view) === undefined && state !== "idle" && state !== "draft") {
        const within = Math.min(end, io.clock.elapsed() + drawsWithinMs);
        const drawn = await turn.watch(within, (view) => read(view) === undefined ? undefined : "drawn");
        if (drawn === "gone") return { outcome: "not_found", reason: "the pane is gone" };
        if (drawn === "dead") return { outcome: "dead", reason: "the pane's program has ended" };
      }
      const offer = read(turn.view);
      if (offer === undefined) return { outcome: "no_dialog", reason: "no dialog is open" };
      const { text, choices, selected } = offer;
      const seen = { dialog: text, choices };
      if (!isExpected(text, options.expect)) return { outcome: "held", reason: "another dialog is open", ...seen };
      if (choices.length === 0 || selected === undefined) {
        return { outcome: "held", reason: "muster cannot read the answers of this dialog", ...seen };
      }
      const wanted = findChoice(choices, options.choose);
      const choice = choices[wanted];
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
          const now = read(view);
          if (now === undefined) return undefined; // between two drawings
          return !isSameOffer(now, offer) ? "other" : now.selected === next ? "moved" : undefined;
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
      const stands = (view: PaneView) => {
        const now = read(view);
        return now !== undefined && isSameOffer(now, offer);
      };
      const press = async (untilMs: number) => {
        if (!stands(turn.view) || read(turn.view)?.selected !== wanted || !await turn.press(["Enter"])) {
          return "changed";
        }
        trace(`pressed Enter on ${choice}`);
        return await turn.watch(untilMs, (view) => stands(view) ? undefined : "answered");
      };
      let gone = await press(Math.min(end, io.clock.elapsed() + swallowedAfterMs));
      // A program may take no key for a moment after it has drawn a dialog; pressed again only while that stands as it was.
      if (gone === "late" && io.clock.elapsed() < end) {
        gone = await press(end);
        const view = gone === "changed" ? await turn.look() : undefined;
        if (view && !stands(view)) gone = "answered"; // by the first one, at last
      }
      if (gone === "changed") return { outcome: "held", reason: "the screen changed", ...seen };
      if (gone === "answered") return { outcome: "answered", ...seen, choice };
      if (gone === "late") return { outcome: "unanswered", reason: "the dialog is still open", ...seen, choice };
      return { outcome: "dead", reason: "the pane's program ended after the answer", ...seen, choice };
    },
  );
}

function isExpected(dialog: string, expect: string): boolean {
  const [shown, wanted] = [skeleton(dialog), skeleton(expect)];
  return shown === wanted || wanted.length >= tellingLetters && shown.includes(wanted);
}

function findChoice(choices: readonly string[], choose: string): number {
  const number = /^\d+$/.test(choose) ? Number(choose) - 1 : -1;
  const at = choices[number] === undefined ? choices.findIndex((one) => skeleton(one) === skeleton(choose)) : number;
  if (at >= 0) return at;
  throw new MusterError("usage", `the dialog has no such answer: ${choose}`, {
    hint: `it offers ${choices.map((one, index) => `${index + 1}. ${one}`).join(" · ")}`,
  });
}
