/**
 * What is remembered of steps with thousands of inputs: the stamp of all that they declare, and the fingerprint that they had.
 *
 * @module
 */
import type { Files, Processes } from "../io/io.ts";
import { digestText, frame } from "../state/digest.ts";
import { treeStamp } from "../state/tree_stamp.ts";

type Row = readonly [key: string, digest: string];

const version = 1;

/** So many inputs are looked at one by one before a stamp of all of them is cheaper. */
export const manyInputs = 1_000;

/** What a step is made of, as far as that is known without a look at its files. */
export interface Stamped {
  /** The step. */
  readonly name: string;
  /** Its inputs that are no files, and what is declared of files. */
  readonly parts: readonly string[];
  /** Absolute paths below which all of its files are. */
  readonly roots: readonly string[];
}

/** Fingerprints by the stamps of steps. */
export class Stamps {
  readonly #rows: Map<string, Row>;

  private constructor(rows: Map<string, Row>) {
    this.#rows = rows;
  }

  /** What a file remembers; nothing where there is none, or one that another version wrote: only time is lost with it. */
  static async load(files: Pick<Files, "read">, path: string): Promise<Stamps> {
    const bytes = await files.read(path);
    if (bytes === undefined) return new Stamps(new Map());
    try {
      const { version: written, rows } = JSON.parse(new TextDecoder().decode(bytes));
      const isWhole = written === version && Object.values(rows).every(isRow);
      return new Stamps(new Map(isWhole ? Object.entries<Row>(rows) : []));
    } catch {
      return new Stamps(new Map()); // it will be written anew
    }
  }

  /** The digest of the fingerprint that a step still has, if nothing at all of what it declares has changed. */
  async recall(
    io: Parameters<typeof treeStamp>[0],
    step: Stamped,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const row = this.#rows.get(step.name);
    if (row === undefined) return undefined;
    const [key, digest] = row;
    return key === await keyOf(io, step, signal) ? digest : undefined;
  }

  /**
   * Remembers the fingerprint that a look from now on gives a step. Whoever calls `look` has seen each file before, unchanged
   * for longer than its file system's clock takes for a tick.
   */
  async remember(
    io: { readonly process: Pick<Processes, "run">; readonly files: Pick<Files, "facts" | "list" | "write"> },
    path: string,
    step: Stamped,
    look: () => Promise<string | undefined>,
    signal?: AbortSignal,
  ): Promise<void> {
    const key = await keyOf(io, step, signal);
    const digest = key && await look();
    if (key === undefined || digest === undefined) return;
    this.#rows.set(step.name, [key, digest]);
    await io.files.write(path, JSON.stringify({ version, rows: Object.fromEntries(this.#rows) }), { mode: 0o600 });
  }
}

async function keyOf(
  io: Parameters<typeof treeStamp>[0],
  { name, parts, roots }: Stamped,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const stamp = await treeStamp(io, roots, signal);
  return stamp && await digestText(frame([stamp, name, ...parts]));
}

function isRow(value: unknown): value is Row {
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === "string");
}
