/**
 * Proves on the running fleet what muster promises of it: by looking at it, and by what becomes of a canary, an agent that is
 * started for the purpose on the same socket and removed again. No agent of the roster is typed into.
 *
 * @module
 */

import { sendText } from "../agents/mod.ts";
import { type Hosts, type Io, localHost, MusterError } from "../io/mod.ts";
import {
  exactTarget,
  findPane,
  isServerMissing,
  listPanes,
  type PaneSummary,
  TmuxServer,
  viewPane,
} from "../tmux/mod.ts";
import { Canary } from "./_canary.ts";
import { findAgent, wantedPane } from "./find_agent.ts";
import type { Roster } from "./resolve_roster.ts";
import { ownAgents } from "./stop_fleet.ts";
import type { InstallRecord } from "./units/install_record.ts";
import { lookAtUnits } from "./units/look_at_units.ts";
import { programVersions } from "./units/program_versions.ts";
import { SystemdUnits } from "./units/systemd_units.ts";

/** One promise, and whether it holds here. */
export interface Proof {
  /** The promise. */
  readonly promise: string;
  /** Whether it holds; `not_proved` where it could not be tried. */
  readonly result: "proved" | "broken" | "not_proved";
  /** What was seen, or why it could not be tried. */
  readonly said: string;
}

/** Options of {@linkcode verifyFleet}. */
export interface VerifyOptions {
  /** What was installed, where units are. */
  readonly installed?: InstallRecord;
  /** The PATH of whoever asks. */
  readonly path: string;
  /** Muster's version. */
  readonly version: string;
  /** Told what is being tried. */
  readonly say?: (line: string) => void;
  /** Stops it; the canary is removed all the same. */
  readonly signal?: AbortSignal;
}

/**
 * Tries every promise; one that is broken keeps no other from being tried.
 *
 * @throws {MusterError} of code `not_found` where the fleet's server does not run.
 */
export async function verifyFleet(io: Io, hosts: Hosts, roster: Roster, options: VerifyOptions): Promise<Proof[]> {
  const { installed, signal, say = () => {} } = options;
  const server = new TmuxServer(localHost(io), roster.tmux.socketName);
  const panes = await listPanes(server, signal);
  if (panes.length === 0) {
    throw new MusterError("not_found", `the fleet does not run: no server on the socket ${server.socket}`, {
      hint: "muster fleet start starts it",
    });
  }
  const units = installed && new SystemdUnits(io, installed);
  const foreign = await otherSockets(io, server, signal);
  const proofs: Proof[] = [
    await holderOwns(units, panes),
    await exactTargets(server, panes, signal),
    await trueUnits(units, roster, panes, signal),
    await knownPrograms(io, options),
  ];
  const canary = new Canary(io, hosts, roster, units, signal);
  const step = async (promise: string, job: () => Promise<string>) => {
    say(promise);
    const before = await standing(server, units, canary.name, signal);
    try {
      const said = await job();
      const changed = difference(before, await standing(server, units, canary.name, signal));
      proofs.push({ promise, result: changed ? "broken" : "proved", said: changed ?? said });
      return true;
    } catch (error) {
      if (!(error instanceof MusterError) || error.code === "interrupted") throw error;
      proofs.push({ promise, result: "broken", said: error.message });
      return false;
    }
  };
  const rest = ["sent to", "reset", "restarted", "killed"].map((what) =>
    `a canary is ${what}, and nobody else changes`
  );
  try {
    const isUp = await step("a canary is started, and nobody else changes", async () => {
      const pid = await canary.start();
      const { target } = await findAgent(hosts, canary.roster, canary.name, signal);
      if (!target) throw new MusterError("failed", "the canary has no pane");
      return `process ${pid}`;
    });
    const [sent = "", reset = "", restarted = "", killed = ""] = rest;
    if (!isUp) {
      for (const promise of rest) proofs.push({ promise, result: "not_proved", said: "the canary did not start" });
    } else {
      await step(sent, async () => {
        const { server, target } = await findAgent(hosts, canary.roster, canary.name, signal);
        if (!target) throw new MusterError("failed", "the canary has no pane");
        const { outcome, evidence, reason } = await sendText(io, server, target, "muster verifies", { signal });
        if (outcome !== "submitted") throw new MusterError("failed", `the send was ${outcome}: ${reason ?? ""}`);
        return `${outcome}, evidence ${evidence}`;
      });
      await step(reset, async () => `its program has no reset command: ${await canary.reset()}`);
      await step(restarted, async () => `process ${await canary.restart()}`);
      await step(killed, async () => await canary.kill());
    }
  } finally {
    await canary.remove();
  }
  proofs.push(await leftAlone(io, server, foreign, signal));
  return proofs;
}

async function holderOwns(units: SystemdUnits | undefined, [pane]: readonly PaneSummary[]): Promise<Proof> {
  const promise = "the holder owns the tmux server";
  if (!units) return { promise, result: "not_proved", said: "no units are installed: muster fleet install" };
  const { holder } = await units.states([]);
  const server = pane?.server.pid;
  if (holder.pid === server) return { promise, result: "proved", said: `its process is the server's: ${server}` };
  return { promise, result: "broken", said: `its process is ${holder.pid}, the server's ${server}` };
}

