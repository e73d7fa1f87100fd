/**
 * Follows the transcript that an agent's own program writes: what it had before a message was typed is noted, and the
 * message is looked for in what came after, byte for byte, in the files of that one process.
 *
 * @module
 */

import { byteLength, type Host, type Io, MusterError } from "../io/mod.ts";
import { TranscriptFiles } from "./_transcript_files.ts";
import { lastInDatabase, noteDatabase } from "./_transcript_database.ts";
import type { QueuedAlike } from "./eye.ts";
import type { AgentProcess } from "./process.ts";
import type { Runtime } from "./runtime.ts";
import type { NoTranscript, TranscriptEvent, TranscriptFormat, TranscriptPlace } from "./transcript_format.ts";

/** What a transcript has of a message. */
export interface TranscriptSighting {
  /** Whether the program keeps the message for later, or has taken it up; left out where it has neither. */
  readonly seen?: "queued" | "taken";
  /** The file that has it. */
  readonly path?: string;
  /** The program's own name for the entry, where it has one. */
  readonly entry?: string;
  /** The agent has taken the message up, and has done with it. */
  readonly isFinished: boolean;
  /** What the agent last said after it took the message up. */
  readonly answer?: string;
}

/** The most that is read of a file at once. A message is at most 1 MiB, and JSON at most doubles it. */
const maxPartBytes = 8 * 1024 * 1024;

/** Of many files, those that were written to last are read at each look; the others once they are seen to grow. */
const mostRead = 3;

/** How long files that are known may stay as they are until new ones are looked for, in milliseconds. */
const surveyEveryMs = 250;

/** A transcript that is followed from a moment on. */
export interface TranscriptWatch {
  /** The file that it is in, where there is one. */
  readonly path?: string;
  /**
   * Reckons with messages that waited in the program's queue when this began and look like this one: the transcript has
   * them first. To be told before {@linkcode look}.
   */
  reckonWith(queued: QueuedAlike): void;
  /** What the transcript has of the message by now. */
  look(signal?: AbortSignal): Promise<TranscriptSighting>;
}

/** A transcript of JSON lines. */
class FileWatch implements TranscriptWatch {
  readonly #files: TranscriptFiles;
  readonly #format: TranscriptFormat;
  readonly #io: Io;
  readonly #message: string;
  readonly #notedAtMs: number;
  readonly #offsets: Map<string, Offset>;
  /** The newest file when it was noted; none where the program had not begun to write: some wait for their first answer. */
  readonly path?: string;
  #surveyedAt: number;
  #sighting: TranscriptSighting = { isFinished: false };
  #queued?: QueuedAlike;
  /** How many of those and of the message itself were taken up. */
  #taken = 0;
  /** The message was taken up, or one of those that has the same text. */
  #isTaken = false;

