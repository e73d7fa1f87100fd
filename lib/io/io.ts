/**
 * The seam to the world. Everything that muster reads, runs, waits for or prints goes through one {@linkcode Io}, which
 * is passed in: the real one is `realIo`, tests pass `fakeIo` or wrap the real one.
 *
 * @module
 */

/** Options of {@linkcode Processes.run}. */
export interface RunOptions {
  /** What the program reads from standard input; nothing by default. */
  readonly stdin?: string | Uint8Array;
  /** Variables set for the program, on top of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The program's working directory; muster's own by default. */
  readonly cwd?: string;
  /** Ends the program with SIGTERM when it aborts; the run then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How a program ended. */
export interface RunResult {
  /** Its exit status; 128 plus the number of the signal that ended it. */
  readonly code: number;
  /** What it wrote to standard output, decoded as UTF-8. */
  readonly stdout: string;
  /** What it wrote to standard error, decoded as UTF-8. */
  readonly stderr: string;
}

/** Options of {@linkcode Processes.start}. */
export interface StartOptions {
  /** Variables set for the program, on top of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The program's working directory; muster's own by default. */
  readonly cwd?: string;
  /** Puts it into a session of its own, which the terminal's keys do not reach. @default {false} */
  readonly detached?: boolean;
}

/** A program that runs, to be talked to while it does. */
export interface Child extends AsyncDisposable {
  /** Its process. */
  readonly pid: number;
  /** What it reads; writing to it fails where it reads no more. */
  readonly stdin: WritableStreamDefaultWriter<Uint8Array>;
  /** What it writes to standard output. */
  readonly stdout: ReadableStream<Uint8Array>;
  /** What it writes to standard error. */
  readonly stderr: ReadableStream<Uint8Array>;
  /** Its exit status, once it has ended; 128 plus the number of the signal that ended it. */
  readonly status: Promise<number>;
  /** Writes to its standard input; nothing where it reads no more. */
  write(text: string): Promise<void>;
  /** Closes its standard input; nothing when it is closed. */
  close(): Promise<void>;
  /** Sends it a signal; nothing once it has ended. Disposing of it sends SIGKILL, and waits for its end. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/** Programs. */
export interface Processes {
  /** The deno program, by which another script can be run: the one that runs muster, or `deno` in a compiled muster. */
  readonly deno: string;
  /** This process. */
  readonly pid: number;
  /** Runs a program to its end. A program that is not there is a `MusterError` of code `missing_program`. */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Runs a program with muster's own input and output to its end; its exit status. */
  attach(command: string, args: readonly string[], options?: Pick<RunOptions, "env">): Promise<number>;
  /** Starts a program that is read from and written to while it runs; missing ones as {@linkcode Processes.run}. */
  start(command: string, args: readonly string[], options?: StartOptions): Child;
}

/** What is at a path. */
export interface FileFacts {
  /** A regular file. */
  readonly isFile: boolean;
  /** A directory. */
  readonly isDirectory: boolean;
  /** A symbolic link, where links are not followed. */
  readonly isSymlink: boolean;
  /** Permission bits, such as `0o600`; `null` where the platform has none. */
  readonly mode: number | null;
  /** Bytes. */
  readonly size: number;
  /** When its content last changed, in milliseconds since 1970; 0 where the platform does not say. */
  readonly modifiedMs: number;
  /** When anything of it last changed, its mode, links and name too; 0 where the platform does not say. */
  readonly changedMs: number;
  /** Its number on its file system; 0 where the platform has none. */
  readonly inode: number;
}

/** One entry of a directory. */
export interface DirectoryEntry {
  /** Its name, without the directory's. */
  readonly name: string;
  /** What it is; a symbolic link is not followed. */
  readonly kind: "file" | "directory" | "symlink" | "other";
}

/** A lock on a file, let go when it is disposed of and by the system when its process ends. */
export interface FileLock extends AsyncDisposable {
  /** The file that is locked. */
  readonly path: string;
}

/** A file that is written to piece by piece, from its beginning; closed when it is disposed of. */
export interface FileWriter extends AsyncDisposable {
  /** Writes behind what was written; a `MusterError` where it cannot. */
  write(text: string): void;
}

/** Files. Paths are absolute; a missing one is `undefined` where the return type says so, else a `MusterError`. */
export interface Files {
  /** The bytes of a file, or `undefined` where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /**
   * At most so many bytes of a file from an offset on; fewer where it ends there, none where it is shorter; `undefined`
   * where there is no file.
   */
  readPart(path: string, offset: number, maxBytes: number): Promise<Uint8Array | undefined>;
  /**
   * Writes a file whole or not at all: to a sibling first, synced, then renamed. Makes its directory. Needs leave to read
   * as well, which deno wants of a renaming.
   */
  write(path: string, content: string | Uint8Array, options?: WriteOptions): Promise<void>;
  /** What is at the path, or `undefined`; the link itself is not followed with `follow: false`. */
  facts(path: string, options?: { readonly follow?: boolean }): Promise<FileFacts | undefined>;
  /** Makes a directory and its parents; nothing when it is there. */
  makeDirectory(path: string, options?: { readonly mode?: number }): Promise<void>;
  /** Makes a directory of a name of its own under `parent`, mode 0700. */
  makeTemporaryDirectory(parent: string, prefix: string): Promise<string>;
  /** Removes a file or a whole directory; nothing when there is none. */
  remove(path: string): Promise<void>;
  /** What is in a directory, by name in the order of their code units; `undefined` where there is no directory. */
  list(path: string): Promise<readonly DirectoryEntry[] | undefined>;
  /** What each path is, no link followed, or `undefined`: {@linkcode Files.facts} for many paths at a time. */
  factsOf(paths: readonly string[]): Promise<readonly (FileFacts | undefined)[]>;
  /** The absolute path without links, of one that may be relative; `undefined` where there is nothing. */
  realPath(path: string): Promise<string | undefined>;
  /** Where a symbolic link points, as it is written; `undefined` where there is no link. */
  readLink(path: string): Promise<string | undefined>;
  /**
   * What each of many small files holds, such as the kernel's own; `undefined` for what is not there by now, or is another
   * person's.
   */
  contentsOf(paths: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** Where each of many links points; otherwise as {@linkcode Files.contentsOf}. */
  linksOf(paths: readonly string[]): Promise<readonly (string | undefined)[]>;
  /**
   * The SHA-256 of each file's content in hex, or `undefined`; a file is read in pieces, whatever its size. With `sizes`, a
   * file of which so many bytes were read is not asked for more: its size has to be looked at afterwards.
   */
  digestsOf(
    paths: readonly string[],
    signal?: AbortSignal,
    sizes?: readonly number[],
  ): Promise<readonly (string | undefined)[]>;
  /** Writes at a file's end, in one piece, and syncs it. Makes the file, and its directory. */
  append(path: string, content: string | Uint8Array, options?: AppendOptions): Promise<void>;
  /** Opens a new file, or one that is emptied, to write to. Makes its directory. Not synced: for logs. */
  writer(path: string, options?: { readonly mode?: number }): Promise<FileWriter>;
  /**
   * Takes the system's lock on a file, which is made where it is missing, and waits until it is free. For what takes
   * milliseconds: nobody can tell who has it.
   */
  lock(path: string, options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<FileLock>;
}

/** Options of {@linkcode Files.append}. */
export interface AppendOptions {
  /** Permission bits of a file that is made, less the umask. @default {0o644} */
  readonly mode?: number;
  /** Waits until the disk has it: milliseconds. What a killed process has written is kept without. @default {true} */
  readonly sync?: boolean;
}

/** Options of {@linkcode Files.write}. */
export interface WriteOptions {
  /** Permission bits, less the umask; those of a file that is replaced are not kept. @default {0o644} */
  readonly mode?: number;
  /** Leaves what is there as it is, and throws a `MusterError` of code `held`. @default {false} */
  readonly exclusive?: boolean;
  /** Whether it outlives a crash of the machine; without that it costs no wait for the disk. @default {true} */
  readonly synced?: boolean;
}

/** Time. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Milliseconds on a clock that never jumps, from an arbitrary start. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  delay(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What muster itself reads from and prints to. */
export interface Terminal {
  /** Writes the answer. */
  out(text: string): void;
  /** Writes progress and diagnostics. */
  err(text: string): void;
  /** Whether each stream is a terminal. */
  readonly isTerminal: { readonly in: boolean; readonly out: boolean; readonly err: boolean };
  /** Whether the person asked for no colour (`NO_COLOR`). */
  readonly noColor: boolean;
  /** Whether the terminal is known to take links (OSC 8); `false` where that may not be looked up. */
  readonly hasLinks: boolean;
  /** Columns of the terminal; 80 where there is none. */
  columns(): number;
  /** Rows of the terminal; 24 where there is none. */
  rows(): number;
  /** Takes keys one by one and without echo, or whole lines again. */
  setRaw(isRaw: boolean): void;
  /** The keys that a person presses next, as their characters; `undefined` once the terminal is gone. */
  readKeys(): Promise<string | undefined>;
  /** Calls a job whenever the terminal's size changes, until it is disposed of. */
  onResize(job: () => void): Disposable;
  /**
   * All of standard input, or a `MusterError` of code `usage` once it is longer than `maxBytes`. Rejects with the
   * signal's reason as soon as it aborts, whether or not more input comes.
   */
  readInput(maxBytes: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/** A request over HTTP. */
export interface NetworkRequest {
  /** The method, in capitals. @default {"GET"} */
  readonly method?: string;
  /** Headers by name; a token stands here and nowhere else. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body; none by default. */
  readonly body?: string;
  /** Certificates of further authorities that are believed, as PEM. */
  readonly ca?: string;
  /** Gives up when it aborts; the request, and the reading of the body, then reject with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The head of an answer over HTTP, and its body as it comes. */
export interface NetworkAnswer {
  /** The status: any of them is an answer. */
  readonly status: number;
  /** Headers. */
  readonly headers: Headers;
  /** The body, to be read to its end or cancelled; `null` where there is none. */
  readonly body: ReadableStream<Uint8Array> | null;
}

/** Other hosts. */
export interface Network {
  /**
   * Asks over HTTP, and follows no redirect: where to go next is for who holds the token to say. What keeps an answer
   * from coming is a `NetworkError`.
   */
  fetch(url: URL, request?: NetworkRequest): Promise<NetworkAnswer>;
}

/** The environment. */
export interface Environment {
  /** The variable's value, or `undefined` where it is not set. */
  get(name: string): string | undefined;
}

/** What muster was given leave to do. */
export interface Grants {
  /** Whether the permission is given. Never asks a person. */
  isGranted(descriptor: Deno.PermissionDescriptor): boolean;
}

/** The world, as muster sees it. */
export interface Io {
  /** Programs. */
  readonly process: Processes;
  /** Files. */
  readonly files: Files;
  /** Other hosts. */
  readonly network: Network;
  /** Time. */
  readonly clock: Clock;
  /** What muster reads from and prints to. */
  readonly terminal: Terminal;
  /** The environment. */
  readonly env: Environment;
  /** What muster was given leave to do. */
  readonly permissions: Grants;
}
