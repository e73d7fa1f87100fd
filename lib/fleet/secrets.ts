/**
 * The secrets of agents: read from a file or a command as NAME=value statements, and never shown. What is not plainly such
 * a statement is refused, as an agent that starts without its secret, or with half of it, is worse than one that does not.
 *
 * @module
 */

import { parseEnv } from "node:util";
import { type Host, type Io, localHost, MusterError } from "../io/mod.ts";
import { readHostSecrets } from "./host_secrets.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";

/** Options of {@linkcode agentEnvironment}. */
export interface SecretsOptions {
  /** How long an agent's `env_command` may take, in milliseconds. @default {30_000} */
  readonly timeoutMs?: number;
  /** The agent's host, where its file is and its command runs; this one by default. */
  readonly host?: Host;
}

/**
 * All variables of an agent's program: those of the roster, then those of its secrets' file or command. Values are never
 * part of an error.
 *
 * @throws {MusterError} where the file is missing or open to others, or the command fails or takes too long.
 */
export async function agentEnvironment(
  io: Io,
  agent: ResolvedAgent,
  signal?: AbortSignal,
  options: SecretsOptions = {},
): Promise<Readonly<Record<string, string>>> {
  const { envFile, envCommand } = agent;
  const host = options.host ?? localHost(io);
  const fromFile = envFile === undefined
    ? {}
    : host.destination === ""
    ? await readSecretsFile(io, envFile)
    : readVariables(await readHostSecrets(host, envFile, signal), `env_file ${envFile}`);
  const fromCommand = envCommand === undefined ? {} : await runSecretsCommand(host, envCommand, signal, options);
  return { ...agent.env, ...fromFile, ...fromCommand };
}

/**
 * The variables of a secrets' file, mode 0600. A line is blank, a `#` comment, or `NAME=value`, `export` before it or not.
 * A value in `"`, `'` or backquotes may span lines; in `"` a `\n` is a newline.
 *
 * @throws {MusterError} of code `config`, which names the file and the line and shows nothing of it.
 */
export async function readSecretsFile(io: Io, path: string): Promise<Record<string, string>> {
  const facts = await io.files.facts(path);
  if (!facts?.isFile) throw new MusterError("config", `no such env_file: ${path}`);
  if (facts.mode !== null && (facts.mode & 0o077) !== 0) {
    throw new MusterError("config", `env_file is open to others: ${path} (mode ${facts.mode.toString(8)})`, {
      hint: `chmod 600 ${path}`,
    });
  }
  const bytes = await io.files.read(path);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new MusterError("config", `not UTF-8: env_file ${path}`); // no cause: it may quote the bytes
  }
  return readVariables(text, `env_file ${path}`);
}

async function runSecretsCommand(
  host: Host,
  [program = "", ...args]: readonly string[],
  signal: AbortSignal | undefined,
  { timeoutMs = 30_000 }: SecretsOptions,
): Promise<Record<string, string>> {
  const late = AbortSignal.timeout(timeoutMs);
  const over = signal ? AbortSignal.any([signal, late]) : late;
  // sh is a program that muster may run already, and finds the command on the person's PATH.
  const words = ["-c", 'exec "$0" "$@"', program, ...args];
  try {
    // What the command leaves behind may hold its output open when it has itself been ended: the deadline holds anyway.
    const { code, stdout } = await Promise.race([host.run("sh", words, { signal: over }), abortion(over)]);
    if (code === 0) return readVariables(stdout, `env_command ${program}`);
    throw new MusterError("failed", `env_command failed with status ${code}: ${program}`, { command: program });
  } catch (error) {
    if (error !== late.reason || !late.aborted) throw error;
    throw new MusterError("timeout", `env_command did not end within ${timeoutMs} ms: ${program}`, {
      hint: "run it by hand: it may be waiting for a password or for the network",
      command: program,
    });
  }
}

/** Rejects when the signal aborts. */
function abortion(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function readVariables(text: string, where: string): Record<string, string> {
  return Object.fromEntries(
    readStatements(text, where).map(({ name, value, line }) => {
      // One by one: over a whole text, parseEnv takes the line after `NAME= ` for that value, and skips what it cannot read.
      const [read, ...more] = Object.entries(parseEnv(`${name}=${value}`));
      if (!read || more.length > 0 || read[0] !== name) throw unreadable("not NAME=value", line, where);
      return [name, read[1] ?? ""];
    }),
  );
}

/** One `NAME=value` of a text: the value with its quotes, or with the comment after it, and the line that it begins on. */
interface Statement {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/** Splits a text into its statements, and refuses all that a reader and `parseEnv` could take differently. */
function readStatements(text: string, where: string): Statement[] {
  const lines = text.split(/\r?\n/);
  const statements: Statement[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1;
    const first = lines[at] ?? "";
    if (/^[ \t]*(?:#|$)/.test(first)) continue;
    const [, name, rest = ""] = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(.*)$/s.exec(first) ?? [];
    if (name === undefined) throw unreadable("not NAME=value", line, where);
    const quote = /^["'`]/.exec(rest)?.[0];
    let value = rest;
    if (quote === undefined) {
      // parseEnv would end the value at a # that a shell takes as part of it.
      if (/(?:^|[^ \t])#/.test(rest.replace(/[ \t]#.*$/s, ""))) {
        throw unreadable("a # in a value without quotes", line, where, "put the value in single quotes");
      }
    } else {
      let close = value.indexOf(quote, 1);
      while (close < 0) {
        const next = lines[++at];
        if (next === undefined) throw unreadable("a quote that is not closed", line, where);
        const from = value.length;
        value += `\n${next}`;
        close = value.indexOf(quote, from);
      }
      if (quote === '"' && value[close - 1] === "\\") {
        throw unreadable(
          'a \\" in a value',
          line,
          where,
          "put the value in single quotes, in which nothing is escaped",
        );
      }
      if (!/^[ \t]*$|^[ \t]+#/.test(value.slice(close + 1))) {
        throw unreadable("text after the closing quote", at + 1, where);
      }
      value = value.slice(0, close + 1);
    }
    if (/[\0\r]/.test(value)) throw unreadable("a control character in a value", line, where);
    statements.push({ name, value, line });
  }
  return statements;
}

function unreadable(what: string, line: number, where: string, hint?: string): MusterError {
  return new MusterError("config", `${what}: line ${line} of ${where}`, { hint });
}
