import { flagRows } from "./flag.ts";
import { permissionWords } from "./permissions.ts";
import type { AnyTask, TaskRow } from "./row.ts";

/** What the index says of a task. */
export function describeTask(task: AnyTask): TaskRow {
  return {
    command: task.name,
    aliases: task.aliases ?? [],
    tier: task.tier,
    summary: task.summary,
    ...(task.description ? { description: task.description } : {}),
    flags: flagRows(task.input),
    examples: task.examples,
    permissions: permissionWords(task.permissions),
    optional: (task.optional ?? []).map(({ permissions, buys }) => ({
      permissions: permissionWords(permissions),
      buys,
    })),
  };
}
