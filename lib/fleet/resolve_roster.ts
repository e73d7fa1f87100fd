/**
 * Merges a roster's defaults and runtimes into its agents.
 *
 * @module
 */
import { expandHome } from "../config/expand_home.ts";
import { MusterError } from "../io/error.ts";
import type { Environment } from "../io/io.ts";
import { effectiveRuntime, findRuntime } from "./_find_runtime.ts";
import type { restartPolicies, RosterFile } from "./roster_schema.ts";
import { type RuntimeKind, runtimeOf } from "../agents/runtimes.ts";

/** The declared fleet. */
export interface Roster {
  /** The version of the format. */
  readonly version: 1;
  /** How agents are reached. */
  readonly transport: "tmux";
  /** muster's own tmux server. */
  readonly tmux: {
    /** The name of its socket. */
    readonly socketName: string;
    /** The session that keeps it alive. */
    readonly holderSession: string;
  };
  /** The agents, in the order of the file. */
  readonly agents: readonly ResolvedAgent[];
}

/**
 * One agent, with `[defaults]` and its runtime merged in. Paths are absolute; those of an agent on another host may
 * begin with `~`, which is the home directory there.
 */
export interface ResolvedAgent {
  /** The agent's name, and the name of its tmux session. */
  readonly name: string;
  /** The name of its runtime. */
  readonly runtime: string;
  /** The kind of that runtime. */
  readonly kind: RuntimeKind;
  /** Its role. */
  readonly class?: string;
  /** Where its program starts. */
  readonly workingDirectory: string;
  /** The program and its own arguments: the roster's, or the kind's own; empty where neither names one. */
  readonly command: readonly string[];
  /** The arguments after {@linkcode command}: those of the kind, then the runtime's, then the agent's. */
  readonly args: readonly string[];
  /** Variables for the program; no secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** A file with its secrets. */
  readonly envFile?: string;
  /** A program that prints its secrets, and that program's arguments. */
  readonly envCommand?: readonly string[];
  /** The model, for the program's own flag. */
  readonly model?: string;
  /** The model as people call it. */
  readonly modelHint?: string;
  /** Whether it keeps what it knows from task to task. */
  readonly persistentPersona: boolean | "semi";
  /** Whether it is reset before its next task. */
  readonly resetBetweenTasks: boolean;
  /** Its first message. */
  readonly kickstart?: string;
  /** A file on this host that holds its first message; never beside {@linkcode kickstart}. */
  readonly kickstartTemplate?: string;
  /** Matches the screen once the program takes text; flags `m` and `u`, so it keeps no state. */
  readonly ready?: RegExp;
  /** What to type to make the program forget. */
  readonly resetCommand?: string;
  /** Whether it is started so that it asks no person for permission. */
  readonly unattended: boolean;
  /** The most memory it may use, such as `512M`. */
  readonly memoryMax?: string;
  /** Its share of the processor, 1 to 10000. */
  readonly cpuWeight?: number;
  /** The most processes and threads it may have. */
  readonly tasksMax?: number;
  /** When systemd starts it again. */
  readonly restart: typeof restartPolicies[number];
  /** After how many failures in a row it is not started again. */
  readonly restartLimit: number;
  /** Whether all that its pane shows is kept in a file; on this host alone. */
  readonly log: boolean;
  /** The ssh destination of its host; this host where there is none. */
  readonly host?: string;
  /** The name of its tmux socket. */
  readonly socket: string;
  /** Whether muster starts, stops and resets it. */
  readonly managed: boolean;
}

/**
 * The fleet that a roster file declares. What an agent says comes before `[defaults]`, and that before its runtime;
 * `args` are the runtime's, then the agent's (or those of `[defaults]`); `env` is merged by name.
 *
 * @throws {MusterError} of code `config` where a path begins with `~` and there is no `HOME`.
 *
 * @example
 * ```ts
 * import { parseConfig } from "../config/read_toml.ts";
 * import { resolveRoster } from "./resolve_roster.ts";
 * import { rosterSchema } from "./roster_schema.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const text = `
 *   version = 1
 *   [[agents]]
 *   name = "coder0"
 *   command = ["claude"]
 *   working_directory = "~/src"
 * `;
 * const file = parseConfig(text, { file: "roster.toml", schema: rosterSchema });
 * const roster = resolveRoster(file, { get: (name) => name === "HOME" ? "/home/ada" : undefined });
 * assertEquals(roster.agents[0]?.workingDirectory, "/home/ada/src");
 * assertEquals(roster.agents[0]?.socket, "muster");
 * ```
 */
export function resolveRoster(file: RosterFile, env: Environment): Roster {
  return {
    version: file.version,
    transport: file.transport,
    tmux: { socketName: file.tmux.socket_name, holderSession: file.tmux.holder_session },
    agents: file.agents.map((agent) => resolveAgent(file, agent, env)),
  };
}

function resolveAgent(file: RosterFile, agent: RosterFile["agents"][number], env: Environment): ResolvedAgent {
  const name = effectiveRuntime(file, agent);
  const runtime = name === undefined ? undefined : findRuntime(file, name);
  // The schema refuses a roster where this could be.
  if (name === undefined || runtime === undefined) {
    throw new MusterError("internal", `agent without a runtime: ${agent.name}`);
  }
  const merged = { ...file.defaults, ...agent };
  // `~` on another host is the home directory there, which only that host knows.
  const toPath = (path: string) => merged.host === undefined ? expandHome(path, env) : path;
  const toArgv = ([program = "", ...rest]: readonly string[]) => [
    program.startsWith("~/") ? toPath(program) : program,
    ...rest,
  ];
  // An agent's own first message, of either kind, stands in place of either kind of the defaults.
  const hasOwnFirst = agent.kickstart !== undefined || agent.kickstart_template !== undefined;
  const first = hasOwnFirst ? agent : merged;
  // A kind that brings its program needs none of the roster's.
  const { launch, resetCommand } = runtimeOf(runtime.kind);
  const unattended = merged.unattended ?? false;
  const own = launch?.({ name: agent.name, model: merged.model, unattended });
  const command = merged.command ?? runtime.command ?? (own && [own.program]);
  return {
    name: agent.name,
    runtime: name,
    kind: runtime.kind,
    class: merged.class,
    workingDirectory: toPath(merged.working_directory ?? "~"),
    command: command === undefined ? [] : toArgv(command),
    args: [...own?.args ?? [], ...runtime.args ?? [], ...merged.args ?? []],
    env: { ...own?.env, ...runtime.env, ...file.defaults.env, ...agent.env },
    envFile: merged.env_file === undefined ? undefined : toPath(merged.env_file),
    envCommand: merged.env_command === undefined ? undefined : toArgv(merged.env_command),
    model: merged.model,
    modelHint: merged.model_hint,
    persistentPersona: merged.persistent_persona ?? false,
    resetBetweenTasks: merged.reset_between_tasks ?? false,
    kickstart: first.kickstart,
    kickstartTemplate: first.kickstart_template === undefined ? undefined : expandHome(first.kickstart_template, env),
    ready: runtime.ready === undefined ? undefined : new RegExp(runtime.ready, "mu"),
    resetCommand: runtime.reset_command ?? resetCommand,
    unattended,
    memoryMax: merged.memory_max,
    cpuWeight: merged.cpu_weight,
    tasksMax: merged.tasks_max,
    restart: merged.restart ?? "on-failure",
    restartLimit: merged.restart_limit ?? 5,
    log: merged.log ?? false,
    host: merged.host,
    socket: merged.socket ?? file.tmux.socket_name,
    managed: merged.managed ?? true,
  };
}
