/**
 * Tokens, from a variable or a program, and never shown.
 *
 * @module
 */

import type { TokenSource } from "../config/read_forges.ts";
import { type Io, MusterError } from "../io/mod.ts";

/** Options of {@linkcode readToken}. */
export interface ReadTokenOptions {
  /** How long the program may take, in milliseconds. @default {30_000} */
  readonly timeoutMs?: number;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/**
 * The token of a source; `undefined` where it has none.
 *
 * @param where Whose token it is, such as `git.example.org`, for errors.
 *
 * @throws {MusterError} of code `config` for a variable that is not set and a token that cannot be one, of code `failed` or
 * `timeout` for a program that prints none. Nothing of a token is part of an error.
 *
 * @example
 * ```ts
 * import { readToken } from "./read_token.ts";
 * import { fakeIo } from "../io/fake.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const io = fakeIo({ env: { FORGE_TOKEN: "s3cret" } });
 * assertEquals(await readToken(io, { tokenEnv: "FORGE_TOKEN" }, "git.example.org"), "s3cret");
 * ```
 */
export async function readToken(
  io: Pick<Io, "process" | "env">,
  { tokenEnv, tokenCommand }: TokenSource,
  where: string,
  options: ReadTokenOptions = {},
): Promise<string | undefined> {
  if (tokenEnv !== undefined) {
    const token = io.env.get(tokenEnv)?.trim();
    if (token) return checkToken(token, `variable ${tokenEnv}`);
    throw new MusterError("config", `no token for ${where}: ${tokenEnv} is not set`, {
      hint: `set ${tokenEnv}, or name another token_env or a token_command in forges.toml`,
    });
  }
  return tokenCommand === undefined ? undefined : await runTokenCommand(io, tokenCommand, where, options);
}

async function runTokenCommand(
  io: Pick<Io, "process">,
  [program = "", ...args]: readonly string[],
  where: string,
  { timeoutMs = 30_000, signal }: ReadTokenOptions,
): Promise<string> {
  const late = AbortSignal.timeout(timeoutMs);
  const over = signal ? AbortSignal.any([signal, late]) : late;
  try {
    // sh is a program that muster may run already, and finds the command on the person's PATH.
    const { code, stdout } = await io.process.run("sh", ["-c", 'exec "$0" "$@"', program, ...args], { signal: over });
    if (code !== 0) {
      throw new MusterError("failed", `no token for ${where}: token_command failed with status ${code}: ${program}`, {
        command: program,
      });
    }
    const token = stdout.trim();
    if (token !== "") return checkToken(token, `token_command ${program}`);
    throw new MusterError("failed", `no token for ${where}: token_command printed nothing: ${program}`, {
      command: program,
    });
  } catch (error) {
    if (!late.aborted || error !== late.reason) throw error;
    throw new MusterError("timeout", `token_command did not end within ${timeoutMs} ms: ${program}`, {
      hint: "run it by hand: it may be waiting for a password",
      command: program,
    });
  }
}

/** A token that can stand in a header: visible ASCII on one line. */
export function checkToken(token: string, whose: string): string {
  if (/^[\x21-\x7e]{1,4096}$/.test(token)) return token;
  throw new MusterError("config", `not a token: ${whose}: expected one word of ASCII`);
}
