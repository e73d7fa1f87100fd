import { TmuxError } from "./error.ts";
import {
  completePane,
  detailFormat,
  listCommands,
  type Pane,
  paneFormat,
  type PaneSummary,
  parseList,
  parsePane,
} from "./pane.ts";
import { channelOf, joinCommand, leaveQueue, parseQueue, queueFormat, type Ticket } from "./pane_lease.ts";
import { markFormat, type PaneMark, parseMark } from "./pane_mark.ts";
import type { TmuxCommand, TmuxRunOptions, TmuxServer } from "./server.ts";
import { isTarget, type Target, tmuxTarget } from "./target.ts";

/** A pane and what it shows. */
export interface PaneView {
  /** What tmux says of it. */
  readonly pane: Pane;
  /** The visible rows, trailing spaces and the empty rows at the end removed. */
  readonly rows: readonly string[];
}

/** A target's pane and what it shows, in one call; `undefined` where there is no such pane, or no server. */
export async function viewPane(
  server: TmuxServer,
  target: Target,
  signal?: AbortSignal,
): Promise<PaneView | undefined> {
  const words = tmuxTarget(target);
  try {
    const view = parseView(await server.run(viewCommands(words), { signal }));
    return isTarget(target, view.pane) ? view : undefined;
  } catch (error) {
    if (isTargetMissing(error)) return undefined;
    throw error;
  }
}

/** Who has a pane, and what was typed into it. */
export interface PaneLease {
  /** The tickets of its queue, the owner's first. */
  readonly queue: readonly Ticket[];
  /** The message that is being typed into it, or that a sender that was killed left there. */
  readonly mark?: PaneMark;
}

/** A pane that was joined: what it shows, and its lease. */
export interface JoinedPane extends PaneLease {
  /** The pane and what it shows. */
  readonly view: PaneView;
}

const leaseFormat = `${queueFormat}\t${markFormat}`;

function parseLease(line: string): PaneLease {
  const [queue = "", mark = ""] = line.split("\t");
  return { queue: parseQueue(queue), mark: parseMark(mark) };
}

/**
 * Joins the queue of a target's lease and looks at it, in one call; `undefined` where there is no such pane, or no server.
 */
export async function joinPane(
  server: TmuxServer,
  target: Target,
  ticket: Ticket,
  signal?: AbortSignal,
  before?: Ticket,
): Promise<JoinedPane | undefined> {
  const words = tmuxTarget(target);
  const commands = [
    joinCommand(words, ticket, before),
    ["display-message", "-p", "-t", words, leaseFormat],
    ...viewCommands(words),
  ];
  try {
    const joined = parseJoined(await server.run(commands, { signal }));
    if (isTarget(target, joined.view.pane)) return joined;
    await leaveQueue(server, joined.view.pane.id, ticket); // tmux took the words for another pane
  } catch (error) {
    if (isTargetMissing(error)) return undefined;
    // It may have joined before the call was cut short. What fails here too goes with this process, as the lease is told.
    await leaveQueue(server, words, ticket).catch(() => {});
    throw error;
  }
}

/**
 * Waits until whoever leaves the queue of a pane signals that a ticket is the next owner's, and looks at the pane, in one
 * call; `undefined` where there is no such pane by then. What the lease says holds, not the signal. The server keeps the
 * place of a call that is stopped until it is signalled.
 */
export async function awaitSignal(
  server: TmuxServer,
  paneId: string,
  ticket: Ticket,
  signal?: AbortSignal,
): Promise<JoinedPane | undefined> {
  return await viewJoined(server, paneId, [["wait-for", channelOf(ticket)]], { signal, waits: true });
}

/** A pane and its lease; `undefined` where there is no such pane. */
export async function viewLeased(
  server: TmuxServer,
  paneId: string,
  signal?: AbortSignal,
): Promise<JoinedPane | undefined> {
  return await viewJoined(server, paneId, [], { signal });
}

async function viewJoined(
  server: TmuxServer,
  paneId: string,
  first: readonly TmuxCommand[],
  options: TmuxRunOptions,
): Promise<JoinedPane | undefined> {
  const look = [["display-message", "-p", "-t", paneId, leaseFormat], ...viewCommands(paneId)];
  try {
    return parseJoined(await server.run([...first, ...look], options));
  } catch (error) {
    if (isTargetMissing(error)) return undefined;
    throw error;
  }
}

