/**
 * What was found out once and is asked again where it is lost: a small table in one file.
 *
 * @module
 */
import { z } from "../deps/zod.ts";
import { MusterError } from "../io/error.ts";
import type { Files } from "../io/io.ts";

/** The file's lock is held for one look and one writing. */
const lockMs = 30_000;

/**
 * Rows by their keys, in a file that each writer replaces whole under its lock: what two processes keep at one time is
 * kept both. It holds nothing that cannot be found out anew, so a file that is broken or of another version is an empty one.
 *
 * @example
 * ```ts
 * import { KeptRows } from "./kept_rows.ts";
 * import { fakeIo } from "../io/fake.ts";
 * import { z } from "../deps/zod.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const { files } = fakeIo({ files: { "/state/hosts.json": '{"rows":{"a":1}}' } });
 * const kept = new KeptRows(files, "/state/hosts.json", z.int(), "rows");
 * assertEquals(await kept.read(), { a: 1 });
 * ```
 */
export class KeptRows<Row extends z.ZodType> {
  readonly #files: Pick<Files, "read" | "write" | "lock">;
  readonly #path: string;
  readonly #schema: z.ZodType<Record<string, Record<string, z.output<Row>>>>;
  readonly #name: string;

  /**
   * The rows in a file, which need not be there.
   *
   * @param name What the file calls its rows.
   */
  constructor(files: Pick<Files, "read" | "write" | "lock">, path: string, row: Row, name: string) {
    this.#files = files;
    this.#path = path;
    this.#schema = z.strictObject({ [name]: z.record(z.string(), row) });
    this.#name = name;
  }

  /** All rows; `undefined` without leave to read them. */
  async read(): Promise<Readonly<Record<string, z.output<Row>>> | undefined> {
    try {
      const bytes = await this.#files.read(this.#path);
      if (bytes === undefined) return {};
      return this.#schema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data?.[this.#name] ?? {};
    } catch (error) {
      if (error instanceof SyntaxError) return {};
      if (error instanceof MusterError && error.code === "permission") return undefined;
      throw error;
    }
  }

  /** Keeps one more row, beside what others have kept meanwhile; whether that could be done, for which it reads as well. */
  async keep(key: string, row: z.output<Row>, signal?: AbortSignal): Promise<boolean> {
    try {
      await using _lock = await this.#files.lock(`${this.#path}.lock`, { timeoutMs: lockMs, signal });
      const known = await this.read();
      if (known === undefined) return false; // what others have kept would be lost
      const rows = { ...known, [key]: row };
      await this.#files.write(this.#path, `${JSON.stringify({ [this.#name]: rows }, null, 2)}\n`, { mode: 0o600 });
      return true;
    } catch (error) {
      if (!(error instanceof MusterError)) throw error;
      return false;
    }
  }
}
