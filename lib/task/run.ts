import type { Io } from "../io/mod.ts";
import { callTask } from "./call.ts";
import type { Mode } from "./command_line.ts";
import type { Page } from "./define.ts";
import { type ExitStatus, worstExit } from "./exit.ts";
import { printError } from "./print_error.ts";
import type { AnyTask } from "./row.ts";
import { styleFor } from "./style.ts";

/** Runs a task for a person or a script: prints its output or its error, and says its exit status. */
export async function runTask(
  task: AnyTask,
  input: Record<string, unknown>,
  mode: Mode,
  io: Io,
  signal: AbortSignal,
): Promise<ExitStatus> {
  const { terminal } = io;
  const color = terminal.isTerminal.out && !terminal.noColor && !mode.json;
  const page: Page = { columns: terminal.columns(), style: styleFor({ color }) };
  const print = (output: unknown) =>
    terminal.out(mode.json ? `${JSON.stringify(output)}\n` : ended(task.render(output, page)));
  const statuses: ExitStatus[] = [];
  const show = (output: unknown) => {
    statuses.push(task.exit?.(output) ?? 0);
    print(output);
  };
  try {
    show(await callTask(task, input, { io, signal, emit: show, say: (line) => terminal.err(`${line}\n`) }));
    return worstExit(statuses);
  } catch (error) {
    return printError(error, mode, io, signal);
  }
}

function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
