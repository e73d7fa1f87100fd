/**
 * The lease of a pane: a queue of tickets in an option of the pane, so that it lives where the pane lives and is the same
 * to every process that reaches it. The first ticket owns. tmux runs one command at a time, so joining, leaving and
 * breaking are each one step, and each may be done twice.
 *
 * A ticket names its owner's process and the second in which it joined. The owner is proved dead, by sh on the pane's host,
 * when there is no such process, it has ended, or it began after the ticket did; nothing else breaks a lease.
 *
 * @module
 */

import { bufferOf, markFormat } from "./pane_mark.ts";
import { type TmuxCommand, type TmuxServer, writeLine } from "./server.ts";

const option = "@muster_queue";

/**
 * A place in the queue, such as `p4711t1700000000n0a1b2c3d`: no character of it means anything to tmux. One that ends in
 * `w` waits to be woken.
 */
export type Ticket = string;

const ticketWords = /^p(\d+)t(\d+)n[0-9a-f]+w?$/;

/** A new ticket for a process; whether it waits for {@linkcode channelOf} to be signalled. */
export function makeTicket(pid: number, nowMs: number, waits = false): Ticket {
  const nonce = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  return `p${pid}t${Math.floor(nowMs / 1000)}n${nonce.toString(16).padStart(8, "0")}${waits ? "w" : ""}`;
}

/** The process that a ticket names; 0 for what is no ticket. */
export function ticketProcess(ticket: Ticket): number {
  return Number(ticketWords.exec(ticket)?.[1] ?? 0);
}

/** The command that joins the queue of a pane: at its end, or before a ticket of the same owner, where that is in it. */
export function joinCommand(target: string, ticket: Ticket, before?: Ticket): TmuxCommand {
  if (before === undefined) return ["set-option", "-pa", "-t", target, option, ` ${ticket}`];
  return ["set-option", "-pF", "-t", target, option, `#{s/ ${before}/ ${ticket} ${before}/:${option}}`];
}

/** The format of a pane's queue, whose expansion {@linkcode parseQueue} reads. */
export const queueFormat: string = `#{${option}}`;

/** The tickets of a printed queue, the owner's first. */
export function parseQueue(line: string): Ticket[] {
  return line.trim().split(" ").filter((ticket) => ticket !== "");
}

/** The format condition that is true while a ticket owns. */
export function ownsFormat(ticket: Ticket): string {
  return `#{m: ${ticket}*,#{${option}}}`;
}

/**
 * The command that leaves the queue, as the owner or from any place in it, and wakes the next owner. Not being in it is as
 * good.
 */
export function leaveCommand(target: string, ticket: Ticket): TmuxCommand {
  const remove = ["set-option", "-pF", "-t", target, option, `#{s/ ${ticket}//:${option}}`];
  // A format is expanded in no other command's own words. Of what is no ticket no word becomes a command's.
  const first = `#{s/^ ([a-z0-9]*).*/\\1/:${option}}`;
  const signal = ["run-shell", "-C", "-t", target, `wait-for -S ${channelOf(first)}`];
  const wake = ["if-shell", "-F", "-t", target, `#{m:p[0-9]*w,${first}}`, writeLine([signal])];
  return ["if-shell", "-F", "-t", target, ownsFormat(ticket), writeLine([remove, wake]), writeLine([remove])];
}

/**
 * What the owner of a ticket that waits has to wait for, once: whoever leaves signals it to the next in line. A signal stays
 * until it is waited for, so that none is missed. It proves nothing, and is missing where the one who left was killed.
 */
export function channelOf(ticket: Ticket): string {
  return `muster-${ticket}`;
}

/** Leaves the queue of a pane. */
export async function leaveQueue(server: TmuxServer, target: string, ticket: Ticket): Promise<void> {
  await server.run([leaveCommand(target, ticket)]);
}

/** Has the server's host look whether an owner is dead, and take its ticket out if so. Does not wait for the answer. */
export async function breakIfDead(server: TmuxServer, paneId: string, owner: Ticket): Promise<void> {
  const [, pid, since] = ticketWords.exec(owner) ?? [];
  // What is no ticket of ours has no owner to ask.
  const look = pid === undefined ? "true" : deathProof(Number(pid), Number(since));
  // Without a mark nothing of it was typed, and nobody will ask for its text again.
  const isMarked = `if-shell -F -t ${paneId} "#{m:${owner}/*,${markFormat}}" "" "delete-buffer -b ${bufferOf(owner)}"`;
  const remove = `${writeLine([leaveCommand(paneId, owner)])} ; ${isMarked}`;
  await server.run([["if-shell", "-b", "-t", paneId, look, remove]]);
}

/**
 * A shell line that succeeds where a process is dead, or is another than the one that joined in that second: it began
 * later. The kernel counts starts in hundredths of a second, and this shell has just begun: no other clock is asked, since
 * a container's uptime may not be its kernel's. tmux reads `##` as `#`.
 */
function deathProof(pid: number, since: number): string {
  return [
    `if read -r s 2>/dev/null </proc/${pid}/stat; then set -- \${s####*) }`,
    `[ "$1" = Z ] && exit 0; began=\${20}; read -r s </proc/self/stat; set -- \${s####*) }`,
    `[ $(($(date +%s) - (\${20} - began) / 100)) -gt ${since + 2} ]; else ! ps -p ${pid} >/dev/null 2>&1; fi`,
  ].join("; ");
}
