import { type Host, type Io, MusterError } from "../io/mod.ts";
import { detectRuntime } from "./detect_runtime.ts";
import { type AgentProcess, readProcesses } from "./process.ts";
import type { AgentState, LiveState } from "./runtime.ts";

/** What a program says itself that it is doing. */
export interface OwnState {
  /** The state. */
  readonly state: AgentState;
  /** Since when, in milliseconds since 1970, where it says so. */
  readonly atMs?: number;
}

/**
 * What the programs in panes say themselves that they are doing, by the number of each pane's process: of those kinds
 * that say so in a file. One call of sh for all panes, and one for all files that muster may not read by itself.
 *
 * @returns None for a pane whose program is of no such kind, has no such file, or says nothing that is known.
 * @throws {MusterError} where the host cannot be asked.
 */
export async function readLiveStates(
  host: Host,
  io: Io,
  panePids: readonly number[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<number, OwnState>> {
  const found = panePids.length === 0 ? new Map() : await readProcesses(host, panePids, signal);
  const asked = panePids.flatMap((pid): Asked[] => {
    const detected = detectRuntime(found.get(pid) ?? []);
    if (detected.what !== "agent" || !detected.runtime.liveState) return [];
    const { process, runtime: { liveState } } = detected;
    const path = liveState.path(process);
    return path === undefined ? [] : [{ pid, process, liveState, path }];
  });
  const texts = await readFiles(host, io, asked.map(({ path }) => path), signal);
  return new Map(asked.flatMap(({ pid, process, liveState }, at): [number, OwnState][] => {
    const state = readState(liveState, texts[at] ?? "", process);
    return state ? [[pid, state]] : [];
  }));
}

interface Asked {
  readonly pid: number;
  readonly process: AgentProcess;
  readonly liveState: LiveState;
  readonly path: string;
}

/** A file that is being written is half of one, and says nothing. */
function readState(liveState: LiveState, text: string, process: AgentProcess): OwnState | undefined {
  try {
    return liveState.read(text, process);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function readFiles(host: Host, io: Io, paths: readonly string[], signal?: AbortSignal): Promise<string[]> {
  if (paths.length === 0) return [];
  const mayRead = (path: string) => host.destination === "" && io.permissions.isGranted({ name: "read", path });
  if (paths.every(mayRead)) {
    return await Promise.all(paths.map(async (path) => new TextDecoder().decode(await io.files.read(path))));
  }
  const nonce = `m${crypto.randomUUID()}`;
  const script = 'n=$1; shift; for f; do if [ -f "$f" ]; then head -c 65536 "$f"; fi; printf %s "$n"; done';
  const { code, stdout, stderr } = await host.run("sh", ["-c", script, "sh", nonce, ...paths], { signal });
  if (code !== 0) throw new MusterError("failed", `cannot read what agents are doing: ${stderr.trim()}`);
  return stdout.split(nonce);
}