/** Signals to a ticket what whoever leaves would signal, so that its waiting ends. */
export async function endWaiting(server: TmuxServer, ticket: Ticket): Promise<void> {
  await server.run([["wait-for", "-S", channelOf(ticket)]]);
}

/** The lease of a pane; `undefined` where there is no such pane. */
export async function readLease(
  server: TmuxServer,
  paneId: string,
  signal?: AbortSignal,
): Promise<PaneLease | undefined> {
  try {
    const format = `#{pane_id}\t${leaseFormat}`;
    const lines = (await server.run([["list-panes", "-t", paneId, "-F", format]], { signal })).split("\n");
    const own = lines.find((line) => line.startsWith(`${paneId}\t`));
    return own === undefined ? undefined : parseLease(own.slice(paneId.length + 1));
  } catch (error) {
    if (isTargetMissing(error)) return undefined;
    throw error;
  }
}

function viewCommands(words: string): TmuxCommand[] {
  return [["display-message", "-p", "-t", words, paneFormat], ["capture-pane", "-p", "-t", words]];
}

function parseJoined(printed: string): JoinedPane {
  const end = printed.indexOf("\n");
  return { view: parseView(printed.slice(end + 1)), ...parseLease(printed.slice(0, end)) };
}

function parseView(printed: string): PaneView {
  const [line = "", ...rows] = printed.split("\n");
  return { pane: parsePane(line), rows: trimmed(rows) };
}

/** Every pane of the server in one call; none where no server runs, or none of its sessions is left. */
export async function listPanes(server: TmuxServer, signal?: AbortSignal): Promise<PaneSummary[]> {
  try {
    return parseList(await server.run(listCommands(), { signal }));
  } catch (error) {
    // A server without a session has no current target.
    if (isTargetMissing(error)) return [];
    throw error;
  }
}

/** A pane that is looked for: the current one of a session, or the one in it that muster marked for an agent. */
export interface WantedPane {
  /** The session's name. */
  readonly session: string;
  /** Only the pane that carries this agent's mark; whoever splits a window makes another one current. */
  readonly agent?: string;
}

/** Every pane of a server, and views of those that were looked for, by session. */
export interface PaneViews {
  /** Every pane of the server. */
  readonly panes: readonly PaneSummary[];
  /** What was found and seen; a pane that is not there has none. */
  readonly views: ReadonlyMap<string, PaneView>;
}

/**
 * Every pane of the server, and what those that are looked for show, in one call however many they are; a second one
 * where an agent's pane is not its session's current one. Where a program has ended and tmux has not seen how, it is made
 * to, and asked again.
 */
export async function viewPanes(
  server: TmuxServer,
  wanted: readonly WantedPane[],
  signal?: AbortSignal,
): Promise<PaneViews> {
  const isUnseen = ({ isDead, deadStatus, deadSignal }: PaneSummary) =>
    isDead && deadStatus === undefined && deadSignal === undefined;
  for (let tries = 5;; tries--) {
    const look = await viewOnce(server, wanted, signal);
    if (tries === 0 || !look.panes.some(isUnseen)) return look;
    await reapChildren(server, signal);
  }
}

/** What tmux reads as a name wherever a session is asked for: others may be ids, marks or offsets to it, `=` or not. */
const plainName = /^[A-Za-z0-9_]/;

/**
 * A target in words that tmux takes for nothing else: the current pane of a session whose name begins like an id (`$1`),
 * a mark or an offset is looked up in the list. One that is not there is returned as it is, and will not be found.
 */
export async function exactTarget(server: TmuxServer, target: Target, signal?: AbortSignal): Promise<Target> {
  if ("paneId" in target || target.window !== undefined || target.pane !== undefined) return target;
  if (plainName.test(target.session)) return target;
  const pane = findPane(await listPanes(server, signal), target);
  return pane ? { paneId: pane.id } : target;
}

/** The pane of a list that is looked for. */
export function findPane(panes: readonly PaneSummary[], { session, agent }: WantedPane): PaneSummary | undefined {
  return panes.find((pane) => pane.session === session && (agent === undefined ? pane.isActive : pane.agent === agent));
}

