/**
 * A soak: many demo agents under a real systemd, and four processes that send to them, kill, restart and reset them at random.
 * In the end every receipt is held against the agents' own transcripts, every end of an agent against what was done to it, and
 * nothing may be left over.
 *
 * @module
 */

import type { AgentEnd } from "../lib/fleet/units/ends.ts";
import type { SystemdWorld } from "./_systemd_user.ts";
import { root, show } from "./_world.ts";

/** Options of {@linkcode soak}. */
export interface SoakOptions {
  /** How many agents. */
  readonly agents: number;
  /** How long, in milliseconds. */
  readonly forMs: number;
}

/** What a soak saw. */
export interface SoakReport {
  /** How often each thing was done, by what came of it. */
  readonly counts: Readonly<Record<string, number>>;
  /** What did not agree; none where all is well. */
  readonly wrong: readonly string[];
}

interface Did {
  readonly worker: string;
  readonly did: "send" | "kill" | "restart" | "reset";
  readonly agent: string;
  readonly outcome: string;
  readonly body?: string;
}

/** How long what is done to the whole fleet may take on a machine that others use too, in milliseconds. */
const wholeFleetMs = 300_000;

const workers = ["w0", "w1", "w2", "w3"];
const demo = new URL("fixtures/agents/demo.ts", root).pathname;

/** Soaks a world that has no roster yet. */
export async function soak(systemd: SystemdWorld, { agents, forMs }: SoakOptions): Promise<SoakReport> {
  const { world } = systemd;
  const names = Array.from({ length: agents }, (_, at) => `agent${at}`);
  const transcript = (name: string) => `${world.home}/${name}.jsonl`;
  const entries = names.map((name) => {
    const deno = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock", `--allow-write=${transcript(name)}`];
    const command = [...deno, demo, "--name", name, "--transcript", transcript(name), "--busy", "20"];
    return `[[agents]]\nname = "${name}"\nruntime = "demo"\ncommand = ${JSON.stringify(command)}\n`;
  });
  await world.roster(`version = 1\n[defaults]\nrestart_limit = 1000\n${entries.join("")}`);
  for (const words of [["fleet", "install"], ["fleet", "start", "--timeout", "4m"]]) {
    const ended = await systemd.muster(words, { timeoutMs: wholeFleetMs });
    if (ended.code !== 0) throw new Error(`muster ${words.join(" ")}: ${show(ended)}`);
  }
  const servers = async () => (await world.tmux(["display-message", "-p", "#{pid}"])).trim();
  const holder = () => systemd.systemctl("show", "--property=MainPID", "--value", "muster-holder.service");
  const before = [await servers(), await holder()];

  const worker = new URL("tests/_soak_worker.ts", root).pathname;
  const printed = await Promise.all(workers.map((name) => {
    const words = ["run", "--quiet", "--no-check", "-A", worker, name, String(forMs), ...names];
    return systemd.run(Deno.execPath(), words, { timeoutMs: forMs + 180_000 });
  }));
  const wrong: string[] = [];
  const done: Did[] = [];
  for (const ended of printed) {
    if (ended.code !== 0) wrong.push(`a worker failed: ${show(ended)}`);
    done.push(...ended.stdout.trim().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)));
  }
  // What was killed last may still be waiting for its next try: a person's start does not wait.
  const started = await systemd.muster(["fleet", "start", "--timeout", "4m"], { timeoutMs: wholeFleetMs });
  if (started.code !== 0) wrong.push(`not every agent came back: ${show(started)}`);
  await world.eventually("all to be idle", async () => {
    const { stdout } = await systemd.muster(["fleet", "status", "--json"]);
    return JSON.parse(stdout).agents.every(({ state }: { state: string }) => state === "idle") || undefined;
  });

  const after = [await servers(), await holder()];
  if (String(after) !== String(before)) wrong.push(`the server and its holder were ${before}, and are ${after}`);
  for (const name of names) {
    const text = await Deno.readTextFile(transcript(name));
    wrong.push(...disagreements(name, done.filter(({ agent }) => agent === name), text));
    const ends = await readText(`${world.home}/.local/state/muster/fleet/agents/${name}/ends.jsonl`);
    wrong.push(...disturbances(name, done.filter(({ agent }) => agent === name), ends));
  }
  wrong.push(...await leftOver(systemd, agents));
  const counts: Record<string, number> = {};
  for (const { did, outcome } of done) counts[`${did} ${outcome}`] = (counts[`${did} ${outcome}`] ?? 0) + 1;
  return { counts, wrong };
}

