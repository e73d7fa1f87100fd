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

/** What tells a process from every other that ever has its number on a running host, whatever its clock says. */
export interface ProcessStart {
  /** When it began, in the kernel's own ticks: field 22 of `/proc/PID/stat`. */
  readonly ticks: number;
  /** Where its number means it: the inode of its process namespace. */
  readonly namespace: number;
}

/** A process that stands for this program on a host, in a lease that is kept there. */
export interface LeaseOwner {
  /** Its number on that host. It lives as long as this program can act there. */
  readonly pid: number;
  /** That host's own time, in milliseconds since 1970, at which the process was seen alive. */
  readonly nowMs: number;
  /** Its start; left out where the host has no /proc, or it may not be read. */
  readonly start?: ProcessStart;
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
  const files = mayReadAll(io) ? io.files : undefined;
  const { pid } = io.process;
  let start: Promise<ProcessStart | undefined> | undefined;
  return {
    destination: "",
    ...(files ? { files } : {}),
    run: (program, args, options = {}) => io.process.run(program, args, options),
    async leaseOwner() {
      const known = files && await (start ??= readStart(files, pid));
      return { pid, nowMs: io.clock.now(), ...(known ? { start: known } : {}) };
    },
  };
}

/** The start of a process of this host; `undefined` where there is no /proc. */
async function readStart(files: Files, pid: number): Promise<ProcessStart | undefined> {
  const [[stat], [link = ""]] = await Promise.all([
    files.contentsOf([`/proc/${pid}/stat`]),
    files.linksOf([`/proc/${pid}/ns/pid`]),
  ]);
  const [, namespace] = /^pid:\[(\d+)\]$/.exec(link) ?? [];
  if (!stat || namespace === undefined) return undefined;
  const text = new TextDecoder().decode(stat);
  // A program's name, in parentheses, may hold anything.
  const [, ticks] = /^(?:\S+ ){19}(\d+) /.exec(text.slice(text.lastIndexOf(") ") + 2)) ?? [];
  return ticks === undefined ? undefined : { ticks: Number(ticks), namespace: Number(namespace) };
}

/** Deno lets nobody read /proc who was not granted everything. */
function mayReadAll({ permissions }: Io): boolean {
  const names = ["env", "ffi", "net", "read", "run", "sys", "write"] as const;
  return names.every((name) => permissions.isGranted({ name }));
}
