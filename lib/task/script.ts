import { parseTaskLine, readMode } from "./command_line.ts";
import { describeTask } from "./describe.ts";
import { answer, live } from "./edge.ts";
import type { AnyTask } from "./row.ts";

/** Runs a task as the program's only one: the words of the command line are its flags. */
export async function runAsMain(task: AnyTask): Promise<never> {
  const row = describeTask(task);
  return await live((io, signal) =>
    answer(
      io,
      signal,
      readMode([row], [...row.command.split(" "), ...Deno.args]),
      () => parseTaskLine(row, Deno.args, task.name),
      () => Promise.resolve(task),
    )
  );
}
