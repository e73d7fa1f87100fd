import { MusterError, type MusterErrorOptions } from "./error.ts";

/**
 * What kept an answer from coming: the host's name is not known, nothing took the connection, its certificate is not
 * believed, or the connection ended before the answer did.
 */
export type NetworkFault = "name" | "connect" | "certificate" | "cut";

/** A host could not be asked. */
export class NetworkError extends MusterError {
  /** What kept the answer from coming. */
  readonly fault: NetworkFault;

  /** Creates the error of a fault. */
  constructor(fault: NetworkFault, message: string, options: MusterErrorOptions = {}) {
    super("failed", message, options);
    this.fault = fault;
  }
}
