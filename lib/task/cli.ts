import type { Io } from "../io/io.ts";
import { realIo } from "../io/real.ts";
import { parseCommandLine, readMode } from "./command_line.ts";
import type { ReadNames } from "./completion.ts";
import { answer, live } from "./edge.ts";
import type { ExitStatus } from "./exit.ts";
import { printError } from "./print_error.ts";
import type { IndexedTask } from "./row.ts";

/** Reads the names that completion offers. */
export type LoadNames = () => Promise<(source: Parameters<ReadNames>[0], io: Io) => Promise<readonly string[]>>;

/** Runs the CLI: the first words of the command line name the task. */
export async function main(rows: readonly IndexedTask[], loadNames: LoadNames): Promise<never> {
  if (Deno.args[0] === "complete") return Deno.exit(await complete(rows, Deno.args.slice(1), realIo, loadNames));
  return await live((io, signal) => cli(rows, Deno.args, io, signal));
}

/** One command line of the CLI, in any world. */
export async function cli(
  rows: readonly IndexedTask[],
  words: readonly string[],
  io: Io,
  signal: AbortSignal,
): Promise<ExitStatus> {
  return await answer(io, signal, readMode(rows, words), () => parseCommandLine(rows, words), (row) => row.load());
}

/** Answers a shell's completion script: `complete -- words`, a line for each proposal, its value and what it means. */
export async function complete(
  rows: readonly IndexedTask[],
  words: readonly string[],
  io: Io,
  loadNames: LoadNames,
): Promise<ExitStatus> {
  try {
    const { proposals } = await import("./completion.ts");
    const given = words[0] === "--" ? words.slice(1) : words;
    const found = await proposals(rows, given, async (source) => (await loadNames())(source, io));
    for (const { value, summary } of found) io.terminal.out(`${value}\t${summary}\n`);
    return 0;
  } catch (error) {
    return printError(error, { json: false, debug: false }, io);
  }
}
