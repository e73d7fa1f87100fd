/**
 * The real world behind {@linkcode Io}: what muster reads, runs, waits for and prints is here. Beside it only the edge in
 * `lib/task/` calls `Deno`, for the words of the command line, the process's signals and its exit status.
 *
 * @module
 */

import { MusterError } from "./error.ts";
import { digestFiles } from "./_digest_files.ts";
import { startChild } from "./_child.ts";
import type {
  Clock,
  DirectoryEntry,
  Environment,
  FileFacts,
  Files,
  Grants,
  Io,
  Processes,
  RunOptions,
  RunResult,
  StartOptions,
  Terminal,
} from "./io.ts";
import { requirePermission } from "./permission.ts";
import { pollUntil } from "./poll.ts";
import { network } from "./_real_network.ts";
import { terminalHasLinks } from "./terminal_links.ts";
import { readAll } from "./_read_all.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

const permissions: Grants = {
  isGranted: (descriptor) => Deno.permissions.querySync(descriptor).state === "granted",
};

/** The real {@linkcode Io}: this process, its files, clock, terminal, environment and permissions. */
export const realIo: Io = {
  process: processes(),
  files: files(),
  network: network(),
  clock: clock(),
  terminal: terminal(),
  env: environment(),
  permissions,
};

function processes(): Processes {
  return {
    pid: Deno.pid,
    get deno() {
      return Deno.build.standalone ? "deno" : Deno.execPath();
    },
    async run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
      requirePermission({ name: "run", command }, permissions);
      options.signal?.throwIfAborted();
      const child = spawn(command, args, options);
      const aborted = Promise.withResolvers<never>();
      const end = () => endChild(child).then(() => aborted.reject(options.signal?.reason), aborted.reject);
      options.signal?.addEventListener("abort", end, { once: true });
      try {
        // What the program started may hold its output open for long after its end, so an abort does not wait for that.
        const [output] = await Promise.race([
          Promise.all([child.output(), feed(child, options.stdin)]),
          aborted.promise,
        ]);
        options.signal?.throwIfAborted();
        return {
          code: output.code,
          stdout: decoder.decode(output.stdout),
          stderr: decoder.decode(output.stderr),
        };
      } finally {
        options.signal?.removeEventListener("abort", end);
      }
    },
    async attach(command, args, options = {}) {
      requirePermission({ name: "run", command }, permissions);
      const { code } = await spawn(command, args, options, "inherit").status;
      return code;
    },
    start(command, args, options = {}) {
      requirePermission({ name: "run", command }, permissions);
      return startChild(spawn(command, args, { ...options, stdin: "" }));
    },
  };
}

