import type { ResolvedAgent } from "./resolve_roster.ts";

/** Keys of an agent that this version reads and does nothing with yet, as the roster writes them. */
export function unappliedKeys(agent: ResolvedAgent): string[] {
  const set: Readonly<Record<string, boolean>> = {
    kickstart: agent.kickstart !== undefined,
    kickstart_template: agent.kickstartTemplate !== undefined,
    memory_max: agent.memoryMax !== undefined,
    model: agent.model !== undefined,
    reset_between_tasks: agent.resetBetweenTasks,
    unattended: agent.unattended,
  };
  return Object.keys(set).filter((key) => set[key]);
}
