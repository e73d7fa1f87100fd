/**
 * What stands for files in a fingerprint.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { Clock, FileFacts, Files } from "../io/io.ts";
import { visible } from "../io/visible.ts";
import { digestText, frame } from "./digest.ts";
import { DigestCache } from "./digest_cache.ts";
import type { Inputs } from "./fingerprint.ts";

/** Options of {@linkcode fileInputs}. */
export interface FileInputsOptions {
  /** What is remembered of earlier readings. @default {DigestCache.empty()} */
  readonly cache?: DigestCache;
  /** Reads every file, whatever is remembered. @default {false} */
  readonly strict?: boolean;
  /** Stops the reading. */
  readonly signal?: AbortSignal;
}

/** So often a file that changes while it is read is read again. */
const mostReadings = 5;

/**
 * What stands for each path: `missing`, `file:<mode>:<sha256>`, `directory:<mode>`, `link:<sha256 of where it points>`
 * with, for a link, what stands for the file that it leads to, or `other:<mode>` for a pipe, a socket or a device.
 *
 * @param paths Absolute paths by the names of their inputs.
 * @throws {MusterError} of code `failed` for a file that cannot be read, or that does not stay the same for one reading.
 */
export async function fileInputs(
  io: { readonly files: Pick<Files, "facts" | "factsOf" | "readLink" | "digestsOf">; readonly clock: Clock },
  paths: Readonly<Record<string, string>>,
  options: FileInputsOptions = {},
): Promise<Inputs> {
  const { strict = false, cache = DigestCache.empty(), signal } = options;
  const names = Object.keys(paths);
  const inputs: Record<string, string> = {};
  let pending = names;
  for (let reading = 0; pending.length > 0; reading++) {
    if (reading === mostReadings) {
      throw new MusterError("failed", `changes while it is read: ${visible(paths[pending[0] ?? ""] ?? "")}`);
    }
    const facts = await io.files.factsOf(pending.map((name) => paths[name] ?? ""));
    const toRead: { name: string; path: string; facts: FileFacts }[] = [];
    for (const [at, name] of pending.entries()) {
      const path = paths[name] ?? "";
      const one = facts[at];
      if (one?.isFile) {
        const known = strict ? undefined : cache.get(path, one);
        if (known !== undefined) inputs[name] = fileInput(one, known);
        else toRead.push({ name, path, facts: one });
      } else inputs[name] = one?.isSymlink ? await linkInput(io, path, options) : plainInput(one);
    }
    pending = [];
    const readAt = io.clock.now();
    const sizes = toRead.map(({ facts: { size } }) => size);
    const digests = await io.files.digestsOf(toRead.map(({ path }) => path), signal, sizes);
    const after = await io.files.factsOf(toRead.map(({ path }) => path));
    for (const [at, { name, path, facts: before }] of toRead.entries()) {
      const digest = digests[at];
      if (digest === undefined || !isSame(before, after[at])) {
        pending.push(name);
        continue;
      }
      cache.set(path, before, digest, readAt);
      inputs[name] = fileInput(before, digest);
    }
  }
  return inputs;
}

function fileInput({ mode }: FileFacts, digest: string): string {
  return `file:${octal(mode)}:${digest}`;
}

function plainInput(facts: FileFacts | undefined): string {
  if (facts === undefined) return "missing";
  return `${facts.isDirectory ? "directory" : "other"}:${octal(facts.mode)}`;
}

/** A link is where it points, and what is read through it. */
async function linkInput(
  io: Parameters<typeof fileInputs>[0],
  path: string,
  { signal }: FileInputsOptions,
): Promise<string> {
  const target = await io.files.readLink(path);
  const facts = await targetFacts(io, path);
  const [digest] = facts?.isFile ? await io.files.digestsOf([path], signal) : [];
  const content = facts === undefined || !facts.isFile ? plainInput(facts) : fileInput(facts, digest ?? "");
  return `link:${await digestText(frame([target ?? "", content]))}`;
}

/** What a link leads to; one that leads in a circle leads nowhere. */
async function targetFacts(io: Parameters<typeof fileInputs>[0], path: string): Promise<FileFacts | undefined> {
  try {
    return await io.files.facts(path);
  } catch (error) {
    if (error instanceof MusterError && /symbolic links/.test(error.message)) return undefined;
    throw error;
  }
}

function isSame(before: FileFacts, after: FileFacts | undefined): boolean {
  return after !== undefined && before.size === after.size && before.modifiedMs === after.modifiedMs &&
    before.changedMs === after.changedMs && before.inode === after.inode && before.mode === after.mode;
}

function octal(mode: number | null): string {
  return mode === null ? "-" : mode.toString(8).padStart(4, "0");
}
