import { runtimeOf } from "../agents/runtimes.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";

/** Keys of an agent that this version reads and does nothing with yet, as the roster writes them. */
export function unappliedKeys(agent: ResolvedAgent): string[] {
  const isApplied = runtimeOf(agent.kind).launch !== undefined;
  const set: Readonly<Record<string, boolean>> = {
    kickstart: agent.kickstart !== undefined,
    kickstart_template: agent.kickstartTemplate !== undefined,
    memory_max: agent.memoryMax !== undefined,
    model: agent.model !== undefined && !isApplied,
    reset_between_tasks: agent.resetBetweenTasks,
    unattended: agent.unattended && !isApplied,
  };
  return Object.keys(set).filter((key) => set[key]);
}
