/**
 * Watches a fleet: one tmux call at each tick, however many agents it has. A screen is read when its window has had output
 * since it was last read; what rests costs a line of a list.
 *
 * @module
 */

import { type AgentState, runtimeOf, screenOf } from "../agents/mod.ts";
import { type Io, localHost } from "../io/mod.ts";
import { findPane, glance, isServerMissing, type PaneSummary, type PaneView, TmuxServer } from "../tmux/mod.ts";
import { wantedPane } from "./find_agent.ts";
import { howEnded } from "./fleet_status.ts";
import { type LastMessage, lastReceipts, messageFormat, parseMessage } from "./last_message.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { failureOf, readEnds } from "./units/ends.ts";
import type { InstallRecord } from "./units/install_record.ts";

/** One agent, as it is now. */
export interface WatchedAgent {
  /** The agent's name. */
  readonly name: string;
  /** Its role; empty where the roster names none. */
  readonly class: string;
  /** The kind of its program. */
  readonly runtime: string;
  /** What it is doing. */
  readonly state: AgentState;
  /** Since when, in milliseconds since 1970; since the watch began where it was so before. */
  readonly since: number;
  /** It was so when the watch began, so it may have been so for longer. */
  readonly isOlder: boolean;
  /** Its pane, such as `%3`; empty where there is none. */
  readonly pane: string;
  /** The program's process; 0 where there is none. */
  readonly pid: number;
  /** What it was last sent, and what became of that. */
  readonly message?: LastMessage;
  /** The last row of its conversation, or of its screen. */
  readonly lastLine: string;
  /** Memory of the program's process, in bytes; left out where it is not known. */
  readonly memoryBytes?: number;
  /** What a person should know beside the state. */
  readonly note?: string;
}

/** Options of {@linkcode FleetWatch}. */
export interface WatchOptions {
  /** What was installed: how an agent ended is then on record. */
  readonly installed?: InstallRecord;
  /** How often the memory is looked at, in milliseconds. @default {10_000} */
  readonly memoryEveryMs?: number;
}

/** A screen and when it was read, by the second of the server's clock. */
interface Seen {
  readonly pane: string;
  readonly view: PaneView;
  readonly activity: number;
}

const extra = ["#{window_activity}", messageFormat];

/** How much of the receipts on record is looked through when the watch begins. */
const recordBytes = 1024 * 1024;

/** A fleet that is watched. */
export class FleetWatch {
  readonly #io: Io;
  readonly #options: WatchOptions;
  readonly #agents: readonly ResolvedAgent[];
  readonly #servers: ReadonlyMap<string, TmuxServer>;
  readonly #seen = new Map<string, Seen>();
  /** Panes whose screens are to be read at the next look. */
  readonly #due = new Set<string>();
  readonly #last = new Map<string, WatchedAgent>();
  readonly #memory = new Map<number, number>();
  /** What agents were last sent, of those whose pane does not say it. */
  #messages: ReadonlyMap<string, LastMessage> = new Map();
  #memoryAt = -Infinity;
  #isFirst = true;

  /** Watches the agents of a roster that are on this host. */
  constructor(io: Io, roster: Roster, options: WatchOptions = {}) {
    this.#io = io;
    this.#options = options;
    this.#agents = roster.agents;
    const local = roster.agents.filter(({ host }) => host === undefined).map(({ socket }) => socket);
    const sockets = [...new Set([roster.tmux.socketName, ...local])];
    this.#servers = new Map(sockets.map((socket) => [socket, new TmuxServer(localHost(io), socket)]));
  }

  /** Every agent, in the roster's order: one tmux call for each socket. The first look reads every screen, in a second. */
  async look(signal?: AbortSignal): Promise<readonly WatchedAgent[]> {
    let panes = await this.#glance(signal);
    if (this.#isFirst) {
      panes = await this.#glance(signal);
      const records = await lastReceipts(this.#io, this.#agents, recordBytes);
      this.#messages = new Map([...records].map(([name, { at, outcome }]) => [name, { at, outcome, text: "" }]));
    }
    const now = this.#io.clock.now();
    const agents = await Promise.all(
      this.#agents.map((agent) => this.#rowOf(agent, panes.get(agent.socket) ?? [], now)),
    );
    await this.#readMemory(agents, signal);
    this.#isFirst = false;
    const rows = agents.map((agent) => {
      const memoryBytes = this.#memory.get(agent.pid);
      return memoryBytes === undefined ? agent : { ...agent, memoryBytes };
    });
    for (const row of rows) this.#last.set(row.name, row);
    return rows;
  }

  /** The lists of all sockets; screens that are due are read with them, and it is noted which are due next. */
  async #glance(signal?: AbortSignal): Promise<ReadonlyMap<string, readonly PaneSummary[]>> {
    const lists = await Promise.all([...this.#servers].map(async ([socket, server]) => {
      const agents = this.#agents.filter((agent) => agent.host === undefined && agent.socket === socket);
      const due = agents.filter(({ name }) => this.#due.has(name));
      const ids = due.flatMap(({ name }) => this.#seen.get(name)?.pane ?? this.#last.get(name)?.pane ?? []);
      const { panes, views } = await lookOnce(server, ids.filter((id) => id !== ""), signal);
      for (const agent of agents) this.#note(agent, findPane(panes, wantedPane(agent)), views);
      return [socket, panes] as const;
    }));
    return new Map(lists);
  }

  #note({ name }: ResolvedAgent, pane: PaneSummary | undefined, views: ReadonlyMap<string, PaneView>): void {
    if (!pane) {
      this.#seen.delete(name);
      this.#due.delete(name);
      return;
    }
    const activity = Number(pane.extra?.[0] ?? 0);
    const view = views.get(pane.id);
    if (view) this.#seen.set(name, { pane: pane.id, view, activity });
    const seen = this.#seen.get(name);
    // Output of the second in which a screen was read may have come after it was: that screen is read once more.
    const isSettled = seen?.pane === pane.id && seen.activity === activity && view === undefined;
    if (seen?.pane !== pane.id) this.#seen.set(name, { pane: pane.id, view: emptyView(pane), activity: -1 });
    if (isSettled) this.#due.delete(name);
    else this.#due.add(name);
  }

