import { HttpError } from "../http/mod.ts";
import { MusterError, NetworkError } from "../io/mod.ts";
import { SharedOutage } from "./_shared_board.ts";

/** Whether a failure is one that may pass: no connection, no answer in time, a status of 500 and above. */
export function isOutage(error: unknown): boolean {
  if (error instanceof SharedOutage) return true;
  if (error instanceof NetworkError) return error.fault !== "certificate";
  if (error instanceof HttpError) return error.status >= 500;
  return error instanceof MusterError && error.code === "timeout" && !isPastDeadline(error);
}

/** Whether the server said when it may be asked again, and that is past the deadline. */
export function isPastDeadline(error: unknown): boolean {
  return error instanceof MusterError && error.code === "timeout" &&
    /^(rate limit reached|out of order): /.test(error.message);
}
