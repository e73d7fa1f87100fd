/**
 * The mark of a message that is being typed into a pane: an option of the pane, set in the step that pastes and changed in
 * the step that presses Enter, so that it is there whenever the text is. Its text stays in a buffer of the ticket's name.
 * A sender that ends takes both away; one that is killed leaves both, and the next can tell whose draft it sees.
 *
 * @module
 */

import type { Ticket } from "./pane_lease.ts";

const option = "@muster_message";

/** What is known of a message that was typed. */
export interface PaneMark {
  /** Whose turn it was. */
  readonly ticket: Ticket;
  /** The ULID of the send. */
  readonly messageId: string;
  /** The name of the record of its `--id`; empty where it had none. */
  readonly record: string;
  /** Whether Enter was pressed. */
  readonly isEntered: boolean;
}

/** The format of a pane's mark, whose expansion {@linkcode parseMark} reads. */
export const markFormat: string = `#{${option}}`;

/** Reads a printed mark; `undefined` where there is none. */
export function parseMark(text: string): PaneMark | undefined {
  const [ticket, messageId, record = "", stage] = text.trim().split("/");
  return ticket && messageId ? { ticket, messageId, record, isEntered: stage === "entered" } : undefined;
}

/** The tmux command, in tmux's own words, that sets a pane's mark. */
export function setMark(paneId: string, mark: PaneMark): string {
  const stage = mark.isEntered ? "entered" : "typed";
  return `set-option -p -t ${paneId} ${option} ${[mark.ticket, mark.messageId, mark.record, stage].join("/")}`;
}

/** The tmux command, in tmux's own words, that takes the mark off a pane. */
export function clearMark(paneId: string): string {
  return `set-option -pu -t ${paneId} ${option}`;
}

/** The name of the buffer that holds the text of a ticket's message. */
export function bufferOf(ticket: Ticket): string {
  return `muster-${ticket}`;
}
