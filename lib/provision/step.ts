/**
 * A step of provisioning, and the fingerprint that says whether it has to run again.
 *
 * @module
 */
import type { Fingerprint } from "../state/fingerprint.ts";
import type { HookName } from "./project.ts";

/** A script, and how it is run. */
export interface Script {
  /** Its path on the machine, relative to the machine's directory; empty where `text` is run. */
  readonly path: string;
  /** What is run where there is no path: shell text, or a pack of the starter set. */
  readonly text: string;
  /** The words before it. */
  readonly before: readonly string[];
  /** The words after it. */
  readonly after: readonly string[];
}

/** One step. */
export interface Step {
  /** The pack's or hook's name. */
  readonly name: string;
  /** Its cadence. */
  readonly cadence: "pack" | HookName;
  /** What it runs. */
  readonly script: Script;
  /** For a pack, what says by its exit status 0 that there is nothing to do. */
  readonly check?: Script;
  /** Where it runs, relative to the machine's directory. */
  readonly cwd: string;
  /** Its variables, but for secrets. */
  readonly variables: Readonly<Record<string, string>>;
  /** Names of the variables of muster's environment that it gets. */
  readonly secrets: readonly string[];
  /** The longest that it may take. */
  readonly timeoutMs?: number;
  /** Files of the project that a machine without the project needs for it. */
  readonly files: readonly string[];
  /** What it depends on. */
  readonly fingerprint: Fingerprint;
}
