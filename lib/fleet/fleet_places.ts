import { runtimeOf } from "../agents/mod.ts";
import { type Hosts, hostUntil, type Io, localHost, MusterError } from "../io/mod.ts";
import { type PaneViews, TmuxServer, viewPanes } from "../tmux/mod.ts";
import { wantedPane } from "./find_agent.ts";
import type { Roster } from "./resolve_roster.ts";

/** A tmux server of the roster's, and what was seen of it. */
export interface PlaceLook extends PaneViews {
  /** The ssh destination; `undefined` for this host. */
  readonly host?: string;
  /** Its socket. */
  readonly socket: string;
  /** Why nothing was seen of it. */
  readonly failure?: string;
}

/** Options of {@linkcode lookAtPlaces}. */
export interface PlaceOptions {
  /** The connections to other hosts; without them these are not looked at. */
  readonly hosts?: Hosts;
  /** How long another host may take to answer, in milliseconds. @default {10_000} */
  readonly hostTimeoutMs?: number;
  /** Stops the look. */
  readonly signal?: AbortSignal;
}

/**
 * Looks at every server of the roster, side by side, its own on this host first: one tmux call each, however many agents
 * it holds. What another host does not answer is the failure of that place alone.
 */
export async function lookAtPlaces(io: Io, roster: Roster, options: PlaceOptions): Promise<PlaceLook[]> {
  const { hosts, hostTimeoutMs = 10_000, signal } = options;
  const end = io.clock.elapsed() + hostTimeoutMs;
  const places: Pick<PlaceLook, "host" | "socket">[] = [{ socket: roster.tmux.socketName }];
  for (const { host, socket } of roster.agents) {
    if (!places.some((place) => place.host === host && place.socket === socket)) places.push({ host, socket });
  }
  return await Promise.all(places.map(async (place): Promise<PlaceLook> => {
    const agents = roster.agents.filter(({ host, socket }) => host === place.host && socket === place.socket);
    const wanted = agents.filter(({ kind }) => runtimeOf(kind).readsScreen).map(wantedPane);
    if (place.host === undefined) {
      return { ...place, ...await viewPanes(new TmuxServer(localHost(io), place.socket), wanted, signal) };
    }
    const nothing = { ...place, panes: [], views: new Map() };
    if (!hosts) return { ...nothing, failure: "on another host, which was not looked at" };
    try {
      const server = new TmuxServer(hostUntil(io.clock, hosts.at(place.host), end), place.socket);
      return { ...place, ...await viewPanes(server, wanted, signal) };
    } catch (error) {
      if (!(error instanceof MusterError) || signal?.aborted) throw error;
      return { ...nothing, failure: error.message };
    }
  }));
}
