/** What the tasks that send have in common: the message's fields, the receipt's schema, its page and its status. @module */

import { checkMessage, evidences, maxMessageBytes, type Outcome, outcomes, runtimeKinds } from "../lib/agents/mod.ts";
import { type Io, MusterError, visible } from "../lib/io/mod.ts";
import { duration, type ExitStatus, flag, formatDuration, type Page, z } from "../lib/task/mod.ts";
import { cutToWidth } from "./_table.ts";

/** The flags of a message and of the wait for its proof. */
export const messageFields = {
  message: flag(z.string().describe("The message; -f FILE or standard input without it").optional(), {
    short: "m",
    placeholder: "TEXT",
  }),
  file: flag(z.string().describe("A file that holds the message; - for standard input").optional(), {
    short: "f",
    placeholder: "FILE",
  }),
  sanitize: z.boolean().default(false).describe("Show control characters in place of refusing them"),
  timeout: flag(duration("30s").describe("How long to wait for proof"), { placeholder: "DURATION" }),
  retries: flag(
    z.int().min(0).max(20).default(3).describe("How often Enter is pressed again while the text is seen standing"),
    { placeholder: "N" },
  ),
  runtime: flag(
    z.enum(runtimeKinds).optional().describe("The kind of the pane's program, where muster did not start it"),
    { placeholder: "KIND" },
  ),
};

/** What a send returns. */
export const receiptSchema = z.object({
  outcome: z.enum(outcomes).describe("How it ended"),
  evidence: z.enum(evidences).describe("What that rests on"),
  messageId: z.string().describe("A ULID of this send"),
  target: z.object({
    host: z.string().describe("Where the pane's server runs; empty where none was found"),
    socket: z.string(),
    session: z.string(),
    pane: z.string().describe("Such as %3; empty where none was found"),
  }),
  bytes: z.int().describe("Bytes of the message as typed"),
  attempts: z.int().describe("How many times Enter was pressed"),
  elapsedMs: z.number(),
  reason: z.string().optional().describe("Why, unless it arrived"),
  hint: z.string().optional().describe("What to do about it"),
  screen: z.array(z.string()).readonly().optional().describe("The last rows of the pane, unless it arrived"),
});

type ReceiptOutput = z.output<typeof receiptSchema>;

const statuses: Readonly<Record<Outcome, ExitStatus>> = {
  submitted: 0,
  queued: 0,
  unsubmitted: 1,
  unknown: 3,
  held: 4,
  dead: 5,
  not_found: 5,
};

/** The exit status that a receipt means. */
export function receiptExit({ outcome }: ReceiptOutput): ExitStatus {
  return statuses[outcome];
}

/** A receipt as a person reads it. */
export function renderReceipt(receipt: ReceiptOutput, { style, columns }: Page): string {
  const { outcome, target } = receipt;
  const color = receiptExit(receipt) === 0 ? style.good : outcome === "held" ? style.warn : style.bad;
  const where = target.pane ? `${target.session} ${target.pane}` : `socket ${target.socket}`;
  const facts = `evidence ${receipt.evidence} · ${receipt.bytes} bytes · ${formatDuration(receipt.elapsedMs)}`;
  return [
    `${color(outcome)}  ${visible(where)}  ${style.quiet(`${facts} · ${receipt.messageId}`)}`,
    ...(receipt.reason ? [`  ${visible(receipt.reason)}`] : []),
    ...(receipt.hint ? [`  hint: ${visible(receipt.hint)}`] : []),
    ...(receipt.screen ?? []).filter((row) => row.trim() !== "").slice(-6).map((row) =>
      style.quiet(`  │ ${cutToWidth(visible(row), columns - 4)}`)
    ),
  ].join("\n");
}

/** The message that the fields give: `-m`, else the file, else standard input. */
export async function readMessage(
  input: { readonly message?: string; readonly file?: string; readonly sanitize: boolean },
  io: Io,
  signal: AbortSignal,
): Promise<string> {
  if (input.message !== undefined && input.file !== undefined) {
    throw new MusterError("usage", "two messages: --message and --file", { hint: "give one of them" });
  }
  return checkMessage(await readBody(input, io, signal), input);
}

const longMessageHint = `at most ${maxMessageBytes} bytes (1 MiB): put it in a file and send its path`;

async function readBody(
  input: { readonly message?: string; readonly file?: string },
  io: Io,
  signal: AbortSignal,
) {
  if (input.message !== undefined) return input.message;
  if (input.file !== undefined && input.file !== "-") {
    const facts = await io.files.facts(input.file);
    if (!facts) throw new MusterError("usage", `no such file: ${input.file || '""'}`);
    if (facts.isDirectory) throw new MusterError("usage", `not a file: ${input.file}`);
    if (facts.size > maxMessageBytes) {
      throw new MusterError("usage", `message too long: ${facts.size} bytes`, {
        hint: longMessageHint,
      });
    }
    return await io.files.read(input.file) ?? "";
  }
  if (input.file === undefined && io.terminal.isTerminal.in) {
    throw new MusterError("usage", "no message", { hint: "give it with -m, with -f FILE, or on standard input" });
  }
  try {
    return await io.terminal.readInput(maxMessageBytes, signal);
  } catch (error) {
    if (!(error instanceof MusterError) || error.code !== "usage") throw error;
    throw new MusterError("usage", error.message, { hint: longMessageHint, cause: error });
  }
}
