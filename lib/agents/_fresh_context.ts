/** Tells a conversation that has just begun from the one before, by the program's files or by the screen. */
import { byteLength, type Io, MusterError } from "../io/mod.ts";
import { type Pane, type TmuxServer, viewPane } from "../tmux/mod.ts";
import { type FileSizes, TranscriptFiles } from "./_transcript_files.ts";
import type { Runtime } from "./runtime.ts";
import { screenOf } from "./screen.ts";
import type { TranscriptFormat, TranscriptPlace } from "./transcript_format.ts";
import { detectProgram } from "./witness.ts";

/** Rows as short as this may stand in any conversation. */
const longestTrifle = 3;

/** How long the screen may lag behind a file, in milliseconds: what is typed while it does could still go to the old conversation. */
const staleScreenMs = 2_000;

/** The transcript as it was. */
interface NotedFiles {
  readonly files: TranscriptFiles;
  readonly sizes: FileSizes;
  readonly format: TranscriptFormat;
  /** A conversation has a file as soon as it is there, before anything is said in it. */
  readonly tellAtOnce: boolean;
}

/** What a conversation had before a reset. */
export class FreshContext {
  readonly #io: Io;
  readonly #server: TmuxServer;
  readonly #pane: Pane;
  readonly #runtime: Runtime;
  readonly #rows: readonly string[];
  readonly #wasFresh: boolean;
  readonly #files?: NotedFiles;
  #begunAt?: number;

  private constructor(
    io: Io,
    server: TmuxServer,
    pane: Pane,
    runtime: Runtime,
    seen: { readonly rows: readonly string[]; readonly wasFresh: boolean; readonly files: NotedFiles | undefined },
  ) {
    this.#io = io;
    this.#server = server;
    this.#pane = pane;
    this.#runtime = runtime;
    this.#rows = seen.rows;
    this.#wasFresh = seen.wasFresh;
    this.#files = seen.files;
  }

  /** Notes the conversation of a pane. */
  static async note(
    io: Io,
    server: TmuxServer,
    pane: Pane,
    runtime: Runtime,
    signal?: AbortSignal,
  ): Promise<FreshContext> {
    const view = await viewPane(server, { paneId: pane.id }, signal);
    const { conversation = [], isFresh = false } = view ? runtime.read(screenOf(view)) : {};
    const files = await noteFiles(io, server, pane, runtime, signal);
    return new FreshContext(io, server, pane, runtime, {
      rows: conversation.filter(isTelling),
      wasFresh: isFresh,
      files,
    });
  }

  /** Nothing would show that the conversation is a new one: the one that there is shows it already. */
  get isFreshAlready(): boolean {
    return this.#wasFresh && this.#files?.tellAtOnce !== true;
  }

  /** It was a new one, and what follows will be seen: until then it is still the one that was. */
  get #isToShow(): boolean {
    return this.#wasFresh && (this.#files?.tellAtOnce === true || this.#runtime.printCommand !== undefined);
  }

  /** What shows that the conversation is a new one; `undefined` while nothing does. */
  async seen(signal?: AbortSignal): Promise<"transcript" | "screen" | undefined> {
    const hasBegun = this.#files !== undefined && await this.#hasBegun(this.#files, signal);
    const view = await viewPane(this.#server, { paneId: this.#pane.id }, signal);
    if (!view) throw new MusterError("not_found", `the pane is gone: ${this.#pane.id}`);
    const { state, composer, conversation = [], isFresh } = this.#runtime.read(screenOf(view));
    if (state !== "idle" || composer !== "") return undefined;
    if (hasBegun) {
      this.#begunAt ??= this.#io.clock.elapsed();
      const isStale = isFresh === false && this.#io.clock.elapsed() - this.#begunAt < staleScreenMs;
      return isStale ? undefined : "transcript";
    }
    if (isFresh !== undefined) return isFresh && !this.#isToShow ? "screen" : undefined;
    // Where nothing was on the screen before, an empty one shows nothing.
    if (this.#rows.length === 0) return undefined;
    return conversation.some((row) => this.#rows.includes(row)) ? undefined : "screen";
  }

  /** A file that was not there before, or an entry that says so in the one that was. */
  async #hasBegun(
    { files, sizes, format }: NotedFiles,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const now = await files.surveyAnew(signal);
    if ("none" in now) return false;
    if ([...now.keys()].some((path) => !sizes.has(path))) return true;
    if (!format.begins) return false;
    const grown = [...now].filter(([path, size]) => size > (sizes.get(path) ?? 0));
    const parts = grown.map(([path, size]) => ({ path, from: sizes.get(path) ?? 0, maxBytes: size }));
    const texts = await files.readParts(parts, signal);
    return texts.some((text) => text.split("\n").some((line) => beginsBy(format, line)));
  }
}

async function noteFiles(
  io: Io,
  server: TmuxServer,
  pane: Pane,
  runtime: Runtime,
  signal?: AbortSignal,
): Promise<NotedFiles | undefined> {
  const { transcript: format } = runtime;
  if (!format) return undefined;
  const found = await detectProgram(server.host, io, pane, signal);
  if ("none" in found || found.detected.what !== "agent" || found.detected.runtime.kind !== runtime.kind) {
    return undefined;
  }
  const { process } = found.detected;
  const place = format.place(process);
  if ("none" in place) return undefined;
  const files = new TranscriptFiles(server.host, io, process, ofBeginnings(place));
  const sizes = await files.survey(signal);
  if ("none" in sizes) return undefined;
  return { files, sizes, format, tellAtOnce: place.tie !== "alone" && sizes.size > 0 };
}

/** Where the files are that a conversation has from its beginning on. */
function ofBeginnings(place: TranscriptPlace): TranscriptPlace {
  return place.tie === "open" ? { ...place, path: place.begun ?? place.path } : place;
}

function beginsBy(format: TranscriptFormat, line: string): boolean {
  if (!line.startsWith("{")) return false;
  try {
    return format.begins?.(JSON.parse(line)) ?? false;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function isTelling(row: string): boolean {
  return byteLength(row.trim()) > longestTrifle;
}
