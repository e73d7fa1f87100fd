import { parseQueue, queueFormat, type Ticket } from "./pane_lease.ts";
import type { TmuxCommand } from "./server.ts";

/** What tmux says of a pane in a list. Each field of each pane costs tmux more than 1 µs, so a list has these alone. */
export interface PaneSummary {
  /** Such as `%3`; never used twice by a server. */
  readonly id: string;
  /** The name of its session. */
  readonly session: string;
  /** The program's process; 0 where there is none. */
  readonly pid: number;
  /** That process was told by the unit of an agent: the pane's first process is then the unit's own sh. */
  readonly isInUnit: boolean;
  /** The program has ended, and tmux keeps its last screen. */
  readonly isDead: boolean;
  /** Its exit status, where tmux knows it. */
  readonly deadStatus?: number;
  /** The signal that ended it, where tmux knows it. */
  readonly deadSignal?: number;
  /** When it ended, in seconds since 1970, where tmux knows it. */
  readonly deadAt?: number;
  /** Copy mode, or another: keys go to tmux and not to the program. */
  readonly isInMode: boolean;
  /** The pane is the one that its session's name means. */
  readonly isActive: boolean;
  /** The agent that muster started in it, where it did. */
  readonly agent?: string;
  /** The queue of its lease, the owner's ticket first. */
  readonly queue: readonly Ticket[];
  /** What was asked for beside all that, in its order. */
  readonly extra?: readonly string[];
  /** Its server. */
  readonly server: ServerFacts;
}

/** All that muster asks tmux of a pane. */
export interface Pane extends PaneSummary {
  /** Its window's index. */
  readonly windowIndex: number;
  /** Its window's name. */
  readonly windowName: string;
  /** Its index in the window. */
  readonly paneIndex: number;
  /** The name of the program that holds the terminal. */
  readonly command: string;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Where the cursor is, from 0, and whether the program shows it. */
  readonly cursor: { readonly x: number; readonly y: number; readonly visible: boolean };
  /** Rows that have left the top of the screen. */
  readonly historySize: number;
  /** The program has the whole screen, as editors and pagers do. */
  readonly isFullScreen: boolean;
  /** The kind of the runtime that muster started here, where it did. */
  readonly runtime?: string;
}

/** The server's process and the host that it runs on. */
export interface ServerFacts {
  /** The server's process. */
  readonly pid: number;
  /** The name of its host. */
  readonly host: string;
}

/** tmux encodes a tab in a name of its own, so that one between fields is a separator. */
const separator = "\t";

const serverFields = ["#{pid}", "#{host}"] as const;

const summaryFields = [
  "#{pane_id}",
  "#{session_name}",
  "#{pane_pid}",
  "#{?pane_dead,dead/#{pane_dead_status}/#{pane_dead_signal}/#{pane_dead_time},#{pane_in_mode}}",
  "#{window_active}#{pane_active}",
  "#{@muster_agent}",
  queueFormat,
] as const;

const otherFields = [
  "#{window_index}",
  "#{window_name}",
  "#{pane_index}",
  "#{pane_width}",
  "#{pane_height}",
  "#{cursor_x}",
  "#{cursor_y}",
  "#{cursor_flag}",
  "#{history_size}",
  "#{alternate_on}",
  "#{@muster_runtime}",
  // Last, since a program names itself, tabs and all.
  "#{pane_current_command}",
] as const;

/** The commands whose answer {@linkcode parseList} reads, with more fields of each pane where they are asked for. */
export function listCommands(extra: readonly string[] = []): readonly TmuxCommand[] {
  return [
    ["display-message", "-p", serverFields.join(separator)],
    ["list-panes", "-a", "-F", [...summaryFields, ...extra].join(separator)],
  ];
}

/** Reads the answer to {@linkcode listCommands}. */
export function parseList(printed: string, extra: readonly string[] = []): PaneSummary[] {
  const [first = "", ...lines] = printed.split("\n");
  const server = serverOf(split(first, serverFields.length));
  return lines.filter((line) => line !== "").map((line) => {
    const values = split(line, summaryFields.length + extra.length);
    const summary = summaryOf(values, server);
    return extra.length === 0 ? summary : { ...summary, extra: values.slice(summaryFields.length) };
  });
}

/** The format whose expansion {@linkcode parsePane} reads. */
export const paneFormat: string = [...serverFields, ...summaryFields, ...otherFields].join(separator);

/** The format whose expansion {@linkcode completePane} reads: what a list leaves out. */
export const detailFormat: string = ["#{pane_id}", ...otherFields].join(separator);

/** A pane of a list, with what a line of {@linkcode detailFormat} says of it; `undefined` where the list has no such pane. */
export function completePane(line: string, list: readonly PaneSummary[]): Pane | undefined {
  const [id, ...details] = splitOpen(line, 1 + otherFields.length);
  const summary = list.find((pane) => pane.id === id);
  return summary && { ...summary, ...detailsOf(details) };
}

/** Reads a line that tmux made of {@linkcode paneFormat}. */
export function parsePane(line: string): Pane {
  const values = splitOpen(line, serverFields.length + summaryFields.length + otherFields.length);
  const rest = values.slice(serverFields.length);
  return { ...summaryOf(rest, serverOf(values)), ...detailsOf(rest.slice(summaryFields.length)) };
}

function detailsOf(values: readonly string[]): Omit<Pane, keyof PaneSummary> {
  const [
    windowIndex,
    windowName = "",
    paneIndex,
    width,
    height,
    x,
    y,
    visible,
    historySize,
    fullScreen,
    runtime,
    ...command
  ] = values;
  return {
    windowIndex: Number(windowIndex),
    windowName,
    paneIndex: Number(paneIndex),
    command: command.join(" "),
    width: Number(width),
    height: Number(height),
    cursor: { x: Number(x), y: Number(y), visible: visible === "1" },
    historySize: Number(historySize),
    isFullScreen: fullScreen === "1",
    runtime: runtime || undefined,
  };
}

function serverOf([pid, host = ""]: readonly string[]): ServerFacts {
  return { pid: Number(pid), host };
}

function summaryOf(values: readonly string[], server: ServerFacts): PaneSummary {
  const [id = "", session = "", pid, state = "", active, mark = "", queue = ""] = values;
  // A unit adds its program's process to the mark: one option, since each costs tmux a walk through all that it inherits.
  const [agent, program] = mark.split(" ");
  const [isDead, ...ended] = state.split("/");
  const [deadStatus, deadSignal, deadAt] = ended.map((value) => value === "" ? undefined : Number(value));
  return {
    id,
    session,
    pid: Number(program || pid),
    isInUnit: program !== undefined,
    isDead: isDead === "dead",
    deadStatus,
    deadSignal,
    deadAt,
    isInMode: !["", "0", "dead"].includes(isDead ?? ""),
    isActive: active === "11",
    agent: agent || undefined,
    queue: parseQueue(queue),
    server,
  };
}

function split(line: string, count: number): string[] {
  const values = splitOpen(line, count);
  if (values.length > count) throw new TypeError(`Cannot read tmux's line ${JSON.stringify(line)}`);
  return values;
}

/** The fields of a line whose last one may hold separators of its own. */
function splitOpen(line: string, count: number): string[] {
  const values = line.split(separator);
  if (values.length < count) throw new TypeError(`Cannot read tmux's line ${JSON.stringify(line)}`);
  return values;
}
