/**
 * A tmux server that is asked for much at once: what comes while a call is under way goes together in the next, as one
 * process of tmux however many ask. Each caller gets what its own commands printed, or the error of its own.
 *
 * @module
 */

import { byteLength } from "../io/mod.ts";
import { type TmuxCommand, type TmuxRunOptions, TmuxServer, writeLine } from "./server.ts";

/** Commands that print to the client and end at once. What else there is runs in a call of its own. */
const batchable: ReadonlySet<string> = new Set([
  "capture-pane",
  "delete-buffer",
  "display-message",
  "list-panes",
  "paste-buffer",
  "send-keys",
  "set-option",
  "show-options",
]);

/** The longest text that goes with others: a longer one would keep them waiting. */
const longestText = 64 * 1024;

/** Commands that wait for their turn, or for their answer. */
interface Asked {
  readonly commands: readonly TmuxCommand[];
  readonly options: TmuxRunOptions;
  /** The commands in tmux's own language. */
  readonly line: string;
  readonly answer: (printed: string) => void;
  readonly fail: (error: unknown) => void;
  /** Nobody waits for the answer any more. */
  isGivenUp: boolean;
}

/**
 * See the module. To be used where several panes of one server are worked on at a time.
 *
 * @example
 * ```ts
 * import { localHost, realIo } from "../io/mod.ts";
 * import { BatchedServer } from "./batched_server.ts";
 *
 * const server = new BatchedServer(localHost(realIo), "muster");
 * if (server.socket !== "muster") throw new Error("unreachable");
 * ```
 */
export class BatchedServer extends TmuxServer {
  #waiting: Asked[] = [];
  /** What is under way now. */
  #batch?: { readonly asked: readonly Asked[]; readonly stop: AbortController };

  /**
   * Runs commands with others' in one call, each caller's in one step of their own; otherwise as {@linkcode TmuxServer.run}.
   * What is under way when its signal aborts may still be done, before anything that is asked for later.
   */
  override async run(commands: readonly TmuxCommand[], options: TmuxRunOptions = {}): Promise<string> {
    const line = asLine(commands, options.stdin);
    if (line === undefined) return await super.run(commands, options);
    const { signal } = options;
    signal?.throwIfAborted();
    const { promise, resolve: answer, reject: fail } = Promise.withResolvers<string>();
    const asked: Asked = { commands, options, line, answer, fail, isGivenUp: false };
    const giveUp = () => {
      asked.isGivenUp = true;
      this.#waiting = this.#waiting.filter((one) => one !== asked);
      if (this.#batch?.asked.every((one) => one.isGivenUp)) this.#batch.stop.abort(signal?.reason);
      fail(signal?.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#waiting.push(asked);
    // Those that the same answer has set going come together.
    if (!this.#batch) queueMicrotask(() => this.#serve());
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  async #serve(): Promise<void> {
    while (!this.#batch && this.#waiting.length > 0) {
      const asked = this.#waiting;
      const stop = new AbortController();
      this.#waiting = [];
      this.#batch = { asked, stop };
      try {
        await (asked.length === 1 ? this.#runAlone(asked) : this.#runTogether(asked, stop.signal));
      } catch (error) {
        for (const { fail } of asked) fail(error);
      }
      this.#batch = undefined;
    }
  }

  async #runAlone(batch: readonly Asked[]): Promise<void> {
    for (const { commands, options, answer, fail, isGivenUp } of batch) {
      if (!isGivenUp) await super.run(commands, options).then(answer, fail);
    }
  }

  /**
   * Runs a batch as a text in tmux's own language, a line each. tmux runs nothing of a text that it cannot read to its end,
   * and one whose condition is not closed it cannot: a sender that is killed while it hands the text over leaves nothing.
   *
   * What a line prints ends where the next line prints its mark. What tmux says of it ends where tmux says that there is no
   * buffer of such a mark.
   */
  async #runTogether(batch: readonly Asked[], signal: AbortSignal): Promise<void> {
    const mark = `muster-${crypto.randomUUID()}`;
    const lines = batch.map(({ line }, at) =>
      `display-message -p "${mark} ${at}" ; ${line}\nshow-buffer -b "${mark} ${at}"\n`
    );
    const text = `%if "1"\n${lines.join("")}display-message -p "${mark} ${batch.length}"\n%endif\n`;
    const { stdout, stderr } = await this.hand(text, signal);
    const printed = stdout.split(new RegExp(`^${mark} \\d+\n`, "m"));
    const said = stderr.split(new RegExp(`^.*${mark} \\d+\n`, "m"));
    if (printed.length === 1 && said.length === 1) {
      // tmux names the line of a text that it cannot read, and runs nothing of it: each caller gets an answer of its own.
      if (/^\S*:\d+: /m.test(stdout + stderr)) return await this.#runAlone(batch);
      throw this.errorOf(stderr === "" ? lost : stderr);
    }
    for (const [at, { answer, fail }] of batch.entries()) {
      const hasEnded = at + 2 < printed.length && at + 1 < said.length;
      if (!hasEnded) fail(this.errorOf(lost));
      else if (said[at] === "") answer(printed[at + 1] ?? "");
      else fail(this.errorOf(said[at] ?? ""));
    }
  }
}

/** What tmux says where its server ends while it is asked. */
const lost = "server exited unexpectedly";

/** Commands in tmux's own language; `undefined` where they cannot go with others. */
function asLine(commands: readonly TmuxCommand[], stdin: TmuxRunOptions["stdin"]): string | undefined {
  let text = stdin;
  const written: TmuxCommand[] = [];
  for (const command of commands) {
    const [name = "", flag] = command;
    if (name === "load-buffer" && command.at(-1) === "-") {
      // An empty text makes no buffer; what is no text, tmux's language cannot hold.
      if (typeof text !== "string" || text === "" || text.includes("\0") || byteLength(text) > longestText) return;
      written.push(["set-buffer", ...command.slice(1, -1), "--", text]);
      text = undefined;
    } else if (batchable.has(name) || name === "if-shell" && flag === "-F") {
      written.push(command);
    } else return undefined;
  }
  return text === undefined ? writeLine(written) : undefined;
}
