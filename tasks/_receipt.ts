/** What the tasks that send have in common: the message's fields, the receipt's schema, its page and its status. @module */

import {
  awaitedEvents,
  checkMessage,
  countControls,
  evidences,
  maxMessageBytes,
  type Outcome,
  outcomes,
  runtimeKinds,
  type SendOptions,
} from "../lib/agents/mod.ts";
import { type Io, MusterError, sshDestination, visible } from "../lib/io/mod.ts";
import {
  duration,
  type ExitStatus,
  flag,
  formatDuration,
  type OptionalPermission,
  type Page,
  stateDirectory,
  stateVariables,
  z,
} from "../lib/task/mod.ts";
import { cutToWidth } from "./_table.ts";

/** tmux would read a relative path from its own directory of sockets. */
const socketPattern = /^(\/.+|[^/]+)$/s;

/** The socket of a pane that no roster names. */
export const socketField = flag(
  z.string().regex(socketPattern, "expected a name or an absolute path").default("muster").describe(
    "The tmux socket: a name, or an absolute path",
  ),
  { short: "L", placeholder: "SOCKET" },
);

/** The host of a pane that no roster names. */
export const hostField = flag(
  z.string().regex(sshDestination, "expected a host or user@host, as for ssh").optional().describe(
    "The ssh destination of the pane's host; this host without it",
  ),
  { short: "H", placeholder: "HOST" },
);

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
  whenFree: flag(
    duration("0s").describe("Wait so long for a pane that a dialog, a draft or copy mode keeps"),
    { placeholder: "DURATION" },
  ),
  wait: flag(
    z.enum(awaitedEvents).optional().describe(
      "Once it has arrived, wait until the agent takes it up, or has finished (not of kind command)",
    ),
    { placeholder: "EVENT" },
  ),
  id: flag(
    z.string().min(1).max(256).optional().describe(
      "A key: a second send of the same message answers with the receipt of the first",
    ),
    { placeholder: "KEY" },
  ),
  retries: flag(
    z.int().min(0).max(20).default(3).describe("How often Enter is pressed again while the text is seen standing"),
    { placeholder: "N" },
  ),
  verbose: flag(z.boolean().default(false).describe("Say the socket, the target and each step on standard error"), {
    short: "v",
  }),
  base64: z.boolean().default(false).describe("The message is given in base64"),
  runtime: flag(
    z.enum(runtimeKinds).optional().describe("The kind of the pane's program, where muster did not start it"),
    { placeholder: "KIND" },
  ),
};

/** What the fields say to a send. */
export function sendOptions(
  { timeout, whenFree, wait, id, retries, verbose }: z.output<z.ZodObject<typeof messageFields>>,
  say: (line: string) => void,
): SendOptions {
  return { timeoutMs: timeout, whenFreeMs: whenFree, wait, id, retries, ...(verbose ? { trace: say } : {}) };
}

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
  escaped: z.string().optional().describe("How the message was changed so that the program takes it as it is"),
  sanitized: z.int().optional().describe("How many control characters of the message --sanitize showed as text"),
  attempts: z.int().describe("How many times Enter was pressed"),
  elapsedMs: z.number(),
  proofMs: z.number().optional().describe("From the paste to the proof"),
  transcript: z.string().optional().describe("The file that has the message, where that is the evidence"),
  id: z.string().optional(),
  repeated: z.literal(true).optional().describe("The receipt of an earlier send of the same id: nothing was typed now"),
  unfinished: z.object({ messageId: z.string(), outcome: z.enum(outcomes) }).optional().describe(
    "The message of a sender that was killed, found in the pane first, and what became of it",
  ),
  awaited: z.object({ event: z.enum(awaitedEvents), reached: z.boolean() }).optional().describe(
    "What was waited for after it arrived, and whether it came",
  ),
  reason: z.string().optional().describe("Why, unless it arrived"),
  hint: z.string().optional().describe("What to do about it"),
  screen: z.array(z.string()).readonly().optional().describe("The last rows of the pane, unless it arrived"),
  unkept: z.string().optional().describe("Why it could not be put on record, where it was to be"),
});

/** What puts receipts on record. */
export const receiptOnRecord: OptionalPermission = {
  permissions: { write: [stateDirectory], env: stateVariables },
  buys: "the receipt put on record, for muster fleet status; none is kept without, and nothing said",
};

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
export function receiptExit({ outcome, awaited }: ReceiptOutput): ExitStatus {
  return statuses[outcome] === 0 && awaited?.reached === false ? 3 : statuses[outcome];
}

