/** What starting agents has in common, whichever verb does it: a dialog at the start, how to answer it, the exit status. @module */

import { visible } from "../lib/io/mod.ts";
import { type ExitStatus, type Page, z } from "../lib/task/mod.ts";

/** What a report says of an agent that opened a dialog as it started. */
export const dialogFields = {
  dialog: z.string().optional().describe("The question of a dialog that it opened, for a person to answer"),
  hint: z.string().optional().describe("How a person answers that"),
};

/** An agent that was to start, or did. */
interface Started {
  readonly result: string;
  readonly dialog?: string;
  readonly hint?: string;
  readonly isLate?: boolean;
}

/** The status of one agent's start: a program that asks a person something runs, and takes no work. */
export function startExit({ result, dialog, isLate }: Started): ExitStatus {
  if (result === "late" || result === "failed" && isLate) return 3;
  if (result === "failed") return 1;
  return dialog === undefined ? 0 : 4;
}

/** What stands beside an agent that opened a dialog; nothing where it did not. */
export function renderDialog({ dialog }: Pick<Started, "dialog">, { style }: Page): string[] {
  return dialog === undefined ? [] : [style.warn(`a dialog is open: ${visible(dialog.split("\n")[0] ?? "")}`)];
}

/** How the dialogs that were opened are answered, a line each. */
export function renderHints(agents: readonly Pick<Started, "hint">[]): string[] {
  return agents.flatMap(({ hint }) => hint === undefined ? [] : [`hint: ${visible(hint)}`]);
}
