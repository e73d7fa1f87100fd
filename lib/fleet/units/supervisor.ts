/**
 * What keeps agents running when nobody looks: the seam behind which systemd stands, and launchd could.
 *
 * @module
 */

/** What a supervisor says of one of its units. */
export interface UnitState {
  /** In systemd's words; an agent's is `active` exactly while its program runs. */
  readonly state: "active" | "activating" | "deactivating" | "inactive" | "failed" | "unknown";
  /** The same, more exactly: `start` and `auto-restart` are both `activating`. */
  readonly phase: string;
  /** The run that it is in, or was in last; empty where there was none. Each start is a run of its own. */
  readonly run: string;
  /** What it does there, in its own words, such as `waits for its turn`; empty where it does not say. */
  readonly status: string;
  /** How many times it was started again by itself. */
  readonly restarts: number;
}

/** The units of a fleet. */
export interface UnitStates {
  /** The unit of the tmux server, and its main process; 0 where there is none. */
  readonly holder: UnitState & { readonly pid: number };
  /** The agents' units, by name. */
  readonly agents: ReadonlyMap<string, UnitState>;
}

/** How an agent is started: with its kickstart, without it, or in the session that it had. */
export type StartManner = "fresh" | "bare" | "resume";

/** Keeps the agents of a fleet running. */
export interface Supervisor {
  /** What it is called. */
  readonly kind: "systemd";
  /** The agents that it has units for. */
  readonly agents: readonly string[];
  /** What it says of its units, in one call. */
  states(names: readonly string[], signal?: AbortSignal): Promise<UnitStates>;
  /** Has agents started, and the tmux server before them; does not wait until they are ready. */
  start(names: readonly string[], manner: StartManner, signal?: AbortSignal): Promise<void>;
  /** Ends the programs of agents and starts them again; does not wait until they are ready. */
  restart(names: readonly string[], manner: StartManner, signal?: AbortSignal): Promise<void>;
  /** Has agents that are in the pause before their next start started at once, as they would have been after it. */
  hurry(names: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Stops agents; waits until their programs have ended. */
  stop(names: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Stops the tmux server, and all that is left in it. */
  stopServer(signal?: AbortSignal): Promise<void>;
}