  /** Follows files from their sizes on; {@linkcode noteTranscript} makes one. */
  constructor(
    files: TranscriptFiles,
    format: TranscriptFormat,
    io: Io,
    noted: { readonly message: string; readonly sizes: ReadonlyMap<string, number>; readonly atMs: number },
  ) {
    this.#files = files;
    this.#format = format;
    this.#io = io;
    this.#message = format.asKept?.(noted.message) ?? noted.message;
    this.#notedAtMs = noted.atMs;
    [this.path] = noted.sizes.keys();
    this.#offsets = new Map(
      [...noted.sizes].map(([path, at], index) => [path, { at, isNew: false, isRead: index < mostRead }]),
    );
    this.#surveyedAt = io.clock.elapsed();
  }

  reckonWith(queued: QueuedAlike): void {
    this.#queued = queued;
  }

  /** What the transcript has of the message by now. A line that is not written to its end is left for the next look. */
  async look(signal?: AbortSignal): Promise<TranscriptSighting> {
    const read = [...this.#offsets].flatMap(([path, { isRead }]) => isRead ? [path] : []);
    const hasGrown = await this.#readOn(read, signal);
    const isDue = read.length === 0 || this.#io.clock.elapsed() - this.#surveyedAt >= surveyEveryMs;
    if (!hasGrown && isDue && !this.#sighting.isFinished) await this.#readOn(await this.#findNew(signal), signal);
    return this.#sighting;
  }

  /** Looks for files that the program has made, turned to or written to since. */
  async #findNew(signal?: AbortSignal): Promise<string[]> {
    this.#surveyedAt = this.#io.clock.elapsed();
    const sizes = await this.#files.surveyAnew(signal);
    if ("none" in sizes) return [];
    return [...sizes].flatMap(([path, size]) => {
      const known = this.#offsets.get(path);
      if (known && (known.isRead || size <= known.at)) return [];
      this.#offsets.set(path, known ? { ...known, isRead: true } : { at: 0, isNew: true, isRead: true });
      return [path];
    });
  }

  /** Reads files on to their last whole line; whether any had more. */
  async #readOn(paths: readonly string[], signal?: AbortSignal): Promise<boolean> {
    const offsets = paths.map((path) => this.#offsets.get(path) as Offset);
    // The byte before tells whether this is the beginning of a line.
    const parts = paths.map((path, at) => ({
      path,
      from: Math.max(0, (offsets[at]?.at ?? 0) - 1),
      maxBytes: maxPartBytes,
    }));
    const texts = await this.#files.readParts(parts, signal);
    let hasGrown = false;
    for (const [at, offset] of offsets.entries()) {
      const text = texts[at] ?? "";
      const begin = offset.at === 0 ? 0 : text.indexOf("\n") + 1;
      const end = text.lastIndexOf("\n") + 1;
      const from = parts[at]?.from ?? 0;
      if (end <= begin) {
        // A line longer than any message is passed over.
        if (text.length > maxPartBytes / 4 && byteLength(text) >= maxPartBytes) offset.at = from + maxPartBytes;
        continue;
      }
      hasGrown = true;
      offset.at = from + byteLength(text.slice(0, end));
      for (const line of text.slice(begin, end - 1).split("\n")) {
        for (const event of eventsOf(this.#format, line)) await this.#take(event, paths[at] ?? "", offset, signal);
      }
    }
    return hasGrown;
  }

  async #take(event: TranscriptEvent, path: string, { isNew }: Offset, signal?: AbortSignal): Promise<void> {
    const { seen } = this.#sighting;
    // A conversation that was taken up again may have the same message from long ago.
    if (isNew && event.atMs !== undefined && event.atMs < this.#notedAtMs) return;
    if (seen === "taken") {
      if (event.kind === "answer") this.#sighting = { ...this.#sighting, answer: event.text };
      if (event.kind === "finished") this.#sighting = { ...this.#sighting, isFinished: true };
      return;
    }
    if (event.kind !== "taken" && event.kind !== "queued") return;
    const isOwn = event.text === this.#message;
    if (event.kind === "queued" ? !isOwn || seen === "queued" : !this.#isOwnTurn(event.text, isOwn)) return;
    // Another process may have come to write here since.
    if (await this.#files.rival(signal)) return;
    this.#sighting = { seen: event.kind, path, ...(event.id ? { entry: event.id } : {}), isFinished: false };
  }

  /** Whether a message that was taken up is this one: a program takes up those that waited before it first. */
  #isOwnTurn(text: string, isOwn: boolean): boolean {
    const { count = 0, includes } = this.#queued ?? {};
    if (isOwn || count > 0 && includes?.(text)) this.#taken++;
    this.#isTaken ||= isOwn;
    return this.#isTaken && this.#taken > count;
  }
}

/** How far a file was read. */
interface Offset {
  at: number;
  /** It was not there, or not the process's, when the transcript was noted. */
  readonly isNew: boolean;
  /** It is read at each look. */
  readonly isRead: boolean;
}

/**
 * Notes what the transcript of a process has, so that a message which is typed afterwards can be told from all before it.
 * To be done before Enter is pressed.
 *
 * @returns What follows it, or why the process has no transcript that is surely its own.
 * @throws {MusterError} where the host cannot be asked.
 */
export async function noteTranscript(
  host: Host,
  io: Io,
  process: AgentProcess,
  runtime: Runtime,
  message: string,
  signal?: AbortSignal,
): Promise<TranscriptWatch | NoTranscript> {
  if (runtime.database) return await noteDatabase(host, io, process, runtime.database, message, signal);
  const found = filesOf(host, io, process, runtime);
  if ("none" in found) return found;
  const [sizes, atMs] = await Promise.all([found.files.survey(signal), nowAt(host, io, signal)]);
  if ("none" in sizes) return sizes;
  return new FileWatch(found.files, found.format, io, { message, sizes, atMs });
}

/** The pane's host's own time, by which its transcripts are stamped. */
async function nowAt(host: Host, io: Io, signal?: AbortSignal): Promise<number> {
  return host.destination === "" ? io.clock.now() : (await host.leaseOwner(signal)).nowMs;
}

/** How much of the end of a transcript is read for an answer: at first, and at most. */
const answerBytes = { first: 256 * 1024, most: 64 * 1024 * 1024 } as const;

/** The last thing that an agent said. */
export interface LastAnswer {
  /** Its words. */
  readonly text: string;
  /** When, by its host's clock; left out where the transcript does not say. */
  readonly atMs?: number;
  /** The transcript is surely the process's own, and of no process that was before it in the same place. */
  readonly isTied: boolean;
}

/**
 * The last thing that an agent said, from its transcript; `undefined` where it has said nothing yet.
 *
 * @throws {MusterError} of code `not_found` where the process has no transcript that is surely its own.
 */
export async function lastAnswer(
  host: Host,
  io: Io,
  process: AgentProcess,
  runtime: Runtime,
  signal?: AbortSignal,
): Promise<LastAnswer | undefined> {
  if (runtime.database) return await lastInDatabase(host, io, process, runtime.database, signal);
  const found = filesOf(host, io, process, runtime);
  const sizes = "none" in found ? found : await found.files.survey(signal);
  if ("none" in found || "none" in sizes) {
    const { none } = "none" in found ? found : sizes as NoTranscript;
    throw new MusterError("not_found", `no transcript: ${none}`);
  }
  const isTied = found.tie !== "alone";
  // Of files that a process has open, nobody knows which was written to last; one of before may be among them.
  const own = found.tie === "open" ? [...sizes] : [...sizes].slice(0, 1);
  const answers = await Promise.all(own.map(([path, size]) => lastIn(found, path, size, signal)));
  const [last] = answers.filter((one) => one !== undefined).sort((a, b) => (b.atMs ?? 0) - (a.atMs ?? 0));
  return last && { text: last.text, ...(Number.isFinite(last.atMs) ? { atMs: last.atMs } : {}), isTied };
}

/** The last answer in a file. */
async function lastIn(
  { files, format }: OwnFiles,
  path: string,
  size: number,
  signal?: AbortSignal,
): Promise<Extract<TranscriptEvent, { kind: "answer" }> | undefined> {
  for (let bytes: number = answerBytes.first;; bytes *= 4) {
    const from = Math.max(0, size - bytes);
    const [text = ""] = await files.readParts([{ path, from, maxBytes: bytes }], signal);
    const lines = text.slice(from === 0 ? 0 : text.indexOf("\n") + 1, text.lastIndexOf("\n") + 1).split("\n");
    const last = lines.flatMap((line) => eventsOf(format, line)).findLast(({ kind }) => kind === "answer");
    if (last?.kind === "answer") return last;
    if (from === 0) return undefined;
    if (bytes >= answerBytes.most) throw new MusterError("failed", `no answer in the last ${bytes} bytes of ${path}`);
  }
}

/** The files of a process's transcript, how they are tied to it, and how they are read. */
interface OwnFiles {
  readonly files: TranscriptFiles;
  readonly format: TranscriptFormat;
  readonly tie: TranscriptPlace["tie"];
}

function filesOf(
  host: Host,
  io: Io,
  process: AgentProcess,
  { kind, transcript }: Runtime,
): OwnFiles | NoTranscript {
  if (!transcript) return { none: `the ${kind} runtime keeps none` };
  const place = transcript.place(process);
  if ("none" in place) return place;
  return { files: new TranscriptFiles(host, io, process, place), format: transcript, tie: place.tie };
}

/** What a line says; a line that is no JSON object says nothing. */
function eventsOf(format: TranscriptFormat, line: string): readonly TranscriptEvent[] {
  if (!line.startsWith("{")) return [];
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
  return format.events(entry as Record<string, unknown>);
}
