import { type Target, type TmuxServer, viewPane } from "../tmux/mod.ts";
import { readRecord, recordName } from "./sent_record.ts";

/**
 * Whether a message of this id was typed into a pane before, or was about to be: another send of the id types nothing, and so
 * is no reason to make the agent ready for it. To be asked by who holds the pane, see `reservePane`.
 */
export async function wasSent(server: TmuxServer, target: Target, id: string, signal?: AbortSignal): Promise<boolean> {
  const view = await viewPane(server, target, signal);
  if (!view) return false;
  const name = await recordName(view.pane.agent ?? view.pane.id, id);
  return await readRecord(server, name, signal) !== undefined;
}
