import type { PaneView } from "../tmux/mod.ts";

/** Why nothing may be typed now. */
export interface Obstacle {
  /** As the receipt says it. */
  readonly reason: string;
  /** The way out. */
  readonly hint?: string;
  /** It may go away by itself within the deadline; a person's dialog or draft is not waited for. @default {false} */
  readonly passes?: boolean;
}

/** What became of a message after Enter: `unclear` is looked at again. */
export type Fate = "taken" | "queued" | "standing" | "unclear";

/**
 * Where a message is that a sender which was killed had typed: it stands ready for Enter, it stands with something else,
 * it waits in the program's queue, it is among what was said, it is in none of these places; `unclear` where the screen
 * does not tell.
 */
export type Leftover = "standing" | "mixed" | "queued" | "said" | "absent" | "unclear";

/** Messages in the program's queue that look like one that is to be typed: of a long one its first line is all there is to see. */
export interface QueuedAlike {
  /** How many there are. */
  readonly count: number;
  /** Whether a text may be one of them. */
  includes(text: string): boolean;
}

/** How a send sees one message come and go on one kind of screen. */
export interface Eye {
  /** What stands in the way of typing. Called before anything is typed. */
  obstacle(view: PaneView): Obstacle | undefined;
  /** Where the message is, if another sender typed it and left it there. Called in place of {@linkcode obstacle}. */
  leftover(view: PaneView): Leftover;
  /** Whether the message stands on the screen, ready for Enter. */
  isShown(view: PaneView): boolean;
  /** What became of it after Enter. */
  fate(view: PaneView): Fate;
  /** Which messages in the program's queue look like this one. Called before Enter. */
  queuedAlike(view: PaneView): QueuedAlike;
  /** Whether anything was said below the message, once it was taken. */
  isAnswered(view: PaneView): boolean;
}
