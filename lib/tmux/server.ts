/**
 * A tmux server on a socket of its own. Every call is one process; commands are chained in it, or read by tmux from its
 * standard input, so that no secret and no text of a person's is ever in an argument list.
 *
 * @module
 */

import { type Host, MusterError, type RunResult } from "../io/mod.ts";
import { TmuxError } from "./error.ts";

/** One tmux command and its arguments. */
export type TmuxCommand = readonly string[];

/** Options of {@linkcode TmuxServer.run}. */
export interface TmuxRunOptions {
  /** What the commands read from standard input. */
  readonly stdin?: string | Uint8Array;
  /** Stops the call. */
  readonly signal?: AbortSignal;
  /** The commands may take as long as they want, until the signal aborts. @default {false} */
  readonly waits?: boolean;
}

/** Options of {@linkcode TmuxServer.start}. */
export interface TmuxStartOptions extends TmuxRunOptions {
  /** The configuration file of a server that is started; none by default. */
  readonly config?: string;
}

/** What came of a script. */
export interface ScriptResult {
  /** What its commands printed. */
  readonly printed: string;
  /** What tmux said of those that failed, a line each. */
  readonly complaints: readonly string[];
}

/** How long tmux may take to answer a call: it takes a few milliseconds, or it hangs. */
const answerWithinMs = 20_000;

/** A tmux server, which may or may not be running. */
export class TmuxServer {
  /** The socket's name in tmux's directory, or its absolute path. */
  readonly socket: string;
  /** Where it runs. */
  readonly host: Host;

  /** Names a server; does not touch it. */
  constructor(host: Host, socket: string) {
    this.host = host;
    this.socket = socket;
  }

  /**
   * Runs commands in one call and returns what they print. Never starts a server.
   *
   * @throws {TmuxError} when tmux refuses one; those after it are not run.
   */
  async run(commands: readonly TmuxCommand[], options: TmuxRunOptions = {}): Promise<string> {
    return await this.#call(["-N", ...this.#socketWords(), ...chain(commands)], options);
  }

  /**
   * Starts the server, unless it runs, and runs commands in it. It reads the configuration file given, or none.
   *
   * @throws {TmuxError}
   */
  async start(commands: readonly TmuxCommand[], options: TmuxStartOptions = {}): Promise<string> {
    const config = ["-f", options.config ?? "/dev/null"];
    return await this.#call([...this.#socketWords(), ...config, ...chain(commands)], options);
  }

  /**
   * Runs lines of commands that tmux reads from its standard input. A command that fails ends its line, not the others.
   *
   * @returns What they printed, and the complaints of those that failed.
   */
  async script(
    lines: readonly (readonly TmuxCommand[])[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ScriptResult> {
    return await this.source(lines.map((line) => `${writeLine(line)}\n`).join(""), options);
  }

  /** Runs a text in tmux's own language, as from a configuration file; otherwise as {@linkcode script}. */
  async source(text: string, options: { readonly signal?: AbortSignal } = {}): Promise<ScriptResult> {
    const result = await this.hand(text, options.signal);
    const error = result.code === 0 ? undefined : this.errorOf(result.stderr);
    if (error?.reason === "no_server" || error?.reason === "lost_server") throw error;
    return { printed: result.stdout, complaints: result.stderr.split("\n").filter((line) => line !== "") };
  }

  /** Hands tmux a text in its own language. */
  protected async hand(text: string, signal?: AbortSignal): Promise<RunResult> {
    return await this.#run(["-u", "-N", ...this.#socketWords(), "source-file", "-"], { stdin: text, signal });
  }

  /** The error that tmux's words call for. */
  protected errorOf(words: string): TmuxError {
    return new TmuxError(this.#place(), words);
  }

  async #call(words: readonly string[], options: TmuxRunOptions): Promise<string> {
    const result = await this.#run(["-u", ...words], options);
    if (result.code !== 0) throw this.errorOf(result.stderr || result.stdout);
    return result.stdout;
  }

  async #run(words: readonly string[], options: TmuxRunOptions): Promise<RunResult> {
    if (options.waits) return await this.host.run("tmux", words, { stdin: options.stdin, signal: options.signal });
    const late = AbortSignal.timeout(answerWithinMs);
    const signal = options.signal ? AbortSignal.any([options.signal, late]) : late;
    try {
      return await this.host.run("tmux", words, { stdin: options.stdin, signal });
    } catch (error) {
      if (!late.aborted || options.signal?.aborted) throw error;
      throw new MusterError(
        "timeout",
        `tmux did not answer within ${answerWithinMs} ms on the socket: ${this.#place()}`,
        {
          command: "tmux",
          cause: error,
        },
      );
    }
  }

  #place(): string {
    return this.host.destination === "" ? this.socket : `${this.socket} of ${this.host.destination}`;
  }

  #socketWords(): string[] {
    return this.socket.startsWith("/") ? ["-S", this.socket] : ["-L", this.socket];
  }
}

/** Commands as the words of one tmux call. A word that ends in `;` would end its command: tmux wants it escaped. */
function chain(commands: readonly TmuxCommand[]): string[] {
  return commands.flatMap((command, at) => [
    ...(at > 0 ? [";"] : []),
    ...command.map((word) => word.endsWith(";") ? `${word.slice(0, -1)}\\;` : word),
  ]);
}

/** Commands as a line of tmux's own language, without its end. */
export function writeLine(commands: readonly TmuxCommand[]): string {
  return commands.map((words) => words.map(quote).join(" ")).join(" ; ");
}

/** A word of a command as tmux's own language writes it, in which nothing is expanded. */
export function quote(word: string): string {
  return `"${word.replace(/["\\$~]/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r")}"`;
}
