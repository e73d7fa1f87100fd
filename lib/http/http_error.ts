import { type ErrorCode, MusterError, type MusterErrorOptions } from "../io/mod.ts";

/** What was asked, and what came back. */
export interface HttpErrorDetails extends MusterErrorOptions {
  /** The status. */
  readonly status: number;
  /** What the server says of it, on one line, the token masked; empty where it says nothing. */
  readonly reason: string;
}

/** A server refused: its answer has a status that is none of success. */
export class HttpError extends MusterError {
  /** The status. */
  readonly status: number;
  /** What the server says of it, on one line, the token masked; empty where it says nothing. */
  readonly reason: string;

  /** Creates the error of an answer. */
  constructor(code: ErrorCode, message: string, details: HttpErrorDetails) {
    super(code, message, details);
    this.status = details.status;
    this.reason = details.reason;
  }
}