/** Receipts that the agent's own transcript contradicts. */
function disagreements(name: string, done: readonly Did[], transcript: string): string[] {
  const events = transcript.split("\n").filter((line) => line.endsWith("}")).map((line) => JSON.parse(line));
  const taken = events.filter(({ type }) => type === "user").map(({ text }) => text as string);
  const queued = events.filter(({ type }) => type === "queued").map(({ text }) => text as string);
  return done.flatMap(({ body, outcome }): string[] => {
    if (body === undefined) return [];
    const times = taken.filter((text) => text.endsWith(body)).length;
    const waited = queued.some((text) => text.endsWith(body));
    const said = `${name} was told ${JSON.stringify(body.split("\n")[0])}: the receipt says ${outcome}`;
    if (times > 1) return [`${said}, the transcript has it ${times} times`];
    if (outcome === "submitted" && times !== 1) return [`${said}, the transcript does not have it`];
    // One that waited in the program's own queue went with the program where that was killed meanwhile.
    if (outcome === "queued" && times === 0 && !waited) return [`${said}, the transcript does not have it`];
    if (["held", "not_found"].includes(outcome) && times > 0) return [`${said}, the transcript has it`];
    return [];
  });
}

/** Ends of an agent that nothing was done for. */
function disturbances(name: string, done: readonly Did[], ends: string): string[] {
  const all = ends.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as AgentEnd);
  // A kill may find a run whose pane has not told its program yet: that is a start which failed, and says why.
  const isKilled = ({ cause, lines }: AgentEnd) =>
    cause === "failed" || cause === "start" && lines.some((line) => /its program ended by signal 9\b/.test(line));
  const killed = all.filter(isKilled).length;
  const count = (cause: string) => all.filter((one) => one.cause === cause).length;
  const did = (what: string) => done.filter((one) => one.did === what).length;
  // Of two restarts at once, the second one's order may be carried out by the first: its stop is then systemd's alone.
  const stops = count("stopped") + count("shutdown");
  const odd = all.filter((end) => !isKilled(end) && !["stopped", "shutdown"].includes(end.cause));
  return [
    ...odd.map(({ cause, lines }) => `${name} ended by ${cause}: ${lines.join(" · ")}`),
    ...(killed > did("kill") ? [`${name} failed ${killed} times, and was killed ${did("kill")}`] : []),
    ...(stops > did("restart") ? [`${name} was stopped ${stops} times, and restarted ${did("restart")}`] : []),
  ];
}

/** What a soak leaves that was not there before: while the fleet runs, and once it has stopped. */
async function leftOver(systemd: SystemdWorld, agents: number): Promise<string[]> {
  const { world } = systemd;
  const wrong: string[] = [];
  const buffers = await world.tmux(["list-buffers"]);
  if (buffers !== "") wrong.push(`buffers are left: ${buffers}`);
  const queues = (await world.tmux(["list-panes", "-a", "-F", "#{@muster_queue}"])).trim();
  if (queues !== "") wrong.push(`leases are left: ${queues}`);
  const panes = (await world.tmux(["list-panes", "-a", "-F", "#{session_name}"])).trim().split("\n").length;
  if (panes !== agents + 1) wrong.push(`${panes} panes, where ${agents} agents and the holder are`);
  const scopes = await systemd.systemctl("list-units", "--no-legend", "--plain", "muster-agent-*.scope");
  const count = scopes.split("\n").filter((line) => line !== "").length;
  if (count !== agents) wrong.push(`${count} scopes for ${agents} agents`);
  const stopped = await systemd.muster(["fleet", "stop", "--now"], { timeoutMs: wholeFleetMs });
  if (stopped.code !== 0) wrong.push(`the fleet did not stop: ${show(stopped)}`);
  const programs = await systemd.run("sh", [
    "-c",
    'ps -e -o args= | grep -F "$1" | grep -vF "grep" | head -3',
    "sh",
    world.home,
  ]);
  if (programs.stdout !== "") wrong.push(`processes are left: ${programs.stdout}`);
  const run = `${systemd.env.XDG_RUNTIME_DIR}/muster`;
  const files = await systemd.run("find", [`${run}/run`, `${run}/orders`, "-mindepth", "1"]);
  if (files.stdout.trim() !== "") wrong.push(`files are left: ${files.stdout}`);
  return wrong;
}

async function readText(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
}
