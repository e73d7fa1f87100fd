/**
 * Looks at a host for what would make a promise of muster fail.
 *
 * @module
 */

import { type Host, type Io, localHost } from "../io/mod.ts";
import type { Roster } from "./resolve_roster.ts";
import { ownAgents } from "./stop_fleet.ts";
import type { InstallRecord } from "./units/install_record.ts";
import { lookAtUnits } from "./units/look_at_units.ts";
import { unitPlace } from "./units/place.ts";
import { findPrograms } from "./units/programs.ts";
import { Systemd } from "./units/systemd.ts";

/** What was seen of one thing. */
export interface HostCheck {
  /** The thing. */
  readonly name: string;
  /** Whether a promise fails by it; `unknown` where it could not be looked at. */
  readonly result: "ok" | "warning" | "failed" | "unknown";
  /** What was seen. */
  readonly said: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** Options of {@linkcode checkHost}. */
export interface CheckHostOptions {
  /** The fleet, where there is a roster. */
  readonly roster?: Roster;
  /** What was installed, where units are. */
  readonly installed?: InstallRecord;
  /** The PATH of whoever asks. */
  readonly path: string;
  /** Muster's version. */
  readonly version: string;
  /** Stops the checks. */
  readonly signal?: AbortSignal;
}

/** Checks this host; each check by itself, so that one that cannot be made keeps no other back. */
export async function checkHost(io: Io, options: CheckHostOptions): Promise<HostCheck[]> {
  const host = localHost(io);
  const { signal } = options;
  const systemd = new Systemd(host);
  const [absence, kernel] = await Promise.all([systemd.absence(signal), say(host, "uname -s", signal)]);
  const checks = await Promise.all([
    checkTmux(host, signal),
    checkSystemd(absence, kernel),
    ...(absence === undefined
      ? [checkLingering(systemd, signal), checkLimits(systemd, signal), checkManagerPath(io, systemd, options)]
      : []),
    checkPrograms(host, options),
    ...(options.installed && absence === undefined ? [checkInstalled(io, options.installed, options)] : []),
    checkSsh(host, options),
    checkClock(host, signal),
    checkDisk(io, host, signal),
  ]);
  return checks.flat();
}

async function checkTmux(host: Host, signal?: AbortSignal): Promise<HostCheck> {
  const { stdout } = await host.run("tmux", ["-V"], { signal });
  const said = stdout.trim();
  const [, major, minor] = /(\d+)\.(\d+)/.exec(said) ?? [];
  const version = Number(major) + Number(minor) / 100;
  const remedy = "install tmux 3.6 or later";
  if (!(version >= 3.02)) return { name: "tmux", result: "failed", said, remedy: "install tmux 3.2 or later" };
  if (version >= 3.06) return { name: "tmux", result: "ok", said };
  const missed = "before 3.6 tmux may miss how a pane's program ended, and control mode can crash it before 3.7";
  return { name: "tmux", result: "warning", said: `${said}: ${missed}; muster works around both`, remedy };
}

function checkSystemd(absence: string | undefined, kernel: string): HostCheck {
  const name = "systemd";
  if (absence === undefined) return { name, result: "ok", said: "the person's own manager answers" };
  const remedy = kernel === "Linux"
    ? "log in where systemd runs a manager for you, or run loginctl enable-linger"
    : "muster fleet start runs the fleet without units, until the next reboot";
  return { name, result: "warning", said: `no units can be installed: ${absence}`, remedy };
}

async function checkLingering(systemd: Systemd, signal?: AbortSignal): Promise<HostCheck> {
  const script = 'loginctl show-user "$(id -un)" --property=Linger --value 2>&1';
  const { code, stdout } = await systemd.program("sh", ["-c", script], signal);
  const name = "lingering";
  const remedy = "loginctl enable-linger";
  const word = stdout.trim().split("\n")[0] ?? "";
  if (code === 0 && word === "yes") return { name, result: "ok", said: "on: the fleet outlives logins" };
  if (code === 0) return { name, result: "failed", said: "off: the fleet ends with the last login", remedy };
  return { name, result: "unknown", said: word, remedy };
}

/** Starts a scope with limits, and asks the kernel whether it has them. */
async function checkLimits(systemd: Systemd, signal?: AbortSignal): Promise<HostCheck[]> {
  const look = `while IFS=: read -r _ c p; do case ,$c, in
    ,,) for r in /sys/fs/cgroup /sys/fs/cgroup/unified; do
      [ -r "$r$p/memory.max" ] && read -r v <"$r$p/memory.max" && echo "memory $v"
      [ -r "$r$p/pids.max" ] && read -r v <"$r$p/pids.max" && echo "tasks $v"
      [ -r "$r$p/cpu.weight" ] && read -r v <"$r$p/cpu.weight" && echo "cpu $v"; done ;;
    *,memory,*) read -r v <"/sys/fs/cgroup/memory$p/memory.limit_in_bytes" && echo "memory $v" ;;
    *,pids,*) read -r v <"/sys/fs/cgroup/pids$p/pids.max" && echo "tasks $v" ;;
    *,cpu,*) for r in cpu cpu,cpuacct; do
      [ -r "/sys/fs/cgroup/$r$p/cpu.shares" ] && read -r v <"/sys/fs/cgroup/$r$p/cpu.shares" && echo "cpu $v"; done ;;
  esac; done </proc/self/cgroup; true`;
  const words = ["--user", "--quiet", "--collect", "--scope", "-p", "MemoryMax=64M", "-p", "TasksMax=61"];
  const { code, stdout, stderr } = await systemd.program("systemd-run", [
    ...words,
    "-p",
    "CPUWeight=61",
    "--",
    "sh",
    "-c",
    look,
  ], signal);
  if (code !== 0) {
    const said = stderr.trim().split("\n")[0] ?? "";
    return [{ name: "limits", result: "failed", said: `no scope can be started: ${said}`, remedy: "update systemd" }];
  }
  const seen = new Map(stdout.trim().split("\n").map((line) => line.split(" ") as [string, string]));
  const check = (name: string, key: string, isEnforced: (value: string | undefined) => boolean): HostCheck => {
    if (isEnforced(seen.get(name.split("_")[0] ?? ""))) return { name: key, result: "ok", said: "enforced" };
    const remedy = "have the controller delegated to you: Delegate=yes for user@.service (systemd.resource-control(5))";
    return { name: key, result: "warning", said: "not enforced: the kernel's controller is not there", remedy };
  };
  return [
    check("memory_max", "memory_max", (value) => value === String(64 * 1024 * 1024)),
    check("tasks_max", "tasks_max", (value) => value === "61"),
    // A v1 kernel counts shares: 1024 for a weight of 100.
    check("cpu_weight", "cpu_weight", (value) => value === "61" || value === "624"),
  ];
}

/** What the manager's own PATH lacks: units of muster's carry their own, and other units of the person's do not. */
async function checkManagerPath(
  io: Io,
  systemd: Systemd,
  { roster, installed, signal }: CheckHostOptions,
): Promise<HostCheck> {
  const name = "PATH under systemd";
  const { stdout } = await systemd.run(["show-environment"], signal);
  const path = /^PATH=(.*)$/m.exec(stdout)?.[1] ?? "";
  const programs = [...new Set(roster ? ownAgents(roster).map(({ command }) => command[0] ?? "") : [])];
  const found = await findPrograms(localHost(io), path, programs.filter((program) => program !== ""), signal);
  const missing = found.filter((program) => program.path === "").map((program) => program.name);
  if (missing.length === 0) return { name, result: "ok", said: "finds every agent's program" };
  const said = `does not find ${missing.join(", ")}`;
  if (installed) return { name, result: "ok", said: `${said}; the units carry the PATH of their installation` };
  return { name, result: "warning", said, remedy: "muster fleet install, from a shell that finds them" };
}

async function checkPrograms(host: Host, { roster, path, signal }: CheckHostOptions): Promise<HostCheck> {
  const name = "agents' programs";
  const programs = [...new Set(roster ? ownAgents(roster).map(({ command }) => command[0] ?? "") : [])]
    .filter((program) => program !== "");
  if (programs.length === 0) return { name, result: "ok", said: "the roster names none" };
  const missing = (await findPrograms(host, path, programs, signal)).filter((program) => program.path === "");
  if (missing.length === 0) return { name, result: "ok", said: `found: ${programs.join(", ")}` };
  const names = missing.map((program) => program.name).join(", ");
  return { name, result: "failed", said: `not on PATH: ${names}`, remedy: "install them, or put them on PATH" };
}

async function checkInstalled(
  io: Io,
  installed: InstallRecord,
  { path, version, signal }: CheckHostOptions,
): Promise<HostCheck[]> {
  const { warnings } = await lookAtUnits(io, installed, installed.agents, { path, version, signal });
  if (warnings.length === 0) return [{ name: "units", result: "ok", said: "as they were installed" }];
  return warnings.map((said) => ({ name: "units", result: "warning", said, remedy: "muster fleet install" }));
}

async function checkSsh(host: Host, { roster, signal }: CheckHostOptions): Promise<HostCheck> {
  const name = "ssh";
  const said = await say(host, "ssh -V 2>&1", signal);
  if (/^OpenSSH/.test(said)) return { name, result: "ok", said };
  const isNeeded = roster?.agents.some((agent) => agent.host !== undefined) ?? false;
  const words = "no OpenSSH client: agents on other hosts cannot be reached";
  return { name, result: isNeeded ? "failed" : "warning", said: words, remedy: "install openssh-client" };
}

/** Leases and receipts compare times of one host; transcripts and records those of several. */
async function checkClock(host: Host, signal?: AbortSignal): Promise<HostCheck> {
  const name = "clock";
  const remedy = "timedatectl set-ntp true";
  const word = await say(host, "timedatectl show --property=NTPSynchronized --value 2>/dev/null", signal);
  if (word === "yes") return { name, result: "ok", said: "kept right by the network" };
  if (word === "no") return { name, result: "warning", said: "not kept right by the network", remedy };
  return { name, result: "unknown", said: "timedatectl does not tell whether it is kept right" };
}

async function checkDisk(io: Io, host: Host, signal?: AbortSignal): Promise<HostCheck> {
  const name = "disk";
  const directory = unitPlace(io.env).fleet;
  const script = `d=$1; while [ ! -d "$d" ]; do d=\${d%/*}; [ -n "$d" ] || d=/; done; df -Pk "$d" | tail -n 1`;
  const { stdout } = await host.run("sh", ["-c", script, "sh", directory], { signal });
  const free = Number(/^\S+\s+\d+\s+\d+\s+(\d+)/.exec(stdout)?.[1] ?? NaN);
  if (!Number.isFinite(free)) return { name, result: "unknown", said: "df does not tell what is free" };
  const said = `${Math.floor(free / 1024)} MB are free for muster's state`;
  if (free >= 1024 * 1024) return { name, result: "ok", said };
  const remedy = "make room; muster prune removes old records";
  return { name, result: free < 100 * 1024 ? "failed" : "warning", said, remedy };
}

async function say(host: Host, script: string, signal?: AbortSignal): Promise<string> {
  const { stdout } = await host.run("sh", ["-c", script], { signal });
  return stdout.trim().split("\n")[0] ?? "";
}
