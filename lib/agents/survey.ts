import { byteLength, type Io } from "../io/mod.ts";
import { exactTarget, readLease, type Target, ticketProcess, type TmuxServer, viewPane } from "../tmux/mod.ts";
import { fullScreenObstacle } from "./delivery.ts";
import { eyeFor } from "./eye_for.ts";
import { absence, type SendOptions } from "./send.ts";
import type { AgentState } from "./runtime.ts";
import { screenOf } from "./screen.ts";
import { callWitness, mistaken, runtimeOfPane } from "./witness.ts";

/** What a send would do. */
export const intentions = ["type", "wait", "hold", "dead", "not_found"] as const;

/** What a send sees before it types, and what it would do. */
export interface Survey {
  /** It would type at once, wait for others or for a screen to come, refuse to type, or find nobody to type to. */
  readonly would: typeof intentions[number];
  /** Why it would not type at once. */
  readonly reason?: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The pane. */
  readonly target: {
    readonly host: string;
    readonly socket: string;
    readonly session: string;
    readonly pane: string;
  };
  /** The kind of its program. */
  readonly runtime: string;
  /** The name of the program that holds its terminal. */
  readonly command: string;
  /** What the agent is doing. */
  readonly state: AgentState;
  /** What stands in the composer; left out where none was recognised. */
  readonly draft?: string;
  /** The question of an open dialog. */
  readonly dialog?: string;
  /** The process that has the pane, 0 for nobody, and how many wait behind it. */
  readonly lease: { readonly owner: number; readonly waiters: number };
  /** A message that a killed sender left, by its id. */
  readonly unfinished?: string;
  /** The newest file of the agent's transcript. */
  readonly transcript?: string;
  /** Why the transcript cannot be read. */
  readonly noTranscript?: string;
  /** Bytes of the message as it would be typed. */
  readonly bytes: number;
}

/** What is said of a pane that is not there. */
export function missingPane(
  { socket }: TmuxServer,
  session: string,
  said: Pick<Survey, "reason" | "hint" | "bytes"> & { readonly runtime?: string },
): Survey {
  return {
    would: "not_found",
    target: { host: "", socket, session, pane: "" },
    command: "",
    state: "unknown",
    lease: { owner: 0, waiters: 0 },
    ...said,
    runtime: said.runtime ?? "",
  };
}

/** Looks at a pane as a send would, and types nothing; `undefined` fields of a pane that is not there are empty. */
export async function surveyPane(
  io: Io,
  server: TmuxServer,
  target: Target,
  message: string,
  options: Pick<SendOptions, "runtime" | "isOverride" | "signal"> = {},
): Promise<Survey> {
  const { signal } = options;
  const view = await viewPane(server, await exactTarget(server, target, signal), signal);
  const bytes = byteLength(message);
  if (!view) {
    const session = "session" in target ? target.session : "";
    return missingPane(server, session, { ...await absence(server, target), runtime: options.runtime, bytes });
  }
  const { pane } = view;
  const runtime = await runtimeOfPane(server.host, io, pane, options.runtime, signal);
  const { state, composer, dialog } = runtime.read(screenOf(view));
  const witness = await callWitness(server.host, io, pane, runtime, message, signal);
  const lease = await readLease(server, pane.id, signal) ?? { queue: [] };
  const [owner] = lease.queue;
  const facts = {
    target: { host: pane.server.host, socket: server.socket, session: pane.session, pane: pane.id },
    runtime: runtime.kind,
    command: pane.command,
    state: pane.isDead ? "dead" as const : state,
    ...(composer === undefined ? {} : { draft: composer }),
    ...(dialog === undefined ? {} : { dialog }),
    lease: { owner: owner === undefined ? 0 : ticketProcess(owner), waiters: Math.max(0, lease.queue.length - 1) },
    ...(lease.mark && lease.mark.ticket !== owner ? { unfinished: lease.mark.messageId } : {}),
    ...(witness.transcript?.path ? { transcript: witness.transcript.path } : {}),
    ...(witness.none === undefined ? {} : { noTranscript: witness.none }),
    bytes,
  };
  if (pane.isDead) return { would: "dead", reason: "the pane's program has ended", ...facts };
  if (pane.runtime === "holder") return { would: "hold", reason: "the pane is the holder's", ...facts };
  if (pane.isInMode) return { would: "hold", reason: "the pane is in copy mode", ...facts };
  const prepared = runtime.prepare?.(message);
  if (prepared && "refused" in prepared) return { would: "hold", reason: prepared.refused, ...facts };
  const isKindGiven = options.isOverride ?? options.runtime !== undefined;
  const obstacle = eyeFor(runtime, message).obstacle(view) ?? fullScreenObstacle(pane, runtime, isKindGiven);
  const isUnsure = obstacle?.passes || witness.detected?.what === "agent";
  const mistake = isUnsure ? mistaken(witness.detected, runtime) : undefined;
  if (mistake) return { would: "hold", reason: mistake, ...facts };
  if (obstacle) return { would: obstacle.passes ? "wait" : "hold", reason: obstacle.reason, ...facts };
  if (owner !== undefined) return { would: "wait", reason: "another send has the pane", ...facts };
  return { would: "type", ...facts };
}
