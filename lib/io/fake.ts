import { MusterError } from "./error.ts";
import type { Clock, Io, RunOptions, RunResult } from "./io.ts";

/** A program that a test expects to be run, and how it ends. */
export interface ExpectedRun {
  /** The whole command line. */
  readonly command: readonly string[];
  /** What it must be given on standard input. */
  readonly stdin?: string;
  /** How it ends: status 0 and no output where left out; an error is thrown as it is. */
  readonly result?: Partial<RunResult> | Error;
}

/** Options of {@linkcode fakeIo}. */
export interface FakeIoOptions {
  /** The programs that are to be run, in this order. @default {[]} */
  readonly runs?: readonly ExpectedRun[];
  /** Files by absolute path. @default {{}} */
  readonly files?: Readonly<Record<string, string>>;
  /** The environment. @default {{}} */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; a terminal where left out. */
  readonly input?: string | Uint8Array;
  /** Whether standard output and error are terminals. @default {false} */
  readonly isTerminal?: boolean;
}

/** An {@linkcode Io} for tests, and what was done with it. */
export interface FakeIo extends Io {
  /** What was written to standard output. */
  readonly stdout: string;
  /** What was written to standard error. */
  readonly stderr: string;
  /** The files as they are now. */
  readonly contents: ReadonlyMap<string, string>;
  /** Throws unless every expected program was run. */
  verify(): void;
}

/**
 * An {@linkcode Io} in memory, which fails on a call that it was not told to expect; {@linkcode FakeIo.verify} fails on
 * one that it expected and did not get. Its clock moves only when someone waits.
 *
 * @example
 * ```ts
 * import { fakeIo } from "./fake.ts";
 *
 * const io = fakeIo({ runs: [{ command: ["tmux", "-V"], result: { stdout: "tmux 3.5\n" } }] });
 * const { stdout } = await io.process.run("tmux", ["-V"]);
 * if (stdout !== "tmux 3.5\n") throw new Error("unreachable");
 * io.verify();
 * ```
 */
export function fakeIo(options: FakeIoOptions = {}): FakeIo {
  const expected = [...options.runs ?? []];
  const contents = new Map(Object.entries(options.files ?? {}));
  const written = { out: "", err: "" };
  const isTerminal = options.isTerminal ?? false;
  const encoder = new TextEncoder();
  const text = (content: string | Uint8Array) =>
    typeof content === "string" ? content : new TextDecoder().decode(content);
  return {
    get stdout() {
      return written.out;
    },
    get stderr() {
      return written.err;
    },
    contents,
    verify() {
      if (expected.length > 0) throw new Error(`Expected to be run: ${expected.map(show).join("; ")}`);
    },
    process: {
      deno: "deno",
      run(command: string, args: readonly string[], runOptions: RunOptions = {}) {
        const got = [command, ...args];
        const next = expected.shift();
        if (!next) throw new Error(`Not expected to be run: ${got.join(" ")}`);
        const same = JSON.stringify(next.command) === JSON.stringify(got);
        if (!same) throw new Error(`Expected to be run: ${show(next)}, got: ${got.join(" ")}`);
        if (next.stdin !== undefined && next.stdin !== text(runOptions.stdin ?? "")) {
          throw new Error(`Expected input ${JSON.stringify(next.stdin)}, got ${JSON.stringify(runOptions.stdin)}`);
        }
        if (next.result instanceof Error) return Promise.reject(next.result);
        return Promise.resolve({ code: 0, stdout: "", stderr: "", ...next.result });
      },
    },
    files: {
      read: (path) => {
        const content = contents.get(path);
        return Promise.resolve(content === undefined ? undefined : encoder.encode(content));
      },
      write: (path, content, writeOptions = {}) => {
        if (writeOptions.exclusive && contents.has(path)) throw new MusterError("held", `already there: ${path}`);
        contents.set(path, text(content));
        return Promise.resolve();
      },
      facts: (path) => {
        const content = contents.get(path);
        const isDirectory = content === undefined && [...contents.keys()].some((key) => key.startsWith(`${path}/`));
        if (content === undefined && !isDirectory) return Promise.resolve(undefined);
        const size = encoder.encode(content ?? "").length;
        return Promise.resolve({ isFile: !isDirectory, isDirectory, isSymlink: false, mode: 0o644, size });
      },
      makeDirectory: () => Promise.resolve(),
      makeTemporaryDirectory: (parent, prefix) => Promise.resolve(`${parent}/${prefix}fake`),
      remove: (path) => {
        for (const key of contents.keys()) if (key === path || key.startsWith(`${path}/`)) contents.delete(key);
        return Promise.resolve();
      },
    },
    clock: fakeClock(),
    terminal: {
      out: (output) => void (written.out += output),
      err: (output) => void (written.err += output),
      isTerminal: { in: options.input === undefined, out: isTerminal, err: isTerminal },
      noColor: false,
      columns: () => 80,
      readInput: () => {
        const input = options.input ?? "";
        return Promise.resolve(typeof input === "string" ? encoder.encode(input) : input);
      },
    },
    env: { get: (name) => Object.hasOwn(options.env ?? {}, name) ? options.env?.[name] : undefined },
  };
}

/** A clock on which waiting takes no time and moves it on. */
function fakeClock(): Clock {
  let elapsed = 0;
  return {
    now: () => Date.UTC(2026, 0, 1) + elapsed,
    elapsed: () => elapsed,
    delay(ms, signal) {
      signal?.throwIfAborted();
      elapsed += ms;
      return Promise.resolve();
    },
  };
}

function show(run: ExpectedRun): string {
  return run.command.join(" ");
}
