import type { AgentProcess } from "./process.ts";
import type { Runtime } from "./runtime.ts";
import { allRuntimes } from "./runtimes.ts";

/** What reads a pane's terminal. */
export type Detected =
  /** An agent program that muster knows. */
  | { readonly what: "agent"; readonly runtime: Runtime; readonly process: AgentProcess }
  /** A shell at its prompt, or one that runs a script. */
  | { readonly what: "shell"; readonly program: string; readonly process: AgentProcess }
  /** Any other program. */
  | { readonly what: "other"; readonly program: string; readonly process: AgentProcess }
  /** No process of the pane reads its terminal. */
  | { readonly what: "none" };

const shells: readonly string[] = ["ash", "bash", "csh", "dash", "elvish", "fish", "ksh", "mksh", "nu", "oksh", "pwsh"]
  .concat(["sh", "tcsh", "xonsh", "yash", "zsh"]);

/**
 * Which runtime the processes of a pane show: the one nearest to the pane that is known for a kind. Where there is none,
 * the last of them is the program, since what starts another stands before it.
 *
 * @example
 * ```ts
 * import { detectRuntime } from "./detect_runtime.ts";
 *
 * const facts = { pid: 7, startTicks: 1, cwd: "/", env: {}, files: [] };
 * const detected = detectRuntime([{ ...facts, argv: ["-zsh"] }]);
 * if (detected.what !== "shell" || detected.program !== "zsh") throw new Error("unreachable");
 * ```
 */
export function detectRuntime(processes: readonly AgentProcess[]): Detected {
  for (const process of processes) {
    const runtime = allRuntimes.find((one) => one.recognises?.(process.argv));
    if (runtime) return { what: "agent", runtime, process };
  }
  const process = processes.at(-1);
  if (!process) return { what: "none" };
  const program = programName(process.argv);
  return { what: shells.includes(program) ? "shell" : "other", program, process };
}

/** The name of a program by its words; a login shell's begins with a dash. */
export function programName([program = ""]: readonly string[]): string {
  return program.slice(program.lastIndexOf("/") + 1).replace(/^-/, "");
}
