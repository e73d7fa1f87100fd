import { type OwnState, readLiveStates, runtimeOf } from "../agents/mod.ts";
import { type Host, hostUntil, type Io, localHost, MusterError } from "../io/mod.ts";
import type { AgentStatus } from "./fleet_status.ts";
import type { PlaceOptions } from "./fleet_places.ts";
import type { Roster } from "./resolve_roster.ts";

/**
 * Agents' states as their own programs say them, where they do: that is better evidence than a screen. What only a screen
 * shows, a draft or the words of a dialog, stays. A host where sh may not be run, or does not answer, leaves all as it is.
 *
 * @param statuses One for each agent of the roster, in its order.
 */
export async function withLiveStates(
  io: Io,
  roster: Roster,
  statuses: readonly AgentStatus[],
  options: PlaceOptions,
): Promise<readonly AgentStatus[]> {
  const { hosts, hostTimeoutMs = 10_000, signal } = options;
  const asked = roster.agents.map(({ kind, host }, at) => ({
    kind,
    destination: host,
    at,
    pid: statuses[at]?.pid ?? 0,
  }))
    .filter(({ kind, pid }) => pid > 0 && runtimeOf(kind).liveState !== undefined);
  const told = new Map<number, OwnState>();
  await Promise.all([...new Set(asked.map(({ destination }) => destination))].map(async (destination) => {
    const host = hostOf(destination);
    const own = asked.filter((one) => one.destination === destination);
    if (!host) return;
    try {
      const found = await readLiveStates(host, io, own.map(({ pid }) => pid), signal);
      for (const { at, pid } of own) {
        const state = found.get(pid);
        if (state) told.set(at, state);
      }
    } catch (error) {
      if (!(error instanceof MusterError) || signal?.aborted) throw error;
    }
  }));
  const now = io.clock.now();
  return statuses.map((status, at) => {
    const own = told.get(at);
    const isShownAlone = status.state === "draft" || status.state === "dialog" && own?.state !== "dialog";
    if (!own || isShownAlone) return status;
    const ageMs = own.atMs === undefined ? 0 : Math.max(0, now - own.atMs);
    return { ...status, state: own.state, source: "program", ageMs };
  });

  function hostOf(destination: string | undefined): Host | undefined {
    if (destination !== undefined) {
      return hosts && hostUntil(io.clock, hosts.at(destination), io.clock.elapsed() + hostTimeoutMs);
    }
    return io.permissions.isGranted({ name: "run", command: "sh" }) ? localHost(io) : undefined;
  }
}
