import { type AgentState, type Reading, runtimeOf, screenOf } from "../agents/mod.ts";
import { findPane, type PaneSummary, type PaneView, ticketProcess } from "../tmux/mod.ts";
import type { Io } from "../io/mod.ts";
import { wantedPane } from "./find_agent.ts";
import { lookAtPlaces, type PlaceOptions } from "./fleet_places.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { foreignSessions } from "./stop_fleet.ts";
import { type AgentEnd, failureOf, howItEnded, readEnds, readFailures } from "./units/ends.ts";
import type { InstallRecord } from "./units/install_record.ts";
import { lookAtUnits, type UnitLook } from "./units/look_at_units.ts";
import { readFreshStart } from "./units/sessions.ts";
import type { UnitState } from "./units/supervisor.ts";
import type { ReceiptRecord } from "../state/receipt_log.ts";
import { lastReceipts } from "./last_message.ts";
import { withLiveStates } from "./with_live_states.ts";

/**
 * What an agent's state rests on: what its program says itself, its screen, tmux's word on its process, systemd's on its unit,
 * or nothing.
 */
export type StateSource = "program" | "screen" | "tmux" | "systemd" | "none";

/** Who has a pane: the process that types, and those that wait for it, in their order. */
export interface LeaseStatus {
  /** The process of the owner. */
  readonly owner: number;
  /** The processes of those who wait. */
  readonly waiters: readonly number[];
}

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
  /** Who holds its lease and who waits; left out where nobody sends. */
  readonly lease?: LeaseStatus;
  /** What systemd says of its unit; left out where it has none. */
  readonly unit?: UnitState;
  /** What it was last sent from this host, and what became of that; left out where that is not on record. */
  readonly message?: ReceiptRecord;
  /** How its last run ended; left out while it runs, and where that is not on record. */
  readonly end?: AgentEnd;
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
  /** What keeps the agents running. */
  readonly supervisor: "systemd" | "none";
  /** What is not as it was when the units were installed, a line each. */
  readonly warnings: readonly string[];
}

/** Options of {@linkcode fleetStatus}. */
export interface FleetStatusOptions extends PlaceOptions {
  /** What was installed; systemd is not asked without it. */
  readonly installed?: InstallRecord;
  /** The PATH of whoever looks. @default {""} */
  readonly path?: string;
  /** Muster's version. @default {""} */
  readonly version?: string;
  /** How many bytes of the receipts on record are looked through for each agent's last message. @default {0} */
  readonly receiptBytes?: number;
}

/**
 * Looks at every agent of the roster: one tmux call for each host and socket, however many agents it holds, and one of
 * systemctl where units are installed.
 */
export async function fleetStatus(io: Io, roster: Roster, options: FleetStatusOptions = {}): Promise<FleetStatus> {
  const { installed, path = "", version = "", receiptBytes = 0, signal } = options;
  const [looks, unitLook, receipts] = await Promise.all([
    lookAtPlaces(io, roster, options),
    installed && lookAtUnits(io, installed, installed.agents, { path, version, signal }),
    receiptBytes > 0 ? lastReceipts(io, roster.agents, receiptBytes) : undefined,
  ]);
  const now = io.clock.now();
  const statuses = roster.agents.map(async (agent) => {
    const look = looks.find(({ host, socket }) => host === agent.host && socket === agent.socket);
    if (!look || look.failure !== undefined) return unseen(agent, look?.failure);
    const pane = findPane(look.panes, wantedPane(agent));
    const isTaken = !pane && look.panes.some(({ session }) => session === agent.name);
    const status = statusOf(agent, pane, look.views.get(agent.name), now);
    if (isTaken) return { ...status, note: "a session of this name is not muster's" };
    return agent.managed && agent.host === undefined && agent.socket === roster.tmux.socketName
      ? await withUnit(io, agent, status, unitLook, installed)
      : status;
  });
  return {
    servers: looks.map(({ host: destination, socket, panes: [pane], failure }) => ({
      host: pane?.server.host ?? destination ?? "",
      socket,
      pid: pane?.server.pid ?? 0,
      ...(destination === undefined ? {} : { destination }),
      ...(failure === undefined ? {} : { failure }),
    })),
    agents: (await withLiveStates(io, roster, await Promise.all(statuses), options)).map((status) => {
      const message = receipts?.get(status.name);
      return message ? { ...status, message } : status;
    }),
    others: foreignSessions(roster, looks[0]?.panes ?? []),
    supervisor: unitLook ? "systemd" : "none",
    warnings: [...unitLook?.warnings ?? [], ...serverWarnings(unitLook, looks[0]?.panes[0])],
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
    ...(pane && pane.queue.length > 0 ? { lease: leaseOf(pane.queue) } : {}),
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

/** Adds what systemd says of an agent's unit, and how the agent ended where it does not run. */
async function withUnit(
  io: Io,
  agent: ResolvedAgent,
  status: AgentStatus,
  look: UnitLook | undefined,
  installed: InstallRecord | undefined,
): Promise<AgentStatus> {
  const unit = look?.agents.get(agent.name);
  if (!look || !installed) return status;
  if (!unit) return { ...status, note: status.note ?? "no unit is installed for it: muster fleet install" };
  if (status.state !== "dead") {
    const reason = status.note === undefined ? (await readFreshStart(io, agent.name))?.reason : undefined;
    return { ...status, unit, ...(reason ? { note: `began anew after it was cut off: ${reason}` } : {}) };
  }
  const end = (await readEnds(io, agent.name)).at(-1);
  const facts = { ...status, unit, source: "systemd" as const };
  const program = agent.command[0] ?? "its program";
  if (unit.state === "activating") {
    const said = [...(end && hasFailed(end) ? [failureOf(end, program)] : []), unit.status || "starts again"];
    return { ...facts, state: "starting", note: said.join("; ") };
  }
  if (!end) return facts;
  const ended = { ...facts, end, ageMs: Math.max(0, io.clock.now() - end.at) };
  if (!hasFailed(end)) return { ...ended, note: howItEnded(end) };
  const failures = unit.state === "failed" ? await readFailures(io, agent.name) : 0;
  const after = failures >= agent.restartLimit ? `not started again after ${failures} failures in a row: ` : "";
  return { ...ended, note: after + failureOf(end, program) };
}

/** Whether an end counts as a failure of the agent's own. */
function hasFailed({ cause }: AgentEnd): boolean {
  return cause === "failed" || cause === "memory" || cause === "start";
}

function serverWarnings(look: UnitLook | undefined, pane: PaneSummary | undefined): string[] {
  if (!look || !pane || pane.server.pid === look.holder.pid) return [];
  return [`the tmux server runs without its unit: muster fleet stop and start put it under systemd`];
}

/** How a pane's program ended, in words. */
export function howEnded({ deadSignal, deadStatus }: PaneSummary): string {
  return deadSignal ? `ended by signal ${deadSignal}` : `ended with status ${deadStatus ?? "unknown"}`;
}

function leaseOf([owner = "", ...waiters]: readonly string[]): LeaseStatus {
  return { owner: ticketProcess(owner), waiters: waiters.map(ticketProcess) };
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
