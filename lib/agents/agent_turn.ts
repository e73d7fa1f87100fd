/**
 * What answering, interrupting and the like have in common: a turn at an agent's pane, read by its runtime, and a report.
 *
 * @module
 */

import type { Io } from "../io/mod.ts";
import { listPanes, type Target, type Ticket, type TmuxServer } from "../tmux/mod.ts";
import type { Runtime } from "./runtime.ts";
import { takeTurn, type Turn } from "./turn.ts";
import { runtimeOfPane } from "./witness.ts";

/** Options of {@linkcode inAgentTurn}. */
export interface AgentTurnOptions {
  /** How long to wait for the turn and for what follows, in milliseconds. @default {30_000} */
  readonly timeoutMs?: number;
  /** A ticket of the caller's own that has the lease, see `reservePane`: this turn goes before it. */
  readonly before?: Ticket;
  /** The kind of the pane's program; the one that muster started there by default, else `command`. */
  readonly runtime?: string;
  /** Takes each step, as a person would be told with `-v`. */
  readonly trace?: (step: string) => void;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** What came of a turn. */
export interface TurnReport<Outcome extends string> {
  /** How it ended. */
  readonly outcome: Outcome;
  /** Why, unless it did what was asked. */
  readonly reason?: string;
  /** The pane, such as `%3`; empty where none was found. */
  readonly pane: string;
  /** From the first look to the last. */
  readonly elapsedMs: number;
  /** The last rows of the pane, unless it did what was asked. */
  readonly screen?: readonly string[];
}

type Said<Report> = Omit<Report, "pane" | "elapsedMs" | "screen">;

/** Does a job in a turn at a pane, and reports; `held`, `dead` and `not_found` where there is no turn to have. */
export async function inAgentTurn<
  Outcome extends string,
  Report extends TurnReport<Outcome | "held" | "dead" | "not_found">,
>(
  io: Io,
  server: TmuxServer,
  target: Target,
  { timeoutMs = 30_000, before, runtime, trace, signal }: AgentTurnOptions,
  job: (turn: Turn, runtime: Runtime, endMs: number) => Promise<Said<Report>>,
): Promise<Report> {
  const started = io.clock.elapsed();
  const report = (said: Said<Report>, turn?: Turn) => {
    const elapsedMs = Math.round((io.clock.elapsed() - started) * 10) / 10;
    const pane = turn?.view.pane.id ?? "";
    const screen = "reason" in said && turn ? { screen: turn.view.rows.slice(-20) } : {};
    return { ...said, pane, elapsedMs, ...screen } as unknown as Report;
  };
  const turn = await takeTurn(io, server, target, { timeoutMs, before, trace, signal });
  if ("missed" in turn) {
    const isLate = turn.missed === "late";
    const hasServer = isLate || (await listPanes(server, signal)).length > 0;
    const reason = turn.reason ?? (hasServer ? "no such pane" : `no tmux server on the socket ${server.socket}`);
    return report({ outcome: isLate ? "held" : "not_found", reason } as unknown as Said<Report>);
  }
  await using _leaving = turn;
  const { pane } = turn.view;
  if (pane.isDead) {
    return report({ outcome: "dead", reason: "the pane's program has ended" } as unknown as Said<Report>, turn);
  }
  const kind = await runtimeOfPane(server.host, io, pane, runtime, signal);
  return report(await job(turn, kind, started + timeoutMs), turn);
}
