import type { TmuxServer } from "../tmux/mod.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";

/** An agent and all variables of its program. */
export interface Launch {
  /** The agent. */
  readonly agent: ResolvedAgent;
  /** Its variables; a `PATH` among them is where its program is looked for. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The agents whose program cannot be run: there is no such file, or it is none to run. A program is looked for where the
 * server looks: in the `PATH` that it was started with, which need not be this process's.
 */
export async function missingPrograms(
  server: TmuxServer,
  launches: readonly Launch[],
  signal?: AbortSignal,
): Promise<ReadonlySet<ResolvedAgent>> {
  if (launches.length === 0) return new Set();
  const shown = await server.run([["show-environment", "-g", "PATH"]], { signal });
  const path = shown.replace(/^PATH=/, "").trimEnd();
  // Pairs of a PATH and a program; a digit for each pair.
  const script = `while [ $# -gt 0 ]; do
    # A name without a slash is one that the shell has itself, and a program besides.
    if (PATH=$1; p=$(command -v -- "$2") && case $p in */*) [ -x "$p" ] && [ ! -d "$p" ] ;; esac); then printf 1
    else printf 0; fi
    shift 2
  done`;
  const pairs = launches.flatMap(({ agent, environment }) => [environment.PATH ?? path, agent.command[0] ?? ""]);
  const { stdout } = await server.host.run("sh", ["-c", script, "sh", ...pairs], { signal });
  return new Set(launches.filter((_launch, at) => stdout[at] === "0").map(({ agent }) => agent));
}
