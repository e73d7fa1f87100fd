/**
 * Sends a message to a pane and proves what became of it: look, paste, see it shown, Enter, see it gone. Each step waits
 * for what the screen shows, never for a time; nothing is typed into a dialog, a draft, or a screen in copy mode.
 *
 * @module
 */

import { ulid } from "../deps/ulid.ts";
import { type Io, MusterError } from "../io/mod.ts";
import {
  breakIfDead,
  type JoinedPane,
  joinPane,
  leaveQueue,
  listPanes,
  makeTicket,
  type PaneView,
  pasteText,
  pressEnter,
  readQueue,
  readsLines,
  type Target,
  targetText,
  type Ticket,
  ticketProcess,
  TmuxError,
  TmuxServer,
  viewPane,
} from "../tmux/mod.ts";
import { composerEye } from "./composer_eye.ts";
import { echoEye } from "./echo_eye.ts";
import type { Eye, Obstacle } from "./eye.ts";
import { byteLength } from "./message.ts";
import type { Outcome, Receipt } from "./receipt.ts";
import { runtimeOf } from "./runtimes.ts";

/** Options of {@linkcode sendText}. */
export interface SendOptions {
  /** How long to wait for proof, in milliseconds. @default {30_000} */
  readonly timeoutMs?: number;
  /** How many times Enter is pressed again while the message is seen standing. @default {3} */
  readonly retries?: number;
  /** The kind of the pane's program; the one that muster started there by default, else `command`. */
  readonly runtime?: string;
  /** Stops the send; the receipt says what was done so far. */
  readonly signal?: AbortSignal;
}

/** The receipt for an agent that has no pane. */
export function noPane(
  io: Io,
  server: TmuxServer,
  session: string,
  message: string,
  why: Pick<Receipt, "reason" | "hint">,
): Receipt {
  const options = { started: io.clock.elapsed(), wanted: session, ticket: "" };
  return new Send(io, server, message, options).receipt("not_found", why);
}

/** The shortest wait before Enter is pressed again, and how many times the time to show the paste. */
const patience = { leastMs: 400, renders: 4 } as const;

/** Bytes that a terminal in line mode keeps of a line. */
const maxLineBytes = 4095;

/** How often the next in line looks whether the owner of a lease lives, in milliseconds. */
const proveEveryMs = 250;

/** Pauses between two looks, in milliseconds. */
const pauses = { first: 1, longest: 6 } as const;

/**
 * Sends a message, checked by `checkMessage`, to a target on a server.
 *
 * @returns A receipt, whatever happened to the message.
 * @throws {MusterError} when tmux cannot be used at all.
 */
export async function sendText(
  io: Io,
  server: TmuxServer,
  target: Target,
  message: string,
  options: SendOptions = {},
): Promise<Receipt> {
  const started = io.clock.elapsed();
  const owner = await server.host.leaseOwner(options.signal);
  const ticket = makeTicket(owner.pid, owner.nowMs);
  const wanted = "session" in target ? target.session : "";
  const send = new Send(io, server, message, { started, wanted, ticket, ...options });
  const joined = await joinPane(server, target, ticket, options.signal);
  if (!joined) return send.receipt("not_found", await absence(server, target));
  try {
    return await send.to(joined);
  } finally {
    await leaveQueue(server, joined.view.pane.id, ticket).catch((error) => {
      // The queue went with its pane; or the ticket stays until this process ends, and the next in line proves that.
      if (!(error instanceof MusterError)) throw error;
    });
  }
}

/** What a send is, beside its options. */
interface Sending {
  /** When it began, on the clock that never jumps. */
  readonly started: number;
  /** The session that was asked for. */
  readonly wanted: string;
  /** Its place in the queue of the pane's lease. */
  readonly ticket: Ticket;
}

class Send {
  readonly #io: Io;
  readonly #server: TmuxServer;
  readonly #message: string;
  readonly #options: SendOptions & Sending;
  readonly #end: number;
  readonly #messageId: string;
  #attempts = 0;
  /** When the text was typed, on the clock that never jumps. */
  #typedAt?: number;
  #view?: PaneView;

