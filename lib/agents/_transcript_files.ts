/** Reads what a process's transcript has grown by, on the pane's host: by muster itself where it may, else by sh. */
import { type Host, type Io, MusterError } from "../io/mod.ts";
import { type AgentProcess, findProcesses, readProcesses } from "./process.ts";
import type { NoTranscript, TranscriptPlace } from "./transcript_format.ts";

/** A part of a file to be read. */
export interface FilePart {
  readonly path: string;
  /** Its first byte, from 0. */
  readonly from: number;
  /** How much of it is read at most. */
  readonly maxBytes: number;
}

/** How long a process that another has started may take to become its own program, in milliseconds. */
const becomesAnotherWithinMs = 500;

/** Files and their sizes, those that were written to last first where that is known. */
export type FileSizes = ReadonlyMap<string, number>;

/** The files of a process's transcript. */
export class TranscriptFiles {
  readonly #host: Host;
  readonly #io: Io;
  readonly #process: AgentProcess;
  readonly #place: TranscriptPlace;

  constructor(host: Host, io: Io, process: AgentProcess, place: TranscriptPlace) {
    this.#host = host;
    this.#io = io;
    this.#process = process;
    this.#place = place;
  }

  /** The transcript's files as they are now; none where the program has not made one yet. */
  async survey(signal?: AbortSignal): Promise<FileSizes | NoTranscript> {
    const place = this.#place;
    if (place.tie === "open") {
      const { files } = this.#process;
      return files ? await this.#sizes(place.path, files, signal) : await this.surveyAnew(signal);
    }
    if (place.tie === "alone") {
      const rival = await this.rival(signal);
      return rival ?? await this.#listing(place.directory, place.name, signal);
    }
    const [pointed = ""] = await this.readParts([{ path: place.pointer, from: 0, maxBytes: 65_536 }], signal);
    const target = readTarget(place, pointed);
    return target === undefined ? new Map() : await this.#sizes(/^/, [target], signal);
  }

  /** The same, with the files that the process has opened since it was looked at. */
  async surveyAnew(signal?: AbortSignal): Promise<FileSizes | NoTranscript> {
    const { tie } = this.#place;
    if (tie === "alone") return await this.#listing(this.#place.directory, this.#place.name, signal);
    if (tie === "pointer") return await this.survey(signal);
    const { pid, startTicks } = this.#process;
    const now = (await readProcesses(this.#host, [pid], signal)).get(pid)?.find((one) => one.pid === pid);
    if (now?.startTicks !== startTicks) return { none: "the agent's process has ended" };
    return await this.#sizes(this.#place.path, now.files ?? [], signal);
  }

  /**
   * Another process that may write to the same place, where one would do. What the agent itself starts looks like the agent
   * for a moment, until it is another program: a child is one that stays.
   */
  async rival(signal?: AbortSignal): Promise<NoTranscript | undefined> {
    const place = this.#place;
    if (place.tie !== "alone") return undefined;
    const { pid } = this.#process;
    const { clock } = this.#io;
    const end = clock.elapsed() + becomesAnotherWithinMs;
    for (let pause = 1;; pause *= 2) {
      const others = (await findProcesses(this.#host, place.command, signal)).filter((one) =>
        one.pid !== pid && place.directoryOf(one) === place.directory
      );
      const rival = others.find((one) => one.parent !== pid) ?? others[0];
      if (!rival) return undefined;
      if (rival.parent !== pid || clock.elapsed() >= end) {
        return { none: `process ${rival.pid} may write to the same transcripts: ${place.directory}` };
      }
      await clock.delay(pause, signal);
    }
  }

  /** What files hold from an offset on, in their order; empty for one that is not there. */
  async readParts(parts: readonly FilePart[], signal?: AbortSignal): Promise<string[]> {
    if (parts.length === 0) return [];
    if (parts.every(({ path }) => this.#mayRead(path))) {
      return await Promise.all(parts.map(async ({ path, from, maxBytes }) => {
        const bytes = await this.#io.files.readPart(path, from, maxBytes);
        return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes ?? new Uint8Array());
      }));
    }
    const nonce = `m${crypto.randomUUID()}`;
    const script = `n=$1; shift
      while [ $# -gt 0 ]; do
        if [ -f "$1" ]; then tail -c "+$2" "$1" | head -c "$3"; fi
        printf '%s' "$n"; shift 3
      done`;
    const words = parts.flatMap(({ path, from, maxBytes }) => [path, String(from + 1), String(maxBytes)]);
    const stdout = await this.#sh(script, [nonce, ...words], signal);
    return stdout.split(nonce).slice(0, parts.length);
  }

  async #sizes(wanted: RegExp, paths: readonly string[], signal?: AbortSignal): Promise<FileSizes> {
    const own = paths.filter((path) => wanted.test(path));
    if (own.length === 0) return new Map();
    if (own.every((path) => this.#mayRead(path))) {
      const facts = await Promise.all(own.map((path) => this.#io.files.facts(path)));
      return new Map(own.map((path, at) => [path, facts[at]?.size ?? 0]));
    }
    // A file that is not there yet has no size, and will be read from its start.
    const script = 'for f; do if [ -f "$f" ]; then wc -c <"$f" || echo; else echo 0; fi; done';
    const lines = (await this.#sh(script, own, signal)).split("\n");
    return new Map(own.map((path, at) => {
      const size = Number((lines[at] ?? "").trim() || NaN);
      if (!Number.isSafeInteger(size)) throw new MusterError("failed", `cannot read the transcript: ${path}`);
      return [path, size];
    }));
  }

  async #listing(directory: string, name: RegExp, signal?: AbortSignal): Promise<FileSizes> {
    if (this.#mayRead(directory)) return await this.#listingByFiles(directory, name);
    const script = 'if [ -d "$1" ]; then LC_ALL=C ls -lnt "$1"; fi';
    const found = (await this.#sh(script, [directory], signal)).split("\n").flatMap((line): [string, number][] => {
      const [, size, file = ""] = /^-\S+ +\d+ +\d+ +\d+ +(\d+) +\S+ +\S+ +\S+ (.+)$/.exec(line) ?? [];
      return name.test(file) ? [[`${directory}/${file}`, Number(size)]] : [];
    });
    return new Map(found);
  }

  async #listingByFiles(directory: string, name: RegExp): Promise<FileSizes> {
    const { files } = this.#io;
    const names = (await files.list(directory) ?? []).filter((entry) => entry.kind === "file" && name.test(entry.name));
    const paths = names.map((entry) => `${directory}/${entry.name}`);
    const facts = await files.factsOf(paths);
    const found = paths.flatMap((path, at) => {
      const { size, modifiedMs } = facts[at] ?? {};
      return size === undefined || modifiedMs === undefined ? [] : [{ path, size, modifiedMs }]; // it is gone by now
    });
    return new Map(found.toSorted((a, b) => b.modifiedMs - a.modifiedMs).map(({ path, size }) => [path, size]));
  }

  async #sh(script: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
    const { code, stdout, stderr } = await this.#host.run("sh", ["-c", script, "sh", ...args], { signal });
    if (code === 0) return stdout;
    throw new MusterError(
      "failed",
      `cannot read the transcript: ${stderr.trim().split("\n")[0] || `sh ended with ${code}`}`,
    );
  }

  #mayRead(path: string): boolean {
    return this.#host.destination === "" && this.#io.permissions.isGranted({ name: "read", path });
  }
}

/** The file that a pointer names; `undefined` where it names none, or is half written. */
export function readTarget(place: TranscriptPlace & { readonly tie: "pointer" }, text: string): string | undefined {
  try {
    return place.target(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
