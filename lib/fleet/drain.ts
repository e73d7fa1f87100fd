import { runtimeOf, screenOf } from "../agents/mod.ts";
import { type Io, localHost, MusterError, pollUntil } from "../io/mod.ts";
import { TmuxServer, viewPanes } from "../tmux/mod.ts";
import { wantedPane } from "./find_agent.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";

/** Options of {@linkcode drainAgents}. */
export interface DrainOptions {
  /** How long to wait, in milliseconds. */
  readonly timeoutMs: number;
  /** Told, once, whom the wait is for. */
  readonly say?: (line: string) => void;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
}

/**
 * Waits until none of the agents is busy, by their screens; one whose screen tells nothing is not waited for.
 *
 * @returns The agents that were still busy when time ran out.
 */
export async function drainAgents(
  io: Io,
  roster: Roster,
  agents: readonly ResolvedAgent[],
  { timeoutMs, say, signal }: DrainOptions,
): Promise<readonly ResolvedAgent[]> {
  const server = new TmuxServer(localHost(io), roster.tmux.socketName);
  const readable = agents.filter(({ kind }) => runtimeOf(kind).readsScreen);
  let busy: readonly ResolvedAgent[] = [];
  let isTold = false;
  const look = async () => {
    const { views } = await viewPanes(server, readable.map(wantedPane), signal);
    busy = readable.filter(({ name, kind }) => {
      const view = views.get(name);
      return view && !view.pane.isDead && runtimeOf(kind).read(screenOf(view)).state === "busy";
    });
    if (busy.length > 0 && !isTold) say?.(`waiting for ${busy.map(({ name }) => name).join(", ")} to finish`);
    isTold = true;
    return busy.length === 0 || undefined;
  };
  if (readable.length === 0) return [];
  try {
    await pollUntil(io.clock, look, { what: "agents to finish", timeoutMs, longestPauseMs: 250, signal });
  } catch (error) {
    if (!(error instanceof MusterError && error.code === "timeout")) throw error;
  }
  return busy;
}
