/**
 * Installs the units of the fleet: works out every file, has systemd check them where they do harm to nobody, writes what is
 * new or changed, and enables them. Running agents are left as they are.
 *
 * @module
 */

import { runtimeOf } from "../../agents/mod.ts";
import { type Io, localHost, MusterError, visible } from "../../io/mod.ts";
import { listPanes, TmuxServer } from "../../tmux/mod.ts";
import type { ResolvedAgent, Roster } from "../resolve_roster.ts";
import { remoteAgents } from "../remote_agents.ts";
import { ownAgents } from "../stop_fleet.ts";
import {
  contentDigest,
  type InstalledProgram,
  type InstallRecord,
  readInstall,
  writeInstall,
} from "./install_record.ts";
import { agentUnit, holderUnit, unitPlace } from "./place.ts";
import { findPrograms } from "./programs.ts";
import { programVersions } from "./program_versions.ts";
import { renderUnits, settingsDirectory, settingsPath } from "./render_units.ts";
import { Systemd } from "./systemd.ts";

/** What became of one file. */
export interface FileChange {
  /** Its path. */
  readonly path: string;
  /** What became of it, or would. */
  readonly change: "created" | "changed" | "removed";
  /** The difference, as `diff -u` prints it; with `dryRun` alone. */
  readonly diff?: string;
}

/** What an installation did. */
export interface InstallReport {
  /** Files that were written or removed; none where all was as it should be. */
  readonly files: readonly FileChange[];
  /** Agents whose units are installed. */
  readonly agents: readonly string[];
  /** Agents that left the roster, and whether their unit is gone. */
  readonly left: readonly { readonly name: string; readonly result: "removed" | "kept" }[];
  /** Running agents whose changed settings hold from their next start. */
  readonly pending: readonly string[];
  /** Programs of the agents, as found. */
  readonly programs: readonly InstalledProgram[];
  /** Whether the person's systemd outlives their logins; `unknown` where loginctl does not tell. */
  readonly lingering: "on" | "off" | "unknown";
  /** What a person should know or do. */
  readonly notes: readonly string[];
}

/** Options of {@linkcode installUnits}. */
export interface InstallOptions {
  /** The words of the command line that runs muster. */
  readonly muster: readonly string[];
  /** Muster's version. */
  readonly version: string;
  /** The variables that units get from the person's own environment, PATH among them. */
  readonly variables: Readonly<Record<string, string>>;
  /** Show what would change, and change nothing. @default {false} */
  readonly dryRun?: boolean;
  /** Stop agents that left the roster, in place of keeping their units. @default {false} */
  readonly prune?: boolean;
  /** Stops the work between two steps. */
  readonly signal?: AbortSignal;
}

/**
 * Installs the units of a roster's agents.
 *
 * @throws {MusterError} of code `missing_program` where no systemd of the person's answers or a program is missing,
 * `failed` where systemd does not take the units: nothing is written then.
 */
