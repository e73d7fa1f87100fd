import { quote, type TmuxCommand, type TmuxServer } from "./server.ts";
import { listCommands, type Pane, paneFormat, type PaneSummary, parseList, parsePane } from "./pane.ts";
import { isTarget, type Target, tmuxTarget } from "./target.ts";
import { TmuxError } from "./error.ts";

/** A pane and what it shows. */
export interface PaneView {
  /** What tmux says of it. */
  readonly pane: Pane;
  /** The visible rows, trailing spaces and the empty rows at the end removed. */
  readonly rows: readonly string[];
}

/** The commands that {@linkcode parseView} reads the answer of; they may be chained after others that print nothing. */
export function viewCommands(target: string): TmuxCommand[] {
  return [["display-message", "-p", "-t", target, paneFormat], ["capture-pane", "-p", "-t", target]];
}

/** Reads the answer to {@linkcode viewCommands}. */
export function parseView(printed: string): PaneView {
  const [line = "", ...rows] = printed.split("\n");
  return { pane: parsePane(line), rows: trimmed(rows) };
}

/** A target's pane and what it shows, in one call; `undefined` where there is no such pane, or no server. */
export async function viewPane(
  server: TmuxServer,
  target: Target,
  signal?: AbortSignal,
): Promise<PaneView | undefined> {
  try {
    const view = parseView(await server.run(viewCommands(tmuxTarget(target)), { signal }));
    return isTarget(target, view.pane) ? view : undefined;
  } catch (error) {
    if (isTargetMissing(error)) return undefined;
    throw error;
  }
}

/** Every pane of the server in one call; none where no server runs. */
export async function listPanes(server: TmuxServer, signal?: AbortSignal): Promise<PaneSummary[]> {
  try {
    return parseList(await server.run(listCommands, { signal }));
  } catch (error) {
    if (isTargetMissing(error)) return [];
    throw error;
  }
}

/** Every pane of a server, and views by session. */
export interface SessionViews {
  /** Every pane of the server. */
  readonly panes: readonly PaneSummary[];
  /** What the sessions' current panes show; a session that is not there has none. */
  readonly views: ReadonlyMap<string, PaneView>;
}

/**
 * Every pane of the server, and what those of the sessions named show, in one call however many they are. Where a program
 * has ended and tmux has not seen how, it is made to, and asked once more.
 */
export async function viewSessions(
  server: TmuxServer,
  sessions: readonly string[],
  signal?: AbortSignal,
): Promise<SessionViews> {
  const look = await viewOnce(server, sessions, signal);
  const isUnseen = ({ isDead, deadStatus, deadSignal }: PaneSummary) =>
    isDead && deadStatus === undefined && deadSignal === undefined;
  const hasUnseen = ({ panes }: SessionViews) => panes.some(isUnseen);
  let latest = look;
  for (let tries = 0; tries < 5 && hasUnseen(latest); tries++) {
    await reapChildren(server, signal);
    latest = await viewOnce(server, sessions, signal);
  }
  return latest;
}

async function viewOnce(server: TmuxServer, sessions: readonly string[], signal?: AbortSignal): Promise<SessionViews> {
  if (sessions.length === 0) return { panes: await listPanes(server, signal), views: new Map() };
  const mark = `muster-${crypto.randomUUID()}`;
  const views = new Map<string, PaneView>();
  const looks = sessions.map((session): readonly TmuxCommand[] => {
    const target = `=${session}:`;
    const capture = `display-message -p -t ${quote(target)} ${quote(`${mark}\t${paneFormat}`)} ; ` +
      `capture-pane -p -t ${quote(target)}`;
    // A missing session expands to another's name or none: only its own is looked at.
    return [["if-shell", "-F", "-t", target, `#{==:#{session_name},${session}}`, capture]];
  });
  let printed: string;
  try {
    // By tmux's standard input: its arguments may not be longer than 16 KB.
    const result = await server.script([listCommands, ...looks], { signal });
    if (result.complaints.length > 0) throw new TmuxError(server.socket, result.complaints.join("\n"));
    printed = result.printed;
  } catch (error) {
    if (isTargetMissing(error)) return { panes: [], views };
    throw error;
  }
  const [list = "", ...captures] = printed.split(`${mark}\t`);
  for (const capture of captures) {
    const view = parseView(capture);
    views.set(view.pane.session, view);
  }
  return { panes: parseList(list), views };
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
    if (!isTargetMissing(error)) throw error;
  }
}

/** Whether tmux said that there is no such server or target. */
export function isTargetMissing(error: unknown): boolean {
  return error instanceof TmuxError && (error.reason === "no_server" || error.reason === "no_target");
}

function trimmed(rows: readonly string[]): string[] {
  let end = rows.length;
  while (end > 0 && rows[end - 1] === "") end--;
  return rows.slice(0, end).map((row) => row.trimEnd());
}
