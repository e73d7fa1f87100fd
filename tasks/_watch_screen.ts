/**
 * The table of `muster fleet watch` on a terminal: drawn in place, a row at a time and only where it changed, so that nothing
 * flickers and little is written.
 *
 * @module
 */

import type { WatchedAgent } from "../lib/fleet/mod.ts";
import { type Io, visible } from "../lib/io/mod.ts";
import { formatDuration, type Style } from "../lib/task/mod.ts";
import { stringWidth } from "../lib/deps/string_width.ts";
import { cutToWidth } from "./_table.ts";

const clear = "\x1b[H\x1b[2J";

/** What a screen shows beside the agents. */
export interface WatchView {
  /** The agents. */
  readonly agents: readonly WatchedAgent[];
  /** The index of the one that keys act on. */
  readonly selected: number;
  /** Rows below the table: the tail of an agent, or nothing. */
  readonly below: readonly string[];
  /** The last line: what was done, or what is being typed. */
  readonly footer: string;
}

/** The words for the keys. */
export const keyLine = "↑↓ choose · s send · t tail · a attach · r reset · q quit";

/** A terminal that is drawn on. Disposing of it gives the person's screen back. */
export class WatchScreen implements Disposable {
  readonly #io: Io;
  readonly #style: Style;
  #drawn: string[] = [];
  #size = "";

  /** Takes the terminal. */
  constructor(io: Io, style: Style) {
    this.#io = io;
    this.#style = style;
    this.enter();
  }

  /** Takes the terminal, as at first and after another program had it. */
  enter(): void {
    this.#drawn = [];
    this.#size = "";
    this.#io.terminal.setRaw(true);
    this.#io.terminal.out("\x1b[?1049h\x1b[?25l");
  }

  /** Gives the terminal back. */
  leave(): void {
    this.#io.terminal.out("\x1b[?25h\x1b[?1049l");
    this.#io.terminal.setRaw(false);
  }

  [Symbol.dispose](): void {
    this.leave();
  }

  /** Draws what is not as it was. */
  draw(view: WatchView): void {
    const { terminal } = this.#io;
    const [columns, rows] = [terminal.columns(), terminal.rows()];
    const size = `${columns}x${rows}`;
    const lines = this.#lines(view, columns, rows);
    let out = "";
    if (size !== this.#size) {
      out += clear;
      this.#drawn = [];
    }
    for (let at = 0; at < rows; at++) {
      const line = lines[at] ?? "";
      if (this.#drawn[at] === line || this.#drawn[at] === undefined && line === "") continue;
      out += `\x1b[${at + 1};1H${line}\x1b[K`;
    }
    this.#size = size;
    this.#drawn = lines;
    // One write between the two marks of a synchronized update: a terminal that knows them shows it all at once.
    if (out !== "") terminal.out(`\x1b[?2026h${out}\x1b[?2026l`);
  }

  #lines(view: WatchView, columns: number, rows: number): string[] {
    const footer = cutToWidth(view.footer, columns);
    const room = Math.max(1, rows - 2);
    const below = view.below.slice(-Math.max(0, Math.floor(room / 2)));
    const tableRoom = Math.max(1, room - (below.length > 0 ? below.length + 1 : 0));
    const first = Math.max(0, Math.min(view.selected - tableRoom + 1, view.agents.length - tableRoom));
    const shown = view.agents.slice(first, first + tableRoom);
    const now = this.#io.clock.now();
    const table = watchRows(shown, columns, now);
    const [heading = "", ...body] = table;
    const lines = [
      this.#style.quiet(heading),
      ...body.map((row, at) => first + at === view.selected ? `\x1b[7m${row}\x1b[27m` : this.#paint(row, shown[at])),
      ...(below.length > 0 ? ["", ...below.map((row) => this.#style.quiet(cutToWidth(visible(row), columns)))] : []),
    ].slice(0, rows - 1);
    while (lines.length < rows - 1) lines.push("");
    return [...lines, footer];
  }

  #paint(row: string, agent: WatchedAgent | undefined): string {
    const { style: paint } = { style: this.#style };
    if (agent?.state === "dead") return paint.bad(row);
    return agent?.state === "dialog" || agent?.state === "draft" ? paint.warn(row) : row;
  }
}

function messageWords(message: WatchedAgent["message"]): string {
  if (!message) return "";
  return [message.outcome, cutToWidth(visible(message.text), 24)].filter((part) => part !== "").join(": ");
}

/** The heading and a row for each agent, cut to the width; the last line of an agent takes what is left of it. */
export function watchRows(agents: readonly WatchedAgent[], columns: number, now: number): string[] {
  const heading = ["AGENT", "STATE", "SINCE", "CLASS", "MEMORY", "LAST MESSAGE", "LAST LINE"];
  const cells = agents.map((agent) => [
    visible(agent.name),
    agent.state,
    `${formatSeconds(now - agent.since)}${agent.isOlder ? "+" : ""}`,
    visible(agent.class),
    agent.memoryBytes === undefined ? "" : `${Math.round(agent.memoryBytes / 1024 / 1024)} MB`,
    messageWords(agent.message),
    visible(agent.note ?? agent.lastLine),
  ]);
  const rows = [heading, ...cells];
  const widths = heading.map((_cell, column) => Math.max(...rows.map((row) => stringWidth(row[column] ?? ""))));
  return rows.map((row) => {
    const text = row.map((cell, column) =>
      column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - stringWidth(cell) + 2)
    ).join("");
    return cutToWidth(text.trimEnd(), columns);
  });
}

/** A time to the second, so that what rests is written once a second at most. */
function formatSeconds(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds}s` : formatDuration(Math.floor(seconds / 60) * 60_000);
}
