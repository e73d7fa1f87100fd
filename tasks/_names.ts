/** The names that completion offers, read only where the permissions are there already. @module */

import { readRoster } from "../lib/fleet/mod.ts";
import { type Io, localHost, MusterError } from "../lib/io/mod.ts";
import { listPanes, TmuxServer } from "../lib/tmux/mod.ts";

/** Agents of the roster, or sessions of muster's socket; none where they cannot be read: a shell asks on every key. */
export async function readNames(source: "agents" | "sessions", io: Io): Promise<readonly string[]> {
  try {
    if (source === "agents") return (await readRoster(io)).agents.map(({ name }) => name);
    return [...new Set((await listPanes(new TmuxServer(localHost(io), "muster"))).map(({ session }) => session))];
  } catch (error) {
    if (error instanceof MusterError) return [];
    throw error;
  }
}
