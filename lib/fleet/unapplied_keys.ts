import { runtimeOf } from "../agents/runtimes.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";

/** Keys of an agent that are not applied as things are, as the roster writes them: limits take a unit. */
export function unappliedKeys(agent: ResolvedAgent, isSupervised: boolean): string[] {
  const isApplied = runtimeOf(agent.kind).launch !== undefined;
  const set: Readonly<Record<string, boolean>> = {
    memory_max: !isSupervised && agent.memoryMax !== undefined,
    cpu_weight: !isSupervised && agent.cpuWeight !== undefined,
    tasks_max: !isSupervised && agent.tasksMax !== undefined,
    log: agent.log && agent.host !== undefined,
    model: agent.model !== undefined && !isApplied,
    unattended: agent.unattended && !isApplied,
  };
  return Object.keys(set).filter((key) => set[key]);
}
