/**
 * A world of its own for a test: a home, a directory for tmux's sockets and a working directory, in which the real muster
 * runs as a child with nothing of the tester's environment. When it is disposed of, every tmux server in it, all that ran
 * there and its files are gone.
 *
 * @module
 */

import { pollUntil, realIo } from "../lib/io/mod.ts";

/** The repo, with a slash at its end. */
export const root = new URL("../", import.meta.url);

/** How long anything may take before a test gives up on it. */
const deadlineMs = 60_000;

/** How a program ended, and all that it printed. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@linkcode runProgram}. */
export interface ProgramOptions {
  /** What it reads; nothing by default. */
  readonly stdin?: string | Uint8Array;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** When it is given up on, in milliseconds. @default {60_000} */
  readonly timeoutMs?: number;
}

/** Runs a program to its end, in the environment given and no other; one that hangs is ended and named. */
export async function runProgram(command: string, args: readonly string[], options: ProgramOptions): Promise<Ended> {
  const { stdin, env, cwd, timeoutMs = deadlineMs } = options;
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...env },
    clearEnv: true,
    cwd,
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(timeoutMs),
  }).spawn();
  const [{ code, stdout, stderr, signal }] = await Promise.all([child.output(), feed(child, stdin)]);
  const ended = { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
  if (signal === "SIGTERM") {
    throw new Error(`${command} ${args.join(" ")}: no end after ${timeoutMs} ms: ${show(ended)}`);
  }
  return ended;
}

async function feed(child: Deno.ChildProcess, stdin: string | Uint8Array | undefined): Promise<void> {
  if (stdin === undefined) return;
  const writer = child.stdin.getWriter();
  try {
    await writer.write(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin);
    await writer.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error; // it has read enough
  }
}

