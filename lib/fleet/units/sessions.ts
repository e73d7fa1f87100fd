/**
 * What is known of an agent's session while its program lives, so that it can be taken up again after its end: when the
 * agent last began anew and why, and what its program told since.
 *
 * @module
 */

import type { ToldSession } from "../../agents/mod.ts";
import { type Io, localHost, MusterError, visible } from "../../io/mod.ts";
import { unitPlace } from "./place.ts";

/** When an agent last began anew. */
export interface FreshStart {
  /** When, in milliseconds. */
  readonly atMs: number;
  /** Why it did not go on where it was cut off; empty where nothing was to be gone on with. */
  readonly reason: string;
}

/** The file in which an agent's program tells its sessions. */
export function sessionFile(env: Io["env"], name: string): string {
  return `${directoryOf(env, name)}/session`;
}

/** Notes that an agent begins anew: what its program told before counts no more. */
export async function noteFreshStart(
  io: Io,
  name: string,
  { atMs, reason }: FreshStart,
): Promise<void> {
  await note(io, name, 'rm -f "$1/resumed" && put fresh "$2 $3"', String(Math.floor(atMs)), visible(reason));
}

/** Notes that an agent is about to be started in a session that it had. */
export async function noteResume(io: Io, name: string, session: string): Promise<void> {
  await note(io, name, 'put resumed "$2"', session);
}

/** Notes that an agent has gone on in the session in which it was started. */
export async function noteResumed(io: Io, name: string): Promise<void> {
  await note(io, name, 'rm -f "$1/resumed"');
}

/** The session in which an agent was last started and was not seen to go on; `undefined` where there is none. */
export async function readUnresumed(io: Pick<Io, "env" | "files">, name: string): Promise<string | undefined> {
  const bytes = await io.files.read(`${directoryOf(io.env, name)}/resumed`);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes).replace(/\n$/, "");
}

/**
 * Writes into an agent's directory: by sh, so that muster need not be given leave to write beside its units' own scripts. An
 * agent without a unit has no such directory, and nobody who would ask.
 */
async function note(io: Io, name: string, script: string, ...words: readonly string[]): Promise<void> {
  const put = 'put() { printf "%s\\n" "$2" >"$directory/$1.$$" && mv -f "$directory/$1.$$" "$directory/$1"; }';
  const whole = `directory=$1; [ -d "$1" ] || exit 0; umask 077; ${put}; ${script}`;
  const { code, stderr } = await localHost(io).run("sh", ["-c", whole, "sh", directoryOf(io.env, name), ...words]);
  if (code !== 0) throw new MusterError("failed", `cannot note the start of ${name}: ${visible(stderr.trim())}`);
}

/** When an agent last began anew; `undefined` where that is not known. */
export async function readFreshStart(io: Pick<Io, "env" | "files">, name: string): Promise<FreshStart | undefined> {
  const bytes = await io.files.read(`${directoryOf(io.env, name)}/fresh`);
  const [, at, reason = ""] = /^(\d+) (.*)\n$/.exec(new TextDecoder().decode(bytes)) ?? [];
  return at === undefined ? undefined : { atMs: Number(at), reason };
}

/** What an agent's program told since a moment, the latest last. */
export async function readToldSessions(
  io: Pick<Io, "env" | "files">,
  name: string,
  sinceMs: number,
): Promise<ToldSession[]> {
  const bytes = await io.files.read(sessionFile(io.env, name));
  return new TextDecoder().decode(bytes).split("\n").flatMap((line) => {
    const [, at, id = "", transcript = ""] = /^(\d+) ([0-9a-f-]+) (.*)$/.exec(line) ?? [];
    return at !== undefined && Number(at) >= sinceMs ? [{ id, transcript }] : [];
  });
}

/** Forgets what is known of an agent's sessions: without a unit nobody takes them up. */
export async function forgetSessions(io: Pick<Io, "env" | "files">, name: string): Promise<void> {
  const directory = directoryOf(io.env, name);
  for (const path of [sessionFile(io.env, name), `${directory}/fresh`, `${directory}/resumed`]) {
    await io.files.remove(path);
  }
}

function directoryOf(env: Io["env"], name: string): string {
  return `${unitPlace(env).fleet}/agents/${name}`;
}
