/**
 * From what is observed of a machine to what is to be done with it.
 *
 * @module
 */

/** What is observed of a machine. */
export interface Observation {
  /** Whether there is such a machine. */
  readonly exists: boolean;
  /** Whether it runs, and has since the last time. */
  readonly running: boolean;
  /** Whether it sees what is declared, where it is declared. */
  readonly mountsAsDeclared: boolean;
  /** Which machine it is, among all that had this name; empty where there is none. */
  readonly instance: string;
  /** Which of its starts this is; empty where it does not run. */
  readonly boot: string;
}

/** What brings a machine to its declared state. */
export type Action = "create" | "none" | "start" | "update_mount_and_restart" | "attach_mount_and_start";

/** All actions. */
export const actions = [
  "create",
  "none",
  "start",
  "update_mount_and_restart",
  "attach_mount_and_start",
] as const satisfies readonly Action[];

/**
 * The action that an observed state calls for.
 *
 * @example
 * ```ts
 * import { actionFor } from "./action.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const stopped = { exists: true, running: false, mountsAsDeclared: true, instance: "a", boot: "" };
 * assertEquals(actionFor(stopped), "start");
 * ```
 */
export function actionFor({ exists, running, mountsAsDeclared }: Observation): Action {
  if (!exists) return "create";
  if (running) return mountsAsDeclared ? "none" : "update_mount_and_restart";
  return mountsAsDeclared ? "start" : "attach_mount_and_start";
}
