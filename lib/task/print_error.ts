import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import type { Mode } from "./command_line.ts";
import { type ExitStatus, exitStatusOf } from "./exit.ts";
import { renderError } from "./render_error.ts";

/**
 * Prints an error where the mode wants it, and says its exit status. After an interruption that is what is told, with the
 * error that came of it, if any, as its hint.
 */
export function printError(error: unknown, mode: Mode, io: Io, signal?: AbortSignal): ExitStatus {
  const shown = signal?.aborted ? interruption(error, signal.reason) : error;
  const { json, text } = renderError(shown, mode.debug);
  try {
    if (error instanceof Deno.errors.BrokenPipe) return 6; // nobody reads on: there is nobody to tell
    if (mode.json) io.terminal.out(`${JSON.stringify(json)}\n`);
    else io.terminal.err(text);
  } catch (unheard) {
    if (!(unheard instanceof Deno.errors.BrokenPipe)) throw unheard;
  }
  return exitStatusOf(shown);
}

function interruption(error: unknown, reason: unknown): unknown {
  if (error === reason || !(reason instanceof MusterError)) return reason;
  if (error instanceof MusterError && error.code === reason.code) return error;
  const then = error instanceof Error ? error.message : String(error);
  return new MusterError(reason.code, reason.message, { hint: `then it failed: ${then}`, cause: error });
}
