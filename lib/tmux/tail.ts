import type { Io } from "../io/mod.ts";
import { isTargetMissing } from "./look.ts";
import { type Pane, paneFormat, parsePane } from "./pane.ts";
import type { TmuxServer } from "./server.ts";
import { isTarget, type Target, tmuxTarget } from "./target.ts";

/** Rows of a pane, from its history and its screen, each with its number from the first that it ever showed. */
export interface PaneRows {
  /** The pane. */
  readonly pane: Pane;
  /** The number of the first row. */
  readonly first: number;
  /** The rows. */
  readonly rows: readonly string[];
}

/** The last rows of a pane, empty ones at the end left out; `undefined` where there is no such pane. */
export async function lastRows(
  server: TmuxServer,
  target: Target,
  count: number,
  signal?: AbortSignal,
): Promise<PaneRows | undefined> {
  const words = tmuxTarget(target);
  let printed: string;
  try {
    printed = await server.run([
      ["display-message", "-p", "-t", words, paneFormat],
      ["capture-pane", "-p", "-S", `-${count}`, "-t", words],
    ], { signal });
  } catch (error) {
    if (isTargetMissing(error)) return undefined;
    throw error;
  }
  const [line = "", ...captured] = printed.split("\n");
  const pane = parsePane(line);
  if (!isTarget(target, pane)) return undefined;
  const rows = captured.map((row) => row.trimEnd());
  while (rows.length > 0 && rows.at(-1) === "") rows.pop();
  const from = Math.max(0, pane.historySize - count);
  const cut = Math.max(0, rows.length - count);
  return { pane, first: from + cut, rows: rows.slice(cut) };
}

/**
 * Rows as they come, until the signal aborts or the pane is gone. A row is handed out once it will likely stay: when the
 * cursor has left it, or it stood through two looks; a program that redraws a row has it handed out again.
 */
export async function* followRows(
  io: Io,
  server: TmuxServer,
  start: PaneRows,
  signal: AbortSignal,
): AsyncGenerator<string[]> {
  const target = { paneId: start.pane.id };
  const handed = new Map(start.rows.map((row, at) => [start.first + at, row]));
  let before = handed;
  for (let pause = 20; !signal.aborted; pause = Math.min(250, pause * 1.3)) {
    try {
      await io.clock.delay(pause, signal);
    } catch {
      return; // the person has seen enough
    }
    const now = await lastRows(server, target, start.pane.height + 2000);
    if (!now) return;
    const seen = new Map(now.rows.map((row, at) => [now.first + at, row]));
    const cursor = now.pane.historySize + now.pane.cursor.y;
    const fresh = [...seen].filter(([at, row]) =>
      at >= start.first && handed.get(at) !== row && (at < cursor || before.get(at) === row) &&
      (row !== "" || at > Math.max(...handed.keys(), -1))
    );
    before = seen;
    for (const [at, row] of fresh) handed.set(at, row);
    for (const at of handed.keys()) if (at < now.first) handed.delete(at);
    if (fresh.length > 0) {
      pause = 20;
      yield fresh.map(([, row]) => row);
    }
    if (now.pane.isDead) return;
  }
}
