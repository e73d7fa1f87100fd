/**
 * A project as its file declares it, with all defaults filled in.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { ProjectFile } from "./project_schema.ts";

/** The hooks, in the order in which they run. */
export const hookNames = ["post_create", "post_start", "post_attach"] as const;

/** A hook that provisioning runs. */
export type HookName = typeof hookNames[number];

/** A directory of this machine that the machine sees. */
export interface Mount {
  /** Absolute. */
  readonly source: string;
  /** Absolute, on the machine. */
  readonly target: string;
  /** Whether the machine may only read it. */
  readonly readOnly: boolean;
}

/** What is provisioned. */
export interface MachineDeclaration {
  /** Its name. */
  readonly name: string;
  /** Its kind. */
  readonly driver: ProjectFile["machine"]["driver"];
  /** Where steps run, on it; on ssh it may begin with `~/`, the home there. */
  readonly directory: string;
  /** ssh: the destination; empty for others. */
  readonly destination: string;
  /** ssh: more words for it. */
  readonly options: readonly string[];
  /** What it is made of; empty for host and ssh. */
  readonly image: string;
  /** More words for making it. */
  readonly args: readonly string[];
  /** Directories that it sees. */
  readonly mounts: readonly Mount[];
}

/** A script that somebody declared. */
export interface ScriptDeclaration {
  /** The path in the project, or shell text. */
  readonly run: string;
  /** Whether `run` is a path. */
  readonly isPath: boolean;
  /** What it reads, as declared. */
  readonly inputs: readonly string[];
  /** Its arguments. */
  readonly args: readonly string[];
  /** Variables with their values. */
  readonly variables: Readonly<Record<string, string>>;
  /** Names of secrets, whose values are in muster's own environment. */
  readonly secrets: readonly string[];
  /** The longest that it may take. */
  readonly timeoutMs?: number;
  /** Where it runs, relative to the machine's directory. */
  readonly cwd: string;
  /** The words before the script. */
  readonly interpreter: readonly string[];
}

/** A project. */
export interface Project {
  /** Its directory: absolute, without links. */
  readonly root: string;
  /** Its file. */
  readonly file: string;
  /** What is provisioned. */
  readonly machine: MachineDeclaration;
  /** The packs, in order. */
  readonly packs: readonly string[];
  /** Where its own packs are, absolute or relative to the project. */
  readonly packsDirectory: string;
  /** The hooks that are declared. */
  readonly hooks: Readonly<Partial<Record<HookName, ScriptDeclaration>>>;
  /** The hook that checks a worktree. */
  readonly verifyWorktree?: ScriptDeclaration;
  /** What a person should know of the file: old names that should be new ones. */
  readonly notes: readonly string[];
}

/** The error for a project without a file. */
export function noProject(root: string): MusterError {
  return new MusterError("not_found", `no muster.toml: ${root}`, {
    hint: "muster provision init writes one; --project DIR names another directory",
  });
}
