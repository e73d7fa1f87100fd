/** Which runtime an agent has. */
import type { RosterFile } from "./roster_schema.ts";
import { runtimeKinds } from "../agents/runtimes.ts";

type RuntimeTable = RosterFile["runtimes"][string];

/** The runtime of a name: the table of `[runtimes]`, or else the kind that needs no table. */
export function findRuntime(file: RosterFile, name: string): RuntimeTable | undefined {
  if (Object.hasOwn(file.runtimes, name)) return file.runtimes[name];
  const kind = runtimeKinds.find((kind) => kind === name);
  return kind === undefined ? undefined : { kind };
}

/** The name of an agent's runtime; `undefined` where neither it nor `[defaults]` says. */
export function effectiveRuntime(file: RosterFile, agent: RosterFile["agents"][number]): string | undefined {
  const named = agent.runtime ?? file.defaults.runtime;
  if (named !== undefined) return named;
  return (agent.command ?? file.defaults.command) === undefined ? undefined : "command";
}