export async function installUnits(io: Io, roster: Roster, options: InstallOptions): Promise<InstallReport> {
  const { signal, dryRun = false, prune = false } = options;
  const systemd = new Systemd(localHost(io));
  await requireSystemd(systemd, signal);
  const place = unitPlace(io.env);
  const before = await readInstall(io);
  const agents = ownAgents(roster);
  const programs = await findAll(io, agents, options);
  const sources = { place, socket: roster.tmux.socketName, holder: roster.tmux.holderSession, ...options, agents };
  const wanted = renderUnits(sources);
  if (!dryRun) await verifyUnits(io, systemd, sources, signal);

  const gone = (before?.agents ?? []).filter((name) => !agents.some((agent) => agent.name === name));
  const states = await systemd.show([...new Set([...gone, ...agents.map(({ name }) => name)])].map(agentUnit), [
    "ActiveState",
  ], signal);
  const isUp = (name: string) =>
    !["inactive", "failed"].includes(states.get(agentUnit(name))?.ActiveState ?? "inactive");
  const removable = gone.filter((name) => prune || !isUp(name));
  const kept = gone.filter((name) => !removable.includes(name));

  const changes: FileChange[] = [];
  for (const [path, content] of wanted) {
    const old = await io.files.read(path);
    if (old !== undefined && new TextDecoder().decode(old) === content) continue;
    const change = old === undefined ? "created" : "changed";
    changes.push({ path, change, ...(dryRun ? { diff: await diff(io, path, old && path, content, signal) } : {}) });
  }
  for (const name of removable) {
    const path = settingsPath(place, name);
    if (await io.files.facts(path) === undefined) continue;
    changes.push({
      path,
      change: "removed",
      ...(dryRun ? { diff: await diff(io, path, path, undefined, signal) } : {}),
    });
  }
  const pending = agents.map(({ name }) => name).filter((name) =>
    isUp(name) && changes.some(({ path }) => path === settingsPath(place, name))
  );
  const lingering = await lingerState(systemd, signal);
  const notes = [
    ...kept.map((name) => `${name} left the roster and still runs: its unit stays until it ends (--prune stops it)`),
    ...pending.map((name) => `${name} runs on with its old settings: muster fleet restart ${name}`),
    ...(lingering === "on" ? [] : [lingerNote(lingering)]),
    ...hostNotes(roster),
    ...await serverNote(io, roster, systemd, before, signal),
  ];
  const report = {
    files: changes,
    agents: agents.map(({ name }) => name),
    left: [
      ...removable.map((name) => ({ name, result: "removed" as const })),
      ...kept.map((name) => ({ name, result: "kept" as const })),
    ],
    pending,
    programs,
    lingering,
    notes,
  };
  if (dryRun) return report;

  const record = {
    version: 1 as const,
    installedAt: new Date(io.clock.now()).toISOString(),
    socket: roster.tmux.socketName,
    holder: roster.tmux.holderSession,
    path: options.variables.PATH ?? "",
    muster: { command: options.muster, version: options.version },
    programs,
    files: Object.fromEntries(
      await Promise.all([...wanted].map(async ([path, content]) => [path, await contentDigest(content)])),
    ),
    agents: [...agents.map(({ name }) => name), ...kept],
  };
  // First the record, with what was installed before: what is cut short here can be undone, or done again.
  await writeInstall(io, {
    ...record,
    files: { ...before?.files, ...record.files },
    agents: [...new Set([...before?.agents ?? [], ...record.agents])],
  });
  for (const name of removable) {
    await systemd.require(["disable", "--now", "--quiet", agentUnit(name)], signal);
    await io.files.remove(settingsDirectory(place, name));
  }
  for (const [path, content] of wanted) {
    if (changes.some((one) => one.path === path)) await io.files.write(path, content, { mode: modeOf(path) });
  }
  await systemd.require(["daemon-reload"], signal);
  await systemd.require(["enable", "--quiet", holderUnit, ...agents.map(({ name }) => agentUnit(name))], signal);
  const files = { ...record.files, ...keptFiles(before, kept.map((name) => settingsPath(place, name))) };
  await writeInstall(io, { ...record, files });
  return report;
}

function keptFiles(before: InstallRecord | undefined, paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(before?.files ?? {}).filter(([path]) => paths.includes(path)));
}

function modeOf(path: string): number {
  return path.endsWith(".sh") || path.endsWith("/environment") ? 0o600 : 0o644;
}

async function requireSystemd(systemd: Systemd, signal?: AbortSignal): Promise<void> {
  const absence = await systemd.absence(signal);
  if (absence === undefined) return;
  throw new MusterError("missing_program", `no systemd to install units in: ${absence}`, {
    hint: "without one, muster fleet start runs the fleet until the next reboot",
    command: "systemctl --user",
  });
}

/** Every program of the agents, and those that the scripts need; the error names what is missing and for whom. */
async function findAll(
  io: Io,
  agents: readonly ResolvedAgent[],
  { variables, signal }: InstallOptions,
): Promise<InstalledProgram[]> {
  const host = localHost(io);
  const path = variables.PATH ?? "";
  const tools = ["tmux", "systemd-run", "systemd-notify", "flock"];
  const users = new Map<string, ResolvedAgent[]>();
  for (const agent of agents) {
    const [program = ""] = agent.command;
    if (program === "") {
      throw new MusterError("config", `no command: agent ${agent.name}`, { hint: "give it a command" });
    }
    users.set(program, [...users.get(program) ?? [], agent]);
  }
  const found = await findPrograms(host, path, [...tools, ...users.keys()], signal);
  const missing = found.find((program) => program.path === "");
  if (missing) {
    const by = users.get(missing.name)?.map(({ name }) => name).join(", ");
    throw new MusterError("missing_program", `not on PATH: ${visible(missing.name)}${by ? ` (agent ${by})` : ""}`, {
      hint: `install it, or run muster fleet install from a shell that finds it`,
      command: missing.name,
    });
  }
  const own = found.filter(({ name }) => users.has(name));
  const versions = await programVersions(
    host,
    own.map(({ name, path }) => ({ path, kind: users.get(name)?.[0]?.kind ?? "" })),
    signal,
  );
  return own.map((program, at) => {
    const agents = users.get(program.name) ?? [];
    const version = versions[at] ?? "";
    const proved = runtimeOf(agents[0]?.kind ?? "command").provedVersions ?? [];
    const isProved = proved.length === 0 || version === "" || proved.some((one) => version.includes(one));
    return {
      ...program,
      version,
      ...(isProved ? {} : { unproved: proved.join(", ") }),
      agents: agents.map(({ name }) => name),
    };
  });
}

