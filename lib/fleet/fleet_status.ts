import { type AgentState, type Reading, runtimeOf, screenOf } from "../agents/mod.ts";
import type { Io } from "../io/mod.ts";
import { findPane, type PaneSummary, type PaneView } from "../tmux/mod.ts";
import { wantedPane } from "./find_agent.ts";
import { lookAtPlaces, type PlaceOptions } from "./fleet_places.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { foreignSessions } from "./stop_fleet.ts";
import { withLiveStates } from "./with_live_states.ts";

/** What an agent's state rests on: what its program says itself, its screen, tmux's word on its process, or nothing. */
export type StateSource = "program" | "screen" | "tmux" | "none";

/** One agent, as it is now. */
export interface AgentStatus {
  /** The agent's name. */
  readonly name: string;
  /** Where its pane is; empty where that is not known. */
  readonly host: string;
  /** The kind of its program. */
  readonly runtime: string;
  /** Its role; empty where the roster names none. */
  readonly class: string;
  /** What it is doing. */
  readonly state: AgentState;
  /** What that rests on. */
  readonly source: StateSource;
  /** How old the evidence is, in milliseconds. */
  readonly ageMs: number;
  /** Such as `%3`; empty where there is none. */
  readonly pane: string;
  /** The program's process; 0 where there is none. */
  readonly pid: number;
  /** What a person should know beside the state. */
  readonly note?: string;
}

/** A tmux server, as it is now. */
export interface ServerStatus {
  /** The name of its host; the ssh destination where that is not known, and empty for this host. */
  readonly host: string;
  /** Its socket. */
  readonly socket: string;
  /** Its process; 0 where none runs, or nothing is known. */
  readonly pid: number;
  /** The ssh destination of its host; left out for this host. */
  readonly destination?: string;
  /** Why nothing is known of it. */
  readonly failure?: string;
}

/** The fleet, as it is now. */
export interface FleetStatus {
  /** The tmux servers looked at. */
  readonly servers: readonly ServerStatus[];
  /** Every agent, in the roster's order. */
  readonly agents: readonly AgentStatus[];
  /** Sessions of muster's server that are not of the roster. */
  readonly others: readonly string[];
}

/** Looks at every agent of the roster: one tmux call for each host and socket, however many agents it holds. */
export async function fleetStatus(io: Io, roster: Roster, options: PlaceOptions = {}): Promise<FleetStatus> {
  const looks = await lookAtPlaces(io, roster, options);
  const now = io.clock.now();
  const statuses = roster.agents.map((agent) => {
    const look = looks.find(({ host, socket }) => host === agent.host && socket === agent.socket);
    if (!look || look.failure !== undefined) return unseen(agent, look?.failure);
    const pane = findPane(look.panes, wantedPane(agent));
    const isTaken = !pane && look.panes.some(({ session }) => session === agent.name);
    const status = statusOf(agent, pane, look.views.get(agent.name), now);
    return isTaken ? { ...status, note: "a session of this name is not muster's" } : status;
  });
  return {
    servers: looks.map(({ host: destination, socket, panes: [pane], failure }) => ({
      host: pane?.server.host ?? destination ?? "",
      socket,
      pid: pane?.server.pid ?? 0,
      ...(destination === undefined ? {} : { destination }),
      ...(failure === undefined ? {} : { failure }),
    })),
    agents: await withLiveStates(io, roster, statuses, options),
    others: foreignSessions(roster, looks[0]?.panes ?? []),
  };
}

function statusOf(
  agent: ResolvedAgent,
  pane: PaneSummary | undefined,
  view: PaneView | undefined,
  now: number,
): AgentStatus {
  const facts = {
    name: agent.name,
    host: pane?.server.host ?? agent.host ?? "",
    runtime: agent.kind,
    class: agent.class ?? "",
    pane: pane?.id ?? "",
    pid: pane?.pid ?? 0,
  };
  if (!pane) return { ...facts, state: "dead", source: "tmux", ageMs: 0, note: "not running" };
  if (pane.isDead) {
    const ageMs = pane.deadAt === undefined ? 0 : Math.max(0, now - pane.deadAt * 1000);
    return { ...facts, pid: 0, state: "dead", source: "tmux", ageMs, note: howEnded(pane) };
  }
  const { state, dialog }: Reading = view ? runtimeOf(agent.kind).read(screenOf(view)) : { state: "unknown" };
  const note = pane.isInMode ? "in copy mode" : dialog?.split("\n")[0];
  return { ...facts, state, source: state === "unknown" ? "none" : "screen", ageMs: 0, ...(note ? { note } : {}) };
}

/** How a pane's program ended, in words. */
export function howEnded({ deadSignal, deadStatus }: PaneSummary): string {
  return deadSignal ? `ended by signal ${deadSignal}` : `ended with status ${deadStatus ?? "unknown"}`;
}

/** An agent of a host that was not seen. */
function unseen(agent: ResolvedAgent, note: string | undefined): AgentStatus {
  return {
    name: agent.name,
    host: agent.host ?? "",
    runtime: agent.kind,
    class: agent.class ?? "",
    state: "unknown",
    source: "none",
    ageMs: 0,
    pane: "",
    pid: 0,
    ...(note === undefined ? {} : { note }),
  };
}
