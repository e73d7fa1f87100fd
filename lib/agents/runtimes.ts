import { MusterError } from "../io/mod.ts";
import { claudeRuntime } from "./claude.ts";
import { codexRuntime } from "./codex.ts";
import { commandRuntime } from "./command.ts";
import { demoRuntime } from "./demo.ts";
import { opencodeRuntime } from "./opencode.ts";
import { piRuntime } from "./pi.ts";
import type { Runtime } from "./runtime.ts";

/** Every runtime. */
export const allRuntimes: readonly Runtime[] = [
  commandRuntime,
  demoRuntime,
  claudeRuntime,
  codexRuntime,
  opencodeRuntime,
  piRuntime,
];

/** The kinds of runtime that there are: the agent programs, any other that takes typed text, and muster's demo agent. */
export const runtimeKinds = ["claude", "codex", "command", "demo", "opencode", "pi"] as const;

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
