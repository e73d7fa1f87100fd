/**
 * A host on which tmux servers and agents run: this one, or one that is reached over ssh. What is there is asked of tmux
 * and of sh on that host, and of nothing else.
 *
 * @module
 */

import type { Files, Io, RunResult } from "./io.ts";

/** Options of {@linkcode Host.run}. */
export interface HostRunOptions {
  /** What the program reads from standard input; nothing by default. */
  readonly stdin?: string | Uint8Array;
  /** Ends the program when it aborts; the run then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A process that stands for this program on a host, in a lease that is kept there. */
export interface LeaseOwner {
  /** Its number on that host. It lives as long as this program can act there. */
  readonly pid: number;
  /** That host's own time, in milliseconds since 1970, at which the process was seen alive. */
  readonly nowMs: number;
}

/** A host on which tmux servers and agents run. */
export interface Host {
  /** The ssh destination; empty for this host. */
  readonly destination: string;
  /** Its files, where this program may read all that its person may, /proc too; left out where sh has to be asked. */
  readonly files?: Files;
  /** Runs a program there to its end. */
  run(program: "tmux" | "sh", args: readonly string[], options?: HostRunOptions): Promise<RunResult>;
  /** The process that owns this program's leases there. */
  leaseOwner(signal?: AbortSignal): Promise<LeaseOwner>;
}

/** This host. */
export function localHost(io: Io): Host {
  return {
    destination: "",
    ...(mayReadAll(io) ? { files: io.files } : {}),
    run: (program, args, options = {}) => io.process.run(program, args, options),
    leaseOwner: () => Promise.resolve({ pid: io.process.pid, nowMs: io.clock.now() }),
  };
}

/** Deno lets nobody read /proc who was not granted everything. */
function mayReadAll({ permissions }: Io): boolean {
  const names = ["env", "ffi", "net", "read", "run", "sys", "write"] as const;
  return names.every((name) => permissions.isGranted({ name }));
}