/** What a child with an environment of its own cannot do without: programs, deno's cache, certificates, UTF-8. */
export async function bareEnvironment(): Promise<Readonly<Record<string, string>>> {
  const given = ["PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "DENO_CERT", "DENO_TLS_CA_STORE"];
  const kept = given.flatMap((name): [string, string][] => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  const { denoDir } = await (denoInfo ??= readDenoInfo());
  return { ...Object.fromEntries(kept), DENO_DIR: denoDir, DENO_NO_UPDATE_CHECK: "1", LANG: "C.UTF-8" };
}

/** Where deno keeps its caches. */
export interface DenoInfo {
  readonly denoDir: string;
  readonly npmCache: string;
}

let denoInfo: Promise<DenoInfo> | undefined;

/** Where the deno that runs the tests keeps its caches. */
export async function readDenoInfo(): Promise<DenoInfo> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"], stdin: "null" }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Options of {@linkcode World.muster}. */
export interface MusterOptions {
  /** What it reads; nothing by default. */
  readonly stdin?: string | Uint8Array;
  /** Variables on top of the world's; one that is `undefined` is left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The world's working directory by default. */
  readonly cwd?: string;
  /** When it is given up on, in milliseconds. @default {60_000} */
  readonly timeoutMs?: number;
}

/** A world of its own; see the module. */
export class World implements AsyncDisposable {
  /** All of it is below this directory. */
  readonly directory: string;
  /** `HOME`. */
  readonly home: string;
  /** `TMUX_TMPDIR`. */
  readonly sockets: string;
  /** Where muster is called; empty. */
  readonly cwd: string;
  /** What every program of the world gets. */
  readonly env: Readonly<Record<string, string>>;

  private constructor(directory: string, bare: Readonly<Record<string, string>>) {
    this.directory = directory;
    this.home = `${directory}/home`;
    this.sockets = `${directory}/tmux`;
    this.cwd = `${directory}/cwd`;
    // No systemd of the tester's own is to be found: a test that wants one has one of its own.
    this.env = { ...bare, HOME: this.home, TMUX_TMPDIR: this.sockets, XDG_RUNTIME_DIR: `${directory}/run` };
  }

  /** Makes one, with a roster where there is a text for it. */
  static async create(roster?: string): Promise<World> {
    const directory = await Deno.makeTempDir({ prefix: "muster-test-" });
    const world = new World(await Deno.realPath(directory), await bareEnvironment());
    for (const path of [world.home, world.sockets, world.cwd]) await Deno.mkdir(path, { mode: 0o700 });
    if (roster !== undefined) await world.roster(roster);
    return world;
  }

  /** `$MUSTER_HOME`, where nothing says otherwise. */
  get musterHome(): string {
    return `${this.home}/.config/muster`;
  }

  /** The roster's path. */
  get rosterPath(): string {
    return `${this.musterHome}/fleet/roster.toml`;
  }

  /** Writes the roster. */
  async roster(toml: string): Promise<void> {
    await Deno.mkdir(`${this.musterHome}/fleet`, { recursive: true });
    await Deno.writeTextFile(this.rosterPath, toml);
  }

  /** Writes a file into the working directory; its path. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    const path = `${this.cwd}/${name}`;
    await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    return path;
  }

  /** Runs a program. */
  async run(command: string, args: readonly string[], options: MusterOptions = {}): Promise<Ended> {
    const given = Object.entries({ ...this.env, ...options.env });
    const env = Object.fromEntries(given.flatMap(([name, value]) => value === undefined ? [] : [[name, value]]));
    const { stdin, timeoutMs, cwd = this.cwd } = options;
    return await runProgram(command, args, { stdin, env, cwd, timeoutMs });
  }

  /** Runs deno. */
  async deno(args: readonly string[], options: MusterOptions = {}): Promise<Ended> {
    return await this.run(Deno.execPath(), args, options);
  }

  /** Runs the CLI with all permissions. */
  async muster(args: readonly string[], options: MusterOptions = {}): Promise<Ended> {
    return await this.deno(["run", "--quiet", "-A", new URL("cli.ts", root).pathname, ...args], options);
  }

  /** Runs the CLI with `--json`, and reads its one document. */
  async json<Document>(args: readonly string[], options: MusterOptions = {}): Promise<Ended & { document: Document }> {
    const ended = await this.muster([...args, "--json"], options);
    try {
      return { ...ended, document: JSON.parse(ended.stdout) };
    } catch {
      throw new Error(`muster ${args.join(" ")} --json printed no JSON document: ${show(ended)}`);
    }
  }

  /** Runs a tmux command on a socket, by default the fleet's, and returns what it prints. */
  async tmux(
    args: readonly string[],
    options: { readonly socket?: string; readonly stdin?: string } = {},
  ): Promise<string> {
    const words = ["-u", "-f", "/dev/null", "-L", options.socket ?? "muster", ...args];
    const ended = await runProgram("tmux", words, { stdin: options.stdin, env: this.env, cwd: this.cwd });
    if (ended.code !== 0) throw new Error(`tmux ${args.join(" ")}: ${show(ended)}`);
    return ended.stdout;
  }

  /** The rows of a pane, with those of its history, the empty ones at the end left out. */
  async screen(target: string, options: { readonly socket?: string } = {}): Promise<string[]> {
    const printed = await this.tmux(["capture-pane", "-p", "-J", "-S", "-", "-t", target], options);
    return printed.trimEnd().split("\n").map((row) => row.trimEnd());
  }

  /** Looks until there is something to see; the error names what was waited for. */
  async eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    return await pollUntil(realIo.clock, look, { what, timeoutMs: deadlineMs, longestPauseMs: 25 });
  }

  /** Ends every tmux server of this world and all that ran in it, and removes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      const pids: string[] = [];
      for (const socket of await this.socketFiles()) {
        const options = { env: this.env, cwd: this.cwd };
        // One call: a server that ends between two could not be asked for its processes.
        const list = ["display-message", "-p", "#{pid}", ";", "list-panes", "-a", "-F", "#{pane_pid}"];
        const { stdout } = await runProgram("tmux", ["-N", "-S", socket, ...list, ";", "kill-server"], options);
        pids.push(...stdout.split("\n").filter((line) => /^\d+$/.test(line)));
      }
      if (pids.length > 0) await this.#end(pids);
    } finally {
      await Deno.remove(this.directory, { recursive: true });
    }
  }

  /** The sockets of the tmux servers that run here. */
  async socketFiles(): Promise<string[]> {
    const found: string[] = [];
    for await (const entry of Deno.readDir(this.sockets)) {
      if (!entry.isDirectory) continue;
      for await (const { name } of Deno.readDir(`${this.sockets}/${entry.name}`)) {
        found.push(`${this.sockets}/${entry.name}/${name}`);
      }
    }
    return found;
  }

  /** Waits for processes to end; what stays is killed, by its number. */
  async #end(pids: readonly string[]): Promise<void> {
    const options = { env: this.env, cwd: this.cwd };
    const isOver = async () => {
      // What waits to be collected has ended.
      const script = 'for p; do case "$(ps -o stat= -p "$p")" in "" | Z*) ;; *) exit 1 ;; esac; done';
      return (await runProgram("sh", ["-c", script, "sh", ...pids], options)).code === 0 || undefined;
    };
    try {
      await pollUntil(realIo.clock, isOver, { what: "the world to end", timeoutMs: 5_000, longestPauseMs: 25 });
    } catch {
      await runProgram("sh", ["-c", 'kill -s KILL "$@" 2>/dev/null; true', "sh", ...pids], options);
      await this.eventually("the world to end", isOver);
    }
  }
}

/** What a program said, for an error. */
export function show({ code, stdout, stderr }: Ended): string {
  return `exit ${code}, stdout ${JSON.stringify(stdout)}, stderr ${JSON.stringify(stderr)}`;
}

/** Does a job for each of the values, a few at a time, and returns what they gave in order. */
export async function inTurns<Value, Result>(
  values: readonly Value[],
  job: (value: Value) => Promise<Result>,
  { width = 3 } = {},
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = values.entries();
  const work = async () => {
    for (const [at, value] of queue) results[at] = await job(value);
  };
  await Promise.all(Array.from({ length: width }, work));
  return results;
}
