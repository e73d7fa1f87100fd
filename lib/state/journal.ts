/**
 * A journal: the durable record of what was begun and ended. One JSON document to a line, written at the file's end and
 * synced; nothing is ever changed in place, so that a process killed at any instant leaves at most a torn last line.
 *
 * @module
 */
import type { z } from "../deps/zod.ts";
import { MusterError } from "../io/error.ts";
import type { Files } from "../io/io.ts";
import { visible } from "../io/visible.ts";

/** Options of {@linkcode Journal}. */
export interface JournalOptions<Schema extends z.ZodType> {
  /** The version of the records that this muster writes; each line says its own. */
  readonly version: number;
  /** What a record of this version is. */
  readonly schema: Schema;
  /**
   * Turns a record of an older version into one of the next, by the version that it is of. A version that is not there is
   * not known any more.
   */
  readonly upgrades?: Readonly<Record<number, (record: unknown) => unknown>>;
}

/** What a journal holds. */
export interface JournalContents<Record> {
  /** The records, oldest first. */
  readonly records: readonly Record[];
  /** Numbers of the lines that are no whole record: what was being written when a process was killed. */
  readonly torn: readonly number[];
}

/** A journal in a file. */
export class Journal<Schema extends z.ZodType> {
  readonly #files: Pick<Files, "read" | "append" | "write">;
  /** The file. */
  readonly path: string;
  readonly #options: JournalOptions<Schema>;
  #endsInLine: boolean | undefined;

  /** The journal in a file, which need not be there. */
  constructor(files: Pick<Files, "read" | "append" | "write">, path: string, options: JournalOptions<Schema>) {
    this.#files = files;
    this.path = path;
    this.#options = options;
  }

  /**
   * All records. A line that is no JSON was torn by a kill, and told in `torn`.
   *
   * @throws {MusterError} of code `failed` for a record of a newer version, of one that is too old, and for a whole record
   * that is not what its version says: leaving it out would hide what was done.
   */
  async read(): Promise<JournalContents<z.output<Schema>>> {
    const bytes = await this.#files.read(this.path);
    const text = new TextDecoder().decode(bytes ?? new Uint8Array());
    const lines = text.split("\n");
    const records: z.output<Schema>[] = [];
    const torn: number[] = [];
    for (const [at, line] of lines.entries()) {
      if (line === "") continue;
      const whole = parseLine(line);
      if (whole === undefined) torn.push(at + 1);
      else records.push(this.#record(whole, at + 1));
    }
    this.#endsInLine = text === "" || text.endsWith("\n");
    return { records, torn };
  }

  /** Writes records at the end, in one piece, and returns when they are on the disk. */
  async append(...records: readonly z.input<Schema>[]): Promise<void> {
    // Behind a torn line, a record begins a line of its own.
    if (this.#endsInLine === undefined) await this.read();
    const before = this.#endsInLine ? "" : "\n";
    await this.#files.append(this.path, before + this.#lines(records), { mode: 0o600 });
    this.#endsInLine = true;
  }

  /** Replaces the journal with these records, whole or not at all: for one that has grown long. */
  async rewrite(records: readonly z.input<Schema>[]): Promise<void> {
    await this.#files.write(this.path, this.#lines(records), { mode: 0o600 });
    this.#endsInLine = true;
  }

  #lines(records: readonly z.input<Schema>[]): string {
    return records.map((record) => `${JSON.stringify({ v: this.#options.version, ...Object(record) })}\n`).join("");
  }

  #record(whole: Readonly<Record<string, unknown>>, line: number): z.output<Schema> {
    const { version, schema, upgrades = {} } = this.#options;
    const { v, ...rest } = whole;
    const where = `${visible(this.path)}:${line}`;
    if (typeof v !== "number" || !Number.isSafeInteger(v) || v < 1) {
      throw new MusterError("failed", `not a record of muster's: ${where}`, { hint: damaged });
    }
    if (v > version) {
      throw new MusterError("failed", `written by a newer muster: ${where}: version ${v}, this one knows ${version}`, {
        hint: "run that muster; moving the file away forgets what was done",
      });
    }
    let record: unknown = rest;
    for (let at = v; at < version; at++) {
      const upgrade = upgrades[at];
      if (upgrade === undefined) {
        throw new MusterError("failed", `written by too old a muster: ${where}: version ${v}`, {
          hint: "moving the file away forgets what was done",
        });
      }
      record = upgrade(record);
    }
    const result = schema.safeParse(record);
    if (!result.success) {
      throw new MusterError("failed", `not a record of version ${v}: ${where}`, { hint: damaged, cause: result.error });
    }
    return result.data;
  }
}

const damaged = "the file was changed by something else: moving it away forgets what was done";

function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Torn.
  }
  return undefined;
}
