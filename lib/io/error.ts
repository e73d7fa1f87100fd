/**
 * The one error class of muster's library: what is wrong, a code that the edge maps to an exit status, and a way out.
 *
 * @module
 */

/** What went wrong, in the closed list that `lib/task/exit.ts` maps to exit statuses. */
export type ErrorCode =
  | "usage"
  | "config"
  | "timeout"
  | "held"
  | "not_found"
  | "permission"
  | "missing_program"
  | "failed"
  | "interrupted"
  | "internal";

/** Options of {@linkcode MusterError}. */
export interface MusterErrorOptions {
  /** The way out, as one sentence without a full stop. */
  readonly hint?: string;
  /** The outside command that failed, as a person would type it, secrets masked. */
  readonly command?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * An error that a person can act on. Its message reads `<what is wrong>: <the value>`, lower case, without a full stop.
 *
 * @example A configuration error with a way out
 * ```ts
 * import { MusterError } from "./error.ts";
 *
 * const error = new MusterError("config", "unknown key: colour", { hint: "did you mean color?" });
 * if (error.code !== "config" || error.hint !== "did you mean color?") throw new Error("unreachable");
 * ```
 */
export class MusterError extends Error {
  /** Always `MusterError`. */
  override readonly name = "MusterError";
  /** What went wrong. */
  readonly code: ErrorCode;
  /** The way out, when there is one. */
  readonly hint?: string;
  /** The outside command that failed. */
  readonly command?: string;

  /** Creates an error with its code, its one line and its options. */
  constructor(code: ErrorCode, message: string, options: MusterErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.command = options.command;
  }
}
