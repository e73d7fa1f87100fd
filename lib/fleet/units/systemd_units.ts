import { type Io, localHost, MusterError } from "../../io/mod.ts";
import { type InstallRecord, readInstall } from "./install_record.ts";
import { agentUnit, holderUnit } from "./place.ts";
import type { StartManner, Supervisor, UnitState, UnitStates } from "./supervisor.ts";
import { parseShow, showWords, Systemd, type UnitProperties } from "./systemd.ts";

const properties = ["ActiveState", "SubState", "InvocationID", "StatusText", "NRestarts", "MainPID"];

/**
 * Writes and removes the files by which muster and the scripts of the units speak to each other, in one call: `stopped/NAME`
 * keeps an agent stopped, `orders/NAME` says how the next start is to be.
 */
const markScript = `d=$XDG_RUNTIME_DIR/muster; umask 077; mkdir -p "$d/stopped" "$d/orders" || exit 1
what=$1; shift
for n; do case $what in
  stop) : >"$d/stopped/$n"; rm -f "$d/orders/$n" ;;
  *) rm -f "$d/stopped/$n"; echo "$what" >"$d/orders/$n" ;;
esac || exit 1; done`;

/** Ends the pauses of agents: the FIFO that agent.sh reads meanwhile, opened so that nobody waits for it. */
const hurryScript = `for n; do p=$XDG_RUNTIME_DIR/muster/run/$n/pause; [ ! -p "$p" ] || echo 1<>"$p"; done`;

/** The fleet's units in systemd. */
export class SystemdUnits implements Supervisor {
  /** What it is called. */
  readonly kind = "systemd";
  /** What was installed. */
  readonly record: InstallRecord;
  readonly #systemd: Systemd;

  /** Names the units of a record; asks nothing. */
  constructor(io: Io, record: InstallRecord) {
    this.record = record;
    this.#systemd = new Systemd(localHost(io));
  }

  /** The agents that have units. */
  get agents(): readonly string[] {
    return this.record.agents;
  }

  /** {@inheritDoc Supervisor.states} */
  async states(names: readonly string[], signal?: AbortSignal): Promise<UnitStates> {
    return unitStates(names, parseShow(await this.#systemd.require(stateWords(names), signal)));
  }

  /** {@inheritDoc Supervisor.start} */
  async start(names: readonly string[], manner: StartManner, signal?: AbortSignal): Promise<void> {
    if (names.length === 0) return;
    const { holder, agents } = await this.states(this.agents, signal);
    if (holder.state === "inactive" || holder.state === "failed") {
      // The holder's start is every agent's that is not kept stopped.
      const others = this.agents.filter((name) => !names.includes(name));
      await this.#mark("stop", others.filter((name) => agents.get(name)?.state !== "active"), signal);
    }
    await this.#mark(manner, names, signal);
    await this.#systemd.run(["reset-failed", holderUnit, ...names.map(agentUnit)], signal); // fails where none has failed
    await this.#startHolder(signal);
    await this.#systemd.require(["start", "--no-block", ...names.map(agentUnit)], signal);
  }

  /** {@inheritDoc Supervisor.restart} */
  async restart(names: readonly string[], manner: StartManner, signal?: AbortSignal): Promise<void> {
    if (names.length === 0) return;
    await this.#mark(manner, names, signal);
    await this.#startHolder(signal);
    await this.#systemd.require(["restart", "--no-block", ...names.map(agentUnit)], signal);
  }

  /** {@inheritDoc Supervisor.hurry} */
  async hurry(names: readonly string[], signal?: AbortSignal): Promise<void> {
    if (names.length > 0) await this.#script(hurryScript, names, signal);
  }

  /** {@inheritDoc Supervisor.stop} */
  async stop(names: readonly string[], signal?: AbortSignal): Promise<void> {
    if (names.length === 0) return;
    await this.#mark("stop", names, signal);
    await this.#systemd.require(["stop", ...names.map(agentUnit)], signal);
    await this.#systemd.run(["reset-failed", ...names.map(agentUnit)], signal); // one stopped while it failed
  }

  /** {@inheritDoc Supervisor.stopServer} */
  async stopServer(signal?: AbortSignal): Promise<void> {
    await this.#systemd.require(["stop", holderUnit], signal);
  }

  async #startHolder(signal?: AbortSignal): Promise<void> {
    const { code } = await this.#systemd.run(["start", holderUnit], signal);
    if (code === 0) return;
    const shown = await this.#systemd.show([holderUnit], ["ExecMainStatus", "Result"], signal);
    const status = shown.get(holderUnit)?.ExecMainStatus;
    if (status === "240") {
      throw new MusterError("held", `a tmux server that systemd did not start has the socket: ${this.record.socket}`, {
        hint: "muster fleet stop ends it",
      });
    }
    const why = status === "0" ? shown.get(holderUnit)?.Result : `it ended with status ${status}`;
    throw new MusterError("failed", `the tmux server does not start: ${holderUnit}: ${why}`, {
      hint: `systemctl --user status ${holderUnit}`,
      command: "systemctl --user start",
    });
  }

  async #mark(what: "stop" | StartManner, names: readonly string[], signal?: AbortSignal): Promise<void> {
    if (names.length === 0) return;
    await this.#script(markScript, [what, ...names], signal);
  }

  async #script(script: string, words: readonly string[], signal?: AbortSignal): Promise<void> {
    const { code, stderr } = await this.#systemd.program("sh", ["-c", script, "sh", ...words], signal);
    if (code === 0) return;
    throw new MusterError("failed", `cannot write in $XDG_RUNTIME_DIR/muster: ${stderr.trim().split("\n")[0]}`);
  }
}

/** The words of the `systemctl --user` that {@linkcode unitStates} reads. */
export function stateWords(names: readonly string[]): string[] {
  return showWords([holderUnit, ...names.map(agentUnit)], properties);
}

/** The states of the holder and of agents. */
export function unitStates(names: readonly string[], shown: UnitProperties): UnitStates {
  const of = (unit: string): UnitState => {
    const { ActiveState = "unknown", SubState = "", InvocationID = "", StatusText = "", NRestarts = "0" } =
      shown.get(unit) ?? {};
    const state = stateOf(ActiveState);
    return { state, phase: SubState, run: InvocationID, status: StatusText, restarts: Number(NRestarts) };
  };
  return {
    holder: { ...of(holderUnit), pid: Number(shown.get(holderUnit)?.MainPID ?? 0) },
    agents: new Map(names.map((name) => [name, of(agentUnit(name))])),
  };
}

function stateOf(word: string): UnitState["state"] {
  if (word === "reloading" || word === "maintenance" || word === "refreshing") return "active";
  const known = ["active", "activating", "deactivating", "inactive", "failed"] as const;
  return known.find((one) => one === word) ?? "unknown";
}

/** The supervisor of the fleet; `undefined` where no units are installed. */
export async function findSupervisor(io: Io): Promise<SystemdUnits | undefined> {
  const record = await readInstall(io);
  return record && new SystemdUnits(io, record);
}
