/**
 * A host that is reached over ssh: one connection, kept while the host is in use, at whose far end one fixed sh script
 * runs tmux and sh. Nothing else of that host is needed, and nothing is left on it.
 *
 * @module
 */

import { MusterError } from "./error.ts";
import type { Host } from "./host.ts";
import { HostError } from "./host_error.ts";
import type { Io } from "./io.ts";
import { bootstrap, RemoteShell } from "./_remote_shell.ts";
import { sshDestination } from "./ssh_destination.ts";
import { visible } from "./visible.ts";

/** Options of {@linkcode sshHost}. */
export interface SshHostOptions {
  /**
   * Finds a directory of the person's own, mode 0700, in which ssh keeps the socket of a connection that several processes
   * share; it ends when nobody has used it for half a minute. Where there is none, each process connects by itself.
   */
  readonly connections?: () => Promise<string | undefined>;
  /** How long the host may take to answer first, in milliseconds. @default {15_000} */
  readonly openWithinMs?: number;
}

/** A host over ssh, and its connection, which ends when it is disposed of. */
export interface SshHost extends Host, AsyncDisposable {}

/** How long a host may be silent: ssh asks it after so many seconds, and gives up after so many questions. */
const alive = { everySeconds: 5, questions: 3 } as const;

/** How long a shared connection lives without a user, in seconds. */
const idleSeconds = 30;

/** The longest path of a socket (macOS; Linux has 4 more), of which ssh takes a part for the names that it gives. */
const longestDirectory = 104 - "/".length - 40 - ".0123456789abcdef".length - 1;

/** How old the host's time may be before it is asked again, in milliseconds. */
const freshMs = 10_000;

/**
 * A host by its ssh destination. It is connected to by the first call; a connection that is lost stays lost.
 *
 * ssh asks nobody for anything, its other options are those of the person's `~/.ssh/config`, and what that says of host
 * keys holds: by default, an unknown or a changed one is an error.
 *
 * @throws {MusterError} of code `usage` for what is no destination.
 *
 * @example
 * ```ts
 * import { realIo } from "./real.ts";
 * import { sshHost } from "./ssh_host.ts";
 *
 * await using host = sshHost(realIo, "ada@build1");
 * if (host.destination !== "ada@build1") throw new Error("unreachable");
 * ```
 */
export function sshHost(io: Io, destination: string, options: SshHostOptions = {}): SshHost {
  if (!sshDestination.test(destination)) {
    throw new MusterError("usage", `not an ssh destination: ${visible(destination) || '""'}`, {
      hint: "expected a host or user@host, as for ssh",
    });
  }
  let opening: Promise<RemoteShell> | undefined;
  let openedAt = 0;
  const over = new AbortController();
  const open = async () => {
    const { openWithinMs = 15_000 } = options;
    const words = sshWords(destination, openWithinMs, await options.connections?.());
    const end = io.clock.elapsed() + openWithinMs;
    for (let pauseMs = 50;; pauseMs *= 2) {
      let isBusy = false;
      try {
        const shell = await RemoteShell.open(io.clock, io.process.start("ssh", words, { detached: true }), {
          openWithinMs: end - io.clock.elapsed(),
          signal: over.signal,
          unreached: (said, status) => {
            isBusy = /kex_exchange_identification|Exceeded MaxStartups/.test(said);
            return unreached(destination, said, status, openWithinMs);
          },
          lost: (said, mayHaveRun) => lost(destination, said, mayHaveRun),
        });
        openedAt = io.clock.elapsed();
        return shell;
      } catch (error) {
        // sshd turns away some of those that come at once, before they have said a word (MaxStartups).
        const waitMs = pauseMs * (1 + Math.random());
        if (!isBusy || io.clock.elapsed() + waitMs >= end) throw error;
        await io.clock.delay(waitMs, over.signal);
      }
    }
  };
  const reach = async (signal?: AbortSignal) => {
    over.signal.throwIfAborted();
    return await unlessAborted(opening ??= open(), signal);
  };
  return {
    destination,
    async run(program, args, runOptions = {}) {
      runOptions.signal?.throwIfAborted();
      const shell = await reach(runOptions.signal);
      if (program === "tmux" && !shell.hasTmux) {
        throw new MusterError("missing_program", `program not found on ${destination}: tmux`, {
          hint: `install tmux there, or put it on the PATH of: ssh ${destination} 'command -v tmux'`,
          command: "tmux",
        });
      }
      return await shell.run(program, args, runOptions);
    },
    async leaseOwner(signal) {
      const shell = await reach(signal);
      const age = io.clock.elapsed() - openedAt;
      const isFresh = age < freshMs;
      const nowMs = isFresh ? shell.openedAt * 1000 + age : await shell.now(signal) * 1000;
      return { pid: shell.pid, nowMs, ...(shell.start ? { start: shell.start } : {}) };
    },
    async [Symbol.asyncDispose]() {
      over.abort(new HostError(destination, `the connection was closed: ${destination}`));
      const shell = await opening?.catch(() => undefined); // who asked has been told
      await shell?.[Symbol.asyncDispose]();
    },
  };
}