  async #rowOf(agent: ResolvedAgent, panes: readonly PaneSummary[], now: number): Promise<WatchedAgent> {
    const pane = findPane(panes, wantedPane(agent));
    const facts = { name: agent.name, class: agent.class ?? "", runtime: agent.kind };
    const state = agent.host === undefined ? await this.#stateOf(agent, pane) : elsewhere(agent.host);
    const last = this.#last.get(agent.name);
    const isSame = last !== undefined && last.state === state.state && last.pid === state.pid;
    const since = state.at ?? (isSame ? last.since : now);
    const isOlder = state.at === undefined && (isSame ? last.isOlder : this.#isFirst);
    // A pane that is gone takes its option with it: what was seen of it holds, and before the watch what is on record.
    const message = parseMessage(pane?.extra?.[1] ?? "") ?? last?.message ?? this.#messages.get(agent.name);
    const { at: _at, ...said } = state;
    return { ...facts, ...said, since, isOlder, ...(message ? { message } : {}) };
  }

  async #stateOf(agent: ResolvedAgent, pane: PaneSummary | undefined): Promise<RowState> {
    if (!pane) {
      const end = this.#options.installed ? (await readEnds(this.#io, agent.name)).at(-1) : undefined;
      const nothing = { state: "dead" as const, pane: "", pid: 0, lastLine: end?.lines.at(-1) ?? "" };
      if (!end) return { ...nothing, note: "not running" };
      return { ...nothing, at: end.at, note: failureOf({ ...end, lines: [] }, agent.command[0] ?? "it") };
    }
    const view = this.#seen.get(agent.name)?.view;
    const lastLine = (rows: readonly string[]) => rows.findLast((row) => row.trim() !== "")?.trim() ?? "";
    if (pane.isDead) {
      const at = pane.deadAt === undefined ? {} : { at: pane.deadAt * 1000 };
      const line = lastLine((view?.rows ?? []).filter((row) => !row.startsWith("Pane is dead")));
      return { state: "dead", pane: pane.id, pid: 0, lastLine: line, note: howEnded(pane), ...at };
    }
    const runtime = runtimeOf(agent.kind);
    const reading = view && runtime.readsScreen ? runtime.read(screenOf(view)) : undefined;
    const note = pane.isInMode ? "in copy mode" : reading?.dialog?.split("\n")[0];
    return {
      state: reading?.state ?? "unknown",
      pane: pane.id,
      pid: pane.pid,
      lastLine: lastLine(reading?.conversation ?? view?.rows ?? []),
      ...(note ? { note } : {}),
    };
  }

  /** Memory changes all the time and says little: it is looked at seldom, by sh and the kernel's own file. */
  async #readMemory(agents: readonly WatchedAgent[], signal?: AbortSignal): Promise<void> {
    const { memoryEveryMs = 10_000 } = this.#options;
    const now = this.#io.clock.elapsed();
    if (now - this.#memoryAt < memoryEveryMs) return;
    this.#memoryAt = now;
    const pids = agents.map(({ pid }) => pid).filter((pid) => pid > 0);
    this.#memory.clear();
    if (pids.length === 0) return;
    const script =
      `getconf PAGESIZE; for p; do r=; { read -r s r rest; } 2>/dev/null </proc/$p/statm && echo "$p $r"; done; true`;
    const { stdout } = await localHost(this.#io).run("sh", ["-c", script, "sh", ...pids.map(String)], { signal });
    const [page, ...lines] = stdout.split("\n");
    for (const line of lines) {
      const [pid, pages] = line.split(" ").map(Number);
      if (pid && pages) this.#memory.set(pid, pages * Number(page));
    }
  }
}

interface RowState extends Pick<WatchedAgent, "state" | "pane" | "pid" | "lastLine" | "note"> {
  /** Since when, where that is known. */
  readonly at?: number;
}

function elsewhere(host: string): RowState {
  return { state: "unknown", pane: "", pid: 0, lastLine: "", note: `on another host, which is not watched: ${host}` };
}

async function lookOnce(server: TmuxServer, ids: readonly string[], signal?: AbortSignal) {
  try {
    return await glance(server, ids, extra, signal);
  } catch (error) {
    if (isServerMissing(error)) return { panes: [], views: new Map<string, PaneView>() };
    throw error;
  }
}

/** A pane whose screen was not read yet. */
function emptyView(pane: PaneSummary): PaneView {
  const facts = { windowIndex: 0, windowName: "", paneIndex: 0, command: "", width: 0, height: 0, historySize: 0 };
  const cursor = { x: 0, y: 0, visible: false };
  return { pane: { ...pane, ...facts, cursor, isFullScreen: false }, rows: [] };
}
