/** What an agent was last sent, kept in an option of its pane so that whoever looks at the fleet sees it. @module */

import type { Receipt } from "../agents/mod.ts";
import { visible } from "../io/mod.ts";
import { isTargetMissing, type TmuxServer } from "../tmux/mod.ts";

/** What an agent was last sent, and what became of it. */
export interface LastMessage {
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** How its send ended. */
  readonly outcome: string;
  /** The beginning of its first line. */
  readonly text: string;
}

/** The format of a pane's last message, which {@linkcode parseMessage} reads. */
export const messageFormat = "#{@muster_last}";

/** How much of a message is kept. */
const keptCharacters = 80;

/** Notes a message in the pane that it was sent to; a pane that is gone has nobody to look at it. */
export async function noteMessage(server: TmuxServer, paneId: string, body: string, receipt: Receipt): Promise<void> {
  const text = Array.from(visible(body.trim().split("\n")[0] ?? "")).slice(0, keptCharacters).join("");
  const value = [String(ulidTime(receipt.messageId)), receipt.outcome, text].join(" ");
  try {
    await server.run([["set-option", "-p", "-t", paneId, "@muster_last", value]]);
  } catch (error) {
    if (!isTargetMissing(error)) throw error;
  }
}

/** Reads an expansion of {@linkcode messageFormat}; `undefined` where there is none. */
export function parseMessage(value: string): LastMessage | undefined {
  const [, at, outcome, text] = /^(\d+) (\w+) (.*)$/s.exec(value) ?? [];
  return at === undefined || outcome === undefined ? undefined : { at: Number(at), outcome, text: text ?? "" };
}

/** The first ten characters of a ULID are its time, in Crockford's base 32 (https://github.com/ulid/spec). */
function ulidTime(id: string): number {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  return Array.from(id.slice(0, 10)).reduce((time, digit) => time * 32 + digits.indexOf(digit), 0);
}
