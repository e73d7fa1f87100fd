/**
 * What a runtime is: how one kind of agent program is started, how its screen is read, and how it is reset. One small
 * module per kind stands beside this one; `lib/agents/send.ts` and `lib/fleet/` use them through this face alone.
 *
 * @module
 */

import type { Key } from "../tmux/mod.ts";
import type { AgentProcess } from "./process.ts";
import type { NoTranscript, TranscriptDatabase, TranscriptFormat } from "./transcript_format.ts";

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
  /**
   * Whether the screen says, as the program itself says it, that a conversation has just begun and nothing was said in it;
   * left out where the program has no such words.
   */
  readonly isFresh?: boolean;
  /** The question of an open dialog, as shown. */
  readonly dialog?: string;
  /** The answers that it offers, top to bottom, as shown and without their numbers. */
  readonly choices?: readonly string[];
  /** Which of them Enter would give, from 0. */
  readonly selected?: number;
}

/** What a roster says of an agent, as far as its program's command line depends on it. */
export interface LaunchWish {
  /** The agent's name. */
  readonly name: string;
  /** The model, for the program's own flag. */
  readonly model?: string;
  /** Whether it is to ask no person for permission. */
  readonly unattended: boolean;
}

/** How a program is started. */
export interface Launch {
  /** The program, found in PATH, where the roster names none. */
  readonly program: string;
  /** Its arguments, before those of the roster. */
  readonly args: readonly string[];
  /** Variables for it; the roster's own come before them. */
  readonly env: Readonly<Record<string, string>>;
}

/** A message as its program has to be given it; or why the program would make something else of it. */
export type Prepared = PreparedText | RefusedText;

/** A message that may be typed. */
export interface PreparedText {
  /** What is typed. */
  readonly text: string;
  /** How it differs from the message, and why, in a few words; left out where it does not. */
  readonly escaped?: string;
}

/** A message that its program would make something else of. */
export interface RefusedText {
  /** What the program would do with it. */
  readonly refused: string;
  /** The way out. */
  readonly hint: string;
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
  /** How it is started; a kind without this has its program from the roster alone. */
  launch?(wish: LaunchWish): Launch;
  /** Whether a process's words are this program's, in its interactive form. */
  recognises?(argv: readonly string[]): boolean;
  /** Where its transcript is, and how it is read. */
  readonly transcript?: TranscriptFormat;
  /** Its transcript, where that is a database. */
  readonly database?: TranscriptDatabase;
  /**
   * What becomes of a message that is pasted and followed by Enter: given as it is, changed so that the program takes it
   * as it is (`escaped` says how), or refused, because the program would make something else of it.
   */
  prepare?(message: string): Prepared;
  /** What to type to make the program forget. */
  readonly resetCommand?: string;
  /**
   * A command that prints something and changes nothing: typed before a reset of a conversation that is a new one already,
   * where neither the screen nor a file would be another afterwards.
   */
  readonly printCommand?: string;
  /** Where it looks for a person's skills, below the home directory; left out where muster hands them over. */
  readonly skillsDirectory?: string;
  /** Versions of the program that the runtime was proved with, as parts of what `--version` prints; any where left out. */
  readonly provedVersions?: readonly string[];
  /** The file in which it says itself what it is doing. */
  readonly liveState?: LiveState;
  /** The arguments that take a conversation up again. */
  resumeArgs?(sessionId: string): readonly string[];
  /**
   * The arguments that have it tell which session it has whenever that changes, by running the words given; or why that is
   * not to be had.
   */
  tellSessionArgs?(words: readonly string[], run: ProgramRun): Promise<readonly string[] | NoTranscript>;
  /** The session that a process of the program had, after it has ended; or why that cannot be told for sure. */
  findSession?(run: PastRun): Promise<string | NoTranscript>;
}

/** How a program is run for an agent, as far as its sessions depend on it. */
export interface ProgramRun {
  /** The agent. */
  readonly name: string;
  /** Its words. */
  readonly argv: readonly string[];
  /** Where it starts. */
  readonly workingDirectory: string;
  /** Its home directory. */
  readonly home: string;
  /** The variables that the roster gives it. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a script of sh on its host, and returns what it prints. */
  sh(script: string, ...args: readonly string[]): Promise<string>;
}

/** A run of a program that has ended. */
export interface PastRun extends ProgramRun {
  /** When the agent last began anew, by a start or a reset, in milliseconds; 0 where that is not known. */
  readonly freshAtMs: number;
  /** What the program told since then, the latest last. */
  readonly told: readonly ToldSession[];
}

/** A session, as its program told it. */
export interface ToldSession {
  /** Its name. */
  readonly id: string;
  /** Its transcript; empty where the program does not say. */
  readonly transcript: string;
}

/** A file in which a program says what it is doing. */
export interface LiveState {
  /** Where the file is; `undefined` where the process does not say enough. */
  path(process: AgentProcess): string | undefined;
  /** What it says; `undefined` for what it should not say. */
  read(text: string, process: AgentProcess): { readonly state: AgentState; readonly atMs?: number } | undefined;
}
