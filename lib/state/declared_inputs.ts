/**
 * What stands for the inputs that a step declares: globs and directories expanded, files read. Of many files one look by
 * `find`, which is the same as the time before, stands for all the reading.
 *
 * @module
 */
import type { Io } from "../io/io.ts";
import { digestText, frame } from "./digest.ts";
import type { DigestCache } from "./digest_cache.ts";
import { expandInputs, inputRoots } from "./expand_inputs.ts";
import { fileInputs } from "./file_inputs.ts";
import { type Fingerprint, fingerprint, type Inputs } from "./fingerprint.ts";

/** Options of {@linkcode declaredInputs}. */
export interface DeclaredInputsOptions {
  /** A directory of muster's state for what is remembered of many files. */
  readonly memory: string;
  /** What is remembered of single files' digests; asked for when files have to be read. */
  readonly cache: () => Promise<DigestCache>;
  /** Reads every file, whatever is remembered. @default {false} */
  readonly strict?: boolean;
  /** Stops the reading. */
  readonly signal?: AbortSignal;
}

/** So many files are looked at by `find`; of fewer, muster's own look is over before it would have started. */
const manyFiles = 500;

/** See `digest_cache.ts`: what changed less than this before a look may change again without a trace. */
const settledMs = 2_000;

const version = 1;

interface Memory {
  readonly version: typeof version;
  readonly survey: string;
  readonly digest: string;
  readonly inputs: Inputs;
}

/** The fingerprint of the inputs that somebody declares, relative to a directory. */
export async function declaredInputs(
  io: Pick<Io, "files" | "clock" | "process" | "permissions">,
  root: string,
  declared: readonly string[],
  options: DeclaredInputsOptions,
): Promise<Fingerprint> {
  const { strict = false, memory, signal } = options;
  const path = `${memory}/${(await digestText(frame([root, ...declared]))).slice(0, 16)}.json`;
  const bytes = await io.files.read(path);
  const lookedAt = io.clock.now();
  // What is remembered is read while the look is taken.
  const looking = bytes && surveyTrees(io, root, declared, signal);
  const known = bytes && !strict ? parseMemory(bytes) : undefined;
  const survey = await looking;
  if (survey !== undefined && known?.survey === await digestText(survey)) {
    return { digest: known.digest, inputs: known.inputs };
  }
  const paths = await expandInputs(io.files, root, declared);
  const found = await fingerprint(await fileInputs(io, paths, { cache: await options.cache(), strict, signal }));
  if (Object.keys(paths).length >= manyFiles && io.permissions.isGranted({ name: "write", path })) {
    await remember(io, path, survey, lookedAt, found);
  }
  return found;
}

/** Remembers what one look stands for, unless anything may have changed since without a trace. */
async function remember(
  io: Pick<Io, "files">,
  path: string,
  survey: string | undefined,
  lookedAt: number,
  { digest, inputs }: Fingerprint,
): Promise<void> {
  // What a link leads to is not in the look.
  const isWhole = survey !== undefined && isSettled(survey, lookedAt) &&
    !Object.values(inputs).some((input) => input.startsWith("link:"));
  const known: Memory = isWhole
    ? { version, survey: await digestText(survey), digest, inputs }
    : { version, survey: "", digest: "", inputs: {} };
  await io.files.write(path, JSON.stringify(known), { mode: 0o600 });
}

function parseMemory(bytes: Uint8Array): Memory | undefined {
  try {
    const known: Memory = JSON.parse(new TextDecoder().decode(bytes));
    return known.version === version ? known : undefined;
  } catch {
    return undefined; // it costs time, and is written anew
  }
}

/** Prints of everything below the paths given: its path, kind, mode, size, times and inode. */
const surveyScript = String.raw`LC_ALL=C exec find "$@" -name .git -prune -o -printf '%p\0%y %m %s %T@ %C@ %i\0'`;

/** One look at all that is declared, as a text; `undefined` where this `find` cannot print it. */
async function surveyTrees(
  io: Pick<Io, "process">,
  root: string,
  declared: readonly string[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const roots = inputRoots(root, declared);
  const { code, stdout, stderr } = await io.process.run("sh", ["-c", surveyScript, "sh", ...roots], { signal });
  // What is missing is said on standard error, and is part of the look.
  return stdout === "" ? undefined : `${stdout}${code} ${stderr}`;
}

/** Whether all that was seen changed well before. */
function isSettled(survey: string, lookedAt: number): boolean {
  const latest = (lookedAt - settledMs) / 1000;
  return survey.split("\0").every((field, at) => {
    if (at % 2 === 0) return true; // a path, or the end
    const [, , , modified, changed] = field.split(" ");
    return Number(modified) < latest && Number(changed) < latest;
  });
}
