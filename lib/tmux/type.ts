/**
 * Keys and text for a pane, fenced: tmux looks at the pane and types in one step, and types nothing when the pane is no
 * longer as it was seen. What opened, was typed or began to scroll meanwhile is so neither answered nor mixed up. What a
 * program has opened and not drawn yet nobody can see: that gap, of about a millisecond, is the program's own.
 *
 * @module
 */

import type { Pane } from "./pane.ts";
import { ownsFormat, type Ticket } from "./pane_lease.ts";
import type { TmuxServer } from "./server.ts";

/** Types nothing unless the pane is alive, in no mode, its cursor where it was seen, and the ticket owns it. */
function fence({ id, cursor, historySize }: Pane, ticket: Ticket): string {
  const fields = "#{pane_id}/#{pane_dead}/#{pane_in_mode}/#{cursor_x}/#{cursor_y}/#{cursor_flag}/#{history_size}";
  const seen = [id, 0, 0, cursor.x, cursor.y, cursor.visible ? 1 : 0, historySize].join("/");
  return `#{&&:${ownsFormat(ticket)},#{==:${fields},${seen}}}`;
}

/**
 * Pastes text into a pane, byte for byte, as one bracketed paste where the program asked for them. The buffer has a name
 * of its own, since tmux's buffers are global, and is gone afterwards, whatever happens.
 *
 * @returns Whether it was pasted: not where the pane is no longer as it was seen, or the ticket does not own it.
 * @throws {TmuxError} of reason `no_target` or `no_server`: nothing was pasted; of any other: that cannot be told.
 */
export async function pasteText(
  server: TmuxServer,
  seen: Pane,
  ticket: Ticket,
  text: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const buffer = `muster-${ticket}`;
  const paste = `paste-buffer -dpr -b ${buffer} -t ${seen.id} ; display-message -p pasted`;
  const commands = [
    ["load-buffer", "-b", buffer, "-"],
    ["if-shell", "-F", "-t", seen.id, fence(seen, ticket), paste, `delete-buffer -b ${buffer}`],
  ];
  try {
    return (await server.run(commands, { stdin: text, signal })).trim() === "pasted";
  } catch (error) {
    // Not by the caller's signal, which may be what ended the call; gone already is as good.
    await server.run([["delete-buffer", "-b", buffer]]).catch(() => {});
    throw error;
  }
}

/**
 * Presses Enter in a pane.
 *
 * @returns Whether it was pressed: not where the pane is no longer as it was seen, or the ticket does not own it.
 */
export async function pressEnter(
  server: TmuxServer,
  seen: Pane,
  ticket: Ticket,
  signal?: AbortSignal,
): Promise<boolean> {
  const press = `send-keys -t ${seen.id} Enter ; display-message -p pressed`;
  const printed = await server.run([["if-shell", "-F", "-t", seen.id, fence(seen, ticket), press]], { signal });
  return printed.trim() === "pressed";
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
