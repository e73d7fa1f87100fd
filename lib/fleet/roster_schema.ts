/**
 * What a roster file may hold. The JSON Schema that editors use, the reader's checks and the types all come from here.
 *
 * @module
 */
import { z } from "../deps/zod.ts";
import { checkRoster } from "./_check_roster.ts";
import {
  argsValue,
  argvValue,
  envValue,
  hostValue,
  lineValue,
  memoryValue,
  nameValue,
  pathValue,
  patternValue,
  socketValue,
  textValue,
} from "./_roster_values.ts";
import { runtimeKinds } from "../agents/runtimes.ts";

/** When systemd starts an agent again. */
export const restartPolicies = ["on-failure", "always", "never"] as const;

const agent = z.strictObject({
  name: nameValue.describe("The agent's name, unique in the roster, and the name of its tmux session."),
  runtime: nameValue.optional().describe(
    `The program in the slot: a table of [runtimes], or one of the kinds that need none (${
      runtimeKinds.join(", ")
    }). ` +
      "An agent with a `command` and no `runtime` has the runtime `command`.",
  ),
  class: lineValue.max(64).optional().describe("The agent's role, for people and filters; any text."),
  working_directory: pathValue.optional().describe(
    "The directory that the program starts in; the home directory by default. A leading `~` is the home directory on the agent's host.",
  ),
  model: lineValue.optional().describe("The model, as the runtime's program takes it in its own flag."),
  model_hint: lineValue.optional().describe("The model as people call it: a label, never given to the program."),
  persistent_persona: z.union([z.boolean(), z.literal("semi")]).optional().describe(
    'Whether the agent keeps what it knows from task to task: true, false (the default) or "semi".',
  ),
  reset_between_tasks: z.boolean().optional().describe(
    "Whether the agent is reset before it gets its next task; false by default.",
  ),
  kickstart: textValue.optional().describe("The first message, sent when the program is ready."),
  kickstart_template: pathValue.optional().describe("A file that holds the first message, in place of `kickstart`."),
  command: argvValue.optional().describe(
    "The program and its arguments, in place of the runtime's: an array of words, run without a shell. " +
      "The program is a name found in PATH, or a path that begins with / or ~/.",
  ),
  args: argsValue.optional().describe("Arguments, after those of the runtime."),
  unattended: z.boolean().optional().describe(
    "Whether the program is started so that it asks no person for permission; false by default.",
  ),
  env: envValue.optional().describe(
    "Variables for the program, on top of those of the runtime and of [defaults]. Not for secrets: those come by `env_file` or `env_command`.",
  ),
  env_file: pathValue.optional().describe(
    "A file of NAME=value lines with the agent's secrets; its mode must be 0600.",
  ),
  env_command: argvValue.optional().describe(
    "A program that prints NAME=value lines with the agent's secrets: an array of words, run without a shell.",
  ),
  memory_max: memoryValue.optional().describe('The most memory that the agent may use, such as "512M" or "2G".'),
  cpu_weight: z.int().min(1).max(10_000).optional().describe(
    "The agent's share of the processor beside the others, under systemd: 1 to 10000, and 100 for one that says nothing.",
  ),
  tasks_max: z.int().min(1).max(4_194_304).optional().describe(
    "The most processes and threads that the agent may have, under systemd.",
  ),
  restart: z.enum(restartPolicies).optional().describe(
    'Whether systemd starts the agent again when its program ends: "on-failure" (the default), "always" or "never".',
  ),
  restart_limit: z.int().min(1).max(1000).optional().describe(
    "After how many failures in a row it is not started again; 5 by default. The end of the tmux server is none.",
  ),
  log: z.boolean().optional().describe(
    "Whether all that the agent's pane shows is kept in `pane.log`, as the terminal got it; false by default.",
  ),
  host: hostValue.optional().describe("The ssh destination of the host that the agent runs on; this host by default."),
  socket: socketValue.optional().describe("The name of the agent's tmux socket; [tmux] socket_name by default."),
  managed: z.boolean().optional().describe(
    "Whether muster starts, stops and resets the agent; true by default. One that is not managed is read and sent to only.",
  ),
});

const runtime = z.strictObject({
  kind: z.enum(runtimeKinds).describe("How muster starts, reads and resets the program."),
  command: argvValue.optional().describe("The program and its arguments: an array of words, run without a shell."),
  args: argsValue.optional().describe("Arguments for every agent of this runtime, before the agent's own."),
  env: envValue.optional().describe("Variables for every agent of this runtime. Not for secrets."),
  reset_command: lineValue.optional().describe("What to type to make the program forget its conversation."),
  ready: patternValue.optional().meta({
    description: "A JavaScript regular expression (flags m and u) that matches the screen once the program takes text.",
    format: "regex",
  }),
});

const tmux = z.strictObject({
  socket_name: socketValue.default("muster").describe("The name of muster's own tmux socket."),
  holder_session: nameValue.default("_holder").describe("The session that keeps the tmux server alive."),
});

const transport = z.enum(["tmux"], {
  error: (issue) => issue.input === "matrix" ? 'expected "tmux": "matrix" is not built yet' : undefined,
});

/** The schema of `$MUSTER_HOME/fleet/roster.toml`. */
export const rosterSchema = z.strictObject({
  version: z.literal(1).describe("The version of this format: 1."),
  transport: transport.default("tmux").describe("How agents are reached."),
  tmux: tmux.prefault({}).describe("The tmux server that the agents live in."),
  defaults: agent.omit({ name: true }).prefault({}).describe(
    "What holds for each agent that does not say otherwise; before what its runtime says.",
  ),
  runtimes: z.record(nameValue, runtime).default({}).describe("The programs that agents run, by name."),
  agents: z.array(agent).default([]).describe("The fleet, one table for each agent."),
}).superRefine(checkRoster);

/** A roster file as written, with the defaults of its top level. */
export type RosterFile = z.output<typeof rosterSchema>;
