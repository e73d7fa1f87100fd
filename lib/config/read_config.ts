/**
 * Reads a configuration file from disk.
 *
 * @module
 */
import type { z } from "../deps/zod.ts";
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { parseConfig, type ParseConfigOptions } from "./read_toml.ts";
import { visible } from "../io/visible.ts";

/**
 * Reads and validates a TOML file; `undefined` where there is none.
 *
 * @throws {MusterError} of code `config` as {@linkcode parseConfig}, and for a file that is not UTF-8.
 *
 * @example A file that is not there
 * ```ts
 * import { readConfig } from "./read_config.ts";
 * import { z } from "../deps/zod.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const io = { files: { read: () => Promise.resolve(undefined) } };
 * assertEquals(await readConfig(io, { file: "/etc/x.toml", schema: z.strictObject({}) }), undefined);
 * ```
 */
export async function readConfig<Schema extends z.ZodType>(
  io: { readonly files: Pick<Io["files"], "read"> },
  options: ParseConfigOptions<Schema>,
): Promise<z.output<Schema> | undefined> {
  const bytes = await io.files.read(options.file);
  return bytes === undefined ? undefined : parseConfigBytes(bytes, options);
}

/** Validates the bytes of a TOML file, as {@linkcode readConfig} does. */
export function parseConfigBytes<Schema extends z.ZodType>(
  bytes: Uint8Array,
  options: ParseConfigOptions<Schema>,
): z.output<Schema> {
  return parseConfig(decode(bytes, options.file), options);
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    // Line ends are the same bytes in UTF-8 wherever they stand, so the first bad line can be told by itself.
    const line = lines(bytes).findIndex((part) => !isUtf8(part)) + 1;
    throw new MusterError("config", `broken TOML: ${visible(file)}:${line}:1: not UTF-8`, { cause });
  }
}

function lines(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let start = 0; start <= bytes.length;) {
    const end = bytes.indexOf(0x0a, start);
    found.push(bytes.subarray(start, end === -1 ? bytes.length : end));
    start = end === -1 ? bytes.length + 1 : end + 1;
  }
  return found;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
