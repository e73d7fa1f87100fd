import { MusterError } from "./error.ts";
import type { Child, Clock, FileFacts, Files, Grants, Io, Network, RunResult } from "./io.ts";
import { hostAndPort } from "./host_and_port.ts";
import { permissionFlag, requirePermission } from "./permission.ts";
import { readAll } from "./_read_all.ts";

const encoder = new TextEncoder();

/** A program that a test expects to be run, and how it ends. */
export interface ExpectedRun {
  /** The whole command line. */
  readonly command: readonly string[];
  /** What it must be given on standard input. */
  readonly stdin?: string;
  /** How it ends: status 0 and no output where left out; an error is thrown as it is. */
  readonly result?: Partial<RunResult> | Error;
}

/** A program that a test expects to be started, and what stands for it. */
export interface ExpectedStart {
  /** The whole command line. */
  readonly command: readonly string[];
  /** Stands for the program; an error is thrown as it is. */
  readonly program: Child | Error;
}

/** A request over HTTP that a test expects, and what answers it. */
export interface ExpectedRequest {
  /** The method. @default {"GET"} */
  readonly method?: string;
  /** The whole address. */
  readonly url: string;
  /** Headers that it must have, by their lower-case names; others are no matter. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body that it must have. */
  readonly body?: string;
  /** What answers: status 200 and no body where left out; an error is thrown as it is. */
  readonly answer?:
    | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
    | Error;
}

/** Options of {@linkcode fakeIo}. */
export interface FakeIoOptions {
  /** The programs that are to be run, in this order. @default {[]} */
  readonly runs?: readonly ExpectedRun[];
  /** The programs that are to be started and left running, in this order. @default {[]} */
  readonly starts?: readonly ExpectedStart[];
  /** The requests that are to be made; several of one method and address are answered in this order. @default {[]} */
  readonly requests?: readonly ExpectedRequest[];
  /** Files by absolute path. @default {{}} */
  readonly files?: Readonly<Record<string, string>>;
  /** The environment. @default {{}} */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; a terminal where left out. */
  readonly input?: string | Uint8Array;
  /** Whether standard output and error are terminals. @default {false} */
  readonly isTerminal?: boolean;
  /**
   * Permissions that are withheld, each as its word: `--allow-run=tmux`; `--allow-run` for every program; a path with all
   * that is below it. All others are given. @default {[]}
   */
  readonly denied?: readonly string[];
}

/** An {@linkcode Io} for tests, and what was done with it. */
export interface FakeIo extends Io {
  /** What was written to standard output. */
  readonly stdout: string;
  /** What was written to standard error. */
  readonly stderr: string;
  /** The files as they are now. */
  readonly contents: ReadonlyMap<string, string>;
  /** Throws unless every expected program was run, and every expected request made. */
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
  const expectedStarts = [...options.starts ?? []];
  const requests = [...options.requests ?? []];
  const permissions = fakeGrants(options.denied ?? []);
  const contents = new Map(Object.entries(options.files ?? {}));
  const written = { out: "", err: "" };
  const isTerminal = options.isTerminal ?? false;
  return {
    get stdout() {
      return written.out;
    },
    get stderr() {
      return written.err;
    },
    contents,
    verify() {
      const left = [...expected, ...expectedStarts];
      if (left.length > 0) throw new Error(`Expected to be run: ${left.map(show).join("; ")}`);
      if (requests.length > 0) throw new Error(`Expected to be asked: ${requests.map(showRequest).join("; ")}`);
    },
    process: {
      deno: "deno",
      pid: 4711,
      // deno-lint-ignore require-await -- what is wrong with a call rejects it, as in the real world
      async run(command, args, runOptions = {}) {
        requirePermission({ name: "run", command }, permissions);
        runOptions.signal?.throwIfAborted();
        const next = take(expected, [command, ...args]);
        if (next.stdin !== undefined && next.stdin !== textOf(runOptions.stdin ?? "")) {
          throw new Error(`Expected input ${JSON.stringify(next.stdin)}, got ${JSON.stringify(runOptions.stdin)}`);
        }
        if (next.result instanceof Error) throw next.result;
        return { code: 0, stdout: "", stderr: "", ...next.result };
      },
      attach(command, args) {
        return Promise.reject(new Error(`Not expected to be run: ${[command, ...args].join(" ")}`));
      },
      start(command, args) {
        requirePermission({ name: "run", command }, permissions);
        const { program } = take(expectedStarts, [command, ...args]);
        if (program instanceof Error) throw program;
        return program;
      },
    },
    files: fakeFiles(contents, permissions),
    network: fakeNetwork(requests, permissions),
    clock: fakeClock(),
    terminal: {
      out: (output) => void (written.out += output),
      err: (output) => void (written.err += output),
      isTerminal: { in: options.input === undefined, out: isTerminal, err: isTerminal },
      noColor: false,
      hasLinks: false,
      columns: () => 80,
      rows: () => 24,
      setRaw: () => {},
      readKeys: () => Promise.resolve(undefined),
      onResize: () => ({ [Symbol.dispose]: () => {} }),
      readInput: (maxBytes, signal) => {
        const input = options.input ?? "";
        const bytes = typeof input === "string" ? encoder.encode(input) : input;
        return readAll(ReadableStream.from([bytes]), maxBytes, signal);
      },
    },
    env: {
      get: (name) => {
        requirePermission({ name: "env", variable: name }, permissions);
        return Object.hasOwn(options.env ?? {}, name) ? options.env?.[name] : undefined;
      },
    },
    permissions,
  };
}