  constructor(
    io: Io,
    server: TmuxServer,
    message: string,
    options: SendOptions & Sending,
  ) {
    this.#io = io;
    this.#server = server;
    this.#message = message;
    this.#options = options;
    this.#end = options.started + (options.timeoutMs ?? 30_000);
    this.#messageId = ulid(io.clock.now());
  }

  /** Delivers to the pane of the first view. From here on the pane goes by its id, which no other will have. */
  async to({ view: first, queue }: JoinedPane): Promise<Receipt> {
    this.#view = first;
    if (first.pane.runtime === "holder") {
      return this.receipt("held", {
        reason: "the pane is the holder's, which keeps the server alive and reads nothing",
      });
    }
    const kind = this.#options.runtime ?? first.pane.runtime ?? "command";
    const runtime = runtimeOf(kind);
    const eye = runtime.readsScreen ? composerEye(runtime, this.#message) : echoEye(this.#message);
    try {
      const isFirst = queue[0] === this.#options.ticket;
      const view = isFirst ? first : await this.#waitForTurn(first.pane.id);
      if (!view) return this.receipt("not_found", { reason: "the pane is gone" });
      if ("outcome" in view) return view;
      return await this.#type(eye, kind, view) ?? await this.#submit(eye);
    } catch (error) {
      return this.#interrupted(error);
    }
  }

  /** Waits until those who came before have left; a receipt where time runs out first. */
  async #waitForTurn(paneId: string): Promise<PaneView | Receipt | undefined> {
    const { ticket, signal } = this.#options;
    let lookedAt = -Infinity;
    while (true) {
      const queue = await readQueue(this.#server, paneId, signal);
      if (!queue) return undefined;
      const place = queue.indexOf(ticket);
      const [owner = ""] = queue;
      if (place === 0) return await this.#lookAgain(0);
      if (place < 0) throw new MusterError("failed", `somebody emptied the queue of the pane: ${paneId}`);
      if (this.#isLate()) {
        return this.receipt("held", { reason: `another send has the pane: process ${ticketProcess(owner)}` });
      }
      const now = this.#io.clock.elapsed();
      // The next in line looks whether the owner lives; the others wait for the next in line.
      if (place === 1 && now - lookedAt > proveEveryMs) {
        lookedAt = now;
        await breakIfDead(this.#server, paneId, owner);
      }
      await this.#io.clock.delay(Math.min(250, 5 * place, Math.max(0, this.#end - now)), signal);
    }
  }

  /** Types the message once the pane may be typed into; a receipt where it may not. */
  async #type(eye: Eye, kind: string, first: PaneView): Promise<Receipt | undefined> {
    const { ticket, signal } = this.#options;
    let view: PaneView | undefined = first;
    while (true) {
      if (!view) return this.receipt("not_found", { reason: "the pane is gone" });
      if (view.pane.isDead) return this.receipt("dead", { reason: "the pane's program has ended" });
      if (view.pane.isInMode) {
        return this.receipt("held", { reason: "the pane is in copy mode", hint: "leave it with q in that pane" });
      }
      const obstacle = eye.obstacle(view) ?? this.#screenObstacle(kind, view) ??
        await this.#lineObstacle(kind, view.pane.id);
      if (obstacle && (!obstacle.passes || this.#isLate())) {
        const { reason, hint } = obstacle;
        return this.receipt("held", { reason, ...(hint ? { hint } : {}) });
      }
      if (!obstacle) {
        this.#typedAt = this.#io.clock.elapsed();
        if (await pasteText(this.#server, view.pane, ticket, this.#message, signal)) return undefined;
        this.#typedAt = undefined;
        if (!await this.#ownsPane()) return this.receipt("held", { reason: "the lease of the pane was lost" });
        if (this.#isLate()) return this.receipt("held", { reason: "the screen changed at each look" });
      }
      view = await this.#lookAgain();
    }
  }

  /** A program that took over the whole screen, and that nobody knows, may well read keys: `v` in `less` opens an editor. */
  #screenObstacle(kind: string, { pane }: PaneView): Obstacle | undefined {
    if (!pane.isFullScreen || runtimeOf(kind).readsScreen || this.#options.runtime !== undefined) return undefined;
    return {
      reason: `${pane.command} has the whole screen, and may take text as keys`,
      hint: "--runtime command types all the same",
    };
  }

  /** A terminal in line mode would drop the end of a long line, and its echo would not show that. */
  async #lineObstacle(kind: string, paneId: string): Promise<Obstacle | undefined> {
    if (runtimeOf(kind).readsScreen) return undefined;
    const longest = this.#message.split("\n").reduce((most, line) => Math.max(most, byteLength(line)), 0);
    if (longest <= maxLineBytes) return undefined;
    if (await readsLines(this.#server, paneId, this.#options.signal) === false) return undefined;
    return {
      reason: `a line of ${longest} bytes: the program may read lines, of which a terminal keeps ${maxLineBytes}`,
    };
  }

  /** Presses Enter when the message is seen to stand, and sees what becomes of it. */
  async #submit(eye: Eye): Promise<Receipt> {
    const shown = await this.#watch((view) => eye.isShown(view) ? "shown" : undefined);
    if (shown !== "shown") return this.#lost(shown, "the text was typed and did not show; Enter was not pressed");
    const renderMs = this.#io.clock.elapsed() - (this.#typedAt ?? 0);
    const retryAfterMs = Math.max(patience.leastMs, patience.renders * renderMs);
    for (let tries = 1 + (this.#options.retries ?? 3); tries > 0; tries--) {
      const unpressed = await this.#press(eye);
      if (unpressed) return unpressed;
      const until = Math.min(this.#end, this.#io.clock.elapsed() + retryAfterMs * this.#attempts);
      let standing = false;
      const fate = await this.#watch((view) => {
        const seen = eye.fate(view);
        standing = seen === "standing";
        if (seen === "taken" || seen === "queued") return seen;
        return standing && this.#io.clock.elapsed() >= until ? "standing" : undefined;
      });
      if (fate === "taken") return this.receipt("submitted");
      if (fate === "queued") return this.receipt("queued");
      if (fate === "late" && standing || fate === "standing" && tries === 1) {
        return this.receipt("unsubmitted", {
          reason: `the text stands in the composer; Enter did not take, ${this.#attempts} times`,
          hint: "look at the pane, and press Enter there",
        });
      }
      if (fate !== "standing") return this.#lost(fate, "Enter was pressed, and the message was not seen taken");
    }
    throw new MusterError("internal", "a send ended without an outcome");
  }

  /** Whether this send is still the first in the queue of its pane. */
  async #ownsPane(): Promise<boolean> {
    const { ticket, signal } = this.#options;
    return (await readQueue(this.#server, (this.#view as PaneView).pane.id, signal))?.[0] === ticket;
  }

  /** Presses Enter on the screen that was seen; one that changed meanwhile is looked at again. A receipt where it cannot. */
  async #press(eye: Eye): Promise<Receipt | undefined> {
    const { ticket, signal } = this.#options;
    while (!await pressEnter(this.#server, (this.#view as PaneView).pane, ticket, signal)) {
      if (!await this.#ownsPane()) {
        return this.receipt("unknown", {
          reason: "the text was typed, and the lease of the pane was lost before Enter",
        });
      }
      if (this.#isLate()) {
        return this.receipt("unsubmitted", {
          reason:
            `the text stands in the composer; the screen changed at each look, and Enter was pressed ${this.#attempts} times`,
          hint: "look at the pane, and press Enter there",
        });
      }
      const stands = (view: PaneView) => this.#attempts === 0 ? eye.isShown(view) : eye.fate(view) === "standing";
      const again = await this.#watch((view) => stands(view) ? "stands" : undefined);
      if (again !== "stands") return this.#lost(again, "the text was typed, and the screen changed before Enter");
    }
    this.#attempts++;
  }

  /** Looks until there is something to see, the pane ends, or time runs out. */
  async #watch<T extends string>(see: (view: PaneView) => T | undefined): Promise<T | "gone" | "dead" | "late"> {
    for (let pause: number = pauses.first;; pause = Math.min(pauses.longest, pause * 1.5)) {
      const isLast = this.#isLate();
      const view = await this.#lookAgain(0);
      if (!view) return "gone";
      // In copy mode the screen is the past, and keys go to tmux: nothing is seen, so nothing is pressed.
      const seen = view.pane.isInMode ? undefined : see(view);
      if (seen) return seen;
      if (view.pane.isDead) return "dead";
      if (isLast) return "late";
      await this.#io.clock.delay(pause, this.#options.signal);
    }
  }

  async #lookAgain(pauseMs: number = pauses.longest): Promise<PaneView | undefined> {
    if (pauseMs > 0) await this.#io.clock.delay(pauseMs, this.#options.signal);
    const view = await viewPane(this.#server, { paneId: (this.#view as PaneView).pane.id }, this.#options.signal);
    if (view) this.#view = view;
    return view;
  }

  #isLate(): boolean {
    return this.#io.clock.elapsed() >= this.#end;
  }

  #lost(how: string, reason: string): Receipt {
    if (how === "late") return this.receipt("unknown", { reason });
    return this.receipt("dead", { reason: `the pane's program ended: ${reason}` });
  }

  /** A send that something stopped halfway says what was done; one that typed nothing fails as it failed. */
  #interrupted(error: unknown): Receipt {
    const isGone = error instanceof TmuxError && (error.reason === "no_target" || error.reason === "no_server");
    if (isGone && this.#attempts === 0 && this.#typedAt === undefined) {
      return this.receipt("not_found", { reason: "the pane is gone" });
    }
    if (this.#typedAt === undefined) throw error;
    const { signal } = this.#options;
    if (signal?.aborted && signal.reason instanceof MusterError) {
      const { id } = (this.#view as PaneView).pane;
      throw new MusterError("interrupted", signal.reason.message, {
        hint: `the text was typed into ${id} and Enter pressed ${this.#attempts} times: look before you send it again`,
        cause: error,
      });
    }
    if (!(error instanceof MusterError)) throw error;
    return this.receipt("unknown", { reason: `the text may have been typed, then ${error.message}` });
  }

  receipt(outcome: Outcome, why: Pick<Receipt, "reason" | "hint"> = {}): Receipt {
    const pane = this.#view?.pane;
    const hasArrived = outcome === "submitted" || outcome === "queued";
    return {
      outcome,
      evidence: hasArrived || outcome === "unsubmitted" ? "screen" : "none",
      messageId: this.#messageId,
      target: {
        host: pane?.server.host ?? "",
        socket: this.#server.socket,
        session: pane?.session ?? this.#options.wanted,
        pane: pane?.id ?? "",
      },
      bytes: byteLength(this.#message),
      attempts: this.#attempts,
      elapsedMs: Math.round((this.#io.clock.elapsed() - this.#options.started) * 10) / 10,
      ...why,
      ...(hasArrived || !this.#view ? {} : { screen: this.#view.rows.slice(-20) }),
    };
  }
}

/** Why there is no such target: no server, or no such session, with those that look alike. */
async function absence(server: TmuxServer, target: Target): Promise<Pick<Receipt, "reason" | "hint">> {
  const panes = await listPanes(server);
  if (panes.length === 0) {
    return {
      reason: `no tmux server on the socket ${server.socket}`,
      hint: "name another with -L, or start the fleet",
    };
  }
  const names = [...new Set(panes.map(({ session }) => session))];
  const wanted = targetText(target);
  const shown = names.slice(0, 10).join(", ");
  return { reason: `no such target: ${wanted}`, hint: `sessions on the socket ${server.socket}: ${shown}` };
}
