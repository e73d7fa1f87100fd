/**
 * Sends a message to a pane and proves what became of it: a turn at the pane, whatever a killed sender left there finished
 * first, one delivery, one receipt. Nothing is typed into a dialog, a draft, or a screen in copy mode.
 *
 * @module
 */

import { didYouMean } from "../config/did_you_mean.ts";
import { ulid } from "../deps/ulid.ts";
import { byteLength, type Io, MusterError } from "../io/mod.ts";
import {
  clearLeftover,
  isTargetMissing,
  listPanes,
  type PaneMark,
  readBuffer,
  type Target,
  targetText,
  type Ticket,
  type TmuxServer,
} from "../tmux/mod.ts";
import { awaitWork } from "./await_work.ts";
import { Delivery, type Ended, interruptedWhileTyping } from "./delivery.ts";
import type { Eye } from "./eye.ts";
import { eyeFor } from "./eye_for.ts";
import type { AwaitedEvent, Receipt } from "./receipt.ts";
import type { Runtime } from "./runtime.ts";
import { beginRecord, digestOf, dropOldRecords, endRecord, readRecord, recordName } from "./sent_record.ts";
import { screenOf } from "./screen.ts";
import { slashCommandEye } from "./slash_command_eye.ts";
import { refuseUnseenState } from "./unseen_state.ts";
import { type Missed, takeTurn, type Turn } from "./turn.ts";
import { callWitness, detectProgram, runtimeOfPane } from "./witness.ts";

/** Options of {@linkcode sendText}. */
export interface SendOptions {
  /** How long to wait for proof, in milliseconds. @default {30_000} */
  readonly timeoutMs?: number;
  /** How long to wait for a pane that a dialog, a draft or copy mode keeps, in milliseconds. @default {0} */
  readonly whenFreeMs?: number;
  /** How many times Enter is pressed again while the message is seen standing. @default {3} */
  readonly retries?: number;
  /** The kind of the pane's program; the one that muster started there by default, else `command`. */
  readonly runtime?: string;
  /**
   * The caller answers for the kind, so that a program which nobody knows is typed into even where it has the whole screen.
   *
   * @default {true} where `runtime` is given
   */
  readonly isOverride?: boolean;
  /** A key of the caller's: a second send of the same message to the same session answers with the first one's receipt. */
  readonly id?: string;
  /** The part of the message by which two are the same for `id`; all of it by default. */
  readonly body?: string;
  /** The message is a command of the agent program's own, such as `/compact`. @default {false} */
  readonly isSlashCommand?: boolean;
  /** A ticket of the caller's own that has the lease, see `reservePane`: the message goes before it. */
  readonly before?: Ticket;
  /** What to wait for once the message has arrived; nothing by default. */
  readonly wait?: AwaitedEvent;
  /** Takes each step, as a person would be told with `-v`. */
  readonly trace?: (step: string) => void;
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
  return new Send(io, server, message, session, {}).missed({ missed: "not_found" }, why);
}

/**
 * Sends a message, checked by `checkMessage`, to a target on a server.
 *
 * @returns A receipt, whatever happened to the message.
 * @throws {MusterError} when tmux cannot be used at all, the id was used for another message, or the pane's program is never
 * seen idle and `wait` is for that: nothing is typed then.
 */
export async function sendText(
  io: Io,
  server: TmuxServer,
  target: Target,
  message: string,
  options: SendOptions = {},
): Promise<Receipt> {
  const send = new Send(io, server, message, "session" in target ? target.session : "", options);
  const { timeoutMs = 30_000, trace, signal, wait, before } = options;
  trace?.(`socket ${server.socket}, target ${targetText(target)}`);
  const freeEnd = io.clock.elapsed() + (options.whenFreeMs ?? 0);
  const attempt = async () => {
    const turn = await takeTurn(io, server, target, { timeoutMs, trace, signal, before });
    if ("missed" in turn) return send.missed(turn, turn.view ? turn : await absence(server, target));
    await using _leaving = turn;
    return await send.in(turn);
  };
  send.begin();
  let receipt = await attempt();
  // A pane that a person has is left between two looks, so that who answers the dialog can have it.
  while (send.isPassing && io.clock.elapsed() < freeEnd) {
    await io.clock.delay(freePauseMs, signal);
    send.begin();
    receipt = await attempt();
  }
  const hasArrived = receipt.outcome === "submitted" || receipt.outcome === "queued";
  try {
    if (options.id !== undefined && receipt.attempts > 0) await dropOldRecords(server, signal);
    return wait !== undefined && hasArrived
      ? await awaitWork(io, server, receipt, send.awaiting(wait, timeoutMs))
      : receipt;
  } catch (error) {
    // What became of the message is known, whatever fails afterwards.
    if (!(error instanceof MusterError) || signal?.aborted) throw error;
    if (wait === undefined || !hasArrived) return receipt;
    const reason = `it arrived, and then the agent could not be looked at: ${error.message}`;
    return { ...receipt, awaited: { event: wait, reached: false }, reason };
  }
}