/** The next of the programs expected, if it is the one that is called. */
function take<Expected extends { readonly command: readonly string[] }>(
  expected: Expected[],
  got: readonly string[],
): Expected {
  const next = expected.shift();
  if (!next) throw new Error(`Not expected to be run: ${got.join(" ")}`);
  const same = JSON.stringify(next.command) === JSON.stringify(got);
  if (!same) throw new Error(`Expected to be run: ${show(next)}, got: ${got.join(" ")}`);
  return next;
}

/** Files in memory. */
function fakeFiles(contents: Map<string, string>, permissions: Grants): Files {
  const allowed = <T>(name: "read" | "write", path: string, job: () => T): Promise<T> =>
    Promise.try(() => {
      requirePermission({ name, path }, permissions);
      return job();
    });
  const factsAt = (path: string): FileFacts | undefined => {
    const content = contents.get(path);
    const isDirectory = content === undefined && [...contents.keys()].some((key) => key.startsWith(`${path}/`));
    if (content === undefined && !isDirectory) return undefined;
    const size = encoder.encode(content ?? "").length;
    const times = { modifiedMs: 0, changedMs: 0, inode: 0 };
    return { isFile: !isDirectory, isDirectory, isSymlink: false, mode: 0o644, size, ...times };
  };
  return {
    read: (path) =>
      allowed("read", path, () => {
        const content = contents.get(path);
        return content === undefined ? undefined : encoder.encode(content);
      }),
    readPart: (path, offset, maxBytes) =>
      allowed("read", path, () => {
        const content = contents.get(path);
        return content === undefined ? undefined : encoder.encode(content).subarray(offset, offset + maxBytes);
      }),
    write: (path, content, options = {}) =>
      allowed("write", path, () => {
        requirePermission({ name: "read", path }, permissions);
        if (options.exclusive && contents.has(path)) throw new MusterError("held", `already there: ${path}`);
        contents.set(path, textOf(content));
      }),
    facts: (path) => allowed("read", path, () => factsAt(path)),
    list: (path) =>
      allowed("read", path, () => {
        const below = [...contents.keys()].filter((key) => key.startsWith(`${path}/`));
        const names = new Map(below.map((key) => {
          const [name = "", ...rest] = key.slice(path.length + 1).split("/");
          return [name, rest.length > 0 ? "directory" as const : "file" as const];
        }));
        if (names.size === 0) return undefined;
        return [...names].map(([name, kind]) => ({ name, kind })).sort((a, b) => a.name < b.name ? -1 : 1);
      }),
    factsOf: (paths) => Promise.all(paths.map((path) => allowed("read", path, () => factsAt(path)))),
    realPath: (path) => allowed("read", path, () => factsAt(path) && path),
    readLink: (path) => allowed("read", path, () => undefined),
    contentsOf: (paths) =>
      Promise.all(paths.map((path) =>
        allowed("read", path, () => {
          const content = contents.get(path);
          return content === undefined ? undefined : encoder.encode(content);
        })
      )),
    linksOf: (paths) => Promise.all(paths.map((path) => allowed("read", path, () => undefined))),
    digestsOf: (paths) =>
      Promise.all(paths.map(async (path) => {
        const content = await allowed("read", path, () => contents.get(path));
        if (content === undefined) return undefined;
        return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(content))).toHex();
      })),
    append: (path, content) =>
      allowed("write", path, () => void contents.set(path, (contents.get(path) ?? "") + textOf(content))),
    writer: (path) =>
      allowed("write", path, () => {
        contents.set(path, "");
        const write = (text: string) => void contents.set(path, (contents.get(path) ?? "") + text);
        return { write, [Symbol.asyncDispose]: () => Promise.resolve() };
      }),
    lock: (path) => allowed("write", path, () => ({ path, [Symbol.asyncDispose]: () => Promise.resolve() })),
    makeDirectory: (path) => allowed("write", path, () => {}),
    makeTemporaryDirectory: (parent, prefix) => allowed("write", parent, () => `${parent}/${prefix}fake`),
    remove: (path) =>
      allowed("write", path, () => {
        for (const key of contents.keys()) if (key === path || key.startsWith(`${path}/`)) contents.delete(key);
      }),
  };
}

