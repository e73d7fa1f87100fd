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

/** How a send sees one message come and go on one kind of screen. */
export interface Eye {
  /** What stands in the way of typing. Called before anything is typed. */
  obstacle(view: PaneView): Obstacle | undefined;
  /** Whether the message stands on the screen, ready for Enter. */
  isShown(view: PaneView): boolean;
  /** What became of it after Enter. */
  fate(view: PaneView): Fate;
}
