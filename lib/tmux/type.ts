/**
 * Keys and text for a pane, fenced: tmux looks at the pane and types in one step, and types nothing when the pane is no
 * longer as it was seen. What opened, was typed or began to scroll meanwhile is so neither answered nor mixed up. What a
 * program has opened and not drawn yet nobody can see: that gap, of about a millisecond, is the program's own.
 *
 * @module
 */

import { byteLength } from "../io/mod.ts";
import { TmuxError } from "./error.ts";
import { isTargetMissing } from "./look.ts";
import type { Pane } from "./pane.ts";
import { leaveCommand, ownsFormat, type Ticket } from "./pane_lease.ts";
import { bufferOf, clearMark, markFormat, type PaneMark, setMark } from "./pane_mark.ts";
import type { TmuxCommand, TmuxServer } from "./server.ts";

/** Types nothing unless the pane is alive, in no mode, its cursor where it was seen, and the ticket owns it. */
function fence({ id, cursor, historySize }: Pane, ticket: Ticket): string {
  const fields = "#{pane_id}/#{pane_dead}/#{pane_in_mode}/#{cursor_x}/#{cursor_y}/#{cursor_flag}/#{history_size}";
  const seen = [id, 0, 0, cursor.x, cursor.y, cursor.visible ? 1 : 0, historySize].join("/");
  return `#{&&:${ownsFormat(ticket)},#{==:${fields},${seen}}}`;
}

/** A message that is to be typed. */
export interface TypedMessage {
  /** What marks the pane while the message is in it; its ticket is whose turn it is. */
  readonly mark: PaneMark;
  /** A tmux command, in tmux's own words, that is run in the step that types. */
  readonly record?: string;
}

/**
 * Pastes text into a pane, byte for byte, as one bracketed paste where the program asked for them, and marks the pane in
 * the same step. The text stays in a buffer of the ticket's name, since tmux's buffers are global, until
 * {@linkcode leavePane}; it is gone at once where nothing was pasted.
 *
 * @returns Whether it was pasted: not where the pane is no longer as it was seen, or the ticket does not own it.
 * @throws {TmuxError} of reason `no_target` or `no_server`: nothing was pasted; of any other: that cannot be told.
 */
export async function pasteText(
  server: TmuxServer,
  seen: Pane,
  text: string,
  { mark, record }: TypedMessage,
  signal?: AbortSignal,
): Promise<boolean> {
  const buffer = bufferOf(mark.ticket);
  const steps = [
    setMark(seen.id, mark),
    ...(record === undefined ? [] : [record]),
    `paste-buffer -pr -b ${buffer} -t ${seen.id}`,
    "display-message -p pasted",
  ];
  const load = ["load-buffer", "-b", buffer, "-"];
  const paste = [
    "if-shell",
    "-F",
    "-t",
    seen.id,
    fence(seen, mark.ticket),
    steps.join(" ; "),
    `delete-buffer -b ${buffer}`,
  ];
  try {
    // A sender that is killed while it hands over a long text leaves tmux with a part of it, which must not be pasted.
    const isWholeOrNothing = byteLength(text) <= atomicPipeBytes;
    if (!isWholeOrNothing) await server.run([load], { stdin: text, signal });
    const commands = isWholeOrNothing ? [load, paste] : [paste];
    return (await server.run(commands, { ...(isWholeOrNothing ? { stdin: text } : {}), signal })).trim() === "pasted";
  } catch (error) {
    // Not by the caller's signal, which may be what ended the call; gone already is as good.
    if (isTargetMissing(error)) await server.run([["delete-buffer", "-b", buffer]]).catch(() => {});
    throw error;
  }
}

/** What POSIX lets a pipe take in one piece or not at all, at the least: `PIPE_BUF` on Linux. */
const atomicPipeBytes = 4096;

/** A key by tmux's name for it. */
export type Key = "Enter" | "Escape" | "Up" | "Down" | "C-c";

/**
 * Presses keys in a pane, in one step.
 *
 * @returns Whether they were pressed: not where the pane is no longer as it was seen, or the ticket does not own it.
 */
