import { checkMessage } from "../agents/mod.ts";
import type { OwnSession } from "../tmux/mod.ts";

/** Whom a message is from, and what it calls the host that it goes to. */
export interface AddressOptions {
  /** The session that the message is from; `undefined` where there is none. */
  readonly source?: OwnSession;
  /** The name of the other host as the message says it; its server's own by default. */
  readonly dstHost?: string;
}

/**
 * A message behind a line that says whom it is from and to.
 *
 * @param isElsewhere The session is on another host.
 * @throws {MusterError} of code `usage` where both together are no message.
 */
export function addressed(
  body: string,
  { source, dstHost }: AddressOptions,
  to: OwnSession,
  isElsewhere = false,
): string {
  // Outside tmux, this host's name is that of a server on it.
  const from = `${source?.host ?? (isElsewhere ? "-" : to.host)}:${source?.session ?? "-"}`;
  return checkMessage(`[${from} -> ${dstHost ?? to.host}:${to.session}] ${body}`);
}
