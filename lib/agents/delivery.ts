/**
 * Brings one message to a pane in one turn: wait until it may be typed, paste, see it shown, Enter, see it gone. Each step
 * waits for what the screen or the transcript shows, never for a time.
 *
 * @module
 */

import { byteLength, type Io, MusterError } from "../io/mod.ts";
import { type Pane, type PaneMark, type PaneView, readsLines } from "../tmux/mod.ts";
import type { Eye, Obstacle, QueuedAlike } from "./eye.ts";
import { longestLine } from "./message.ts";
import type { Outcome } from "./receipt.ts";
import type { Detected } from "./detect_runtime.ts";
import type { Runtime } from "./runtime.ts";
import { screenOf } from "./screen.ts";
import type { TranscriptSighting, TranscriptWatch } from "./transcript.ts";
import { type Settled, settled, taken } from "./_settled.ts";
import { pauses, type Turn } from "./turn.ts";
import { mistaken, type Witness } from "./witness.ts";

/** How a delivery ended. */
export interface Ended {
  /** How. */
  readonly outcome: Outcome;
  /** Why, unless it arrived. */
  readonly reason?: string;
  /** What to do about it. */
  readonly hint?: string;
  /** A person has the pane, and may leave it. */
  readonly isPassing?: true;
}

/** Options of {@linkcode Delivery}. */
export interface DeliveryOptions {
  /** How long to wait for proof, in milliseconds. */
  readonly timeoutMs: number;
  /** How many times Enter is pressed again while the message is seen standing. */
  readonly retries: number;
  /** The kind was named by the caller, who so answers for a program that has the whole screen. */
  readonly isKindGiven: boolean;
  /** Says what program reads the pane's terminal. */
  readonly detect?: () => Promise<Detected | undefined>;
  /** Calls the pane's process as a witness, just before the message is typed. */
  readonly callWitness?: () => Promise<Witness>;
  /** Takes what a person would be told with `-v`. */
  readonly trace?: (step: string) => void;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/**
 * The shortest wait before Enter is pressed again, how many times the time to show the paste, and how many bytes of the
 * message a program may take up in a millisecond: Codex takes 3.5 s for 200 KB in one line.
 */
const patience = { leastMs: 400, renders: 4, bytesAMs: 20 } as const;

/** Bytes that a terminal in line mode keeps of a line. */
const maxLineBytes = 4095;

/** How long after the screen showed a message as taken its transcript may take to have it, in milliseconds. */
const transcriptLagMs = 1_000;

/** How long a draft takes to be drawn at most, where nothing is amiss, in milliseconds. */
const strayAfterMs = 1_000;

/** How long the screen may lag behind the transcript, in milliseconds at least, and in bytes of the message a millisecond. */
const stale = { leastMs: 15_000, bytesAMs: 5 } as const;

/** See the module. */
export class Delivery {
  /** How many times Enter was pressed. */
  attempts = 0;
  /** When the text was typed, on the clock that never jumps. */
  typedAt?: number;
  /** When it was seen to have arrived, on the same clock. */
  provedAt?: number;
  /** What the transcript has of the message. */
  sighting?: TranscriptSighting;
  /** The transcript, where there is one. */
  transcript?: TranscriptWatch;
  readonly #io: Io;
  readonly #turn: Turn;
  readonly #runtime: Runtime;
  readonly #eye: Eye;
  readonly #options: DeliveryOptions;
  #end: number;
  #hasAskedProgram = false;
  #bytes = 0;
  #queued: QueuedAlike = { count: 0, includes: () => false };
  #hasLookedAgain = false;
  #witness?: Promise<Settled<Witness>>;

  /** Prepares a delivery; nothing is looked at or typed yet. */
  constructor(io: Io, turn: Turn, runtime: Runtime, eye: Eye, options: DeliveryOptions) {
    this.#io = io;
    this.#turn = turn;
    this.#runtime = runtime;
    this.#eye = eye;
    this.#options = options;
    this.#end = io.clock.elapsed() + options.timeoutMs;
  }

  /** Types a message and submits it. */
  async deliver(message: string, mark: Pick<PaneMark, "messageId" | "record">, record?: string): Promise<Ended> {
    this.#bytes = byteLength(message);
    return await this.#type(message, mark, record) ?? await this.#submit();
  }

