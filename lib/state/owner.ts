/**
 * Whose a lease is, and whether that process still lives: a process number alone proves nothing, since numbers come back.
 * `sh` looks, because Deno reads nothing under `/proc` without full permissions.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { Processes } from "../io/io.ts";

/** A process that can be told from every other, on this machine and others, now and later. */
export interface Owner {
  /** The machine's id and name. */
  readonly host: string;
  /** The id of the machine's boot. */
  readonly boot: string;
  /** The process namespace, such as `pid:[4026531836]`; empty where there are none. */
  readonly namespace: string;
  /** The number of the user. */
  readonly user: number;
  /** The process. */
  readonly pid: number;
  /** When the process began, as its system says it. */
  readonly start: string;
}

/** Whether an owner lives; `unknown` for one that cannot be looked at from here, which is never taken for dead. */
export type Life = "alive" | "dead" | "unknown";

/** Where the looking was done from, and when the processes looked at began; a process that has ended has no time. */
export interface Sighting extends Omit<Owner, "pid" | "start"> {
  /** When each process began, by its number. */
  readonly starts: ReadonlyMap<number, string>;
}

/** Finds `machine`, `name`, `boot` and `user`; where there is `/proc`, the shell does so by itself, and starts nothing. */
export const placeScript = `export LC_ALL=C
machine= name= boot= user=
read -r machine 2>/dev/null </etc/machine-id
if read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id; then
  read -r name </proc/sys/kernel/hostname
  while read -r key _ user _; do [ "$key" != Uid: ] || break; done </proc/self/status
else
  # kern.boottime moves with the clock, and is for systems that know no session of a boot.
  boot=$(sysctl -n kern.bootsessionuuid 2>/dev/null || sysctl -n kern.boottime 2>/dev/null)
  name=$(uname -n) user=$(id -u)
fi
`;

/** Prints host, boot, namespace and user, then a line `pid start` for each of the processes given that lives. */
export const sightScript = `${placeScript}namespace=
[ ! -r /proc/self/ns/pid ] || namespace=$(readlink /proc/self/ns/pid)
printf '%s\\n' "$machine $name" "$boot" "$namespace" "$user"
for p; do
  if [ -n "$namespace" ]; then
    read -r s 2>/dev/null <"/proc/$p/stat" || continue
    set -- \${s##*) }
    state=$1 start=\${20}
  else
    s=$(ps -o stat=,lstart= -p "$p") || continue
    set -- $s
    state=$1; shift; start="$*"
  fi
  case $state in Z* | X*) ;; *) printf '%s %s\\n' "$p" "$start" ;; esac
done`;

/** Looks at processes of this machine. */
export async function sightProcesses(
  io: { readonly process: Pick<Processes, "run"> },
  pids: readonly number[],
  signal?: AbortSignal,
): Promise<Sighting> {
  const { stdout } = await io.process.run("sh", ["-c", sightScript, "sh", ...pids.map(String)], { signal });
  return parseSighting(stdout);
}

/**
 * Reads what {@linkcode sightScript} printed.
 *
 * @throws {MusterError} of code `failed` where it could not look.
 */
export function parseSighting(stdout: string): Sighting {
  const [host = "", boot = "", namespace = "", user = "", ...lines] = stdout.trimEnd().split("\n");
  if (!/^\d+$/.test(user)) {
    throw new MusterError("failed", "cannot look at the processes of this machine", {
      hint: "muster needs /proc, or ps, to tell whether a process lives",
      command: "sh",
    });
  }
  const starts = lines.map((line): [number, string] => {
    const at = line.indexOf(" ");
    return [Number(line.slice(0, at)), line.slice(at + 1)];
  });
  return { host, boot, namespace, user: Number(user), starts: new Map(starts) };
}

/** This process, as an owner. */
export async function ownProcess(
  io: { readonly process: Pick<Processes, "run" | "pid"> },
  signal?: AbortSignal,
): Promise<Owner> {
  const { pid } = io.process;
  const { starts, ...here } = await sightProcesses(io, [pid], signal);
  const start = starts.get(pid);
  if (start === undefined) {
    throw new MusterError("failed", `cannot see when this process began: ${pid}`, {
      hint: "muster needs /proc, or ps, to tell whether a process lives",
    });
  }
  const { host, boot, namespace, user } = here;
  return { host, boot, namespace, user, pid, start };
}

/**
 * Whether an owner lives, by what was seen from here. Another boot of the same machine, and a process that began at another
 * time, are proof of death; another machine, or a process namespace that is not this one, is no proof of anything.
 *
 * @example
 * ```ts
 * import { proveOwner } from "./owner.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const here = { host: "m box", boot: "b", namespace: "pid:[1]", user: 1000 };
 * const owner = { ...here, pid: 7, start: "100" };
 * assertEquals(proveOwner(owner, { ...here, starts: new Map([[7, "100"]]) }), "alive");
 * assertEquals(proveOwner(owner, { ...here, starts: new Map([[7, "999"]]) }), "dead"); // the number came back
 * assertEquals(proveOwner({ ...owner, boot: "a" }, { ...here, starts: new Map([[7, "100"]]) }), "dead");
 * ```
 */
export function proveOwner(owner: Owner, seen: Sighting): Life {
  if (owner.boot !== seen.boot) return owner.host === seen.host ? "dead" : "unknown";
  if (owner.namespace !== seen.namespace) return "unknown";
  const start = seen.starts.get(owner.pid);
  if (start !== undefined) return start === owner.start ? "alive" : "dead";
  // Some systems hide the processes of others.
  return owner.user === seen.user || seen.user === 0 ? "dead" : "unknown";
}
