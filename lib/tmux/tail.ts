/**
 * The last rows of a pane, and those that come. tmux numbers no row for good: of a full history it drops the oldest tenth,
 * and on `clear-history` all of it. A follower therefore holds each look at a pane against the one before.
 *
 * @module
 */

import type { Io } from "../io/mod.ts";
import { isTargetMissing } from "./look.ts";
import { type Pane, paneFormat, parsePane } from "./pane.ts";
import type { TmuxServer } from "./server.ts";
import { isTarget, type Target, tmuxTarget } from "./target.ts";

/** The rows of a pane at one moment. An index counts from the oldest row that the history held at that moment. */
export interface RowsLook {
  /** The index of the first of {@linkcode rows}; 0 where the whole history was read. */
  readonly first: number;
  /** Rows of the history and all of the screen. */
  readonly rows: readonly string[];
  /** The index of the row that the cursor is in. */
  readonly cursor: number;
  /** Rows of the history; the screen's first has this index. */
  readonly historySize: number;
  /** Rows that the history can hold. */
  readonly historyLimit: number;
  /** Columns. */
  readonly width: number;
  /** Rows of the screen. */
  readonly height: number;
  /** The program draws on the alternate screen, which has no history of its own. */
  readonly isAlternate: boolean;
}

/** A pane and its rows. */
export interface PaneRows extends RowsLook {
  /** The pane. */
  readonly pane: Pane;
}

/** The last rows of a pane. */
export interface LastRows {
  /** The pane. */
  readonly pane: Pane;
  /** The rows asked for, empty ones at the end left out. */
  readonly rows: readonly string[];
  /** What {@linkcode followRows} goes on from. */
  readonly look: PaneRows;
}

/** Why rows do not follow those before: the history or the screen was cleared, or more came than the history holds. */
export type Gap = "cleared" | "lost";

/** Rows that came. */
export interface FollowedRows {
  /** The rows. */
  readonly rows: readonly string[];
  /** Set where they may not follow the rows handed out before. */
  readonly gap?: Gap;
}

/** What two looks at a pane have in common. */
export type Alignment =
  /** A row is at its index of before, less `by`. */
  | { readonly by: number }
  /** Rows below the index `known` are known, and none of the others; with a gap where no overlap was found. */
  | { readonly known: number; readonly gap?: Gap };

/** Rows of history that a look reads unless it is asked for more. */
const spareRows = 300;

/** Fewer equal rows than these, of more, may be a coincidence. */
const fewestRows = 3;

/** The last rows of a pane, empty ones at the end left out; `undefined` where there is no such pane. */
export async function lastRows(
  server: TmuxServer,
  target: Target,
  count: number,
  signal?: AbortSignal,
): Promise<LastRows | undefined> {
  let look = await lookAtRows(server, target, Math.max(count, spareRows), signal);
  if (look && look.first > 0 && lengthOf(look.rows) < count) look = await lookAtRows(server, target, "all", signal);
  if (!look) return undefined;
  const end = lengthOf(look.rows);
  return { pane: look.pane, rows: look.rows.slice(Math.max(0, end - count), end), look };
}

/**
 * Rows as they come, until the pane is dead or gone. A row is handed out when the cursor has left it, or when it stood
 * through two looks; one that changes later is handed out again. Empty rows wait for a row that follows them.
 *
 * @throws the signal's reason when it aborts.
 */
export async function* followRows(
  io: Io,
  server: TmuxServer,
  start: PaneRows,
  signal: AbortSignal,
): AsyncGenerator<FollowedRows> {
  const target = { paneId: start.pane.id };
  let before = followedFrom(start);
  let main: Followed | undefined;
  for (let pause = 20;; pause = Math.min(250, pause * 1.3)) {
    await io.clock.delay(pause, signal);
    let now = await lookAtRows(server, target, spareRows, signal);
    if (!now) return;
    let [base, alignment] = alignWith(before, main, now);
    if (now.first > 0 && (!("by" in alignment) || now.first + alignment.by > firstUnhanded(base))) {
      now = await lookAtRows(server, target, "all", signal);
      if (!now) return;
      [base, alignment] = alignWith(before, main, now);
    }
    // What stands under an alternate screen comes back when the program leaves it.
    main = now.isAlternate ? (main ?? (before.look.isAlternate ? undefined : before)) : undefined;
    const { rows, followed } = take(base, now, alignment);
    const gap = "known" in alignment ? alignment.gap : undefined;
    const hasGrown = !("by" in alignment) || now.cursor + alignment.by > base.look.cursor;
    before = followed;
    if (hasGrown) pause = 20;
    if (rows.length > 0 || gap) yield { rows, gap };
    if (now.pane.isDead) return;
  }
}

