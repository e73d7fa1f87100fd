/**
 * What an agent was last sent: kept in an option of its pane so that whoever looks at the fleet sees it, and on record on the
 * host that sent it, for as long as records are kept.
 *
 * @module
 */

import type { Receipt } from "../agents/mod.ts";
import { type Io, MusterError, visible } from "../io/mod.ts";
import { readReceipts, type ReceiptRecord } from "../state/receipt_log.ts";
import type { TmuxServer } from "../tmux/mod.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";

/** What an agent was last sent, and what became of it. */
export interface LastMessage {
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** How its send ended. */
  readonly outcome: string;
  /** The beginning of its first line; empty where the pane that had it is gone. */
  readonly text: string;
}

/** The format of a pane's last message, which {@linkcode parseMessage} reads. */
export const messageFormat = "#{@muster_last}";

/** How much of a message is kept. */
const keptCharacters = 80;

/**
 * Notes a message in the pane that it was sent to, where that can be done: what became of the message is known by then, and
 * a pane that is gone, or whose host was lost, changes nothing of it.
 */
export async function noteMessage(server: TmuxServer, paneId: string, body: string, receipt: Receipt): Promise<void> {
  const text = Array.from(visible(body.trim().split("\n")[0] ?? "")).slice(0, keptCharacters).join("");
  const value = [String(ulidTime(receipt.messageId)), receipt.outcome, text].join(" ");
  try {
    await server.run([["set-option", "-p", "-t", paneId, "@muster_last", value]]);
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
  }
}

/** Reads an expansion of {@linkcode messageFormat}; `undefined` where there is none. */
export function parseMessage(value: string): LastMessage | undefined {
  const [, at, outcome, text] = /^(\d+) (\w+) (.*)$/s.exec(value) ?? [];
  return at === undefined || outcome === undefined ? undefined : { at: Number(at), outcome, text: text ?? "" };
}

/** The last receipt of each agent that has one in the last bytes of the record, by name. */
export async function lastReceipts(
  io: Pick<Io, "files" | "env">,
  agents: readonly ResolvedAgent[],
  maxBytes: number,
): Promise<ReadonlyMap<string, ReceiptRecord>> {
  const key = (host: string | undefined, socket: string, session: string) =>
    JSON.stringify([host ?? "", socket, session]);
  const names = new Map(agents.map(({ name, host, socket }) => [key(host, socket, name), name]));
  const last = new Map<string, ReceiptRecord>();
  for (const record of await readReceipts(io, { maxBytes })) {
    const name = names.get(key(record.host, record.socket, record.session));
    if (name !== undefined && !last.has(name)) last.set(name, record);
  }
  return last;
}

/** The first ten characters of a ULID are its time, in Crockford's base 32 (https://github.com/ulid/spec). */
function ulidTime(id: string): number {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  return Array.from(id.slice(0, 10)).reduce((time, digit) => time * 32 + digits.indexOf(digit), 0);
}
