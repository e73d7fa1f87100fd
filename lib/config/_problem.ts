/** One thing wrong with a configuration file, and the one error that several of them become. */
import { MusterError } from "../io/error.ts";
import { ConfigError } from "./config_error.ts";
import { showKey } from "./show_key.ts";
import { visible } from "../io/visible.ts";

/** A place in a file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing wrong with a configuration file. */
export interface Problem {
  /** What is wrong, such as `unknown key`. */
  readonly what: string;
  /** The key; empty for the whole file. */
  readonly path: readonly PropertyKey[];
  readonly position: Position;
  /** What was expected and what was found, on one line. */
  readonly detail?: string;
  readonly hint?: string;
}

/** The error for the first problem in file order, with the number of the others, and all of them as its `problems`. */
export function problemError(file: string, problems: readonly Problem[], cause?: unknown): MusterError {
  const sorted = problems.toSorted((a, b) =>
    a.position.line - b.position.line || a.position.column - b.position.column
  );
  const [first] = sorted;
  if (first === undefined) return new MusterError("internal", `no problem: ${visible(file)}`, { cause });
  const more = sorted.length > 1 ? ` (and ${sorted.length - 1} more)` : "";
  const all = sorted.map((problem) => ({ message: lineOf(file, problem), hint: problem.hint }));
  const hints = [
    ...(first.hint === undefined ? [] : [first.hint]),
    ...(more === "" ? [] : ["muster check shows them all"]),
  ];
  return new ConfigError(lineOf(file, first) + more, all, { hint: hints.join("; ") || undefined, cause });
}

function lineOf(file: string, { what, position, path, detail }: Problem): string {
  const parts = [what, `${visible(file)}:${position.line}`];
  if (path.length > 0) parts.push(showKey(path));
  if (detail) parts.push(detail);
  return parts.join(": ");
}