/** Has systemd check the units in a directory of their own, where it loads them for that alone. */
async function verifyUnits(
  io: Io,
  systemd: Systemd,
  sources: Parameters<typeof renderUnits>[0],
  signal?: AbortSignal,
): Promise<void> {
  await io.files.makeDirectory(sources.place.fleet, { mode: 0o700 });
  const stage = await io.files.makeTemporaryDirectory(sources.place.fleet, "verify-");
  try {
    const units: string[] = [];
    for (const [path, content] of renderUnits({ ...sources, place: { ...sources.place, units: stage } })) {
      // The scripts and variables are not there yet: systemd checks that ExecStart can be run, which is sh.
      if (!path.startsWith(stage)) continue;
      await io.files.write(path, content);
      if (path.endsWith(".service")) units.push(path);
    }
    const [first] = sources.agents;
    if (first) units.splice(1, 1, `${stage}/${agentUnit(first.name)}`);
    const { code, stderr, stdout } = await systemd.program("systemd-analyze", [
      "--user",
      "--man=no",
      "verify",
      ...units,
    ], signal);
    const said = `${stderr}${stdout}`.split("\n").filter((line) => line.includes(stage) || line.includes("muster-"));
    if (code === 0 && said.length === 0) return;
    const reason = visible((said[0] ?? stderr.split("\n")[0] ?? "").replaceAll(`${stage}/`, "")) || `status ${code}`;
    throw new MusterError("failed", `systemd does not take the units: ${reason}`, {
      command: "systemd-analyze verify",
    });
  } finally {
    await io.files.remove(stage);
  }
}

async function diff(
  io: Io,
  path: string,
  old: string | undefined,
  content: string | undefined,
  signal?: AbortSignal,
): Promise<string> {
  const words = ["-u", "-L", old === undefined ? "/dev/null" : path, "-L", content === undefined ? "/dev/null" : path];
  const script = 'exec diff "$@"';
  const { code, stdout, stderr } = await io.process.run(
    "sh",
    ["-c", script, "sh", ...words, "--", old ?? "/dev/null", content === undefined ? "/dev/null" : "-"],
    { stdin: content ?? "", signal },
  );
  if (code > 1) throw new MusterError("failed", `cannot compare: ${visible(stderr.trim())}`, { command: "diff" });
  return stdout;
}

async function lingerState(systemd: Systemd, signal?: AbortSignal): Promise<InstallReport["lingering"]> {
  const script = 'loginctl show-user "$(id -un)" --property=Linger --value 2>/dev/null';
  const { stdout } = await systemd.program("sh", ["-c", script], signal);
  return ({ yes: "on", no: "off" } as const)[stdout.trim()] ?? "unknown";
}

function lingerNote(state: "off" | "unknown"): string {
  return state === "off"
    ? "lingering is off: the fleet ends with your last login; loginctl enable-linger turns it on"
    : "lingering is not known: the fleet may end with your last login; loginctl enable-linger turns it on";
}

/** Units are of the host that they are installed on: agents of other hosts have none here. */
function hostNotes(roster: Roster): string[] {
  const hosts = Map.groupBy(remoteAgents(roster), ({ host }) => host ?? "");
  return [...hosts].map(([host, agents]) =>
    `no units for ${
      agents.map(({ name }) => name).join(", ")
    }, on ${host}: fleet start runs them there until that host's ` +
    "next reboot; muster fleet install on that host, with a roster of its own, keeps them"
  );
}

/** A server that runs without its unit is left alone, and is not taken over. */
async function serverNote(
  io: Io,
  roster: Roster,
  systemd: Systemd,
  before: InstallRecord | undefined,
  signal?: AbortSignal,
): Promise<string[]> {
  const socket = roster.tmux.socketName;
  const moved = before !== undefined && before.socket !== socket
    ? [`the fleet's socket was ${before.socket} until now: muster fleet stop and start move it`]
    : [];
  const [pane] = await listPanes(new TmuxServer(localHost(io), socket), signal);
  const main = (await systemd.show([holderUnit], ["MainPID"], signal)).get(holderUnit)?.MainPID;
  if (!pane || moved.length > 0 || String(pane.server.pid) === main) return moved;
  return [
    `the tmux server runs without its unit (process ${pane.server.pid}): muster fleet stop and start put it under systemd`,
  ];
}
