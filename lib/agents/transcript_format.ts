/**
 * What a runtime declares of its program's transcript: which files are one process's, and what an entry says. Nothing here
 * touches a file; `transcript.ts` does.
 *
 * @module
 */

import type { AgentProcess } from "./process.ts";

/**
 * How files are tied to a process, so that those of its siblings in the same home and directory never count:
 *
 * - `open`: those that the process has open and whose path matches; `begun` matches what it has open of a conversation
 *   from its beginning on, where that is before the transcript;
 * - `pointer`: the one that a file of the program's, named after the process, points to;
 * - `alone`: all that match in a directory, as long as no other process of the same program writes there.
 */
export type TranscriptPlace =
  | { readonly tie: "open"; readonly path: RegExp; readonly begun?: RegExp }
  | { readonly tie: "pointer"; readonly pointer: string; readonly target: (pointed: unknown) => string | undefined }
  | {
    readonly tie: "alone";
    readonly directory: string;
    readonly name: RegExp;
    /** The name by which processes of the program go. */
    readonly command: string;
    /** The directory that another process of the program would write to. */
    readonly directoryOf: (other: AgentProcess) => string | undefined;
  };

/** Why a process has no transcript that can be tied to it. */
export interface NoTranscript {
  /** In a few words. */
  readonly none: string;
}

/** What an entry of a transcript says, as far as muster asks. */
export type TranscriptEvent =
  /** The program took a message up. */
  | { readonly kind: "taken"; readonly text: string; readonly id?: string; readonly atMs?: number }
  /** The program keeps a message for later. */
  | { readonly kind: "queued"; readonly text: string; readonly id?: string; readonly atMs?: number }
  /** The agent said something. */
  | { readonly kind: "answer"; readonly text: string; readonly atMs?: number }
  /** The agent has done its turn, or was interrupted in it. */
  | { readonly kind: "finished"; readonly atMs?: number };

/** A transcript of JSON objects, one a line. */
export interface TranscriptFormat {
  /** Whether {@linkcode place} may tie files by the process having them open: nobody looks for those otherwise. @default {true} */
  readonly goesByOpenFiles?: boolean;
  /** Where a process's transcript is. */
  place(process: AgentProcess): TranscriptPlace | NoTranscript;
  /** What an entry says, in order. */
  events(entry: Readonly<Record<string, unknown>>): readonly TranscriptEvent[];
  /** Whether an entry says that a conversation begins in the same file; left out where each has a file of its own. */
  begins?(entry: Readonly<Record<string, unknown>>): boolean;
  /** A message as the program keeps it, where that differs. */
  asKept?(message: string): string;
}

/** A row of a transcript in a database. */
export type TranscriptRow = Readonly<Record<string, string | number | null>>;

/** A transcript in an SQLite database, which all processes of a program in one home share. */
export interface TranscriptDatabase {
  /** The database of a process; `undefined` where it does not say enough. */
  pathOf(process: AgentProcess): string | undefined;
  /** The name by which processes of the program go. */
  readonly command: string;
  /** The columns of what came after a row, `?`, in order; `row` is its number. */
  readonly query: string;
  /** What a row says, in order. */
  events(row: TranscriptRow): readonly TranscriptEvent[];
  /** Whether a text that the program keeps is a message. */
  isKept(text: string, message: string): boolean;
}
