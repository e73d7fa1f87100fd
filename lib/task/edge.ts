/**
 * The edge: where a command line meets the process. Sets the exit status; nothing else does.
 *
 * @module
 */

import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { realIo } from "../io/real.ts";
import type { Mode, Request } from "./command_line.ts";
import type { ExitStatus } from "./exit.ts";
import { printError } from "./print_error.ts";
import type { AnyTask, TaskRow } from "./row.ts";
import { version } from "./version.ts";

/** Answers one command line: a run, a help page, the version, or what is wrong with it. */
export async function answer<Row extends TaskRow>(
  io: Io,
  signal: AbortSignal,
  mode: Mode,
  parse: () => Promise<Request<Row>>,
  load: (row: Row) => Promise<AnyTask>,
): Promise<ExitStatus> {
  try {
    const request = await parse();
    if (request.kind !== "run") {
      io.terminal.out(request.kind === "help" ? await shown(request.text, io) : `muster ${version}\n`);
      return 0;
    }
    const task = await load(request.row);
    const { runTask } = await import("./run.ts");
    return await runTask(task, request.input, request.mode, io, signal);
  } catch (error) {
    return printError(error, mode, io, signal);
  }
}

/** A help page as it is shown: on a terminal within its columns, elsewhere as it is. */
async function shown(page: string, { terminal }: Io): Promise<string> {
  if (!terminal.isTerminal.out) return page;
  const { wrapPage } = await import("./wrap_page.ts");
  return wrapPage(page, terminal.columns());
}

/** `deno task` and `npx` pass a terminal's signal on to a program that has had it from the terminal already. */
const repeatWithinMs = 1_000;

/**
 * Runs with the process's signals. The first one aborts, so that what was begun is undone; another one later ends it at
 * once.
 */
export async function live(job: (io: Io, signal: AbortSignal) => Promise<ExitStatus>): Promise<never> {
  const controller = new AbortController();
  let first: number | undefined;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(name, () => {
      const now = realIo.clock.elapsed();
      if (first !== undefined && now - first > repeatWithinMs) Deno.exit(name === "SIGINT" ? 130 : 143);
      if (first !== undefined) return;
      first = now;
      controller.abort(new MusterError("interrupted", `interrupted: ${name}`));
    });
  }
  return Deno.exit(await job(realIo, controller.signal));
}
