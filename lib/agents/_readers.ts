import type { AgentProcess } from "./process.ts";

/** A process that was seen to read its terminal, and the group in which it did. */
export interface Reader {
  readonly process: AgentProcess;
  readonly group: string;
  readonly terminal: string;
}

/**
 * Those that still read their terminal when the last of them was looked at, by processes in the order in which they were
 * looked at. One group reads a terminal at a time: a shell that was looked at first and has put an agent in the foreground
 * since is not the reader any more.
 */
export function readersNow(seen: readonly Reader[]): AgentProcess[] {
  const groups = new Map(seen.map(({ terminal, group }) => [terminal, group]));
  return seen.filter(({ terminal, group }) => groups.get(terminal) === group).map(({ process }) => process);
}
