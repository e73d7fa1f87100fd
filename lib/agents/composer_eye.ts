import type { PaneView } from "../tmux/mod.ts";
import type { Eye, Fate, Leftover, Obstacle, QueuedAlike } from "./eye.ts";
import type { Reading, Runtime } from "./runtime.ts";
import { screenOf } from "./screen.ts";
import { type Marks, marksOf } from "./skeleton.ts";

/** More of a text than a row of any screen shows. */
const longestRow = 10_000;

/** A fold that is all there is in a composer. */
const fold = /^\[[^\]]*\]\s*$/;

/**
 * Sees a message in a program with a composer that its runtime recognises: it comes when the composer holds it, or its
 * fold, and is gone when the composer is empty again and the screen shows it once more than before, among what was said
 * or in the queue. What the screen cannot tell apart from an earlier message stays unclear.
 */
export function composerEye(runtime: Runtime, message: string): Eye {
  const marks = marksOf(message);
  let before: Reading | undefined;
  let folded: string | undefined;

  const holds = (reading: Reading): boolean => {
    if (reading.composer === undefined || reading.composer === "") return false;
    if (reading.folded) {
      if (!fold.test(reading.composer)) return false;
      folded = reading.composer;
      return true;
    }
    const shown = marks.reduce(reading.composer);
    // A composer taller than its place shows the end of the text.
    return shown === marks.whole || (shown.length >= marks.tail.length && marks.whole.endsWith(shown));
  };

  return {
    obstacle(view): Obstacle | undefined {
      const reading = runtime.read(screenOf(view));
      before = reading;
      if (reading.state === "dialog") return { reason: `a dialog is open${quoted(reading.dialog)}` };
      if (reading.state === "starting") return { reason: "the agent is still starting", passes: true };
      if (reading.composer === undefined) {
        return { reason: `the screen is not one that the ${runtime.kind} runtime knows`, passes: true };
      }
      if (reading.composer !== "") return { reason: `a draft is in the composer${quoted(reading.composer)}` };
    },
    queuedAlike(view): QueuedAlike {
      const rows = rowsAlike(runtime.read(screenOf(view)), marks);
      const includes = (text: string) => {
        const begin = marks.reduce(text.slice(0, longestRow));
        return rows.some((row) => begin.startsWith(row));
      };
      return { count: rows.length, includes };
    },
    isAnswered(view): boolean {
      const said = marks.reduce((runtime.read(screenOf(view)).conversation ?? []).join("\n"));
      const at = said.lastIndexOf(marks.tail);
      return at >= 0 && said.length > at + marks.tail.length;
    },
    leftover(view): Leftover {
      const reading = runtime.read(screenOf(view));
      before = reading;
      if (reading.state === "dialog" || reading.composer === undefined) return "unclear";
      if (reading.folded && !isFoldOf(reading.composer, message)) return "mixed";
      if (holds(reading)) return "standing";
      if (reading.composer !== "") return "mixed";
      if (timesQueued(reading, marks) > 0) return "queued";
      const said = marks.reduce((reading.conversation ?? []).join("\n"));
      return said.includes(marks.head) ? "said" : "absent";
    },
    isShown: (view) => holds(runtime.read(screenOf(view))),
    fate(view: PaneView): Fate {
      const reading = runtime.read(screenOf(view));
      if (reading.state === "dialog" || reading.composer === undefined) return "unclear";
      if (holds(reading)) return "standing";
      if (reading.composer !== "") return "unclear";
      if (timesQueued(reading, marks) > timesQueued(before, marks)) return "queued";
      // One that was queued before and this one look alike: this one is taken when none waits any more.
      if (timesQueued(before, marks) > 0 && timesQueued(reading, marks) > 0) return "unclear";
      // Of a text that was folded, what was said may show the fold, or so much of it that only its end stands on the screen.
      const wanted = folded === undefined ? [marks.head] : [marks.head, marks.reduce(folded), marks.end];
      return wanted.some((words) => isSaidAnew(words, before, reading, marks)) ? "taken" : "unclear";
    },
  };
}

/** Whether a fold's own count is that of a message: any other is somebody else's paste. */
function isFoldOf(fold: string, message: string): boolean {
  const lines = /\+(\d+) lines?/.exec(fold)?.[1];
  const characters = /(\d+) chars?/.exec(fold)?.[1];
  const near = (told: string, real: number, slack: number) => Math.abs(Number(told) - real) <= slack;
  if (lines !== undefined) return near(lines, message.split("\n").length, 1);
  if (characters === undefined) return false;
  // Programs count code points, or UTF-16 units.
  return near(characters, [...message].length, 2) || near(characters, message.length, 2);
}

/** How many rows of the queue look like the message. */
function timesQueued(reading: Reading | undefined, marks: Marks): number {
  return rowsAlike(reading, marks).length;
}

/** The rows of the queue that are the message's first line, or that line cut to the screen's width; reduced. */
function rowsAlike(reading: Reading | undefined, { head, reduce }: Marks): string[] {
  return (reading?.queued ?? []).flatMap((row) => {
    const isCut = /(…|\.\.\.)\s*$/.test(row);
    const shown = reduce(row.replace(/(…|\.\.\.)\s*$/, ""));
    return shown !== "" && (shown.startsWith(head) || isCut && head.startsWith(shown)) ? [shown] : [];
  });
}

/**
 * Whether words stand among what was said that did not stand there before. As what was said scrolls away, so may earlier
 * occurrences: the last one is new where another text follows it than followed the last one before.
 */
function isSaidAnew(words: string, before: Reading | undefined, now: Reading, { reduce }: Marks): boolean {
  if (words === "") return false;
  const [old, fresh] = [before, now].map((reading) => reduce((reading?.conversation ?? []).join("\n")).split(words));
  if (!old || !fresh || fresh.length === 1) return false;
  if (fresh.length > old.length) return true;
  const [oldRest = "", freshRest = ""] = [old.at(-1), fresh.at(-1)];
  return oldRest !== "" && !freshRest.startsWith(oldRest.slice(0, 200));
}

function quoted(text: string | undefined): string {
  const line = text?.split("\n")[0]?.trim() ?? "";
  return line === "" ? "" : `: ${line.length > 60 ? `${line.slice(0, 59)}…` : line}`;
}
