/**
 * A lease: a claim on something, in a file, whose owner can be proved alive or dead. It is taken over, with a note, when its
 * owner is dead; one whose owner cannot be looked at is held until a person says otherwise.
 *
 * @module
 */
import { z } from "../deps/zod.ts";
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { pollUntil } from "../io/poll.ts";
import { visible } from "../io/visible.ts";
import { type Life, type Owner, ownProcess, proveOwner, sightProcesses } from "./owner.ts";

const version = 1;
const fileSchema = z.object({
  version: z.literal(version),
  nonce: z.string(),
  what: z.string(),
  since: z.string(),
  owner: z.object({
    host: z.string(),
    boot: z.string(),
    namespace: z.string(),
    user: z.int(),
    pid: z.int(),
    start: z.string(),
  }),
});

/** Who has a lease. */
export interface LeaseHolder {
  /** The process. */
  readonly owner: Owner;
  /** What it has the lease for. */
  readonly what: string;
  /** Since when, RFC 3339. */
  readonly since: string;
  /** Whether it lives. */
  readonly life: Life;
}

/** A lease that this process has, until it is disposed of. */
export interface Lease extends AsyncDisposable {
  /** The lease's file. */
  readonly path: string;
  /** This process. */
  readonly owner: Owner;
  /** The dead owner that it was taken over from. */
  readonly tookOverFrom?: LeaseHolder;
}

/** Options of {@linkcode acquireLease}. */
export interface AcquireLeaseOptions {
  /** What the lease is for, as others are told: `provisioning devbox`. */
  readonly what: string;
  /** How long to wait for others, in milliseconds; 0 says at once who has it. */
  readonly timeoutMs: number;
  /** Told once of each holder that is waited for. */
  readonly onWait?: (holder: LeaseHolder) => void;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
}

type LeaseFile = z.output<typeof fileSchema>;

/** The system's own lock is held for one look and one writing. */
const guardMs = 30_000;

/**
 * Takes the lease in a file, when it is free or its owner is dead.
 *
 * Two processes that find the same dead owner are kept apart by the system's lock on `<path>.lock`, held for the look and
 * the writing only, which the system lets go when its process dies.
 *
 * @throws {MusterError} of code `held`, which names the holder, when time ran out.
 */
export async function acquireLease(io: Io, path: string, options: AcquireLeaseOptions): Promise<Lease> {
  const { what, timeoutMs, signal } = options;
  const owner = await ownProcess(io, signal);
  const nonce = crypto.randomUUID();
  let waitedFor: LeaseHolder | undefined;
  const take = async (): Promise<Lease | undefined> => {
    await using _guard = await io.files.lock(`${path}.lock`, { timeoutMs: guardMs, signal });
    const holder = await readLease(io, path, signal);
    if (holder !== undefined && holder.life !== "dead") {
      if (!isSameHolder(waitedFor, holder)) options.onWait?.(holder);
      waitedFor = holder;
      return undefined;
    }
    const since = new Date(io.clock.now()).toISOString();
    const file: LeaseFile = { version, nonce, what, since, owner };
    await io.files.write(path, `${JSON.stringify(file)}\n`, { mode: 0o600 });
    return {
      path,
      owner,
      ...(holder ? { tookOverFrom: holder } : {}),
      [Symbol.asyncDispose]: () => release(io, path, nonce),
    };
  };
  try {
    return await pollUntil(io.clock, take, { what: `the lease on ${what}`, timeoutMs, longestPauseMs: 100, signal });
  } catch (error) {
    if (waitedFor === undefined || !(error instanceof MusterError) || error.code !== "timeout") throw error;
    throw heldError(path, waitedFor, error);
  }
}

/**
 * Who has the lease in a file, and whether that process lives; `undefined` where nobody has it.
 *
 * @throws {MusterError} of code `failed` for a file that this muster cannot read: it is no proof that the lease is free.
 */
export async function readLease(
  io: Pick<Io, "process" | "files">,
  path: string,
  signal?: AbortSignal,
): Promise<LeaseHolder | undefined> {
  const file = await readFile(io, path);
  if (file === undefined) return undefined;
  const { owner, what, since } = file;
  return { owner, what, since, life: proveOwner(owner, await sightProcesses(io, [owner.pid], signal)) };
}

/** The holder of a lease in a few words: `process 4711 (provisioning devbox, since 2026-01-01T00:00:00Z)`. */
export function describeHolder({ owner, what, since, life }: LeaseHolder): string {
  const [, name = ""] = owner.host.split(" ");
  const elsewhere = life === "unknown" ? ` on ${name || "another machine"}` : "";
  return visible(`process ${owner.pid}${elsewhere} (${what}, since ${since})`);
}

async function readFile(io: Pick<Io, "files">, path: string): Promise<LeaseFile | undefined> {
  const bytes = await io.files.read(path);
  if (bytes === undefined) return undefined;
  try {
    return fileSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new MusterError("failed", `cannot read the lease: ${visible(path)}`, {
      hint: "another version of muster may have written it: remove it when nothing of muster's runs",
      cause,
    });
  }
}

async function release(io: Io, path: string, nonce: string): Promise<void> {
  await using _guard = await io.files.lock(`${path}.lock`, { timeoutMs: guardMs });
  if ((await readFile(io, path))?.nonce === nonce) await io.files.remove(path);
}

function isSameHolder(one: LeaseHolder | undefined, other: LeaseHolder): boolean {
  return one?.owner.pid === other.owner.pid && one.owner.start === other.owner.start && one.since === other.since;
}

function heldError(path: string, holder: LeaseHolder, cause: Error): MusterError {
  const hint = holder.life === "unknown"
    ? `it cannot be looked at from here: when it is over, remove ${path}`
    : "wait for it to end, or give more time with --timeout";
  return new MusterError("held", `held by another: ${describeHolder(holder)}`, { hint, cause });
}