/** Waits no longer than the signal allows; what is waited for goes on for others. */
async function unlessAborted<T>(job: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  signal?.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([job, promise]);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** ssh's words. Those that a person's configuration must not change come first, since ssh takes the first of several. */
function sshWords(destination: string, openWithinMs: number, connections: string | undefined): string[] {
  const isShared = connections !== undefined && connections.length <= longestDirectory;
  const settings: Readonly<Record<string, string | number>> = {
    BatchMode: "yes",
    ClearAllForwardings: "yes",
    ConnectTimeout: Math.ceil(openWithinMs / 1000),
    EscapeChar: "none",
    ForwardAgent: "no",
    ForwardX11: "no",
    LogLevel: "ERROR",
    PermitLocalCommand: "no",
    RemoteCommand: "none",
    RequestTTY: "no",
    ServerAliveCountMax: alive.questions,
    ServerAliveInterval: alive.everySeconds,
    ...(isShared
      ? { ControlMaster: "auto", ControlPath: `${connections.replaceAll("%", "%%")}/%C`, ControlPersist: idleSeconds }
      : {}),
  };
  const words = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  return [...words, "--", destination, bootstrap];
}

function unreached(destination: string, words: string, status: number | undefined, openWithinMs: number): HostError {
  const said = lastLine(words);
  if (/HOST IDENTIFICATION HAS CHANGED/.test(words)) {
    return new HostError(destination, `the host key has changed: ${destination}`, {
      hint:
        `find out why before you trust it; then remove the old key with ssh-keygen -R, and connect by hand: ssh ${destination}`,
    });
  }
  if (/Host key verification failed/.test(words)) {
    return new HostError(destination, `the host key is not known: ${destination}`, {
      hint: `connect once by hand, and compare the key: ssh ${destination}`,
    });
  }
  if (/Permission denied/.test(words)) {
    return new HostError(destination, `ssh was refused: ${destination}: ${said}`, {
      hint: `nobody is asked for a password: this must work: ssh -o BatchMode=yes ${destination} true`,
    });
  }
  if (status === undefined) {
    return new HostError(destination, `the host did not answer within ${openWithinMs} ms: ${destination}`, {
      code: "timeout",
      hint: `try: ssh ${destination} true`,
    });
  }
  return new HostError(destination, `cannot reach the host: ${destination}: ${said || `ssh ended with ${status}`}`, {
    hint: `try: ssh ${destination} true`,
  });
}

function lost(destination: string, words: string, mayHaveRun: boolean): HostError {
  const said = lastLine(words);
  const message = `the connection was lost: ${destination}`;
  return new HostError(destination, said === "" ? message : `${message}: ${said}`, { mayHaveRun });
}

function lastLine(words: string): string {
  const lines = words.split("\n").map((line) => line.trim());
  // What ssh says of a shared connection that it goes without is not why it failed.
  const own = lines.filter((line) => line !== "" && !/^(mux_client|ControlSocket )/.test(line));
  return visible(own.at(-1) ?? "");
}
