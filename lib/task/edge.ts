/**
 * The edge: where a command line meets the process. Sets the exit status; nothing else does.
 *
 * @module
 */

import { type Io, MusterError, realIo } from "../io/mod.ts";
import type { Mode, Request } from "./command_line.ts";
import type { ExitStatus } from "./exit.ts";
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
  let request: Request<Row>;
  try {
    request = await parse();
  } catch (error) {
    const { printError } = await import("./run.ts");
    return printError(error, mode, io);
  }
  if (request.kind === "run") {
    const task = await load(request.row);
    const { runTask } = await import("./run.ts");
    return await runTask(task, request.input, request.mode, io, signal);
  }
  io.terminal.out(request.kind === "help" ? request.text : `muster ${version}\n`);
  return 0;
}

/** Runs with the process's signals: the first one aborts, so that what was begun is undone; a second ends it at once. */
export async function live(job: (io: Io, signal: AbortSignal) => Promise<ExitStatus>): Promise<never> {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(name, () => {
      if (controller.signal.aborted) Deno.exit(name === "SIGINT" ? 130 : 143);
      controller.abort(new MusterError("interrupted", `interrupted: ${name}`));
    });
  }
  return Deno.exit(await job(realIo, controller.signal));
}
