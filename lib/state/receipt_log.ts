/**
 * The receipts of sends, on record: what became of each message, long after the pane that it was sent to is gone. A line of
 * a file for each day (UTC), written in one step at its end, so that any number of senders may write at once. No message
 * stands in it, and nothing of a screen: a digest and lengths alone.
 *
 * @module
 */

import { musterState } from "../config/locate.ts";
import { z } from "../deps/zod.ts";
import { MusterError } from "../io/error.ts";
import type { Environment, Files, Io } from "../io/io.ts";
import { digestText } from "./digest.ts";

const record = z.object({
  at: z.number(),
  messageId: z.string(),
  outcome: z.string(),
  evidence: z.string(),
  host: z.string(),
  socket: z.string(),
  session: z.string(),
  pane: z.string(),
  from: z.string().optional(),
  digest: z.string(),
  bytes: z.int(),
  attempts: z.int(),
  elapsedMs: z.number(),
});

/**
 * A receipt on record: when its send ended (milliseconds since 1970), what became of the message and what that rests on, the
 * pane (`host` is the ssh destination, empty for this host), whom it was from, the SHA-256 of its body, the bytes as typed.
 */
export type ReceiptRecord = z.output<typeof record>;

/** What is kept of a receipt. */
export interface KeptReceipt {
  /** How the send ended. */
  readonly outcome: string;
  /** What that rests on. */
  readonly evidence: string;
  /** Its ULID. */
  readonly messageId: string;
  /** The pane. */
  readonly target: {
    /** The tmux socket. */
    readonly socket: string;
    /** The session. */
    readonly session: string;
    /** Such as `%3`; empty where none was found. */
    readonly pane: string;
  };
  /** Bytes of the message as typed. */
  readonly bytes: number;
  /** How many times Enter was pressed. */
  readonly attempts: number;
  /** From the first look to the last. */
  readonly elapsedMs: number;
  /** The receipt of an earlier send, which is on record already. */
  readonly repeated?: boolean;
}

/** Options of {@linkcode keepReceipt}. */
export interface KeepReceiptOptions {
  /** The ssh destination of the pane's host. @default {""} */
  readonly host?: string;
  /** Whom the message was from, as `host:session`. */
  readonly from?: string;
}

/** Where a day's receipts are. */
export function receiptDirectory(env: Environment): string {
  return `${musterState(env)}/receipts`;
}

/**
 * Puts a receipt on record, where this program was given leave to write in muster's state directory; else nothing is kept.
 * What became of a message is known whether or not that can be written: where it cannot, the receipt says so in `unkept`.
 */
export async function keepReceipt<Receipt extends KeptReceipt>(
  io: Pick<Io, "files" | "env" | "clock" | "permissions">,
  receipt: Receipt,
  body: string,
  { host = "", from }: KeepReceiptOptions = {},
): Promise<Receipt & { readonly unkept?: string }> {
  // A variable that may not be read cannot be told from one that is not set: the directory would be another.
  const mayFind = stateVariables.every((variable) => io.permissions.isGranted({ name: "env", variable }));
  if (receipt.repeated || !mayFind) return receipt;
  const at = io.clock.now();
  const { outcome, evidence, messageId, target: { socket, session, pane }, bytes, attempts, elapsedMs } = receipt;
  try {
    const path = dayPath(io.env, at);
    if (!io.permissions.isGranted({ name: "write", path })) return receipt;
    const line: ReceiptRecord = {
      at,
      messageId,
      outcome,
      evidence,
      host,
      socket,
      session,
      pane,
      ...(from === undefined ? {} : { from }),
      digest: await digestText(body),
      bytes,
      attempts,
      elapsedMs,
    };
    // Not synced: a host that loses power may lose the last seconds, and a send is not to wait for a disk.
    await io.files.append(path, `${JSON.stringify(line)}\n`, { mode: 0o600, sync: false });
    return receipt;
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
    return { ...receipt, unkept: error.message };
  }
}

const stateVariables = ["MUSTER_STATE", "XDG_STATE_HOME", "HOME"] as const;

/**
 * The receipts of the last messages, the latest first: those within the last `maxBytes` of the record. A line that was cut
 * short is none.
 */
export async function readReceipts(
  io: { readonly files: Pick<Files, "list" | "facts" | "readPart">; readonly env: Environment },
  { maxBytes = 1024 * 1024 }: { readonly maxBytes?: number } = {},
): Promise<ReceiptRecord[]> {
  const directory = receiptDirectory(io.env);
  const days = (await io.files.list(directory) ?? []).map(({ name }) => name).filter((name) => dayFile.test(name));
  const records: ReceiptRecord[] = [];
  let left = maxBytes;
  for (const name of days.toReversed()) {
    if (left <= 0) break;
    const path = `${directory}/${name}`;
    const size = (await io.files.facts(path))?.size ?? 0;
    const offset = Math.max(0, size - left);
    const lines = new TextDecoder().decode(await io.files.readPart(path, offset, left)).split("\n");
    // The first is a part of a line, unless the file begins there.
    records.push(...(offset > 0 ? lines.slice(1) : lines).toReversed().flatMap(parseRecord));
    left -= size;
  }
  return records;
}

/** A day's file, as it is named. */
const dayFile = /^\d{4}-\d\d-\d\d\.jsonl$/;

function dayPath(env: Environment, at: number): string {
  return `${receiptDirectory(env)}/${new Date(at).toISOString().slice(0, 10)}.jsonl`;
}

/** How a record begins; within a string of one its quotes have backslashes before them. */
const begin = '{"at":';

function parseRecord(line: string): ReceiptRecord[] {
  if (!line.endsWith("}")) return [];
  try {
    // Behind a line that was cut short, as by a full disk, the next stands without a newline between.
    const checked = record.safeParse(JSON.parse(line.slice(Math.max(0, line.lastIndexOf(begin)))));
    return checked.success ? [checked.data] : [];
  } catch {
    return []; // cut short
  }
}
