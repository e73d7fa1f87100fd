/** Tells a conversation that has just begun from the one before, by the transcript or by the screen. */
import { byteLength, type Io, MusterError } from "../io/mod.ts";
import { type Pane, type TmuxServer, viewPane } from "../tmux/mod.ts";
import { type FileSizes, TranscriptFiles } from "./_transcript_files.ts";
import type { Runtime } from "./runtime.ts";
import { screenOf } from "./screen.ts";
import type { TranscriptFormat } from "./transcript_format.ts";
import { detectProgram } from "./witness.ts";

/** Rows as short as this may stand in any conversation. */
const longestTrifle = 3;

/** The transcript as it was. */
interface NotedFiles {
  readonly files: TranscriptFiles;
  readonly sizes: FileSizes;
  readonly format: TranscriptFormat;
}

/** What a conversation had before a reset. */
export class FreshContext {
  readonly #server: TmuxServer;
  readonly #pane: Pane;
  readonly #runtime: Runtime;
  readonly #rows: readonly string[];
  readonly #files?: NotedFiles;

  private constructor(
    server: TmuxServer,
    pane: Pane,
    runtime: Runtime,
    rows: readonly string[],
    files: NotedFiles | undefined,
  ) {
    this.#server = server;
    this.#pane = pane;
    this.#runtime = runtime;
    this.#rows = rows;
    this.#files = files;
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
    const conversation = view ? runtime.read(screenOf(view)).conversation ?? [] : [];
    const files = await noteFiles(io, server, pane, runtime, signal);
    return new FreshContext(server, pane, runtime, conversation.filter(isTelling), files);
  }

  /** What shows that the conversation is a new one; `undefined` while nothing does. */
  async seen(signal?: AbortSignal): Promise<"transcript" | "screen" | undefined> {
    if (this.#files && await this.#hasBegun(this.#files, signal)) return "transcript";
    const view = await viewPane(this.#server, { paneId: this.#pane.id }, signal);
    if (!view) throw new MusterError("not_found", `the pane is gone: ${this.#pane.id}`);
    const { state, composer, conversation = [] } = this.#runtime.read(screenOf(view));
    // Where nothing was on the screen before, an empty one shows nothing.
    if (state !== "idle" || composer !== "" || this.#rows.length === 0) return undefined;
    return conversation.some((row) => this.#rows.includes(row)) ? undefined : "screen";
  }

  /** A transcript that was not there before, or an entry that says so in the one that was. */
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

async function noteFiles(io: Io, server: TmuxServer, pane: Pane, runtime: Runtime, signal?: AbortSignal) {
  const { transcript: format } = runtime;
  if (!format) return undefined;
  const found = await detectProgram(server.host, io, pane, signal);
  if ("none" in found || found.detected.what !== "agent" || found.detected.runtime.kind !== runtime.kind) {
    return undefined;
  }
  const { process } = found.detected;
  const place = format.place(process);
  if ("none" in place) return undefined;
  const files = new TranscriptFiles(server.host, io, process, place);
  const sizes = await files.survey(signal);
  return "none" in sizes ? undefined : { files, sizes, format };
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
