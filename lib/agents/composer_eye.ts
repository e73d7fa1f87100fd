import type { PaneView } from "../tmux/mod.ts";
import type { Eye, Fate, Obstacle } from "./eye.ts";
import type { Reading, Runtime } from "./runtime.ts";
import { screenOf } from "./screen.ts";
import { marksOf, skeleton } from "./skeleton.ts";

/**
 * Sees a message in a program with a composer that its runtime recognises: it comes when the composer holds it, or its
 * fold, and is gone when the composer is empty again and the screen shows it among what was said, or in the queue.
 */
export function composerEye(runtime: Runtime, message: string): Eye {
  const marks = marksOf(message);
  let isFolded = false;
  let saidBefore = 0;

  const holds = (reading: Reading): boolean => {
    if (reading.composer === undefined || reading.composer === "") return false;
    if (reading.folded) return isFolded = true;
    const shown = skeleton(reading.composer);
    if (marks.whole === "") return shown === ""; // nothing but emoji: something without letters is all there is to see
    // A composer taller than its place shows the end of the text.
    return shown === marks.whole || (shown.length >= marks.tail.length && marks.whole.endsWith(shown));
  };
  const timesSaid = (reading: Reading): number => {
    const said = skeleton((reading.conversation ?? []).join("\n"));
    return marks.head === "" ? 0 : said.split(marks.head).length - 1;
  };

  return {
    obstacle(view): Obstacle | undefined {
      const reading = runtime.read(screenOf(view));
      saidBefore = timesSaid(reading);
      if (reading.state === "dialog") return { reason: `a dialog is open${quoted(reading.dialog)}` };
      if (reading.state === "starting") return { reason: "the agent is still starting", passes: true };
      if (reading.composer === undefined) {
        return { reason: `the screen is not one that the ${runtime.kind} runtime knows`, passes: true };
      }
      if (reading.composer !== "") return { reason: `a draft is in the composer${quoted(reading.composer)}` };
    },
    isShown: (view) => holds(runtime.read(screenOf(view))),
    fate(view): Fate {
      const reading = runtime.read(screenOf(view));
      if (reading.state === "dialog" || reading.composer === undefined) return "unclear";
      if (holds(reading)) return "standing";
      if (reading.composer !== "") return "unclear";
      const isQueued = reading.queued?.some((line) => isCutOf(line, marks.head));
      if (isQueued) return "queued";
      const isSaid = timesSaid(reading) > saidBefore || timesSaid(reading) > 0 && hasScrolled(view);
      return isSaid || marks.head === "" || isFolded && reading.state === "busy" ? "taken" : "unclear";
    },
  };
}

/** What was said before may have left the screen, so that a count says nothing. */
function hasScrolled(view: PaneView): boolean {
  return view.pane.historySize > 0;
}

/** A line of a queue may be cut to the screen's width. */
function isCutOf(line: string, head: string): boolean {
  const shown = skeleton(line).replace(/…$|\.\.\.$/, "");
  return shown !== "" && (shown.startsWith(head) || head.startsWith(shown));
}

function quoted(text: string | undefined): string {
  const line = text?.split("\n")[0]?.trim() ?? "";
  return line === "" ? "" : `: ${line.length > 60 ? `${line.slice(0, 59)}…` : line}`;
}