export async function pressKeys(
  server: TmuxServer,
  seen: Pane,
  ticket: Ticket,
  keys: readonly Key[],
  options: { readonly mark?: PaneMark; readonly signal?: AbortSignal } = {},
): Promise<boolean> {
  const { mark, signal } = options;
  const steps = [
    ...(mark ? [setMark(seen.id, mark)] : []),
    `send-keys -t ${seen.id} ${keys.join(" ")}`,
    "display-message -p pressed",
  ];
  const words = ["if-shell", "-F", "-t", seen.id, fence(seen, ticket), steps.join(" ; ")];
  return (await server.run([words], { signal })).trim() === "pressed";
}

/** Options of {@linkcode leavePane}. */
export interface LeaveOptions {
  /** The ticket of a message whose mark and buffer go as well. */
  readonly typed?: Ticket;
  /** A command that is run in the same step, such as one that keeps a receipt. */
  readonly record?: TmuxCommand;
}

/**
 * Takes what a message left off a pane, and leaves the queue of its lease, in one call. What is gone already is as good: the
 * pane, its queue, or the buffer.
 */
export async function leavePane(
  server: TmuxServer,
  paneId: string,
  ticket: Ticket,
  { typed, record }: LeaveOptions = {},
): Promise<void> {
  const buffers = typed === undefined ? [] : [["delete-buffer", "-b", bufferOf(typed)]];
  const commands = [
    ...(record ? [record] : []),
    ...(typed === undefined ? [] : [clearCommand(paneId, typed)]),
    leaveCommand(paneId, ticket),
    ...buffers,
  ];
  try {
    await server.run(commands);
  } catch (error) {
    if (!isTargetMissing(error) && !isBufferMissing(error)) throw error;
    if (isTargetMissing(error) && buffers.length > 0) await server.run(buffers).catch(ignoreMissing);
  }
}

/** The command that takes a ticket's mark off a pane, and no other's. */
export function clearCommand(paneId: string, ticket: Ticket): TmuxCommand {
  return ["if-shell", "-F", "-t", paneId, `#{m:${ticket}/*,${markFormat}}`, clearMark(paneId)];
}

/** Takes what a sender that was killed left off a pane. What is gone already is as good. */
export async function clearLeftover(
  server: TmuxServer,
  paneId: string,
  ticket: Ticket,
  signal?: AbortSignal,
): Promise<void> {
  await server.run([clearCommand(paneId, ticket), ["delete-buffer", "-b", bufferOf(ticket)]], { signal })
    .catch(ignoreMissing);
}

/** The text of a ticket's message; `undefined` where its buffer is gone. */
export async function readBuffer(
  server: TmuxServer,
  ticket: Ticket,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    return await server.run([["show-buffer", "-b", bufferOf(ticket)]], { signal });
  } catch (error) {
    if (isBufferMissing(error)) return undefined;
    throw error;
  }
}

function isBufferMissing(error: unknown): boolean {
  return error instanceof TmuxError && error.reason === "no_buffer";
}

function ignoreMissing(error: unknown): void {
  if (!isBufferMissing(error) && !isTargetMissing(error)) throw error;
}

/**
 * Whether the pane's terminal hands its program whole lines, of which it keeps 4,095 bytes each (Linux, `N_TTY_BUF_SIZE`)
 * and drops the rest, echoed or not; `undefined` where that cannot be told. stty looks, on the pane's own host.
 */
export async function readsLines(
  server: TmuxServer,
  paneId: string,
  signal?: AbortSignal,
): Promise<boolean | undefined> {
  const look = 'stty -a <"#{pane_tty}" | grep -q -e "-icanon"';
  const words = ["if-shell", "-t", paneId, look, "display-message -p raw", "display-message -p lines"];
  const late = AbortSignal.timeout(2_000);
  try {
    const printed = await server.run([words], { signal: signal ? AbortSignal.any([signal, late]) : late });
    return printed.trim() === "lines";
  } catch (error) {
    // tmux before 3.6 misses the end of some of its jobs, and then the call hangs.
    if (late.aborted && !signal?.aborted) return undefined;
    throw error;
  }
}