  /** Submits a message that another sender typed, after having been seen to stand by the eye. */
  async finish(mark: PaneMark): Promise<Ended> {
    this.typedAt = this.#io.clock.elapsed();
    // Its sender may have pressed Enter a moment ago.
    if (mark.isEntered) {
      const fate = await this.#fate(this.#io.clock.elapsed() + patience.leastMs);
      if (fate === "taken") return await this.#arrived("submitted");
      if (fate === "queued") return await this.#arrived("queued");
      if (fate !== "standing") return this.#lost(fate, "it was not seen taken");
    }
    return await this.#submit(mark);
  }

  /** Types the message once the pane may be typed into; how it ended where it may not. */
  async #type(
    message: string,
    mark: Pick<PaneMark, "messageId" | "record">,
    record?: string,
  ): Promise<Ended | undefined> {
    const { trace = () => {} } = this.#options;
    let told: string | undefined;
    while (true) {
      const { view } = this.#turn;
      if (view.pane.isDead) return { outcome: "dead", reason: "the pane's program has ended" };
      const obstacle = await this.#obstacle(message);
      const mistake = obstacle?.passes ? await this.#mistake() : undefined;
      if (mistake) return { outcome: "held", reason: mistake };
      if (!obstacle) {
        this.typedAt = this.#io.clock.elapsed();
        trace(`pasting into ${view.pane.id}`);
        const { callWitness } = this.#options;
        this.#queued = this.#eye.queuedAlike(view);
        this.#witness ??= callWitness && settled(callWitness());
        if (await this.#turn.paste(message, mark, record)) return undefined;
        this.typedAt = undefined;
        if (await this.#turn.isOwner() === false) return { outcome: "held", reason: "the lease of the pane was lost" };
        if (this.#isLate()) return { outcome: "held", reason: "the screen changed at each look" };
      } else {
        const { passes, ...why } = obstacle;
        if (!passes) return { outcome: "held", isPassing: true, ...why };
        if (this.#isLate()) return { outcome: "held", ...why };
        if (told !== why.reason) trace(`waiting: ${told = why.reason}`);
      }
      if (!await this.#turn.look(pauses.longest)) return { outcome: "not_found", reason: "the pane is gone" };
    }
  }

  /** A screen that nobody knows is no agent's, where the pane's process is another program; asked once. */
  async #mistake(): Promise<string | undefined> {
    if (this.#hasAskedProgram) return undefined;
    this.#hasAskedProgram = true;
    return mistaken(await this.#options.detect?.(), this.#runtime);
  }

  /** What stands in the way of typing now. */
  async #obstacle(message: string): Promise<Obstacle | undefined> {
    const { view } = this.#turn;
    if (view.pane.isInMode) return { reason: "the pane is in copy mode", hint: "leave it with q in that pane" };
    return this.#eye.obstacle(view) ?? fullScreenObstacle(view.pane, this.#runtime, this.#options.isKindGiven) ??
      await this.#lineObstacle(message);
  }

  /** A terminal in line mode would drop the end of a long line, and its echo would not show that. */
  async #lineObstacle(message: string): Promise<Obstacle | undefined> {
    if (this.#runtime.readsScreen) return undefined;
    const longest = longestLine(message);
    if (longest <= maxLineBytes) return undefined;
    const { server, view } = this.#turn;
    if (await readsLines(server, view.pane.id, this.#options.signal) === false) return undefined;
    return {
      reason: `a line of ${longest} bytes: the program may read lines, of which a terminal keeps ${maxLineBytes}`,
    };
  }

  /** Presses Enter when the message is seen to stand, and sees what becomes of it. */
  async #submit(leftover?: PaneMark): Promise<Ended> {
    const { trace = () => {} } = this.#options;
    const shows = () => this.#turn.watch(this.#end, (view) => this.#eye.isShown(view) ? "shown" : this.#strayFate());
    let isShown = leftover ? "shown" : await shows();
    const renderMs = this.#io.clock.elapsed() - (this.typedAt ?? 0);
    const { detected, transcript, none } = isShown === "shown" ? await this.#witnessed() : {};
    // It has looked again where messages waited, and Enter is for a screen that shows this one.
    if (isShown === "shown" && this.#hasLookedAgain) isShown = await shows();
    if (isShown === "taken" || isShown === "queued") {
      return await this.#arrived(isShown === "taken" ? "submitted" : "queued");
    }
    if (isShown !== "shown") return this.#lost(isShown, "the text was typed and did not show; Enter was not pressed");
    // A composer was recognised: only another agent program speaks against it.
    const mistake = detected?.what === "agent" ? mistaken(detected, this.#runtime) : undefined;
    if (mistake) return { outcome: "unsubmitted", reason: `${mistake}; Enter was not pressed` };
    this.transcript = transcript;
    if (none !== undefined) trace(`no transcript: ${none}`);
    const { leastMs, renders, bytesAMs } = patience;
    const retryAfterMs = Math.max(leastMs, renders * renderMs, this.#bytes / bytesAMs);
    for (let tries = 1 + this.#options.retries;; tries--) {
      const unpressed = await this.#press(leftover);
      if (unpressed) return unpressed;
      const fate = await this.#fate(this.#io.clock.elapsed() + retryAfterMs * this.attempts);
      if (fate === "taken") return await this.#arrived("submitted");
      if (fate === "queued") return await this.#arrived("queued");
      if (fate !== "standing") return this.#lost(fate, "Enter was pressed, and the message was not seen taken");
      if (tries === 1 || this.#isLate()) {
        return {
          outcome: "unsubmitted",
          reason: `the text stands in the composer; Enter did not take, ${this.attempts} times`,
          hint: "look at the pane, and press Enter there",
        };
      }
    }
  }

  /**
   * What the transcript has of a message that does not show: an Enter of before that its program is late with, or a
   * person's, may have submitted it. Looked for once a draft should long have been drawn.
   */
  async #strayFate(): Promise<"taken" | "queued" | undefined> {
    if (this.#io.clock.elapsed() - (this.typedAt ?? 0) < strayAfterMs || !this.#witness) return undefined;
    this.transcript ??= (await this.#witnessed()).transcript;
    return (await this.#lookIntoTranscript())?.seen;
  }

  /**
   * What the pane's process tells. Where messages that look like this one wait in the program's queue, they are counted, so
   * that the transcript's entries of them are told from this one's: the count must stand while the transcript is noted.
   */
  async #witnessed(): Promise<Witness> {
    const { callWitness } = this.#options;
    const first = await this.#witness;
    let witness: Witness = first ? taken(first) : {};
    while (callWitness && witness.transcript && this.#queued.count > 0 && !this.#isLate()) {
      const view = await this.#turn.look();
      if (!view) break;
      this.#hasLookedAgain = true;
      const before = this.#queued;
      this.#queued = this.#eye.queuedAlike(view);
      if (this.#queued.count === before.count) break;
      witness = await callWitness();
    }
    witness.transcript?.reckonWith(this.#queued);
    return witness;
  }

  /** What becomes of a message behind Enter; `standing` where it still stands after a while. */
  async #fate(standingUntil: number): Promise<"taken" | "queued" | "standing" | "gone" | "dead" | "late"> {
    let isStanding = false;
    let told: "taken" | "queued" | undefined;
    let toldAt: number | undefined;
    const fate = await this.#turn.watch(this.#end, async (view) => {
      const seen = this.#eye.fate(view);
      isStanding = seen === "standing";
      if (seen === "taken" || seen === "queued") return seen;
      told = (await this.#lookIntoTranscript())?.seen;
      if (told) {
        toldAt ??= this.#io.clock.elapsed();
        return this.#isScreenStale(view, isStanding, this.#io.clock.elapsed() - toldAt) ? undefined : told;
      }
      return isStanding && this.#io.clock.elapsed() >= standingUntil ? "standing" : undefined;
    });
    // What the transcript has, it has, however the screen goes on; but a program that has ended takes nothing from its queue.
    const isLost = told === "queued" && (fate === "dead" || fate === "gone");
    if (told && fate !== "taken" && fate !== "queued" && !isLost) return told;
    // Enter may have been pressed a moment ago: only what stands for longer does not take.
    return fate === "late" && isStanding && this.#io.clock.elapsed() >= standingUntil ? "standing" : fate;
  }

  /**
   * Whether the screen is behind the transcript, which has the message: it still shows the draft, or that nothing was said
   * yet, or is being drawn. A draft would hold the next sender; what is typed while a program changes its view may be lost.
   */
  #isScreenStale(view: PaneView, isStanding: boolean, sinceMs: number): boolean {
    if (!this.#runtime.readsScreen || sinceMs >= Math.max(stale.leastMs, this.#bytes / stale.bytesAMs)) return false;
    const { composer, state, isFresh = false } = this.#runtime.read(screenOf(view));
    return isStanding || isFresh || composer === undefined && state !== "dialog";
  }

  async #lookIntoTranscript(): Promise<TranscriptSighting | undefined> {
    return this.sighting = await this.transcript?.look(this.#options.signal);
  }

  /** A message that the screen shows as taken is looked for in the transcript a little longer: it is the better evidence. */
  async #arrived(outcome: "submitted" | "queued"): Promise<Ended> {
    const { trace = () => {}, signal } = this.#options;
    this.provedAt = this.#io.clock.elapsed();
    const lag = outcome === "submitted" && this.transcript?.path ? transcriptLagMs : 0;
    const end = Math.min(this.#end, this.provedAt + lag);
    // A look at a file of this host is cheap; by sh it is a process.
    const longest = this.#turn.server.host.files ? pauses.longest : 50;
    for (let pause: number = pauses.first;; pause = Math.min(longest, pause * 1.5)) {
      const { seen } = await this.#lookIntoTranscript() ?? {};
      if (seen === "taken" || seen === "queued" && outcome === "queued") this.provedAt = this.#io.clock.elapsed();
      if (seen === "taken" || this.#io.clock.elapsed() >= end) break;
      await this.#io.clock.delay(pause, signal);
    }
    trace(`${outcome}, seen ${this.sighting?.seen ? "in the transcript" : "on the screen"}`);
    return { outcome: this.sighting?.seen === "taken" ? "submitted" : outcome };
  }

  /** Presses Enter on the screen that was seen; one that changed meanwhile is looked at again. How it ended where it cannot. */
  async #press(leftover?: PaneMark): Promise<Ended | undefined> {
    const { trace = () => {} } = this.#options;
    while (!await (leftover ? this.#turn.enter(leftover) : this.#turn.enter())) {
      const isOwner = await this.#turn.isOwner();
      if (isOwner === undefined) {
        return this.#lost("gone", `the text was typed, and Enter was pressed ${this.attempts} times`);
      }
      if (!isOwner) {
        return { outcome: "unknown", reason: "the text was typed, and the lease of the pane was lost before Enter" };
      }
      if (this.#isLate()) {
        return {
          outcome: "unsubmitted",
          reason:
            `the text stands in the composer; the screen changed at each look, and Enter was pressed ${this.attempts} times`,
          hint: "look at the pane, and press Enter there",
        };
      }
      if (this.attempts === 0 && !leftover) {
        const again = await this.#turn.watch(this.#end, (view) => this.#eye.isShown(view) ? "stands" : undefined);
        if (again !== "stands") return this.#lost(again, "the text was typed, and the screen changed before Enter");
        continue;
      }
      // What changed the screen may be that the program took the message up at last.
      const fate = await this.#fate(0);
      if (fate === "taken") return await this.#arrived("submitted");
      if (fate === "queued") return await this.#arrived("queued");
      if (fate !== "standing") return this.#lost(fate, "Enter was pressed, and the message was not seen taken");
    }
    this.attempts++;
    trace(`pressed Enter, ${this.attempts}`);
  }

  #isLate(): boolean {
    return this.#io.clock.elapsed() >= this.#end;
  }

  #lost(how: "gone" | "dead" | "late", reason: string): Ended {
    return how === "late" ? { outcome: "unknown", reason } : {
      outcome: "dead",
      reason: `the pane's program ended: ${reason}`,
    };
  }
}

/** A program that took over the whole screen, and that nobody knows, may well read keys: `v` in `less` opens an editor. */
export function fullScreenObstacle(pane: Pane, runtime: Runtime, isKindGiven: boolean): Obstacle | undefined {
  if (!pane.isFullScreen || runtime.readsScreen || isKindGiven) return undefined;
  return {
    reason: `${pane.command} has the whole screen, and may take text as keys`,
    hint: "muster tmux send --runtime command types all the same",
  };
}

/** An error that a signal's own reason is, told with what was typed before it came. */
export function interruptedWhileTyping(error: unknown, signal: AbortSignal, paneId: string, attempts: number): unknown {
  if (!(signal.reason instanceof MusterError)) return error;
  return new MusterError("interrupted", signal.reason.message, {
    hint: `the text was typed into ${paneId} and Enter pressed ${attempts} times: look before you send it again`,
    cause: error,
  });
}
