/**
 * What a project file may hold. The JSON Schema that editors use, the reader's checks and the types all come from here.
 *
 * @module
 */
import { z } from "../deps/zod.ts";
import { checkProject } from "./_check_project.ts";
import {
  destinationValue,
  durationValue,
  imageValue,
  machinePathValue,
  nameValue,
  packValue,
  pathValue,
  variableValue,
  wordValue,
} from "./_project_values.ts";

/** The kinds of machine. */
export const drivers = ["host", "ssh", "podman", "docker", "tart"] as const;

const mount = z.strictObject({
  source: pathValue.describe("A directory of this machine: relative to the project, or with / or ~/ before it."),
  target: machinePathValue.describe("Where it is on the machine."),
  read_only: z.boolean().default(false).describe("Whether the machine may only read it."),
});

const machine = z.strictObject({
  name: nameValue.optional().describe("The machine's name; by default that of the project's directory."),
  driver: z.enum(drivers).default("host").describe(
    "What kind of machine it is: this one (host), one behind ssh, a container (podman, docker), a virtual machine (tart).",
  ),
  directory: pathValue.optional().describe(
    "Where steps run. On host the project itself; on ssh a directory that muster copies declared files to, by default " +
      ".local/share/muster/<name> in the home there; in a container or virtual machine where the project is mounted.",
  ),
  destination: destinationValue.optional().describe("ssh: the destination, as ssh takes it."),
  options: z.array(wordValue).default([]).describe('ssh: more words for ssh, such as ["-p", "2222"].'),
  image: imageValue.optional().describe("podman, docker, tart: the image that the machine is made of."),
  args: z.array(wordValue).default([]).describe(
    "podman, docker, tart: more words for `run`; a change of these needs a new machine.",
  ),
  mounts: z.array(mount).default([]).describe(
    "podman, docker, tart: directories of this machine; by default the project at /workspace.",
  ),
});

const hookTable = z.strictObject({
  run: wordValue.min(1).describe(
    "A script of the project, by its path, or shell text. One word with a / in it, or .sh at its end, is a path.",
  ),
  inputs: z.array(pathValue).default([]).describe(
    "Files, directories and globs that the script reads: it runs again when one of them changes.",
  ),
  args: z.array(wordValue).default([]).describe("Its arguments."),
  env: z.union([z.array(variableValue), z.record(variableValue, wordValue)]).default([]).describe(
    "Variables: a table of names and values, or, for secrets, a list of names whose values come from muster's own " +
      "environment and are never shown or stored.",
  ),
  timeout: durationValue.optional().describe('The longest it may take, such as "20m"; no limit by default.'),
  cwd: pathValue.optional().describe("Where it runs, relative to the machine's directory."),
  interpreter: z.array(wordValue).min(1).optional().describe(
    'The words before the script; ["bash", "-euo", "pipefail"] by default.',
  ),
});

const hook = z.union([wordValue.min(1), hookTable]);

const hooks = z.strictObject({
  post_create: hook.optional().describe("Runs once on a new machine, and again when it changes."),
  post_start: hook.optional().describe("Runs whenever the machine was started."),
  post_attach: hook.optional().describe("Runs at the end of each `provision up` that did anything."),
  verify_worktree: hook.optional().describe(
    "Says, by its exit status, whether the worktree is good: `provision verify`.",
  ),
  provision: hook.optional().meta({ description: "The old name of post_create.", deprecated: true }),
});

/** The schema of a project's `muster.toml`. */
export const projectSchema = z.strictObject({
  version: z.literal(1).default(1).describe("The version of this format: 1."),
  machine: machine.prefault({}).describe("What is provisioned."),
  packs: z.strictObject({
    enabled: z.array(packValue).default([]).describe("The packs to install, in this order."),
    directory: pathValue.default("packs").describe(
      "Where the project's own packs are; one that is not there is taken from muster's starter set.",
    ),
  }).prefault({}).describe("Idempotent install steps."),
  hooks: hooks.prefault({}).describe("Lifecycle scripts."),
  scripts: hooks.optional().meta({ description: "The old name of [hooks].", deprecated: true }),
  provision: hook.optional().meta({ description: "The old name of hooks.post_create.", deprecated: true }),
}).superRefine(checkProject);

/** A project file as written, with its defaults. */
export type ProjectFile = z.output<typeof projectSchema>;

/** A hook as written. */
export type HookFile = z.output<typeof hook>;