/** Each name finds its own session, asked of tmux itself, and a part of one finds none. */
async function exactTargets(server: TmuxServer, panes: readonly PaneSummary[], signal?: AbortSignal): Promise<Proof> {
  const promise = "targets are exact";
  const names = [...new Set(panes.map(({ session }) => session))];
  const wrong: string[] = [];
  for (const name of names) {
    for (const asked of [name, name.slice(0, -1)]) {
      if (asked === "" || asked !== name && names.includes(asked)) continue;
      const found = (await viewPane(server, await exactTarget(server, { session: asked }, signal), signal))?.pane
        .session;
      if (found !== (asked === name ? name : undefined)) wrong.push(`${asked} found ${found ?? "nothing"}`);
    }
  }
  if (wrong.length > 0) return { promise, result: "broken", said: wrong.join("; ") };
  return { promise, result: "proved", said: `sessions found, each by its whole name alone: ${names.length}` };
}

/** A unit is active exactly where its agent's program runs. */
async function trueUnits(
  units: SystemdUnits | undefined,
  roster: Roster,
  panes: readonly PaneSummary[],
  signal?: AbortSignal,
): Promise<Proof> {
  const promise = "units tell the truth";
  if (!units) return { promise, result: "not_proved", said: "no units are installed: muster fleet install" };
  const agents = ownAgents(roster).filter(({ name }) => units.agents.includes(name));
  const { agents: states } = await units.states(agents.map(({ name }) => name), signal);
  const wrong = agents.filter((agent) => {
    const pane = findPane(panes, wantedPane(agent));
    const isRunning = pane !== undefined && !pane.isDead;
    return isRunning !== (states.get(agent.name)?.state === "active");
  });
  if (wrong.length === 0) {
    return { promise, result: "proved", said: `${agents.length} agents, asked of tmux and systemd` };
  }
  const said = wrong.map(({ name }) => `${name} is ${states.get(name)?.state} to systemd, and not so to tmux`);
  return { promise, result: "broken", said: said.join("; ") };
}

async function knownPrograms(io: Io, { installed, path, version, signal }: VerifyOptions): Promise<Proof> {
  const promise = "programs are those that were installed";
  if (!installed) return { promise, result: "not_proved", said: "no units are installed: muster fleet install" };
  const { warnings } = await lookAtUnits(io, installed, [], { path, version, signal });
  if (warnings.length > 0) return { promise, result: "broken", said: warnings.join("; ") };
  const asked = installed.programs.filter((program) => program.version !== "");
  const now = await programVersions(localHost(io), asked.map(({ path }) => ({ path, kind: "" })), signal);
  const changed = asked.filter((program, at) => now[at] !== program.version).map(({ name }) => name);
  if (changed.length > 0) return { promise, result: "broken", said: `another version now: ${changed.join(", ")}` };
  return { promise, result: "proved", said: `${installed.programs.length} programs, by path, file and version` };
}

/** What must stay as it is: the server, its holder's unit, and every other session's process. */
type Standing = ReadonlyMap<string, string>;

async function standing(
  server: TmuxServer,
  units: SystemdUnits | undefined,
  canary: string,
  signal?: AbortSignal,
): Promise<Standing> {
  const panes = await listPanes(server, signal);
  const holder = units && (await units.states([], signal)).holder;
  return new Map([
    ["the server", String(panes[0]?.server.pid ?? 0)],
    ["the holder", String(holder?.pid ?? 0)],
    ...panes.filter(({ session }) => session !== canary).map((pane): [string, string] => [
      `${pane.session} ${pane.id}`,
      pane.isDead ? "dead" : String(pane.pid),
    ]),
  ]);
}

function difference(before: Standing, after: Standing): string | undefined {
  const changed = [...before].filter(([what, pid]) => after.get(what) !== pid);
  if (changed.length === 0) return undefined;
  return changed.map(([what, pid]) => `${what} was process ${pid}, and is ${after.get(what) ?? "gone"}`).join("; ");
}

/** The sessions of every other tmux server of the person, by socket. */
async function otherSockets(io: Io, own: TmuxServer, signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const script = 'd=${TMUX_TMPDIR:-/tmp}/tmux-$(id -u); for s in "$d"/*; do [ -S "$s" ] && echo "$s"; done; true';
  const { stdout } = await localHost(io).run("sh", ["-c", script], { signal });
  const sockets = stdout.split("\n").filter((path) => path !== "" && !path.endsWith(`/${own.socket}`));
  const seen = new Map<string, string>();
  for (const socket of sockets) {
    try {
      const panes = await listPanes(new TmuxServer(localHost(io), socket), signal);
      seen.set(socket, panes.map(({ server, session, id, pid }) => `${server.pid} ${session} ${id} ${pid}`).join("\n"));
    } catch (error) {
      if (!isServerMissing(error)) seen.set(socket, "does not answer");
    }
  }
  return seen;
}

async function leftAlone(
  io: Io,
  server: TmuxServer,
  before: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): Promise<Proof> {
  const promise = "other tmux sockets are untouched";
  const after = await otherSockets(io, server, signal);
  const changed = [...before].filter(([socket, panes]) => after.get(socket) !== panes).map(([socket]) => socket);
  if (changed.length > 0) {
    return { promise, result: "not_proved", said: `somebody changed ${changed.join(", ")} meanwhile` };
  }
  return { promise, result: "proved", said: `${before.size} other sockets, the same sessions and processes` };
}