function spawn(
  command: string,
  args: readonly string[],
  options: RunOptions | StartOptions,
  streams: "piped" | "inherit" = "piped",
): Deno.ChildProcess {
  try {
    return new Deno.Command(command, {
      args: [...args],
      env: options.env,
      cwd: options.cwd,
      detached: "detached" in options && options.detached,
      stdin: streams === "inherit" || "stdin" in options && options.stdin !== undefined ? streams : "null",
      stdout: streams,
      stderr: streams,
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && !error.message.includes("No such cwd")) {
      throw new MusterError("missing_program", `program not found: ${command}`, {
        hint: `install ${command}, or put it on PATH`,
        command,
        cause: error,
      });
    }
    throw asFailure(error, `cannot run: ${command}`);
  }
}

/** Writes the program's input; one that ends without reading it all is no error. */
async function feed(child: Deno.ChildProcess, stdin: string | Uint8Array | undefined): Promise<void> {
  if (stdin === undefined) return;
  const writer = child.stdin.getWriter();
  try {
    await writer.write(typeof stdin === "string" ? encoder.encode(stdin) : stdin);
    await writer.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

async function endChild(child: Deno.ChildProcess): Promise<void> {
  kill(child, "SIGTERM");
  await child.status;
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended already
  }
}

function files(): Files {
  return {
    async read(path) {
      requirePermission({ name: "read", path }, permissions);
      try {
        return await Deno.readFile(path);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw asFailure(error, `cannot read: ${path}`);
      }
    },
    async readPart(path, offset, maxBytes) {
      requirePermission({ name: "read", path }, permissions);
      try {
        using file = await Deno.open(path);
        const { size } = await file.stat();
        const bytes = new Uint8Array(Math.max(0, Math.min(maxBytes, size - offset)));
        if (bytes.length === 0) return bytes;
        await file.seek(offset, Deno.SeekMode.Start);
        for (let at = 0; at < bytes.length;) {
          const count = await file.read(bytes.subarray(at));
          if (count === null) return bytes.subarray(0, at); // it was cut short meanwhile
          at += count;
        }
        return bytes;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw asFailure(error, `cannot read: ${path}`);
      }
    },
    async write(path, content, options = {}) {
      requirePermission({ name: "write", path }, permissions);
      requirePermission({ name: "read", path }, permissions); // deno wants it to rename
      const bytes = typeof content === "string" ? encoder.encode(content) : content;
      const directory = path.slice(0, path.lastIndexOf("/")) || "/";
      const sibling = `${directory}/.${path.slice(path.lastIndexOf("/") + 1)}.${crypto.randomUUID()}`;
      try {
        await Deno.mkdir(directory, { recursive: true });
        using file = await Deno.open(sibling, { write: true, createNew: true, mode: options.mode ?? 0o644 });
        try {
          for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
          if (options.synced ?? true) await file.sync();
          if (options.exclusive) await linkNew(sibling, path);
          else await Deno.rename(sibling, path);
        } finally {
          await removeIfThere(sibling);
        }
      } catch (error) {
        throw asFailure(error, `cannot write: ${path}`);
      }
    },
    async facts(path, options = {}): Promise<FileFacts | undefined> {
      requirePermission({ name: "read", path }, permissions);
      try {
        return asFacts(options.follow === false ? await Deno.lstat(path) : await Deno.stat(path));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw asFailure(error, `cannot look at: ${path}`);
      }
    },
    async makeDirectory(path, options = {}) {
      requirePermission({ name: "write", path }, permissions);
      try {
        await Deno.mkdir(path, { recursive: true, mode: options.mode });
      } catch (error) {
        throw asFailure(error, `cannot make the directory: ${path}`);
      }
    },
    async makeTemporaryDirectory(parent, prefix) {
      requirePermission({ name: "write", path: parent }, permissions);
      try {
        return await Deno.makeTempDir({ dir: parent, prefix });
      } catch (error) {
        throw asFailure(error, `cannot make a directory in: ${parent}`);
      }
    },
    async remove(path) {
      requirePermission({ name: "write", path }, permissions);
      try {
        await removeIfThere(path);
      } catch (error) {
        throw asFailure(error, `cannot remove: ${path}`);
      }
    },
    async list(path) {
      requirePermission({ name: "read", path }, permissions);
      try {
        // One look at a directory is over before a thread would have begun it.
        const found = await Promise.try(() => Array.from(Deno.readDirSync(path), asEntry));
        return found.sort((a, b) => a.name < b.name ? -1 : 1);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw asFailure(error, `cannot list: ${path}`);
      }
    },
    factsOf: (paths) =>
      Promise.try(() => {
        requireReading(paths);
        return paths.map(linkFacts);
      }),
    async realPath(path) {
      requirePermission({ name: "read", path }, permissions);
      try {
        return await Deno.realPath(path);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw asFailure(error, `cannot look at: ${path}`);
      }
    },
    async readLink(path) {
      requirePermission({ name: "read", path }, permissions);
      try {
        return await Deno.readLink(path);
      } catch (error) {
        if (isMissing(error) || isNoLink(error)) return undefined;
        throw asFailure(error, `cannot read the link: ${path}`);
      }
    },
    contentsOf: (paths) => Promise.try(() => peek(paths, Deno.readFileSync)),
    linksOf: (paths) => Promise.try(() => peek(paths, Deno.readLinkSync)),
    async digestsOf(paths, signal, sizes) {
      requireReading(paths);
      return await digestFiles(paths, (path, error) => {
        if (!isMissing(error)) throw asFailure(error, `cannot read: ${path}`);
      }, { signal, sizes });
    },
    async append(path, content, options = {}) {
      requirePermission({ name: "write", path }, permissions);
      const bytes = typeof content === "string" ? encoder.encode(content) : content;
      try {
        await Deno.mkdir(path.slice(0, path.lastIndexOf("/")) || "/", { recursive: true });
        using file = await Deno.open(path, { append: true, create: true, mode: options.mode ?? 0o644 });
        for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
        if (options.sync !== false) await file.sync();
      } catch (error) {
        throw asFailure(error, `cannot write: ${path}`);
      }
    },
    async writer(path, options = {}) {
      requirePermission({ name: "write", path }, permissions);
      try {
        await Deno.mkdir(path.slice(0, path.lastIndexOf("/")) || "/", { recursive: true });
        const mode = options.mode ?? 0o644;
        const file = await Deno.open(path, { write: true, create: true, truncate: true, mode });
        return {
          write(text) {
            const bytes = encoder.encode(text);
            try {
              for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
            } catch (error) {
              throw asFailure(error, `cannot write: ${path}`);
            }
          },
          [Symbol.asyncDispose]: () => Promise.try(() => file.close()),
        };
      } catch (error) {
        throw asFailure(error, `cannot write: ${path}`);
      }
    },
    async lock(path, { timeoutMs, signal }) {
      requirePermission({ name: "write", path }, permissions);
      let file: Deno.FsFile | undefined;
      try {
        await Deno.mkdir(path.slice(0, path.lastIndexOf("/")) || "/", { recursive: true });
        const opened = file = await Deno.open(path, { append: true, create: true, mode: 0o600 });
        const take = async () => await opened.tryLock(true) || undefined;
        await pollUntil(realIo.clock, take, { what: `the lock on ${path}`, timeoutMs, signal });
        return { path, [Symbol.asyncDispose]: () => Promise.try(() => opened.close()) };
      } catch (error) {
        file?.close();
        throw signal?.aborted ? error : asFailure(error, `cannot lock: ${path}`);
      }
    },
  };
}

/** Asking for each of many files would take longer than looking at them: who may read a directory may read what is in it. */
function requireReading(paths: readonly string[]): void {
  const directories = new Map<string, boolean>();
  for (const path of paths) {
    const directory = path.slice(0, path.lastIndexOf("/")) || "/";
    let isGranted = directories.get(directory);
    if (isGranted === undefined) {
      isGranted = permissions.isGranted({ name: "read", path: directory });
      directories.set(directory, isGranted);
    }
    if (!isGranted) requirePermission({ name: "read", path }, permissions);
  }
}

/** A read of the kernel's memory takes less time than to leave it to another thread. */
function peek<T>(paths: readonly string[], read: (path: string) => T): (T | undefined)[] {
  requireReading(paths);
  return paths.map((path) => {
    try {
      return read(path);
    } catch (error) {
      const isElsewhere = isMissing(error) || isNoLink(error) || error instanceof Deno.errors.PermissionDenied;
      // `ESRCH`: the process that it belongs to has ended.
      if (isElsewhere || error instanceof Error && /os error 3\b/.test(error.message)) return undefined;
      throw asFailure(error, `cannot read: ${path}`);
    }
  });
}

function linkFacts(path: string): FileFacts | undefined {
  try {
    return asFacts(Deno.lstatSync(path));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw asFailure(error, `cannot look at: ${path}`);
  }
}

function asFacts(info: Deno.FileInfo): FileFacts {
  const { isFile, isDirectory, isSymlink, size } = info;
  return {
    isFile,
    isDirectory,
    isSymlink,
    size,
    mode: info.mode === null ? null : info.mode & 0o7777,
    modifiedMs: info.mtime?.getTime() ?? 0,
    changedMs: info.ctime?.getTime() ?? 0,
    inode: info.ino ?? 0,
  };
}

function asEntry({ name, isFile, isDirectory, isSymlink }: Deno.DirEntry): DirectoryEntry {
  const kind = isSymlink ? "symlink" : isDirectory ? "directory" : isFile ? "file" : "other";
  return { name, kind };
}

/** `EINVAL` is what reading a link that is none ends in. */
function isNoLink(error: unknown): boolean {
  return error instanceof Error && /os error 22\b/.test(error.message);
}

/** Gives a file a second name. That fails where the name is taken, which a rename would replace. */
async function linkNew(file: string, path: string): Promise<void> {
  try {
    await Deno.link(file, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new MusterError("held", `already there: ${path}`, { cause: error });
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** A path below something that is no directory is as missing as one below a directory. */
function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

function asFailure(error: unknown, what: string): unknown {
  if (!(error instanceof Error) || error instanceof MusterError) return error;
  const reason = error.message.replace(/ \(os error \d+\).*$/s, "");
  return new MusterError("failed", `${what}: ${reason}`, { cause: error });
}

function clock(): Clock {
  return {
    now: () => Date.now(),
    elapsed: () => performance.now(),
    delay(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = () => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener("abort", abort);
          resolve();
        }, ms);
        signal?.addEventListener("abort", abort, { once: true });
      });
    },
  };
}

function terminal(): Terminal {
  return {
    out: (text) => writeAll(Deno.stdout, text),
    err: (text) => writeAll(Deno.stderr, text),
    isTerminal: {
      get in() {
        return Deno.stdin.isTerminal();
      },
      get out() {
        return Deno.stdout.isTerminal();
      },
      get err() {
        return Deno.stderr.isTerminal();
      },
    },
    get noColor() {
      return Deno.noColor;
    },
    get hasLinks() {
      return terminalHasLinks((name) =>
        permissions.isGranted({ name: "env", variable: name }) ? Deno.env.get(name) : undefined
      );
    },
    columns() {
      try {
        return Deno.consoleSize().columns || 80;
      } catch {
        return 80; // no terminal: Deno has no other way to say so
      }
    },
    rows() {
      try {
        return Deno.consoleSize().rows || 24;
      } catch {
        return 24; // no terminal
      }
    },
    setRaw: (isRaw) => Deno.stdin.setRaw(isRaw),
    async readKeys() {
      const bytes = new Uint8Array(1024);
      try {
        const length = await Deno.stdin.read(bytes);
        return length === null ? undefined : decoder.decode(bytes.subarray(0, length));
      } catch {
        return undefined; // the terminal went away
      }
    },
    onResize(job) {
      Deno.addSignalListener("SIGWINCH", job);
      return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGWINCH", job) };
    },
    readInput: (maxBytes, signal) => readAll(Deno.stdin.readable, maxBytes, signal),
  };
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += stream.writeSync(bytes.subarray(at));
    } catch (error) {
      if (error instanceof Deno.errors.WouldBlock) continue; // a full pipe that someone made non-blocking
      throw error;
    }
  }
}

function environment(): Environment {
  return {
    get(name) {
      requirePermission({ name: "env", variable: name }, permissions);
      return Deno.env.get(name);
    },
  };
}
