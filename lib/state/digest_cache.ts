/**
 * What is remembered of files' digests, so that ten thousand inputs cost a look at each the second time, and no reading.
 *
 * @module
 */
import type { FileFacts, Files } from "../io/io.ts";

/** Size, when content and file last changed, inode, mode, digest: compact, since there may be many. */
type Row = readonly [size: number, modifiedMs: number, changedMs: number, inode: number, digest: string];

const version = 1;

/**
 * A file that was changed less than this before it was read may be changed again within the same tick of its file system's
 * clock, of which the coarsest take two seconds: its digest is not remembered.
 */
const settledMs = 2_000;

/** Digests by path, good for as long as a file's size, times and inode stay. */
export class DigestCache {
  readonly #rows: Map<string, Row>;
  readonly #used = new Map<string, Row>();
  #isChanged = false;

  private constructor(rows: Map<string, Row>) {
    this.#rows = rows;
  }

  /** An empty cache, which remembers for as long as it lives. */
  static empty(): DigestCache {
    return new DigestCache(new Map());
  }

  /** The cache in a file; an empty one where there is none, or one that another version wrote: nothing is lost with it. */
  static async load(files: Pick<Files, "read">, path: string): Promise<DigestCache> {
    const bytes = await files.read(path);
    if (bytes === undefined) return DigestCache.empty();
    try {
      const file = JSON.parse(new TextDecoder().decode(bytes));
      // No schema: it would take longer over ten thousand rows than all else together.
      if (file.version !== version || !Object.values(file.rows).every(isRow)) return DigestCache.empty();
      return new DigestCache(new Map(Object.entries<Row>(file.rows)));
    } catch {
      return DigestCache.empty(); // it will be written anew: a cache that cannot be read costs time, and nothing else
    }
  }

  /** Whether a file was read since the cache was loaded or saved. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** The digest of a file that is as it was when it was read. */
  get(path: string, facts: FileFacts): string | undefined {
    const row = this.#used.get(path) ?? this.#rows.get(path);
    if (row === undefined) return undefined;
    const [size, modifiedMs, changedMs, inode, digest] = row;
    const isSame = size === facts.size && modifiedMs === facts.modifiedMs && changedMs === facts.changedMs &&
      inode === facts.inode;
    if (!isSame) return undefined;
    this.#used.set(path, row);
    return digest;
  }

  /** Remembers the digest of a file that was like this before it was read and after, unless it has changed just now. */
  set(path: string, facts: FileFacts, digest: string, nowMs: number): void {
    this.#isChanged = true;
    this.#used.delete(path);
    this.#rows.delete(path);
    if (facts.modifiedMs === 0 || Math.max(facts.modifiedMs, facts.changedMs) > nowMs - settledMs) return;
    this.#used.set(path, [facts.size, facts.modifiedMs, facts.changedMs, facts.inode, digest]);
  }

  /** Writes the cache to its file, with what was asked for since it was loaded; nothing where nothing is new. */
  async save(files: Pick<Files, "write">, path: string): Promise<void> {
    if (!this.#isChanged && this.#used.size === this.#rows.size) return;
    const rows = Object.fromEntries(this.#used);
    await files.write(path, JSON.stringify({ version, rows }), { mode: 0o600 });
    this.#isChanged = false;
  }
}

function isRow(value: unknown): value is Row {
  return Array.isArray(value) && value.length === 5 && typeof value[4] === "string" && typeof value[0] === "number" &&
    typeof value[1] === "number" && typeof value[2] === "number" && typeof value[3] === "number";
}