/** A network on which only what is expected is asked, each once. */
function fakeNetwork(expected: ExpectedRequest[], permissions: Grants): Network {
  return {
    // deno-lint-ignore require-await -- what is wrong with a request rejects it, as in the real world
    async fetch(url, { method = "GET", headers = {}, body, signal } = {}) {
      requirePermission({ name: "net", host: hostAndPort(url) }, permissions);
      signal?.throwIfAborted();
      const at = expected.findIndex((one) => (one.method ?? "GET") === method && one.url === url.href);
      const [next] = at < 0 ? [] : expected.splice(at, 1);
      if (!next) throw new Error(`Not expected to be asked: ${method} ${url.href}`);
      const given = new Headers(headers);
      for (const [name, value] of Object.entries(next.headers ?? {})) {
        if (given.get(name) !== value) throw new Error(`Expected ${name}: ${value}, got ${given.get(name)}`);
      }
      if (next.body !== undefined && next.body !== body) throw new Error(`Expected body ${next.body}, got ${body}`);
      if (next.answer instanceof Error) throw next.answer;
      const answer = next.answer ?? {};
      return {
        status: answer.status ?? 200,
        headers: new Headers(answer.headers),
        body: answer.body === undefined ? null : ReadableStream.from([encoder.encode(answer.body)]),
      };
    },
  };
}

/** Permissions that are all given but those denied. */
function fakeGrants(denied: readonly string[]): Grants {
  for (const word of denied) {
    if (!/^--allow-(run|read|write|env|net|sys|ffi|import)(=[^,]+)?$/.test(word)) {
      throw new Error(`Cannot deny "${word}": expected one permission, such as "--allow-run=tmux"`);
    }
  }
  const covers = (word: string, flag: string) =>
    flag === word || flag.startsWith(word.includes("=") ? `${word}/` : `${word}=`);
  return { isGranted: (descriptor) => !denied.some((word) => covers(word, permissionFlag(descriptor))) };
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

function showRequest({ method = "GET", url }: ExpectedRequest): string {
  return `${method} ${url}`;
}

function show(run: { readonly command: readonly string[] }): string {
  return run.command.join(" ");
}

function textOf(content: string | Uint8Array): string {
  return typeof content === "string" ? content : new TextDecoder().decode(content);
}