/**
 * Finds the rows of a look in the next one. tmux moves rows to lower indices by whole tenths of a full history, or by all
 * that was cleared. A move must leave every row that was in the history as it was; rows of the screen may have been drawn
 * anew. Of several moves the one that keeps the most rows is taken: of equal rows none is told apart.
 *
 * @example
 * ```ts
 * import { alignRows, type RowsLook } from "./tail.ts";
 *
 * const before: RowsLook = {
 *   first: 0, rows: ["a", "b", ""], cursor: 1, historySize: 0, historyLimit: 100, width: 9, height: 3, isAlternate: false,
 * };
 * const now = { ...before, rows: ["a", "b", "c", "d"], cursor: 3, historySize: 1 };
 * const alignment = alignRows(before, now);
 * if (!("by" in alignment) || alignment.by !== 0) throw new Error("unreachable");
 * ```
 */
export function alignRows(before: RowsLook, now: RowsLook): Alignment {
  if (now.width !== before.width) return alignReflowed(before, now);
  const inPlace = overlap(before, now, 0);
  if (inPlace && now.historySize === before.historySize && (now.isAlternate || isSame(before, now))) return { by: 0 };
  const step = Math.max(1, Math.floor(now.historyLimit / 10));
  const isFull = now.historySize >= now.historyLimit - step;
  // A taller screen takes rows back from the history.
  const hasRoom = (by: number) => now.historySize + by >= before.historySize || now.height !== before.height;
  let best: { by: number; rows: number } | undefined;
  for (let by = 0; by <= (isFull ? before.cursor : 0); by += step) {
    const found = hasRoom(by) ? overlap(before, now, by) : undefined;
    if (!found || found.rows === 0 || !(found.isWhole || found.historyRows > 0)) continue;
    if (by > 0 && !isEnough(before, found.rows)) continue;
    if (!best || found.rows > best.rows) best = { by, rows: found.rows };
  }
  if (best) return { by: best.by };
  const gap = { known: 0, gap: "lost" } as const;
  if (now.first > 0) return gap; // more of the history may tell
  const isWiped = hasLostAll(before, now, inPlace?.rows ?? 0);
  const mayStand = inPlace && hasRoom(0) && !isWiped && (!isFull || before.historySize === now.historySize);
  if (mayStand && (inPlace.rows > 0 || before.historySize > 0)) return { by: 0 };
  for (let by = 1; by <= before.cursor; by++) {
    const found = overlap(before, now, by);
    if (found?.isWhole && found.rows > 0 && isEnough(before, found.rows)) return { by };
  }
  if (mayStand) return { by: 0 }; // drawn anew, all of it
  const isCleared = now.historySize < before.historySize ? !isFull : now.cursor < before.cursor || !isFull;
  if (!isCleared) return gap;
  return isClearedHistory(before, now) ? { by: before.historySize } : { known: 0, gap: "cleared" };
}

/** How many rows of the look before, down to its cursor, stand where a move brings them. */
interface Overlap {
  /** Those that are not empty. */
  readonly rows: number;
  /** Of them, those that were in the history. */
  readonly historyRows: number;
  /** Every row above the cursor stands there, as where a program only appends. */
  readonly isWhole: boolean;
}

/** `undefined` where the move would have changed a row of the history. */
function overlap(before: RowsLook, now: RowsLook, by: number): Overlap | undefined {
  let [rows, historyRows, isWhole] = [0, 0, true];
  for (let at = Math.max(before.first, now.first + by); at < before.cursor; at++) {
    const row = rowAt(before, at);
    const isHistory = at < before.historySize;
    if (row !== rowAt(now, at - by)) {
      if (isHistory) return undefined;
      isWhole = false;
    } else if (row !== "") {
      rows++;
      if (isHistory) historyRows++;
    }
  }
  return { rows, historyRows, isWhole };
}

function rowAt(look: RowsLook, at: number): string | undefined {
  return look.rows[at - look.first];
}

function isSame(before: RowsLook, now: RowsLook): boolean {
  return before.cursor === now.cursor && before.height === now.height &&
    Array.from({ length: now.height }, (_, row) => now.historySize + row)
      .every((at) => rowAt(before, at) === rowAt(now, at));
}

function isEnough(before: RowsLook, rows: number): boolean {
  return rows >= fewestRows || rows * 2 > texts(before).length;
}

/** The rows above the cursor that are not empty. */
function texts(look: RowsLook): string[] {
  return look.rows.slice(0, look.cursor - look.first).filter((row) => row !== "");
}

/** Whether nothing of a screen without a history stands in its place, and that was no program that draws it anew. */
function hasLostAll(before: RowsLook, now: RowsLook, inPlace: number): boolean {
  if (now.isAlternate || before.isAlternate || before.historySize > 0 || inPlace > 0) return false;
  return texts(before).length > 0 &&
    (now.cursor < before.cursor || now.historySize > 0 || now.historyLimit === 0);
}

/** Whether the history alone was cleared, under a screen with nothing above the cursor. */
function isClearedHistory(before: RowsLook, now: RowsLook): boolean {
  const by = before.historySize;
  const screen = before.rows.slice(by - before.first);
  const y = before.cursor - by;
  return by > 0 && now.cursor === y && screen.slice(0, y).every((row) => row === "") &&
    screen.every((row, at) => at === y ? now.rows[at]?.startsWith(row) : now.rows[at] === row);
}

