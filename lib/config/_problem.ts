/** One thing wrong with a configuration file, and the one error that several of them become. */
import { MusterError } from "../io/error.ts";
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

/** The error for the first problem in file order, with the number of the others. */
export function problemError(file: string, problems: readonly Problem[], cause?: unknown): MusterError {
  const [first, ...others] = problems.toSorted((a, b) =>
    a.position.line - b.position.line || a.position.column - b.position.column
  );
  if (first === undefined) return new MusterError("internal", `no problem: ${visible(file)}`, { cause });
  const parts = [first.what, `${visible(file)}:${first.position.line}`];
  if (first.path.length > 0) parts.push(showKey(first.path));
  if (first.detail) parts.push(first.detail);
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  return new MusterError("config", parts.join(": ") + more, { hint: first.hint, cause });
}