/** How often a pane that a person has is looked at, in milliseconds. */
const freePauseMs = 250;

/** The least time for proof, in milliseconds, however late the turn came: what is typed must be seen. */
export const leastProofMs = 3_000;

/** The record of an id, as one send uses it. */
interface OwnRecord {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
}

class Send {
  readonly #io: Io;
  readonly #server: TmuxServer;
  readonly #message: string;
  readonly #wanted: string;
  readonly #options: SendOptions;
  readonly #started: number;
  readonly #messageId: string;
  /** A person has the pane, and may leave it. */
  isPassing = false;
  #attemptedAt = 0;
  #turn?: Turn;
  #delivery?: Delivery;
  #runtime?: Runtime;
  #eye?: Eye;
  #text?: string;
  #escaped?: string;
  #unfinished?: Receipt["unfinished"];

  constructor(io: Io, server: TmuxServer, message: string, wanted: string, options: SendOptions) {
    this.#io = io;
    this.#server = server;
    this.#message = message;
    this.#wanted = wanted;
    this.#options = options;
    this.#started = io.clock.elapsed();
    this.#messageId = ulid(io.clock.now());
  }

  /** Begins an attempt: the time for proof is counted from here. */
  begin(): void {
    this.#attemptedAt = this.#io.clock.elapsed();
    this.isPassing = false;
  }

  /** The receipt where there was no turn. */
  missed({ missed, view }: Missed, why: Pick<Receipt, "reason" | "hint">): Receipt {
    return this.#receipt({ outcome: missed === "late" ? "held" : missed, ...pick(why) }, view);
  }

