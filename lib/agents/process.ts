/**
 * The processes of a pane, as the pane's own host knows them: what program stands where, with which arguments, in which
 * directory, and the few variables of its own environment that say where it keeps its files. One call of sh for any
 * number of panes.
 *
 * @module
 */

import { type Host, MusterError } from "../io/mod.ts";
import { readByFiles } from "./_processes_by_files.ts";
import { lookTogether } from "./_shared_looks.ts";

/** The variables that are read of a process, by name. Nothing else of its environment leaves its host. */
export const readVariables = [
  "HOME",
  "CLAUDE_CONFIG_DIR",
  "CODEX_HOME",
  "OPENCODE_CONFIG_DIR",
  "OPENCODE_DB",
  "PI_CODING_AGENT_DIR",
  "PI_CODING_AGENT_SESSION_DIR",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_STATE_HOME",
] as const;

/** Whether a variable is one of {@linkcode readVariables}. */
export function isReadVariable(name: string): boolean {
  return (readVariables as readonly string[]).includes(name);
}

/** A process that reads a pane's terminal. */
export interface AgentProcess {
  /** Its number. */
  readonly pid: number;
  /** When it began, in the kernel's own ticks: with {@linkcode pid} it names one process for good. */
  readonly startTicks: number;
  /** The number of the process that started it, where that is known. */
  readonly parent?: number;
  /** Its words; a program that gives itself a title has that alone. */
  readonly argv: readonly string[];
  /** Its working directory; empty where that cannot be read. */
  readonly cwd: string;
  /** Those of {@linkcode readVariables} that it was started with. */
  readonly env: Readonly<Partial<Record<typeof readVariables[number], string>>>;
  /** The paths of the files that it has open; left out where nobody asked. */
  readonly files?: readonly string[];
}

/** Where processes are looked for: the number of a process whose descendants are meant, or the name of a program. */
export type ProcessRoot = string;

/** What was found, by root; a root that is not in it could not be looked for. */
export type FoundProcesses = ReadonlyMap<ProcessRoot, readonly AgentProcess[]>;

/** Options of {@linkcode readProcesses}. */
export interface ReadProcessesOptions {
  /** Looks which files each has open. @default {true} */
  readonly withFiles?: boolean;
}

/**
 * The processes that read the terminals of panes, by the number of each pane's process, the nearest to it first. One that
 * has ended has none.
 *
 * @throws {MusterError} where the host has no /proc to ask.
 */
export async function readProcesses(
  host: Host,
  panePids: readonly number[],
  signal?: AbortSignal,
  { withFiles = true }: ReadProcessesOptions = {},
): Promise<Map<number, readonly AgentProcess[]>> {
  const found = await look(host, panePids.map(String), withFiles, signal);
  return new Map(panePids.map((pid) => [pid, found.get(String(pid)) ?? []]));
}

/**
 * All processes of a host that go by a name, as far as they can be looked into: the first 15 bytes of a program's file, or
 * what it named itself.
 *
 * @throws {MusterError} where the host has no /proc to ask.
 */
export async function findProcesses(host: Host, name: string, signal?: AbortSignal): Promise<readonly AgentProcess[]> {
  return (await look(host, [name], false, signal)).get(name) ?? [];
}

async function look(
  host: Host,
  roots: readonly ProcessRoot[],
  withFiles: boolean,
  signal?: AbortSignal,
): Promise<FoundProcesses> {
  if (roots.length === 0) return new Map();
  const found = host.files
    ? await readByFiles(host.files, roots, withFiles)
    : await lookTogether(host, roots, withFiles, signal);
  if (roots.every((root) => found.has(root))) return found;
  throw new MusterError("failed", "cannot read processes: the host has no /proc");
}
