/**
 * A lasting sh, reached through a program's standard input and output, that runs programs for muster: see
 * `_remote_loop.sh`. Several calls may be under way at a time; one that hangs holds up no other, and is ended where it
 * runs when its signal aborts.
 *
 * @module
 */

import { HostError } from "./host_error.ts";
import type { HostRunOptions, ProcessStart } from "./host.ts";
import type { Child, Clock, RunResult } from "./io.ts";
import loop from "./_remote_loop.sh" with { type: "text" };
import { readAnswers, type RemoteAnswer } from "./_remote_answers.ts";
import { octal, plainRequest, runRequest } from "./_remote_words.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The command line that any login shell understands, and that takes the loop as its first line of input. */
export const bootstrap = `exec sh -c 'IFS= read -r s && eval "$(printf %b "$s")"'`;

/** Calls at a time; more wait. sshd and sh would take more, and gain nothing by it. */
const mostCalls = 16;

/** How often the loop is told that its client lives, in milliseconds. */
const heartbeatMs = 10_000;

/** How long the program that leads to the shell may take to end when it is told to, and its output after it. */
const endWithinMs = 2_000;

/** As much of what ssh says is kept. */
const mostWords = 4_096;

/** Options of {@linkcode RemoteShell.open}. */
export interface RemoteShellOptions {
  /** How long the shell may take to answer first, in milliseconds. */
  readonly openWithinMs: number;
  /** How long the loop waits for a word of this process before it ends by itself, in seconds. @default {60} */
  readonly patienceSeconds?: number;
  /** Stops the opening. */
  readonly signal: AbortSignal;
  /** The error for a shell that was not reached, from what the program that leads there said and its exit status. */
  readonly unreached: (words: string, status: number | undefined) => HostError;
  /** The error for a shell that was lost. */
  readonly lost: (words: string, mayHaveRun: boolean) => HostError;
}

interface Call {
  /** Its signal has aborted: nobody waits for its answer, and its slot is free when the loop has ended it. */
  isAborted: boolean;
  resolve(answer: RemoteAnswer): void;
  reject(error: unknown): void;
}

/** A call that waits for a slot. */
interface Waiter {
  take(slot: number): void;
  reject(error: unknown): void;
}

