/**
 * The lease of a pane: a queue of tickets in an option of the pane, so that it lives where the pane lives and is the same
 * to every process that reaches it. The first ticket owns. tmux runs one command at a time, so joining, leaving and
 * breaking are each one step, and each may be done twice.
 *
 * A ticket names its owner's process, the second in which it joined and, where that is known, the kernel's tick in which
 * the process began. The owner is proved dead, by sh on the pane's host, when there is no such process, it has ended, or it
 * is another that began later; nothing else breaks a lease. A clock that is set to another time is no such proof.
 *
 * @module
 */

import type { ProcessStart } from "../io/mod.ts";
import { bufferOf, markFormat } from "./pane_mark.ts";
import { type TmuxCommand, type TmuxServer, writeLine } from "./server.ts";

const option = "@muster_queue";

/**
 * A place in the queue, such as `p4711t1700000000n0a1b2c3df00000002ab9`: no character of it means anything to tmux. Behind
 * `n` stand eight hexadecimal digits of its own and, where the start of its process is known, eight of the namespace and
 * those of the tick. One that ends in `w` waits to be woken.
 */
export type Ticket = string;

const ticketWords = /^p(\d+)t(\d+)n([0-9a-f]+)w?$/;

/** Options of {@linkcode makeTicket}. */
export interface TicketOptions {
  /** When the process began, where that is known. */
  readonly start?: ProcessStart;
  /** It waits for {@linkcode channelOf} to be signalled. @default {false} */
  readonly waits?: boolean;
}

/**
 * A new ticket for a process.
 *
 * @example
 * ```ts
 * import { makeTicket, ticketProcess } from "./pane_lease.ts";
 *
 * const ticket = makeTicket(4711, Date.now(), { start: { ticks: 10937, namespace: 4026531836 } });
 * if (ticketProcess(ticket) !== 4711) throw new Error("unreachable");
 * ```
 */
export function makeTicket(pid: number, nowMs: number, { start, waits = false }: TicketOptions = {}): Ticket {
  const nonce = hex(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);
  const began = start ? `${hex(start.namespace)}${start.ticks.toString(16)}` : "";
  return `p${pid}t${Math.floor(nowMs / 1000)}n${nonce}${began}${waits ? "w" : ""}`;
}

function hex(number: number): string {
  return number.toString(16).padStart(8, "0");
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
  const look = deathProof(owner);
  // Without a mark nothing of it was typed, and nobody will ask for its text again.
  const isMarked = `if-shell -F -t ${paneId} "#{m:${owner}/*,${markFormat}}" "" "delete-buffer -b ${bufferOf(owner)}"`;
  const remove = `${writeLine([leaveCommand(paneId, owner)])} ; ${isMarked}`;
  await server.run([["if-shell", "-b", "-t", paneId, look, remove]]);
}

/**
 * A line for tmux's shell that succeeds where the owner of a ticket is proved dead: its process has ended, or is another
 * than the one that joined. tmux reads `##` as `#`.
 *
 * The number is another's where the kernel's tick of its start is not the ticket's; in another process namespace than the
 * ticket's the number means nothing, and proves nothing. A ticket that knows no tick, as of a sender that may not read it,
 * has the second in which it joined: the process began later. Clocks are set, so that is told by the time that the server's
 * start had and by the time that it would have now, and has to be so by both. The kernel counts starts in hundredths of a
 * second, and this shell has just begun: no other clock is asked, since a container's uptime may not be its kernel's.
 */
export function deathProof(ticket: Ticket): string {
  const [, pid, since, digits = ""] = ticketWords.exec(ticket) ?? [];
  // What is no ticket of ours has no owner to ask.
  if (pid === undefined) return "true";
  const namespace = parseInt(digits.slice(8, 16), 16);
  const ticks = parseInt(digits.slice(16), 16);
  const isKnown = digits.length > 16;
  const field = (name: string, path: string) =>
    `read -r s 2>/dev/null <${path} || exit 1; set -- \${s####*) }; ${name}=\${20}`;
  const latest = (Number(since) + 2) * 100;
  const isAnother = isKnown ? [`[ "$began" != ${ticks} ]`] : [
    field("now", "/proc/self/stat"),
    field("server", "/proc/#{pid}/stat"),
    `[ $((began + $(date +%s) * 100 - now)) -gt ${latest} ] && [ $((began + #{start_time} * 100 - server)) -gt ${latest} ]`,
  ];
  return [
    "if [ -r /proc/self/stat ]",
    ...(isKnown
      ? [`then set -- $(ls -Li /proc/self/ns/pid 2>/dev/null); [ "$1" = ${namespace} ] || exit 1`]
      : ["then :"]),
    `[ -e /proc/${pid}/stat ] || exit 0; ${field("began", `/proc/${pid}/stat`)}; [ "$1" != Z ] || exit 0`,
    ...isAnother,
    `else ! ps -p ${pid} >/dev/null 2>&1; fi`,
  ].join("; ");
}