/** Another width breaks lines elsewhere: the text tells how far it is known. */
function alignReflowed(before: RowsLook, now: RowsLook): Alignment {
  if (now.first > 0) return { known: 0, gap: "lost" }; // more of the history may tell
  const text = now.rows.join("").replace(/\s/g, "");
  for (const end of [before.cursor, before.historySize]) {
    const known = before.rows.slice(0, Math.max(0, end - before.first)).join("").replace(/\s/g, "").slice(-4000);
    const at = known === "" ? -1 : text.lastIndexOf(known);
    if (at >= 0) return { known: rowsOfText(now.rows, at + known.length) };
  }
  if (now.isAlternate || before.historySize === 0) return { known: now.historySize };
  return { known: now.historySize, gap: "lost" };
}

/** How many rows hold that many characters, spaces not counted. */
function rowsOfText(rows: readonly string[], length: number): number {
  let left = length;
  let count = 0;
  while (left > 0 && count < rows.length) left -= (rows[count++] ?? "").replace(/\s/g, "").length;
  return count;
}

/** A look, and for each of its rows what was handed out there. */
interface Followed {
  readonly look: PaneRows;
  readonly handed: readonly (string | undefined)[];
}

function followedFrom(look: PaneRows): Followed {
  const end = lengthOf(look.rows);
  return { look, handed: look.rows.map((row, at) => at < end ? row : undefined) };
}

/** The index of the first row that was not handed out. */
function firstUnhanded({ look, handed }: Followed): number {
  const at = handed.indexOf(undefined);
  return look.first + (at < 0 ? handed.length : at);
}

/** Aligns a look with the one before, or with that before an alternate screen which the program has left. */
function alignWith(before: Followed, main: Followed | undefined, now: PaneRows): [Followed, Alignment] {
  const base = !now.isAlternate && main ? main : before;
  return [base, alignRows(base.look, now)];
}

/** The rows of a look that are to be handed out. */
function take(
  before: Followed,
  now: PaneRows,
  alignment: Alignment,
): { readonly rows: string[]; readonly followed: Followed } {
  const end = lengthOf(now.rows);
  const rows: string[] = [];
  const handed = now.rows.map((row, index) => {
    const at = now.first + index;
    const { was, seen } = pastOf(before, now, at, row, alignment);
    if (row === "" && was !== undefined) return "";
    const willStay = at !== now.cursor || now.pane.isDead || (row !== "" && seen === row);
    if (index >= end || !willStay || row === was) return was;
    rows.push(row);
    return row;
  });
  return { rows, followed: { look: now, handed } };
}

/** What was handed out in the place of a row, and what was last seen there. */
function pastOf(
  { look, handed }: Followed,
  now: PaneRows,
  at: number,
  row: string,
  alignment: Alignment,
): { readonly was?: string; readonly seen?: string } {
  if ("by" in alignment) {
    const index = at + alignment.by - look.first;
    return index < 0 ? { was: row } : { was: handed[index], seen: look.rows[index] };
  }
  const isPrompt = at === now.cursor && !alignment.gap && handed[look.cursor - look.first] === row;
  return at < alignment.known || isPrompt ? { was: row } : {};
}

/** How many rows there are without the empty ones at the end. */
function lengthOf(rows: readonly string[]): number {
  return rows.findLastIndex((row) => row !== "") + 1;
}

async function lookAtRows(
  server: TmuxServer,
  target: Target,
  history: number | "all",
  signal?: AbortSignal,
): Promise<PaneRows | undefined> {
  const words = tmuxTarget(target);
  let printed: string;
  try {
    printed = await server.run([
      ["display-message", "-p", "-t", words, paneFormat],
      ["display-message", "-p", "-t", words, "#{history_limit} #{alternate_on}"],
      ["capture-pane", "-p", "-S", history === "all" ? "-" : `-${history}`, "-t", words],
    ], { signal });
  } catch (error) {
    if (isTargetMissing(error)) return undefined;
    throw error;
  }
  const [line = "", facts = "", ...captured] = printed.split("\n");
  const pane = parsePane(line);
  if (!isTarget(target, pane)) return undefined;
  const [limit, alternate] = facts.split(" ");
  const rows = captured.slice(0, -1).map((row) => row.trimEnd());
  // tmux's own words, in the last row of the screen.
  if (pane.isDead && /^Pane is dead( \(|$)/.test(rows.at(-1) ?? "")) rows[rows.length - 1] = "";
  const { historySize, width, height } = pane;
  return {
    pane,
    first: Math.max(0, historySize + height - rows.length),
    rows,
    cursor: historySize + pane.cursor.y,
    historySize,
    historyLimit: Number(limit),
    width,
    height,
    isAlternate: alternate === "1",
  };
}
