/**
 * What a runtime is: how one kind of agent program is started, how its screen is read, and how it is reset. One small
 * module per kind stands beside this one; `lib/agents/send.ts` and `lib/fleet/` use them through this face alone.
 *
 * @module
 */

import type { Key } from "../tmux/mod.ts";

/** What an agent may be doing. */
export const agentStates = ["idle", "busy", "dialog", "draft", "dead", "starting", "unknown"] as const;

/** What an agent is doing, as far as its runtime can tell. What matches nothing is `unknown`. */
export type AgentState = typeof agentStates[number];

/** A pane at one moment: its facts and the rows that it showed. */
export interface Screen {
  /** The visible rows, top to bottom, trailing spaces removed; at most {@linkcode height} of them. */
  readonly rows: readonly string[];
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Where the cursor is, from 0, and whether the program shows it. */
  readonly cursor: { readonly x: number; readonly y: number; readonly visible: boolean };
  /** The name of the program that holds the pane's terminal. */
  readonly command: string;
}

/** What a runtime read off a screen. */
export interface Reading {
  /** What the agent is doing. */
  readonly state: AgentState;
  /**
   * The text in the composer, its rows joined by newlines; empty when it is empty; `undefined` where no composer was
   * recognised. A text that the program folds away stands here as the program shows it.
   */
  readonly composer?: string;
  /** The composer shows a placeholder in place of a long paste, whose own words are not to be seen. */
  readonly folded?: boolean;
  /** Messages that the program shows it will take next, as far as they can be read. */
  readonly queued?: readonly string[];
  /** The rows above the composer: what was said so far. */
  readonly conversation?: readonly string[];
  /** The question of an open dialog, as shown. */
  readonly dialog?: string;
  /** The answers that it offers, top to bottom, as shown and without their numbers. */
  readonly choices?: readonly string[];
  /** Which of them Enter would give, from 0. */
  readonly selected?: number;
}

/** One kind of agent program. */
export interface Runtime {
  /** The kind, as rosters name it. */
  readonly kind: string;
  /** Whether its screen tells anything: no screen need be captured of one that reads none. */
  readonly readsScreen: boolean;
  /** Reads a screen; recognises positively, so that what matches nothing is `unknown`. */
  read(screen: Screen): Reading;
  /** The keys that interrupt its work. */
  readonly interruptKeys?: readonly Key[];
}
