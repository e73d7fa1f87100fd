/**
 * The record of a send that was given an `--id`: an option of the pane's tmux server, so that every sender of every host
 * reads the same one. It is begun in the step that types, and holds the receipt when the send has ended. The last
 * {@linkcode mostRecords} are kept, as long as the server lives.
 *
 * @module
 */

import { type TmuxCommand, type TmuxServer } from "../tmux/mod.ts";
import type { Receipt } from "./receipt.ts";

/** How many records a server keeps. */
export const mostRecords = 500;

const list = "@muster_sent";

/** What is known of a send with an id. */
export interface SentRecord {
  /** The ULID of the send. */
  readonly messageId: string;
  /** The digest of its message. */
  readonly digest: string;
  /** How it ended; `undefined` where it was killed before it could say. */
  readonly receipt?: Receipt;
}

/** The name of the record of an id for a session: letters and digits. */
export async function recordName(session: string, id: string): Promise<string> {
  return await digestOf(`${session}\n${id}`);
}

/** The digest by which two messages are the same. */
export async function digestOf(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes.slice(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The tmux command, in tmux's own words, that begins a record. */
export function beginRecord(name: string, { messageId, digest }: SentRecord): string {
  return `set-option -s ${list}_${name} ${messageId}/${digest} ; set-option -sa ${list} " ${name}"`;
}

/** The command that ends a record with a receipt. */
export function endRecord(
  name: string,
  { messageId, digest, receipt }: SentRecord & { receipt: Receipt },
): TmuxCommand {
  const { screen: _screen, ...kept } = receipt;
  const bytes = new TextEncoder().encode(JSON.stringify(kept));
  return ["set-option", "-s", `${list}_${name}`, `${messageId}/${digest}/${bytes.toBase64({ alphabet: "base64url" })}`];
}

/** Reads a record; `undefined` where there is none. */
export async function readRecord(
  server: TmuxServer,
  name: string,
  signal?: AbortSignal,
): Promise<SentRecord | undefined> {
  const printed = (await server.run([["show-options", "-sqv", `${list}_${name}`]], { signal })).trim();
  if (printed === "") return undefined;
  const [messageId = "", digest = "", encoded] = printed.split("/");
  if (encoded === undefined) return { messageId, digest };
  const bytes = Uint8Array.fromBase64(encoded, { alphabet: "base64url" });
  return { messageId, digest, receipt: JSON.parse(new TextDecoder().decode(bytes)) };
}

/** Drops the oldest records above {@linkcode mostRecords}. Two that do so at once drop the same. */
export async function dropOldRecords(server: TmuxServer, signal?: AbortSignal): Promise<void> {
  const names = (await server.run([["show-options", "-sqv", list]], { signal })).trim().split(" ");
  const old = [...new Set(names)].slice(0, -mostRecords);
  if (old.length === 0) return;
  const lines = old.map((name): TmuxCommand[] => [
    ["set-option", "-su", `${list}_${name}`],
    ["set-option", "-sF", list, `#{s/ ${name}//:${list}}`],
  ]);
  await server.script(lines, { signal });
}
