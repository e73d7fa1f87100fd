/**
 * What every benchmark here shares: a stage with tmux sockets and homes of its own, trials run in turn, and the words for
 * what came out. Numbers are compared within one run only, so that a slow or busy machine slows both sides of a ratio.
 *
 * @module
 */

import { type Io, pollUntil, realIo, withEnvironment } from "../lib/io/mod.ts";

/** What one thing took, round by round: milliseconds, unless its section says otherwise. */
export type Sample = readonly number[];

/** One line of a section: what was measured, and what it took. */
export interface Line {
  readonly what: string;
  readonly sample: Sample;
  /** The greatest ratio to the reference that is good enough; a line without one is for information. */
  readonly goal?: number;
  /** The same for the ratio of the 99th percentiles. */
  readonly tailGoal?: number;
}

/** Things measured in the same rounds, each to be held against the reference. */
export interface Section {
  readonly title: string;
  /** What the samples count. @default {"ms"} */
  readonly unit?: "ms" | "MB" | "requests";
  readonly reference: Line;
  readonly subjects: readonly Line[];
}

/** A benchmark: what it measures is in the titles of its sections. */
export type Benchmark = (signal: AbortSignal) => Promise<readonly Section[]>;

/** Runs once, and returns what it measured. What it prepares is no part of that. */
export type Trial<Measured> = () => Promise<Measured>;

/** Options of {@linkcode interleave}. */
export interface InterleaveOptions<Name extends string = string> {
  /** How many times each trial runs. */
  readonly rounds: number;
  /** Rounds before those, which are not counted: they fill the caches of the disk and the compiler. @default {2} */
  readonly warmups?: number;
  /** Trials that take long and vary little: each is run in one of so many rounds. */
  readonly seldom?: Readonly<Partial<Record<Name, number>>>;
  /** Stops between two trials. */
  readonly signal: AbortSignal;
}

/**
 * Runs trials in turn, round by round, each round beginning with another, so that what disturbs one disturbs all.
 *
 * @returns What each measured, by its name.
 */
export async function interleave<Name extends string, Measured = number>(
  trials: Readonly<Record<Name, Trial<Measured>>>,
  options: InterleaveOptions<Name>,
): Promise<Readonly<Record<Name, readonly Measured[]>>> {
  const { rounds, warmups = 2, seldom, signal } = options;
  const entries = Object.entries<Trial<Measured>>(trials);
  const measured = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<Name, Measured[]>;
  for (let round = -warmups; round < rounds; round++) {
    const first = Math.abs(round) % entries.length;
    for (const [name, trial] of [...entries.slice(first), ...entries.slice(0, first)]) {
      signal.throwIfAborted();
      const every = seldom?.[name as Name] ?? 1;
      if (every > 1 && (round < 0 || round % every > 0)) continue;
      const result = await trial();
      if (round >= 0) measured[name as Name].push(result);
    }
  }
  return measured;
}

/** What a job took, in milliseconds. */
export async function timed(job: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await job();
  return performance.now() - started;
}

/** The value that a share of the sample does not exceed, between its two nearest values: 0.5 for the median. */
export function quantile(sample: Sample, share: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** Options of {@linkcode fork}. */
export interface ForkOptions {
  /** Variables on top of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the program reads from standard input. */
  readonly stdin?: string;
  /** Ends the program when it aborts. */
  readonly signal?: AbortSignal;
}

/** Runs a program with as little around it as Deno allows, and returns what it printed: the references are made of this. */
export async function fork(command: string, args: readonly string[], options: ForkOptions = {}): Promise<string> {
  const { env, stdin, signal } = options;
  const child = new Deno.Command(command, {
    args: [...args],
    env,
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "null",
    signal,
  }).spawn();
  if (stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin));
    await writer.close();
  }
  const { code, stdout } = await child.output();
  signal?.throwIfAborted();
  if (code !== 0) throw new Error(`Cannot run ${command} ${args.join(" ")}: it ended with status ${code}`);
  return new TextDecoder().decode(stdout);
}

