/** How a send ended. Each is what was observed; see docs: submitted and queued arrived, the others did not, or may not have. */
export const outcomes = ["submitted", "queued", "unsubmitted", "unknown", "held", "dead", "not_found"] as const;

/** How a send ended. */
export type Outcome = typeof outcomes[number];

/** What a receipt rests on, strongest first; `none` where nothing was typed or seen. */
export const evidences = ["transcript", "screen", "none"] as const;

/** What a receipt rests on. */
export type Evidence = typeof evidences[number];

/** What can be waited for once a message has arrived: the agent takes it up, or has finished its work. */
export const awaitedEvents = ["started", "idle"] as const;

/** What can be waited for once a message has arrived. */
export type AwaitedEvent = typeof awaitedEvents[number];

/** What a send returns. */
export interface Receipt {
  /** How it ended. */
  readonly outcome: Outcome;
  /** What that rests on. */
  readonly evidence: Evidence;
  /** A ULID of this send. */
  readonly messageId: string;
  /** The pane. */
  readonly target: {
    /** Where the pane's server runs; empty where none was found. */
    readonly host: string;
    readonly socket: string;
    readonly session: string;
    /** Such as `%3`; empty where none was found. */
    readonly pane: string;
  };
  /** Bytes of the message as typed. */
  readonly bytes: number;
  /** How the message was changed so that the program takes it as it is; left out where it was given as it is. */
  readonly escaped?: string;
  /** How many times Enter was pressed. */
  readonly attempts: number;
  /** From the first look to the last. */
  readonly elapsedMs: number;
  /** From the paste to the proof, where there is one. */
  readonly proofMs?: number;
  /** The file that has the message, where that is the evidence. */
  readonly transcript?: string;
  /** The `--id` that this send was given. */
  readonly id?: string;
  /** This is the receipt of an earlier send of the same id: nothing was typed now. */
  readonly repeated?: true;
  /** The message of a sender that was killed, which this send found in the pane first, and what became of it. */
  readonly unfinished?: { readonly messageId: string; readonly outcome: Outcome };
  /** What was waited for after it arrived, and whether it came. */
  readonly awaited?: { readonly event: AwaitedEvent; readonly reached: boolean };
  /** Why, in a few words, unless it arrived. */
  readonly reason?: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The last rows of the pane, unless the message arrived. */
  readonly screen?: readonly string[];
}
