/**
 * The one face of all kinds of machine.
 *
 * @module
 */
import type { Action, Observation } from "./action.ts";
import type { MachineDeclaration } from "./project.ts";

/** What is known of a machine from the last time: its instance and boot. */
export interface Known {
  /** Which machine it was, among all that had this name. */
  readonly instance: string;
  /** Which of its starts. */
  readonly boot: string;
  /** What it was made with, by the names of settings. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Options of {@linkcode Machine.bring}. */
export interface BringOptions {
  /** All that is declared for any step; without it nothing is removed. */
  readonly declared?: readonly string[];
  /** Stops the copying. */
  readonly signal: AbortSignal;
}

/** A machine of some kind. */
export interface Machine {
  /** What is declared of it. */
  readonly declaration: MachineDeclaration;
  /** Programs that muster runs to reach it, for a hint where one is missing. */
  readonly program: string;
  /** Looks at it, while what is known of it is still being read. */
  observe(known: Promise<Known | undefined>, signal: AbortSignal): Promise<Observation>;
  /** Does what an action says; `instance` is a new machine's id. */
  act(action: Exclude<Action, "none">, instance: string, signal: AbortSignal): Promise<void>;
  /**
   * The command by which bash on the machine reads a script, up to a NUL, from its input, and runs it with the rest of the
   * input.
   */
  bash(): readonly string[];
  /** The command that runs words on the machine with this terminal. */
  terminal(words: readonly string[]): readonly string[];
  /**
   * Brings files of the project to the machine, by their names; nothing where it sees the project itself. What it brought
   * before and is not in `declared` is removed there.
   */
  bring(root: string, names: readonly string[], options: BringOptions): Promise<void>;
  /** Stops it, or with `destroy` removes it for good; whether there was anything to do. */
  down(options: { readonly destroy: boolean; readonly signal: AbortSignal }): Promise<boolean>;
}

/** What bash is told to do: fixed, so that names and scripts are never shell text. */
export const readScript = 'IFS= read -r -d "" s && eval "$s"';
