import { musterState } from "../config/locate.ts";
import type { Environment } from "../io/mod.ts";
import type { TmuxCommand } from "../tmux/mod.ts";
import script from "../../units/pane-log.sh" with { type: "text" };
import { shellWord } from "./units/quote.ts";

/** The directory in which what is on record of an agent stands, its `pane.log` among it. */
export function agentRecords(env: Environment, name: string): string {
  return `${musterState(env)}/fleet/agents/${name}`;
}

/**
 * The command that has tmux keep all that a pane shows in a file, of two times 16 MiB at most, for as long as the pane stands.
 *
 * @example
 * ```ts
 * import { paneLogCommand } from "./pane_log.ts";
 *
 * const [verb, , target] = paneLogCommand("=coder0:", "/home/ada/.local/state/muster/fleet/agents/coder0");
 * if (verb !== "pipe-pane" || target !== "=coder0:") throw new Error("unreachable");
 * ```
 */
export function paneLogCommand(target: string, directory: string): TmuxCommand {
  const words = ["exec", "sh", "-c", script, "sh", directory];
  const [first = "", ...rest] = words;
  // tmux expands formats and the time in it: `#{…}`, `%H`.
  const line = [first, ...rest.map(shellWord)].join(" ").replaceAll("#", "##").replaceAll("%", "%%");
  return ["pipe-pane", "-t", target, line];
}