/** Does a job while every core has a program that does nothing but count. */
export async function underLoad<T>(job: () => Promise<T>): Promise<T> {
  const busy = Array.from({ length: navigator.hardwareConcurrency }, () => {
    const args = ["-c", "while :; do :; done"];
    return new Deno.Command("sh", { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
  });
  try {
    return await job();
  } finally {
    for (const child of busy) child.kill("SIGKILL");
    await Promise.all(busy.map(({ status }) => status));
  }
}

/** Muster's checkout. */
export const checkout = new URL("../", import.meta.url).pathname;

/** A home and a tmux directory of their own. Disposing of it ends the tmux servers in there, then removes it all. */
export class Stage implements AsyncDisposable {
  readonly #directory: string;
  readonly #variables: Readonly<Record<string, string>>;
  /** The real world, with the stage's environment. */
  readonly io: Io;
  readonly signal: AbortSignal;

  private constructor(directory: string, denoDirectory: string, signal: AbortSignal) {
    this.#directory = directory;
    this.#variables = {
      HOME: directory,
      MUSTER_HOME: `${directory}/muster`,
      MUSTER_STATE: `${directory}/state`,
      XDG_CONFIG_HOME: `${directory}/config`,
      DENO_DIR: denoDirectory,
      TMUX_TMPDIR: directory,
      TMUX: "",
      TMUX_PANE: "",
    };
    this.io = withEnvironment(realIo, this.#variables);
    this.signal = signal;
  }

  /** Sets a stage. Deno's cache stays the person's own: a home without one would measure the filling of it. */
  static async open(signal: AbortSignal): Promise<Stage> {
    const { denoDir } = JSON.parse(await fork(Deno.execPath(), ["info", "--json"], { signal }));
    return new Stage(await Deno.makeTempDir({ prefix: "muster-bench-" }), denoDir, signal);
  }

  /** Runs a program on this stage, as {@linkcode fork} does. */
  fork(command: string, args: readonly string[], stdin?: string): Promise<string> {
    return fork(command, args, { env: this.#variables, stdin, signal: this.signal });
  }

  /** Runs one tmux command on a server of this stage, which is started without a configuration file if it must be. */
  tmux(socket: string, args: readonly string[], stdin?: string): Promise<string> {
    return this.fork("tmux", ["-u", "-L", socket, "-f", "/dev/null", ...args], stdin);
  }

  /** Ends a server of this stage and all that runs in it, and waits until it has ended: the next round has a quiet machine. */
  async stopServer(socket: string): Promise<void> {
    // Not by the stage's signal, which has aborted where it is most needed.
    const tmux = (...words: readonly string[]) =>
      fork("tmux", ["-N", "-L", socket, ...words], { env: this.#variables });
    const listed = await tmux("list-panes", "-a", "-F", "#{pid} #{pane_pid}").catch(() => ""); // it has ended already
    await tmux("kill-server").catch(() => {});
    const pids = new Set(listed.split(/\s+/).filter((word) => word !== ""));
    const look = async () => (await Promise.all([...pids].map(isRunning))).includes(true) ? undefined : true;
    await pollUntil(realIo.clock, look, { what: `the tmux server ${socket} to end`, timeoutMs: 10_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      for (const socket of await this.#sockets()) await this.stopServer(socket);
    } finally {
      await Deno.remove(this.#directory, { recursive: true });
    }
  }

  /** tmux keeps its sockets in a directory that it names after the person's number. */
  async #sockets(): Promise<string[]> {
    const names: string[] = [];
    for await (const entry of Deno.readDir(this.#directory)) {
      if (!entry.name.startsWith("tmux-")) continue;
      for await (const { name } of Deno.readDir(`${this.#directory}/${entry.name}`)) names.push(name);
    }
    return names;
  }
}

/** Whether a process runs; one that has ended and that nobody has asked about does not. */
async function isRunning(pid: string): Promise<boolean> {
  try {
    const status = await Deno.readTextFile(`/proc/${pid}/stat`);
    return !status.slice(status.lastIndexOf(")")).startsWith(") Z");
  } catch {
    return false; // gone, before or while it was read
  }
}
