/** What tmux says of a pane, in one line of a format. */
export interface Pane {
  /** Such as `%3`; never used twice by a server. */
  readonly id: string;
  /** The name of its session. */
  readonly session: string;
  /** Its window's index. */
  readonly windowIndex: number;
  /** Its window's name. */
  readonly windowName: string;
  /** Its index in the window. */
  readonly paneIndex: number;
  /** The program's process; 0 where there is none. */
  readonly pid: number;
  /** The name of the program that holds the terminal. */
  readonly command: string;
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
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Where the cursor is, from 0, and whether the program shows it. */
  readonly cursor: { readonly x: number; readonly y: number; readonly visible: boolean };
  /** Rows that have left the top of the screen. */
  readonly historySize: number;
  /** When the session was made, in seconds since 1970. */
  readonly createdAt: number;
  /** The agent that muster started here, where it did. */
  readonly agent?: string;
  /** The kind of its runtime. */
  readonly runtime?: string;
  /** The pane is the one that its session's name means. */
  readonly isActive: boolean;
  /** The server's process and the host that it runs on. */
  readonly server: { readonly pid: number; readonly host: string };
}

const fields = [
  "pane_id",
  "session_name",
  "window_index",
  "window_name",
  "pane_index",
  "pane_pid",
  "pane_current_command",
  "pane_dead",
  "pane_dead_status",
  "pane_dead_signal",
  "pane_dead_time",
  "pane_in_mode",
  "pane_width",
  "pane_height",
  "cursor_x",
  "cursor_y",
  "cursor_flag",
  "history_size",
  "session_created",
  "@muster_agent",
  "@muster_runtime",
  "pane_active",
  "window_active",
  "pid",
  "host",
] as const;

type Field = typeof fields[number];

/** The format whose expansion {@linkcode parsePane} reads. tmux encodes a tab in a name of its own. */
export const paneFormat: string = fields.map((field) => `#{${field}}`).join("\t");

/** Reads a line that tmux made of {@linkcode paneFormat}. */
export function parsePane(line: string): Pane {
  const values = line.split("\t");
  if (values.length !== fields.length) throw new TypeError(`Cannot read tmux's line ${JSON.stringify(line)}`);
  const value = (field: Field) => values[fields.indexOf(field)] ?? "";
  const number = (field: Field) => Number(value(field));
  const ifSet = (field: Field) => value(field) === "" ? undefined : value(field);
  const ifNumber = (field: Field) => value(field) === "" ? undefined : number(field);
  return {
    id: value("pane_id"),
    session: value("session_name"),
    windowIndex: number("window_index"),
    windowName: value("window_name"),
    paneIndex: number("pane_index"),
    pid: number("pane_pid"),
    command: value("pane_current_command"),
    isDead: value("pane_dead") === "1",
    deadStatus: ifNumber("pane_dead_status"),
    deadSignal: ifNumber("pane_dead_signal"),
    deadAt: ifNumber("pane_dead_time"),
    isInMode: value("pane_in_mode") !== "" && value("pane_in_mode") !== "0",
    width: number("pane_width"),
    height: number("pane_height"),
    cursor: { x: number("cursor_x"), y: number("cursor_y"), visible: value("cursor_flag") === "1" },
    historySize: number("history_size"),
    createdAt: number("session_created"),
    agent: ifSet("@muster_agent"),
    runtime: ifSet("@muster_runtime"),
    isActive: value("pane_active") === "1" && value("window_active") === "1",
    server: { pid: number("pid"), host: value("host") },
  };
}