/** A lasting sh on another host. */
export class RemoteShell implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #program: Child;
  readonly #options: RemoteShellOptions;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #calls = new Map<number, Call>();
  readonly #opened = Promise.withResolvers<RemoteAnswer>();
  /** Resolves when nothing more can come. */
  readonly #ended: Promise<void>;
  /** Aborts then. */
  readonly #over = new AbortController();
  readonly #freeSlots: number[] = [];
  #waiting: Waiter[] = [];
  #words = "";
  #isLost = false;
  #facts: { pid: number; openedAt: number; hasTmux: boolean; start?: ProcessStart } = {
    pid: 0,
    openedAt: 0,
    hasTmux: false,
  };

  private constructor(clock: Clock, program: Child, options: RemoteShellOptions) {
    this.#clock = clock;
    this.#program = program;
    this.#options = options;
    this.#writer = program.stdin;
    this.#ended = this.#listen();
  }

  /**
   * Opens the shell behind a program that leads to it.
   *
   * @throws {HostError} when it does not answer.
   */
  static async open(clock: Clock, program: Child, options: RemoteShellOptions): Promise<RemoteShell> {
    const shell = new RemoteShell(clock, program, options);
    const { openWithinMs, signal } = options;
    const late = AbortSignal.any([signal, AbortSignal.timeout(openWithinMs)]);
    const stop = () => {
      shell.#opened.reject(signal.aborted ? signal.reason : options.unreached(shell.#words, undefined));
      program.kill("SIGTERM");
    };
    late.addEventListener("abort", stop, { once: true });
    try {
      const { slot: pid, status, bytes } = await shell.#opened.promise;
      const [openedAt = 0, canTakeTurns, ticks = 0, namespace = 0] = decoder.decode(bytes).split(" ").map(Number);
      const start = ticks > 0 && namespace > 0 ? { start: { ticks, namespace } } : {};
      shell.#facts = { pid, openedAt, hasTmux: status === 1, ...start };
      shell.#freeSlots.push(...Array(canTakeTurns ? mostCalls : 1).keys());
      shell.#beat();
      return shell;
    } catch (error) {
      await shell[Symbol.asyncDispose]();
      throw error;
    } finally {
      late.removeEventListener("abort", stop);
    }
  }

  /** Its process, which lives as long as the connection does. */
  get pid(): number {
    return this.#facts.pid;
  }

  /** When its process began; left out where its host has no /proc. */
  get start(): ProcessStart | undefined {
    return this.#facts.start;
  }

  /** Its host's time when it answered first, in seconds since 1970. */
  get openedAt(): number {
    return this.#facts.openedAt;
  }

  /** Whether it can be asked no more. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether tmux is on its PATH. */
  get hasTmux(): boolean {
    return this.#facts.hasTmux;
  }

  /**
   * Runs a program there to its end.
   *
   * @throws {HostError} when the shell is lost; what the error says of the call holds.
   */
  async run(program: "tmux" | "sh", args: readonly string[], options: HostRunOptions = {}): Promise<RunResult> {
    const { bytes, status } = await this.#call(
      (slot) => runRequest(slot, program, args, options.stdin),
      options.signal,
    );
    // The program's output, its errors, a space, and how long the latter are.
    const space = bytes.lastIndexOf(0x20);
    const errorsAt = space - Number(decoder.decode(bytes.subarray(space + 1)));
    return {
      code: status,
      stdout: decoder.decode(bytes.subarray(0, errorsAt)),
      stderr: decoder.decode(bytes.subarray(errorsAt, space)),
    };
  }

  /** Its host's time, in seconds since 1970. */
  async now(signal?: AbortSignal): Promise<number> {
    const { bytes } = await this.#call((slot) => plainRequest("t", slot), signal);
    return Number(decoder.decode(bytes));
  }

  /** Ends the shell and what leads to it. Calls that are under way are ended there too. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isLost && this.#calls.size === 0) this.#write("q\n");
    this.#close();
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      if (await this.#endsWithin(endWithinMs)) return;
      this.#program.kill(signal);
    }
    await this.#ended;
  }

  async #call(request: (slot: number) => string, signal: AbortSignal | undefined): Promise<RemoteAnswer> {
    signal?.throwIfAborted();
    const slot = await this.#takeSlot(signal);
    const { promise, resolve, reject } = Promise.withResolvers<RemoteAnswer>();
    const call: Call = { isAborted: false, resolve, reject };
    const abort = () => {
      call.isAborted = true;
      this.#write(plainRequest("k", slot));
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    try {
      this.#calls.set(slot, call);
      // What was not written whole is not run.
      this.#write(request(slot), () => reject(this.#options.lost(this.#words, false)));
      return await promise;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Writes a request, after those before it. */
  #write(request: string, unwritten: () => void = () => {}): void {
    this.#writer.write(encoder.encode(request)).catch(unwritten);
  }

  async #takeSlot(signal: AbortSignal | undefined): Promise<number> {
    if (this.#isLost) throw this.#options.lost(this.#words, false);
    const free = this.#freeSlots.pop();
    if (free !== undefined) return free;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const waiter = { take: resolve, reject };
    const abort = () => {
      this.#waiting = this.#waiting.filter((one) => one !== waiter);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    this.#waiting.push(waiter);
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  #giveSlot(slot: number): void {
    const next = this.#waiting.shift();
    if (next) next.take(slot);
    else this.#freeSlots.push(slot);
  }

  /** Tells the loop again and again that its client lives. */
  async #beat(): Promise<void> {
    try {
      while (true) {
        await this.#clock.delay(heartbeatMs, this.#over.signal);
        this.#write("h\n");
      }
    } catch (error) {
      if (!this.#over.signal.aborted) throw error;
    }
  }

  /** Sends the loop, then hands out answers until nothing more can come, and tells those that wait. */
  async #listen(): Promise<void> {
    const mark = `muster-${crypto.randomUUID()}`;
    this.#write(`${octal(loop.replace(/^ *#.*\n/gm, ""))}\n${mark} ${this.#options.patienceSeconds ?? 60}\n`);
    const output = this.#program.stdout.getReader();
    const errors = this.#program.stderr.getReader();
    const said = this.#keepWords(errors);
    // What the program left behind may hold its output open for long after its end.
    const ended = this.#program.status.then(async (status) => {
      const late = this.#clock.delay(endWithinMs, this.#over.signal).catch(() => {});
      await Promise.race([said, late]);
      await errors.cancel();
      await Promise.race([late, heard]);
      await output.cancel();
      return status;
    });
    const heard = this.#hear(output, mark);
    await heard;
    this.#close();
    const status = await ended;
    this.#over.abort();
    this.#opened.promise.catch(() => {}); // where nobody waits for it any more
    this.#opened.reject(this.#options.unreached(this.#words, status));
    for (const call of this.#calls.values()) call.reject(this.#options.lost(this.#words, true));
    for (const waiter of this.#waiting) waiter.reject(this.#options.lost(this.#words, false));
  }

  async #hear(output: ReadableStreamDefaultReader<Uint8Array>, mark: string): Promise<void> {
    try {
      for await (const answer of readAnswers(output, mark)) {
        const call = this.#calls.get(answer.slot);
        if (answer.kind === "hello") this.#opened.resolve(answer);
        if (!call || call.isAborted && answer.kind !== "k") continue;
        this.#calls.delete(answer.slot);
        this.#giveSlot(answer.slot);
        call.resolve(answer);
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#words += `\n${error.message}`; // what came is no answer of the loop's
      this.#program.kill("SIGTERM");
    }
  }

  /** Keeps the end of what the program says of itself. */
  async #keepWords(errors: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    while (true) {
      const { done, value } = await errors.read();
      if (done) return;
      this.#words = `${this.#words}${decoder.decode(value)}`.slice(-mostWords);
    }
  }

  #close(): void {
    this.#isLost = true;
    this.#writer.close().catch(() => {}); // it is closed already, or nobody reads it any more
  }

  async #endsWithin(ms: number): Promise<boolean> {
    const late = new AbortController();
    try {
      const isLate = this.#clock.delay(ms, late.signal).then(() => true, () => true);
      return await Promise.race([this.#ended.then(() => true), isLate.then(() => false)]);
    } finally {
      late.abort();
    }
  }
}
