import type { Io } from "../io/mod.ts";
import { callTask } from "./call.ts";
import type { Mode } from "./command_line.ts";
import { cutToWidth } from "./cut_to_width.ts";
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
  const page: Page = { columns: terminal.columns(), style: styleFor({ color, links: color && terminal.hasLinks }) };
  const print = (output: unknown) =>
    terminal.out(mode.json ? `${JSON.stringify(output)}\n` : ended(task.render(output, page)));
  const lines = stderrLines(io, mode);
  const statuses: ExitStatus[] = [];
  const show = (output: unknown) => {
    lines.live("");
    statuses.push(task.exit?.(output, input) ?? 0);
    print(output);
  };
  try {
    show(await callTask(task, input, { io, signal, emit: show, ...lines }));
    return worstExit(statuses);
  } catch (error) {
    lines.live("");
    return printError(error, mode, io, signal);
  }
}

/** Lines on standard error, and below them one that changes. */
function stderrLines({ terminal }: Io, mode: Mode): { say(line: string): void; live(line: string): void } {
  const isLive = terminal.isTerminal.err && !terminal.noColor && !mode.json;
  let shown = 0;
  const wipe = () => {
    if (shown > 0) terminal.err("\r\x1b[2K" + "\x1b[1A\x1b[2K".repeat(shown - 1));
    shown = 0;
  };
  return {
    say(line) {
      wipe();
      terminal.err(`${line}\n`);
    },
    live(line) {
      if (!isLive) return;
      wipe();
      // A line that wraps could not be wiped.
      if (line === "") return;
      const rows = line.split("\n");
      terminal.err(rows.map((row) => cutToWidth(row, terminal.columns() - 1)).join("\n"));
      shown = rows.length;
    },
  };
}

function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
