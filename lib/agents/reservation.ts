/**
 * Several turns at a pane that no other sender comes between: the pane's lease is held throughout by a ticket of its own, and
 * each turn goes before that one. Who resets an agent and then sends to it does so.
 *
 * @module
 */

import { type Io, MusterError } from "../io/mod.ts";
import { joinCommand, leavePane, makeTicket, type Target, type Ticket, type TmuxServer } from "../tmux/mod.ts";
import { type Missed, takeTurn, type TurnOptions } from "./turn.ts";

/** A pane that is held for several turns; see the module. Disposing of it lets the next sender in. */
export class PaneReservation implements AsyncDisposable {
  /** What holds the pane: turns that are taken `before` it are the holder's own. */
  readonly ticket: Ticket;
  readonly #server: TmuxServer;
  readonly #paneIds: Set<string>;

  /** Use {@linkcode reservePane}. */
  constructor(server: TmuxServer, paneId: string, ticket: Ticket) {
    this.#server = server;
    this.#paneIds = new Set([paneId]);
    this.ticket = ticket;
  }

  /** Says that the pane has been made anew, with the same ticket in its queue. */
  moveTo(paneId: string): void {
    this.#paneIds.add(paneId);
  }

  /** Leaves the queue. What cannot be left goes with this process, and the next in line proves that. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const paneId of this.#paneIds) {
      try {
        await leavePane(this.#server, paneId, this.ticket);
      } catch (error) {
        if (!(error instanceof MusterError)) throw error;
      }
    }
  }
}

/** Waits for a turn at a pane, in order, and keeps it. */
export async function reservePane(
  io: Io,
  server: TmuxServer,
  target: Target,
  options: TurnOptions,
): Promise<PaneReservation | Missed> {
  const turn = await takeTurn(io, server, target, options);
  if ("missed" in turn) return turn;
  await using _leaving = turn;
  const { id } = turn.view.pane;
  const owner = await server.host.leaseOwner(options.signal);
  // One that is not woken: a signal that nobody waits for stays in the server for good.
  const ticket = makeTicket(owner.pid, owner.nowMs, { start: owner.start });
  const reservation = new PaneReservation(server, id, ticket);
  try {
    await server.run([joinCommand(id, ticket, turn.ticket)], { signal: options.signal });
  } catch (error) {
    await reservation[Symbol.asyncDispose](); // tmux may have done it all the same
    throw error;
  }
  return reservation;
}