async function viewOnce(server: TmuxServer, wanted: readonly WantedPane[], signal?: AbortSignal): Promise<PaneViews> {
  if (wanted.length === 0) return { panes: await listPanes(server, signal), views: new Map() };
  const first = await captureAll(server, wanted.map(({ session }) => `=${session}:`), signal);
  const views = new Map<string, PaneView>();
  const elsewhere: string[] = [];
  for (const one of wanted) {
    const pane = findPane(first.panes, one);
    const view = first.views.find((seen) => seen.pane.id === pane?.id);
    if (view) views.set(one.session, view);
    else if (pane) elsewhere.push(pane.id);
  }
  if (elsewhere.length === 0) return { panes: first.panes, views };
  const second = await captureAll(server, elsewhere, signal);
  for (const view of second.views) views.set(view.pane.session, view);
  return { panes: second.panes, views };
}

/**
 * The list and the targets' screens, by tmux's standard input, since its arguments end at 16 KB. A target that is not
 * there fails by itself: `capture-pane` says so, and ends its line.
 */
async function captureAll(
  server: TmuxServer,
  targets: readonly string[],
  signal?: AbortSignal,
  extra: readonly string[] = [],
): Promise<{ readonly panes: readonly PaneSummary[]; readonly views: readonly PaneView[] }> {
  const mark = `muster-${crypto.randomUUID()}`;
  const lines = targets.map((target): TmuxCommand[] => [
    ["capture-pane", "-p", "-t", target],
    ["display-message", "-p", "-t", target, `${mark}\t${detailFormat}`],
  ]);
  const result = await readScript(
    server,
    [[...listCommands(extra), ["display-message", "-p", mark]], ...lines],
    signal,
  );
  const [list = "", captures = ""] = result.split(`${mark}\n`);
  const panes = list === "" ? [] : parseList(list, extra);
  const views: PaneView[] = [];
  let rows: string[] = [];
  for (const line of captures.split("\n")) {
    if (!line.startsWith(`${mark}\t`)) {
      rows.push(line);
      continue;
    }
    const pane = completePane(line.slice(mark.length + 1), panes);
    if (pane) views.push({ pane, rows: trimmed(rows) });
    rows = [];
  }
  return { panes, views };
}

/**
 * Every pane of the server with more fields of each, and what some panes show, in one call; nothing where no server runs. A
 * pane that is gone has no view.
 */
export async function glance(
  server: TmuxServer,
  paneIds: readonly string[],
  extra: readonly string[],
  signal?: AbortSignal,
): Promise<{ readonly panes: readonly PaneSummary[]; readonly views: ReadonlyMap<string, PaneView> }> {
  const { panes, views } = await captureAll(server, paneIds, signal, extra);
  return { panes, views: new Map(views.map((view) => [view.pane.id, view])) };
}

/** What a script prints; nothing where no server runs. Targets that are missing are left out, any other complaint is one. */
async function readScript(
  server: TmuxServer,
  lines: readonly (readonly TmuxCommand[])[],
  signal?: AbortSignal,
): Promise<string> {
  try {
    const { printed, complaints } = await server.script(lines, { signal });
    const serious = complaints.find((words) => new TmuxError(server.socket, words).reason !== "no_target");
    if (serious !== undefined) throw new TmuxError(server.socket, serious);
    return printed;
  } catch (error) {
    if (isServerMissing(error)) return "";
    throw error;
  }
}

/**
 * Has the server collect its children that have ended. tmux before 3.6 misses the end of some: the pane is dead without a
 * status, and its process a zombie; any job that the server runs makes good for it, a little later. The end of that job can
 * be missed as well, so nothing waits for it: without `-b` the call hung for ever on 3.3a.
 */
export async function reapChildren(server: TmuxServer, signal?: AbortSignal): Promise<void> {
  try {
    await server.run([["if-shell", "-b", "true", ""]], { signal });
  } catch (error) {
    if (!isServerMissing(error)) throw error;
  }
}

/** Whether tmux said that there is no such server or target. */
export function isTargetMissing(error: unknown): boolean {
  return isServerMissing(error) || error instanceof TmuxError && error.reason === "no_target";
}

/** Whether tmux said that no server runs on the socket. */
export function isServerMissing(error: unknown): boolean {
  return error instanceof TmuxError && error.reason === "no_server";
}

function trimmed(rows: readonly string[]): string[] {
  let end = rows.length;
  while (end > 0 && rows[end - 1] === "") end--;
  return rows.slice(0, end).map((row) => row.trimEnd());
}
