/** An agent that is there to be tried: of no roster, on the fleet's own socket, under a unit where the fleet has units. */
import { stringifyToml } from "../deps/toml.ts";
import { type Hosts, type Io, localHost, MusterError, pollUntil } from "../io/mod.ts";
import { findPane, listPanes, TmuxServer } from "../tmux/mod.ts";
import { wantedPane } from "./find_agent.ts";
import { renewAgent } from "./renew_agent.ts";
import type { ResolvedAgent, Roster } from "./resolve_roster.ts";
import { endAgents, runAgents } from "./run_fleet.ts";
import { agentUnit, unitPlace } from "./units/place.ts";
import { Systemd } from "./units/systemd.ts";
import { SystemdUnits } from "./units/systemd_units.ts";

/** How long the canary may take for anything, in milliseconds. */
const deadlineMs = 30_000;

/** Writes or removes the canary's settings, for this boot alone. */
const settingsScript = `d=$XDG_RUNTIME_DIR/systemd/user/$1.d
if [ $# -gt 1 ]; then mkdir -p "$d" && cat >"$d/canary.conf"; else rm -rf "$d"; fi`;

/** The canary. */
export class Canary {
  readonly name: string;
  /** A roster of the canary alone. */
  readonly roster: Roster;
  readonly #io: Io;
  readonly #hosts: Hosts;
  readonly #agent: ResolvedAgent;
  readonly #units?: SystemdUnits;
  readonly #signal?: AbortSignal;
  readonly #home: string;

  constructor(io: Io, hosts: Hosts, fleet: Roster, units: SystemdUnits | undefined, signal?: AbortSignal) {
    const nonce = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    this.name = `muster-canary-${nonce.toString(16)}`;
    this.#agent = {
      name: this.name,
      runtime: "command",
      kind: "command",
      workingDirectory: "/",
      command: ["cat"],
      args: [],
      env: {},
      persistentPersona: false,
      resetBetweenTasks: false,
      unattended: false,
      restart: "never",
      log: false,
      restartLimit: 1,
      socket: fleet.tmux.socketName,
      managed: true,
    };
    this.roster = { ...fleet, agents: [this.#agent] };
    this.#io = io;
    this.#hosts = hosts;
    this.#home = `${unitPlace(io.env).fleet}/${this.name}`;
    // The units know of one agent more, which stands in no record.
    this.#units = units && new SystemdUnits(io, { ...units.record, agents: [...units.record.agents, this.name] });
    this.#signal = signal;
  }

  /** Starts it; its process. */
  async start(): Promise<number> {
    if (this.#units) await this.#install();
    return await this.#run(false);
  }

  /** Starts it anew; its process. */
  async restart(): Promise<number> {
    return await this.#run(true);
  }

  /** Resets it; what became of that. */
  async reset(): Promise<string> {
    const units = () => Promise.resolve(this.#units);
    const options = { timeoutMs: deadlineMs, signal: this.#signal };
    const { outcome, reason } = await renewAgent(this.#io, this.#hosts, units, this.roster, this.#agent, options);
    if (outcome !== "restarted") throw new MusterError("failed", `the reset was ${outcome}: ${reason ?? ""}`);
    return outcome;
  }

  /** Kills its program, and sees that this is told. */
  async kill(): Promise<string> {
    const pid = await this.#process();
    await this.#io.process.run("sh", ["-c", 'kill -s KILL "$1"', "sh", String(pid)], { signal: this.#signal });
    const isTold = async () => {
      if (await this.#process() > 0) return undefined;
      if (!this.#units) return "tmux says that it has ended";
      const state = (await this.#units.states([this.name], this.#signal)).agents.get(this.name)?.state;
      return state === "failed" ? "its unit has failed, as its program has" : undefined;
    };
    return await pollUntil(this.#io.clock, isTold, {
      what: "the canary's end to be told",
      timeoutMs: deadlineMs,
      longestPauseMs: 50,
      signal: this.#signal,
    });
  }

  /** Removes it and all that was made for it, whatever has become of it. */
  async remove(): Promise<void> {
    await endAgents(this.#io, this.#units, this.roster, [this.#agent], {});
    if (!this.#units) return;
    const systemd = new Systemd(localHost(this.#io));
    const unit = agentUnit(this.name);
    await systemd.program("sh", ["-c", settingsScript, "sh", unit]);
    await systemd.program("sh", ["-c", 'rm -rf "$XDG_RUNTIME_DIR"/muster/*/"$1"', "sh", this.name]);
    await this.#io.files.remove(this.#home);
    await this.#io.files.remove(`${unitPlace(this.#io.env).fleet}/agents/${this.name}`);
    await systemd.require(["daemon-reload"]);
  }

  /** A home with a roster of its own, which its unit's launcher reads in place of the fleet's. */
  async #install(): Promise<void> {
    const { tmux } = this.roster;
    const toml = stringifyToml({
      version: 1,
      tmux: { socket_name: tmux.socketName, holder_session: tmux.holderSession },
      agents: [{ name: this.name, command: ["cat"], working_directory: "/" }],
    });
    await this.#io.files.write(`${this.#home}/fleet/roster.toml`, toml);
    const settings = [
      "[Service]",
      "Restart=no",
      `Environment="MUSTER_HOME=${this.#home.replace(/["\\]/g, "\\$&").replaceAll("%", "%%")}"`,
      'Environment="MUSTER_PROPERTIES=" MUSTER_RESTART_LIMIT=1000 MUSTER_RESTART_WINDOW=600',
      "",
    ].join("\n");
    const systemd = new Systemd(localHost(this.#io));
    const { code, stderr } = await systemd.program("sh", ["-c", settingsScript, "sh", agentUnit(this.name), "write"], {
      stdin: settings,
      signal: this.#signal,
    });
    if (code !== 0) throw new MusterError("failed", `cannot write the canary's settings: ${stderr.trim()}`);
    await systemd.require(["daemon-reload"], this.#signal);
  }

  async #run(replace: boolean): Promise<number> {
    const options = { replace, timeoutMs: deadlineMs, signal: this.#signal };
    const [report] = await runAgents(this.#io, this.#units, this.roster, [this.#agent], options);
    if (report?.result !== "started") throw new MusterError("failed", `it did not start: ${report?.reason ?? ""}`);
    return report.pid;
  }

  async #process(): Promise<number> {
    const server = new TmuxServer(localHost(this.#io), this.roster.tmux.socketName);
    const pane = findPane(await listPanes(server, this.#signal), wantedPane(this.#agent));
    return pane && !pane.isDead ? pane.pid : 0;
  }
}
