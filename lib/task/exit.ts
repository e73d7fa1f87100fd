import { type ErrorCode, MusterError } from "../io/error.ts";

/** The exit statuses of muster. */
export type ExitStatus = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 130 | 143;

/** What each exit status means, as help and docs say it. */
export const exitMeanings: Readonly<Record<ExitStatus, string>> = {
  0: "done; the answer is yes",
  1: "done; the answer is no",
  2: "usage or configuration: nothing was attempted",
  3: "time ran out; what is known is reported",
  4: "held: a person or another owner comes first",
  5: "not found",
  6: "something muster needs failed",
  130: "interrupted",
  143: "terminated",
};

const statuses: Readonly<Record<ErrorCode, ExitStatus>> = {
  usage: 2,
  config: 2,
  timeout: 3,
  held: 4,
  not_found: 5,
  permission: 6,
  missing_program: 6,
  failed: 6,
  internal: 6,
  interrupted: 130,
};

/** The exit status of an error; one that muster did not expect is 6. */
export function exitStatusOf(error: unknown): ExitStatus {
  if (!(error instanceof MusterError)) return 6;
  if (error.code !== "interrupted") return statuses[error.code];
  return error.message.endsWith("SIGINT") ? 130 : 143;
}

const order: readonly ExitStatus[] = [143, 130, 6, 5, 4, 3, 2, 1, 0];

/** The worst of several exit statuses: 6, 5, 4, 3, 1, 0. */
export function worstExit(all: readonly ExitStatus[]): ExitStatus {
  return order.find((status) => all.includes(status)) ?? 0;
}
