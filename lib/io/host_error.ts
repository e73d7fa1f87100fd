import { type ErrorCode, MusterError, type MusterErrorOptions } from "./error.ts";

/** Options of {@linkcode HostError}. */
export interface HostErrorOptions extends MusterErrorOptions {
  /** Whether what was asked of the host may have been done there. @default {false} */
  readonly mayHaveRun?: boolean;
}

/**
 * Another host could not be reached, or was lost.
 *
 * @example Nothing was asked of it
 * ```ts
 * import { HostError } from "./host_error.ts";
 *
 * const error = new HostError("build1", "cannot reach the host: build1: connection refused");
 * if (error.mayHaveRun || error.code !== "failed") throw new Error("unreachable");
 * ```
 */
export class HostError extends MusterError {
  /** The ssh destination. */
  readonly destination: string;
  /** Whether what was asked of the host may have been done there; where not, nothing was sent. */
  readonly mayHaveRun: boolean;

  /** Creates the error, of code `failed` unless another is given. */
  constructor(destination: string, message: string, options: HostErrorOptions & { readonly code?: ErrorCode } = {}) {
    super(options.code ?? "failed", message, { command: "ssh", ...options });
    this.destination = destination;
    this.mayHaveRun = options.mayHaveRun ?? false;
  }
}
