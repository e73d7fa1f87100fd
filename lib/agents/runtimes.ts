import { MusterError } from "../io/mod.ts";
import { commandRuntime } from "./command.ts";
import { demoRuntime } from "./demo.ts";
import type { Runtime } from "./runtime.ts";

/** Every runtime. */
export const allRuntimes: readonly Runtime[] = [commandRuntime, demoRuntime];

/** The kinds of runtime that there are: any program that takes typed text, and muster's demo agent. */
export const runtimeKinds = ["command", "demo"] as const;

/** One of {@linkcode runtimeKinds}. */
export type RuntimeKind = typeof runtimeKinds[number];

/**
 * The runtime of a kind.
 *
 * @throws {MusterError} of code `config` for a kind that there is none of.
 */
export function runtimeOf(kind: string): Runtime {
  const runtime = allRuntimes.find((one) => one.kind === kind);
  if (!runtime) {
    throw new MusterError("config", `unknown runtime: ${kind}`, { hint: `one of ${runtimeKinds.join(", ")}` });
  }
  return runtime;
}