  /** Delivers in a turn. */
  async in(turn: Turn): Promise<Receipt> {
    this.#turn = turn;
    this.#delivery = undefined;
    this.isPassing = false;
    const { pane } = turn.view;
    if (pane.runtime === "holder") {
      const reason = "the pane is the holder's, which keeps the server alive and reads nothing";
      return this.#receipt({ outcome: "held", reason });
    }
    const { id } = this.#options;
    const own = id === undefined ? undefined : {
      id,
      name: await recordName(pane.agent ?? pane.id, id),
      digest: await digestOf(this.#options.body ?? this.#message),
    };
    const { host } = this.#server;
    const given = this.#options.runtime;
    const runtime = this.#runtime = await runtimeOfPane(host, this.#io, pane, given, this.#options.signal);
    if (this.#options.wait === "idle") refuseUnseenState(runtime, "idle", pane.agent ?? pane.session);
    this.#eye = eyeFor(runtime, this.#message);
    try {
      const left = turn.leftover && await this.#finishLeftover(runtime, turn.leftover, own);
      if (left) return left;
      const earlier = own && await this.#earlier(own);
      if (earlier) return earlier;
      return await this.#deliver(runtime, own);
    } catch (error) {
      return this.#interrupted(error, own);
    }
  }

  /** What {@linkcode awaitWork} needs to know of this message. */
  awaiting(event: AwaitedEvent, timeoutMs: number) {
    const { signal, trace } = this.#options;
    const transcript = this.#delivery?.transcript;
    return { event, timeoutMs, runtime: this.#runtime as Runtime, eye: this.#eye as Eye, transcript, signal, trace };
  }

  async #deliver(runtime: Runtime, own: OwnRecord | undefined): Promise<Receipt> {
    const { retries = 3, trace, signal, isSlashCommand } = this.#options;
    const { text, escaped } = isSlashCommand ? { text: this.#message } : prepared(runtime, this.#message);
    this.#text = text;
    this.#escaped = escaped;
    const eye = this.#eye = isSlashCommand ? slashCommandEye(runtime, text) : eyeFor(runtime, text);
    const turn = this.#turn as Turn;
    const { host } = this.#server;
    const delivery = this.#delivery = new Delivery(this.#io, turn, runtime, eye, {
      timeoutMs: this.#leftMs(),
      retries,
      isKindGiven: this.#options.isOverride ?? this.#options.runtime !== undefined,
      trace,
      signal,
      detect: async () => {
        const found = await detectProgram(host, this.#io, turn.view.pane, signal);
        return "detected" in found ? found.detected : undefined;
      },
      ...((runtime.transcript ?? runtime.database) && !isSlashCommand
        ? { callWitness: () => callWitness(host, this.#io, turn.view.pane, runtime, this.#message, signal) }
        : {}),
    });
    const messageId = this.#messageId;
    const begun = own && beginRecord(own.name, { messageId, digest: own.digest });
    const ended = await delivery.deliver(text, { messageId, record: own?.name ?? "" }, begun);
    this.isPassing = ended.isPassing ?? false;
    if (ended.outcome === "unknown" && delivery.attempts === 0) turn.leaveUnfinished();
    return this.#kept(ended, own);
  }

  /** The receipt of what was typed, kept under its id in the step that leaves the turn. */
  #kept(ended: Ended, own: OwnRecord | undefined): Receipt {
    const receipt = this.#receipt(ended);
    const turn = this.#turn as Turn;
    if (own && turn.hasTyped) {
      turn.keep(endRecord(own.name, { messageId: receipt.messageId, digest: own.digest, receipt }));
    }
    return receipt;
  }

  /** The receipt of an earlier send of the same id. */
  async #earlier({ id, name, digest }: OwnRecord): Promise<Receipt | undefined> {
    const record = await readRecord(this.#server, name, this.#options.signal);
    if (!record) return undefined;
    if (record.digest !== digest) {
      throw new MusterError("usage", `the id was used for another message: ${id}`, {
        hint: "an id stands for one message: give this one another",
      });
    }
    if (record.receipt) return { ...record.receipt, repeated: true };
    const reason = "an earlier send of this id was killed: whether the message was taken is not known";
    return { ...this.#receipt({ outcome: "unknown", reason }), messageId: record.messageId, repeated: true };
  }

  /**
   * Finishes what a killed sender left in the pane, without typing any of it again. A receipt where this send ends with
   * that: the message is this very one, or cannot be told from what somebody typed behind it.
   */
  async #finishLeftover(runtime: Runtime, mark: PaneMark, own: OwnRecord | undefined): Promise<Receipt | undefined> {
    const turn = this.#turn as Turn;
    const { retries = 3, trace, signal } = this.#options;
    trace?.(`found the unfinished message ${mark.messageId} of process ${mark.ticket}`);
    if (turn.view.pane.isInMode || runtime.read(screenOf(turn.view)).state === "dialog") {
      this.isPassing = true;
      const reason = turn.view.pane.isInMode
        ? "the pane is in copy mode"
        : eyeFor(runtime, "").obstacle(turn.view)?.reason;
      return this.#receipt({ outcome: "held", reason });
    }
    const text = await readBuffer(this.#server, mark.ticket, signal);
    let ended: Ended = { outcome: "unknown", reason: "a sender was killed, and its message is not to be seen" };
    let attempts = 0;
    if (text !== undefined) {
      const eye = eyeFor(runtime, text);
      const end = this.#io.clock.elapsed() + Math.min(this.#leftMs(), leftoverShowsWithinMs);
      // What was pasted may not be drawn yet.
      const place = await turn.watch(end, (view) => {
        const seen = eye.leftover(view);
        return seen === "absent" && !mark.isEntered || seen === "unclear" ? undefined : seen;
      });
      const isEmpty = place === "absent" || place === "late" && eye.leftover(turn.view) === "absent";
      const isReadable = runtime.read(screenOf(turn.view)).composer !== undefined;
      if (place === "mixed" || place === "late" && !isEmpty && isReadable) {
        this.isPassing = true;
        const reason =
          `a draft is in the composer, with the unfinished message ${mark.messageId} of a sender that was killed`;
        return this.#receipt({
          outcome: "held",
          reason,
          hint: "look at the pane, and send or clear what stands there",
        });
      }
      if (place === "standing") {
        const options = { timeoutMs: this.#leftMs(), retries, isKindGiven: true, trace, signal };
        const delivery = new Delivery(this.#io, turn, runtime, eye, options);
        ended = await delivery.finish(mark);
        attempts = delivery.attempts;
      } else if (place === "queued" || place === "said" && mark.isEntered) {
        ended = { outcome: place === "queued" ? "queued" : "submitted" };
      }
      this.#unfinished = { messageId: mark.messageId, outcome: ended.outcome };
      if (ended.outcome !== "unknown") await this.#closeRecord(mark, ended, text, attempts);
    }
    await clearLeftover(this.#server, turn.view.pane.id, mark.ticket, signal);
    if (ended.outcome === "unsubmitted" && mark.record !== own?.name) {
      return this.#receipt({ ...ended, outcome: "held" });
    }
    // The very same text, which had never been submitted: this is the send that brings it.
    const isSame = text === this.#message && !mark.isEntered && mark.record === "" && own === undefined;
    if (isSame && (ended.outcome === "submitted" || ended.outcome === "queued")) {
      return { ...this.#receipt(ended), attempts, messageId: mark.messageId };
    }
    await turn.look();
  }

  /** Keeps the receipt of a message that another sender was killed over, under the id that it had. */
  async #closeRecord(
    { record: name, messageId }: PaneMark,
    ended: Ended,
    text: string,
    attempts: number,
  ): Promise<void> {
    const { signal } = this.#options;
    const begun = name === "" ? undefined : await readRecord(this.#server, name, signal);
    if (begun?.messageId !== messageId) return;
    const { unfinished: _own, id: _id, ...receipt } = this.#receipt(ended);
    const kept = { ...receipt, messageId, bytes: byteLength(text), attempts };
    await this.#server.run([endRecord(name, { ...begun, receipt: kept })], { signal });
  }

  /** A send that something stopped halfway says what was done; one that typed nothing fails as it failed. */
  #interrupted(error: unknown, own: OwnRecord | undefined): Receipt {
    const turn = this.#turn as Turn;
    const { signal } = this.#options;
    if (!turn.hasTyped) {
      if (!isTargetMissing(error)) throw error;
      return this.#receipt({ outcome: "not_found", reason: "the pane is gone" });
    }
    if (!(error instanceof MusterError) && !signal?.aborted) throw error;
    const said = error instanceof MusterError ? error.message : "it was stopped";
    const receipt = this.#kept({ outcome: "unknown", reason: `the text may have been typed, then ${said}` }, own);
    if (!signal?.aborted) return receipt;
    turn.leaveUnfinished();
    throw interruptedWhileTyping(error, signal, turn.view.pane.id, receipt.attempts);
  }

  /** What is left of the time for proof. */
  #leftMs(): number {
    const { timeoutMs = 30_000 } = this.#options;
    return Math.max(Math.min(timeoutMs, leastProofMs), this.#attemptedAt + timeoutMs - this.#io.clock.elapsed());
  }

  #receipt(ended: Ended, seen = this.#turn?.view): Receipt {
    const pane = seen?.pane;
    const { outcome, ...why } = ended;
    const { attempts = 0, typedAt, provedAt, sighting } = this.#delivery ?? {};
    const hasArrived = outcome === "submitted" || outcome === "queued";
    const isTold = hasArrived && sighting?.seen !== undefined;
    const isDeadAgent = outcome === "dead" && pane?.agent !== undefined;
    return {
      outcome,
      evidence: isTold ? "transcript" : hasArrived || outcome === "unsubmitted" ? "screen" : "none",
      messageId: this.#messageId,
      target: {
        host: pane?.server.host ?? "",
        socket: this.#server.socket,
        session: pane?.session ?? this.#wanted,
        pane: pane?.id ?? "",
      },
      bytes: byteLength(this.#text ?? this.#message),
      ...(this.#escaped === undefined ? {} : { escaped: this.#escaped }),
      attempts,
      elapsedMs: tenths(this.#io.clock.elapsed() - this.#started),
      ...(hasArrived && typedAt !== undefined && provedAt !== undefined ? { proofMs: tenths(provedAt - typedAt) } : {}),
      ...(isTold && sighting.path !== undefined ? { transcript: sighting.path } : {}),
      ...(this.#options.id === undefined ? {} : { id: this.#options.id }),
      ...(this.#unfinished ? { unfinished: this.#unfinished } : {}),
      ...pick(isDeadAgent ? { hint: `muster fleet start ${pane.agent} starts it again`, ...why } : why),
      ...(hasArrived || !seen ? {} : { screen: seen.rows.slice(-20) }),
    };
  }
}

/** How long what a killed sender pasted may take to be drawn, in milliseconds. */
const leftoverShowsWithinMs = 3_000;

/** The message as the program has to be given it, so that it takes it as it is. */
function prepared(runtime: Runtime, message: string): { readonly text: string; readonly escaped?: string } {
  const given = runtime.prepare?.(message) ?? { text: message };
  if ("text" in given) return given;
  throw new MusterError("usage", given.refused, { hint: given.hint });
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** The reason and the hint alone, each only where there is one. */
function pick({ reason, hint }: Pick<Receipt, "reason" | "hint">): Pick<Receipt, "reason" | "hint"> {
  return { ...(reason === undefined ? {} : { reason }), ...(hint === undefined ? {} : { hint }) };
}

/** Why there is no such target: no server, or no such session, with the one that looks alike. */
export async function absence(server: TmuxServer, target: Target): Promise<Pick<Receipt, "reason" | "hint">> {
  const panes = await listPanes(server);
  if (panes.length === 0) {
    return {
      reason: `no tmux server on the socket ${server.socket}`,
      hint: "name another with -L, or start the fleet",
    };
  }
  const names = [...new Set(panes.map(({ session }) => session))];
  const wanted = targetText(target);
  const near = "session" in target ? didYouMean(target.session, names, (name) => name) : undefined;
  const shown = `sessions on the socket ${server.socket}: ${names.slice(0, 10).join(", ")}`;
  return { reason: `no such target: ${wanted}`, hint: near === undefined ? shown : `${near} ${shown}` };
}
