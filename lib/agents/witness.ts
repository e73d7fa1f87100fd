/**
 * The pane's own process as a witness: which program it is, and what its transcript tells of a message. It is asked by sh
 * on the pane's host; where that may not be run, or the host has no /proc, the screen is all there is.
 *
 * @module
 */

import { type Host, type Io, MusterError } from "../io/mod.ts";
import type { Pane } from "../tmux/mod.ts";
import { type Detected, detectRuntime } from "./detect_runtime.ts";
import { readProcesses, type ReadProcessesOptions } from "./process.ts";
import type { Runtime } from "./runtime.ts";
import { runtimeOf } from "./runtimes.ts";
import { noteTranscript, type TranscriptWatch } from "./transcript.ts";

/** What a pane's process tells. */
export interface Witness {
  /** What reads the pane's terminal; left out where that cannot be told. */
  readonly detected?: Detected;
  /** The agent's transcript, from now on. */
  readonly transcript?: TranscriptWatch;
  /** Why there is no transcript. */
  readonly none?: string;
}

/** What reads a pane's terminal; `undefined` where it cannot be told, and why. */
export async function detectProgram(
  host: Host,
  io: Io,
  pane: Pane,
  signal?: AbortSignal,
  options: ReadProcessesOptions = { withFiles: false },
): Promise<{ readonly detected: Detected } | { readonly none: string }> {
  if (host.destination === "" && !host.files && !io.permissions.isGranted({ name: "run", command: "sh" })) {
    return { none: "sh may not be run: --allow-run=tmux,sh" };
  }
  try {
    const processes = await readProcesses(host, [pane.pid], signal, options);
    return { detected: detectRuntime(processes.get(pane.pid) ?? []) };
  } catch (error) {
    if (!(error instanceof MusterError) || error.code !== "failed" || signal?.aborted) throw error;
    return { none: error.message };
  }
}

/** Calls the process of a pane as a witness for a message that is about to be submitted. */
export async function callWitness(
  host: Host,
  io: Io,
  pane: Pane,
  runtime: Runtime,
  message: string,
  signal?: AbortSignal,
): Promise<Witness> {
  // Muster itself looks for those when they are needed; sh looks for all that it is asked for in one call.
  const withFiles = !host.files && (runtime.transcript?.goesByOpenFiles ?? true);
  const found = await detectProgram(host, io, pane, signal, { withFiles });
  if ("none" in found) return found;
  const { detected } = found;
  if (detected.what !== "agent") return { detected, none: "no agent program was found in the pane" };
  if (detected.runtime.kind !== runtime.kind) return { detected, none: `the program is ${detected.runtime.kind}` };
  try {
    const transcript = await noteTranscript(host, io, detected.process, runtime, message, signal);
    return "none" in transcript ? { detected, none: transcript.none } : { detected, transcript };
  } catch (error) {
    if (!(error instanceof MusterError) || error.code !== "failed" || signal?.aborted) throw error;
    return { detected, none: error.message };
  }
}

/**
 * Why a pane is not what it should be: another agent program, or a shell at its prompt where no agent is to be seen. A
 * program that nobody knows may well be one that starts the agent.
 */
export function mistaken(detected: Detected | undefined, expected: Runtime): string | undefined {
  if (!detected || !expected.recognises) return undefined;
  if (detected.what === "agent" && detected.runtime.kind !== expected.kind) {
    return `the pane runs ${detected.runtime.kind}, where ${expected.kind} is expected`;
  }
  if (detected.what === "shell" && isAtPrompt(detected.process.argv)) {
    return `a shell is where the agent should be: ${detected.program}`;
  }
}

/** A shell without a script to run. */
function isAtPrompt([, ...words]: readonly string[]): boolean {
  return words.every((word) => word.startsWith("-") && word !== "-c");
}

/** The runtime by which a pane is read: the one given, the one that muster started there, or what its process shows. */
export async function runtimeOfPane(
  host: Host,
  io: Io,
  pane: Pane,
  given: string | undefined,
  signal?: AbortSignal,
): Promise<Runtime> {
  const known = given ?? pane.runtime;
  if (known !== undefined && known !== "holder") return runtimeOf(known);
  const found = await detectProgram(host, io, pane, signal);
  return "detected" in found && found.detected.what === "agent" ? found.detected.runtime : runtimeOf("command");
}
