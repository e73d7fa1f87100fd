/**
 * One sender's turn at a pane: it joins the queue of the pane's lease, waits for those who came before, and from then on
 * looks, pastes and presses keys until it leaves. Everything that muster types goes through a turn.
 *
 * @module
 */

import { HostError, type Io, MusterError } from "../io/mod.ts";
import {
  awaitSignal,
  breakIfDead,
  endWaiting,
  exactTarget,
  isTargetMissing,
  type JoinedPane,
  joinPane,
  type Key,
  leavePane,
  makeTicket,
  type PaneMark,
  type PaneView,
  pasteText,
  pressKeys,
  readLease,
  type Target,
  type Ticket,
  ticketProcess,
  type TmuxCommand,
  type TmuxServer,
  viewLeased,
  viewPane,
} from "../tmux/mod.ts";
import { type Settled, settled, taken } from "./_settled.ts";

/** Options of {@linkcode takeTurn}. */
export interface TurnOptions {
  /** How long others are waited for, in milliseconds. */
  readonly timeoutMs: number;
  /** A ticket of the caller's own that has the lease, see `reservePane`: this turn goes before it. */
  readonly before?: Ticket;
  /** Takes what a person would be told with `-v`. */
  readonly trace?: (step: string) => void;
  /** Stops the waiting, and everything that the turn asks of tmux. */
  readonly signal?: AbortSignal;
}

/** Why there was no turn. */
export interface Missed {
  /** No such pane; others had the lease until time ran out. */
  readonly missed: "not_found" | "late";
  /** Why. */
  readonly reason?: string;
  /** What was seen of the pane. */
  readonly view?: PaneView;
}

/** How often the next in line looks whether the owner of a lease lives, in milliseconds. */
const proveEveryMs = 250;

/**
 * How long a waiter pauses between two looks of its own, in milliseconds: one that is woken has to see only that an owner
 * was killed; one that is not, over ssh, has to be quick, and a send takes a few looks for each before it.
 */
function queuePauseMs(place: number, isWoken: boolean): number {
  return isWoken ? Math.min(5_000, proveEveryMs * place) : place === 1 ? 5 : Math.min(500, 12 * place);
}

/** How long a signal may take to come behind the turn that it tells of, in milliseconds: none comes of a client killed. */
const signalWithinMs = 1_000;

/** Pauses between two looks, in milliseconds; the second look follows the first at once. */
export const pauses = { first: 1, longest: 6 } as const;

/**
 * Waits for a turn at a pane, in order. Leave it with `await using`.
 *
 * @throws {MusterError} when tmux cannot be used at all, or somebody else emptied the queue.
 */
export async function takeTurn(
  io: Io,
  server: TmuxServer,
  target: Target,
  options: TurnOptions,
): Promise<Turn | Missed> {
  const { signal, trace = () => {} } = options;
  const end = io.clock.elapsed() + options.timeoutMs;
  const owner = await server.host.leaseOwner(signal);
  const ticket = makeTicket(owner.pid, owner.nowMs, { start: owner.start, waits: mayWait(server) });
  const joined = await joinPane(server, await exactTarget(server, target, signal), ticket, signal, options.before);
  if (!joined) return { missed: "not_found" };
  const { view } = joined;
  const paneId = view.pane.id;
  trace(`joined the queue of ${paneId} as number ${joined.queue.indexOf(ticket) + 1}`);
  try {
    if (joined.queue[0] === ticket) return new Turn(io, server, ticket, view, joined.mark, signal);
    await using wake = new Wake(io, server, paneId, ticket, signal);
    let lookedAt = -Infinity;
    while (true) {
      const lease = await readLease(server, paneId, signal);
      if (!lease) return { missed: "not_found", reason: "the pane is gone", view };
      const place = lease.queue.indexOf(ticket);
      if (place < 0) throw new MusterError("failed", `somebody emptied the queue of the pane: ${paneId}`);
      const [first = ""] = lease.queue;
      const now = io.clock.elapsed();
      if (place > 0 && now >= end) {
        await leavePane(server, paneId, ticket);
        return { missed: "late", reason: `another send has the pane: process ${ticketProcess(first)}`, view };
      }
      // Each looks whether the one ahead of it lives: several may have been killed at once.
      const ahead = lease.queue[place - 1];
      if (ahead !== undefined && now - lookedAt > proveEveryMs * place) {
        lookedAt = now;
        await breakIfDead(server, paneId, ahead);
      }
      const woken = place === 0
        ? await wake.now()
        : await wake.within(Math.min(queuePauseMs(place, wake.canWake), Math.max(0, end - now)));
      if (woken?.queue[0] === ticket) {
        trace("its turn has come");
        return new Turn(io, server, ticket, woken.view, woken.mark, signal);
      }
    }
  } catch (error) {
    await leaveQuietly(server, paneId, ticket);
    throw error;
  }
}

