import { type Io, MusterError } from "../io/mod.ts";
import { callTask } from "./call.ts";
import type { Mode } from "./command_line.ts";
import type { Page } from "./define.ts";
import { type ExitStatus, exitStatusOf, worstExit } from "./exit.ts";
import { renderError } from "./render_error.ts";
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

/** Prints an error where the mode wants it, and says its exit status. */
export function printError(error: unknown, mode: Mode, io: Io, signal?: AbortSignal): ExitStatus {
  if (error instanceof Deno.errors.BrokenPipe) return 6; // nobody reads on: there is nobody to tell
  const isTold = error instanceof MusterError && error.code === "interrupted";
  const shown = signal?.aborted && !isTold ? signal.reason : error;
  const { json, text } = renderError(shown, mode.debug);
  if (mode.json) io.terminal.out(`${JSON.stringify(json)}\n`);
  else io.terminal.err(text);
  return shown instanceof MusterError && shown.code === "interrupted"
    ? (shown.message.endsWith("SIGINT") ? 130 : 143)
    : exitStatusOf(shown);
}

function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
