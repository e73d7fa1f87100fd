import { type Host, MusterError } from "../io/mod.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";

/**
 * Checks that the agents' working directories are there; tmux would start a program elsewhere without a word.
 *
 * @throws {MusterError} of code `config` that names the agent.
 */
export async function checkDirectories(
  host: Host,
  agents: readonly ResolvedAgent[],
  signal?: AbortSignal,
): Promise<void> {
  if (agents.length === 0) return;
  // sh looks, so that no task needs to read the whole disk; it answers a digit for each path.
  const script = 'for d; do if [ -d "$d" ] && [ -x "$d" ]; then printf 1; else printf 0; fi; done';
  const paths = agents.map(({ workingDirectory }) => workingDirectory);
  const { stdout } = await host.run("sh", ["-c", script, "sh", ...paths], { signal });
  const missing = agents.find((_agent, at) => stdout[at] !== "1");
  if (missing) {
    throw new MusterError(
      "config",
      `no such working directory: ${missing.workingDirectory} (agent ${missing.name})`,
      { hint: "make the directory, or change working_directory in the roster" },
    );
  }
}