/** Whether a call of tmux may wait for long: over ssh it would keep others from being made. */
function mayWait({ host }: TmuxServer): boolean {
  return host.destination === "";
}

/** A call of tmux that comes back when a ticket's turn may have come, with a look at the pane. */
class Wake implements AsyncDisposable {
  readonly #io: Io;
  readonly #server: TmuxServer;
  readonly #paneId: string;
  readonly #ticket: Ticket;
  readonly #signal?: AbortSignal;
  readonly #stop = new AbortController();
  #call?: Promise<Settled<JoinedPane | undefined>>;

  constructor(io: Io, server: TmuxServer, paneId: string, ticket: Ticket, signal?: AbortSignal) {
    this.#io = io;
    this.#server = server;
    this.#paneId = paneId;
    this.#ticket = ticket;
    this.#signal = signal;
  }

  /** Whether there is such a call. */
  get canWake(): boolean {
    return mayWait(this.#server);
  }

  /** Waits so long at most; what was seen when it was woken, nothing where it was not. */
  async within(ms: number): Promise<JoinedPane | undefined> {
    const done = new AbortController();
    const either = this.#signal ? AbortSignal.any([this.#signal, done.signal]) : done.signal;
    const pause = this.#io.clock.delay(ms, either);
    try {
      if (this.canWake) {
        this.#call ??= settled(awaitSignal(this.#server, this.#paneId, this.#ticket, this.#stop.signal));
      }
      const ended = await Promise.race([...(this.#call ? [this.#call] : []), pause]);
      return ended ? this.#take(ended) : undefined;
    } finally {
      done.abort();
      pause.catch(() => {});
    }
  }

  /** Looks at the pane, now that the turn has come. The signal that comes with it is taken. */
  async now(): Promise<JoinedPane | undefined> {
    if (!this.canWake) return await viewLeased(this.#server, this.#paneId, this.#signal);
    const woken = await this.within(signalWithinMs);
    if (woken || !this.#call) return woken;
    await endWaiting(this.#server, this.#ticket);
    return this.#take(await this.#call);
  }

  #take(ended: Settled<JoinedPane | undefined>): JoinedPane | undefined {
    this.#call = undefined;
    return taken(ended);
  }

  /** Ends the call where it still waits: by a signal to it, since tmux keeps the place of a client that is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#call) return;
    try {
      await endWaiting(this.#server, this.#ticket);
    } catch (error) {
      this.#stop.abort(error);
    }
    await this.#call;
  }
}

/** What stays in the queue goes with this process, and the next in line proves that. */
async function leaveQuietly(...leaving: Parameters<typeof leavePane>): Promise<void> {
  try {
    await leavePane(...leaving);
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
  }
}

/** A turn at a pane; see {@linkcode takeTurn}. */
export class Turn implements AsyncDisposable {
  /** The pane's server. */
  readonly server: TmuxServer;
  /** The place in the queue. */
  readonly ticket: Ticket;
  /** What a sender that was killed left in the pane. */
  readonly leftover?: PaneMark;
  readonly #io: Io;
  readonly #signal?: AbortSignal;
  #view: PaneView;
  #mark?: PaneMark;
  #isUnfinished = false;
  #record?: TmuxCommand;

  /** Use {@linkcode takeTurn}. */
  constructor(io: Io, server: TmuxServer, ticket: Ticket, view: PaneView, mark?: PaneMark, signal?: AbortSignal) {
    this.#io = io;
    this.#signal = signal;
    this.#view = view;
    this.server = server;
    this.ticket = ticket;
    if (mark && mark.ticket !== ticket) this.leftover = mark;
  }

  /** The pane as it was last seen. It goes by its id, which no other will have. */
  get view(): PaneView {
    return this.#view;
  }

  /** Whether anything was pasted, or may have been. */
  get hasTyped(): boolean {
    return this.#mark !== undefined;
  }

  /** Looks again, after a pause; `undefined` where the pane is gone. */
  async look(pauseMs: number = 0): Promise<PaneView | undefined> {
    if (pauseMs > 0) await this.#io.clock.delay(pauseMs, this.#signal);
    const view = await viewPane(this.server, { paneId: this.#view.pane.id }, this.#signal);
    if (view) this.#view = view;
    return view;
  }

  /** Looks until there is something to see, the pane ends, or time runs out. Nothing is seen in copy mode. */
  async watch<T extends string>(
    endMs: number,
    see: (view: PaneView) => T | undefined | Promise<T | undefined>,
    longestPauseMs: number = pauses.longest,
  ): Promise<T | "gone" | "dead" | "late"> {
    for (let pause = 0;; pause = Math.min(longestPauseMs, Math.max(pauses.first, pause * 1.5))) {
      const isLast = this.#io.clock.elapsed() >= endMs;
      const view = await this.look();
      if (!view) return "gone";
      const seen = view.pane.isInMode ? undefined : await see(view);
      if (seen) return seen;
      if (view.pane.isDead) return "dead";
      if (isLast) return "late";
      if (pause > 0) await this.#io.clock.delay(pause, this.#signal);
    }
  }

  /** Whether this turn still is the first in the queue: not where somebody took it away. `undefined` where the pane is gone. */
  async isOwner(): Promise<boolean | undefined> {
    const lease = await readLease(this.server, this.#view.pane.id, this.#signal);
    return lease && lease.queue[0] === this.ticket;
  }

  /**
   * Pastes a message and marks the pane with it; whether it was pasted.
   *
   * @throws {TmuxError} of reason `no_target` or `no_server`: nothing was pasted; after any other {@linkcode hasTyped}.
   */
  async paste(text: string, message: Pick<PaneMark, "messageId" | "record">, record?: string): Promise<boolean> {
    const mark = { ticket: this.ticket, isEntered: false, ...message };
    this.#mark = mark;
    try {
      const isPasted = await pasteText(this.server, this.#view.pane, text, { mark, record }, this.#signal);
      if (!isPasted) this.#mark = undefined;
      return isPasted;
    } catch (error) {
      const isUnsent = error instanceof HostError && !error.mayHaveRun;
      if (isTargetMissing(error) || isUnsent) this.#mark = undefined;
      throw error;
    }
  }

  /** Presses Enter behind a message: this turn's own, or the one that was left over. */
  async enter(mark: PaneMark | undefined = this.#mark): Promise<boolean> {
    return await this.press(["Enter"], mark ? { ...mark, isEntered: true } : undefined);
  }

  /** Presses keys; whether they were pressed. */
  async press(keys: readonly Key[], mark?: PaneMark): Promise<boolean> {
    return await pressKeys(this.server, this.#view.pane, this.ticket, keys, { mark, signal: this.#signal });
  }

  /** Leaves the mark and the text behind: what was typed may still stand, and the next sender is to know it by them. */
  leaveUnfinished(): void {
    this.#isUnfinished = true;
  }

  /** Has a command run in the step that leaves. */
  keep(record: TmuxCommand): void {
    this.#record = record;
  }

  /** Leaves the queue, and takes the mark and the buffer of what was typed away. */
  async [Symbol.asyncDispose](): Promise<void> {
    const typed = this.#isUnfinished ? undefined : this.#mark?.ticket;
    await leaveQuietly(this.server, this.#view.pane.id, this.ticket, { typed, record: this.#record });
  }
}