/** A receipt as a person reads it. */
export function renderReceipt(receipt: ReceiptOutput, { style, columns }: Page): string {
  const { outcome, target } = receipt;
  const color = receiptExit(receipt) === 0 ? style.good : outcome === "held" ? style.warn : style.bad;
  const where = target.pane
    ? `${target.session} ${target.pane}`
    : `${target.session ? `${target.session} on ` : ""}socket ${target.socket}`;
  const facts = `evidence ${receipt.evidence} · ${countBytes(receipt.bytes)} · ${formatDuration(receipt.elapsedMs)}`;
  return [
    `${color(outcome)}  ${visible(where)}  ${style.quiet(`${facts} · ${receipt.messageId}`)}`,
    ...(receipt.repeated ? ["  the receipt of an earlier send of this id: nothing was typed now"] : []),
    ...(receipt.escaped ? [`  typed for this program: ${visible(receipt.escaped)}`] : []),
    ...(receipt.sanitized ? [`  control characters that were shown as text: ${receipt.sanitized}`] : []),
    ...(receipt.reason ? [`  ${visible(receipt.reason)}`] : []),
    ...(receipt.hint ? [`  hint: ${visible(receipt.hint)}`] : []),
    ...(receipt.unkept ? [style.warn(`  not put on record: ${visible(receipt.unkept)}`)] : []),
    ...(receipt.screen ?? []).filter((row) => row.trim() !== "").slice(-6).map((row) =>
      style.quiet(`  │ ${cutToWidth(visible(row), columns - 4)}`)
    ),
  ].join("\n");
}

/** A number of bytes, in words. */
export function countBytes(bytes: number): string {
  return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
}

/** A message as it was read, and what was done to it. */
export interface ReadMessage {
  /** What may be typed. */
  readonly text: string;
  /** What a receipt says of what `--sanitize` did; nothing where it did nothing. */
  readonly change: { readonly sanitized?: number };
}

/** The message that the fields give: `-m`, else the file, else standard input. */
export async function readMessage(
  input: {
    readonly message?: string;
    readonly file?: string;
    readonly sanitize: boolean;
    readonly base64: boolean;
    readonly agents?: readonly string[];
  },
  io: Io,
  signal: AbortSignal,
): Promise<ReadMessage> {
  if (input.message !== undefined && input.file !== undefined) {
    throw new MusterError("usage", "two messages: --message and --file", { hint: "give one of them" });
  }
  const body = await readBody(input, io, signal);
  if (body.length === 0) throw noMessage("empty message", input.agents);
  const given = input.base64 ? decodeBase64(body) : body;
  const sanitized = input.sanitize ? countControls(given) : 0;
  return { text: checkMessage(given, input), change: sanitized > 0 ? { sanitized } : {} };
}

/** A message without its `-m` has been read as one more name. */
function noMessage(what: string, agents: readonly string[] = []): MusterError {
  const hint = "give it with -m, with -f FILE, or on standard input";
  return new MusterError("usage", what, {
    hint: agents.length > 1 ? `each word behind the verb names an agent; ${hint}` : hint,
  });
}

function decodeBase64(body: string | Uint8Array): Uint8Array {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  try {
    return Uint8Array.fromBase64(text);
  } catch (error) {
    throw new MusterError("usage", "message is not base64", {
      hint: "leave --base64 away to send it as it is",
      cause: error,
    });
  }
}

const longMessageHint = `at most ${maxMessageBytes} bytes (1 MiB): put it in a file and send its path`;

async function readBody(
  input: {
    readonly message?: string;
    readonly file?: string;
    readonly base64: boolean;
    readonly agents?: readonly string[];
  },
  io: Io,
  signal: AbortSignal,
) {
  if (input.message !== undefined) return input.message;
  if (input.file !== undefined && input.file !== "-") {
    const facts = await io.files.facts(input.file);
    if (!facts) throw new MusterError("usage", `no such file: ${input.file || '""'}`);
    if (facts.isDirectory) throw new MusterError("usage", `not a file: ${input.file}`);
    if (facts.size > (input.base64 ? maxMessageBytes * 2 : maxMessageBytes)) {
      throw new MusterError("usage", `message too long: ${facts.size} bytes`, {
        hint: longMessageHint,
      });
    }
    return await io.files.read(input.file) ?? "";
  }
  if (input.file === undefined && io.terminal.isTerminal.in) {
    throw noMessage("no message", input.agents);
  }
  try {
    // Base64 takes four characters for three bytes, and line breaks.
    return await io.terminal.readInput(input.base64 ? maxMessageBytes * 2 : maxMessageBytes, signal);
  } catch (error) {
    if (!(error instanceof MusterError) || error.code !== "usage") throw error;
    throw new MusterError("usage", error.message, { hint: longMessageHint, cause: error });
  }
}
