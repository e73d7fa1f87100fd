import { parseEnv } from "node:util";
import { type Io, MusterError } from "../io/mod.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";

/**
 * All variables of an agent's program: those of the roster, then those of its secrets' file or command. Values are never
 * part of an error.
 *
 * @throws {MusterError} where the file is missing or open to others, or the command fails.
 */
export async function agentEnvironment(
  io: Io,
  agent: ResolvedAgent,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const fromFile = agent.envFile === undefined ? {} : await readSecretsFile(io, agent.envFile);
  const fromCommand = agent.envCommand === undefined ? {} : await runSecretsCommand(io, agent.envCommand, signal);
  return { ...agent.env, ...fromFile, ...fromCommand };
}

/**
 * The variables of a secrets' file: NAME=value lines, mode 0600.
 *
 * @throws {MusterError} of code `config`.
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
  return checkNames(new TextDecoder().decode(bytes), `env_file ${path}`);
}

async function runSecretsCommand(io: Io, [program = "", ...args]: readonly string[], signal?: AbortSignal) {
  // sh is a program that muster may run already, and finds the command on the person's PATH.
  const { code, stdout } = await io.process.run("sh", ["-c", 'exec "$0" "$@"', program, ...args], { signal });
  if (code !== 0) {
    throw new MusterError("failed", `env_command failed with status ${code}: ${program}`, { command: program });
  }
  return checkNames(stdout, `env_command ${program}`);
}

function checkNames(text: string, where: string): Record<string, string> {
  const variables = parseEnv(text) as Record<string, string>;
  const bad = text.split("\n").findIndex((line) => !/^\s*(#.*)?$|^\s*(export\s+)?[A-Za-z_]\w*\s*=|^[^=]*$/.test(line));
  if (bad >= 0) throw new MusterError("config", `not NAME=value: line ${bad + 1} of ${where}`);
  return variables;
}
