/** Which agents of the fleet carry a number already, by the branch or the worktree that they are in. @module */

import { readRoster, type ResolvedAgent, selectAgents, wantedPane } from "../../lib/fleet/mod.ts";
import { branchNumbers, parseRemote } from "../../lib/forge/mod.ts";
import { type Host, type Io, MusterError } from "../../lib/io/mod.ts";
import { findPane, listPanes, TmuxServer } from "../../lib/tmux/mod.ts";
import { openHosts } from "../_hosts.ts";

/** Where an agent is, and which numbers that names. */
export interface Carrier {
  readonly agent: string;
  /** The directory that its pane is in. */
  readonly directory: string;
  /** The branch that is checked out there; empty where none is. */
  readonly branch: string;
  /** The numbers in the names of the branch and of the worktree. */
  readonly numbers: readonly number[];
}

/** Agents that are in a checkout of a repo, and those of which that cannot be told. */
export interface Carriers {
  readonly carriers: readonly Carrier[];
  readonly unknown: readonly string[];
}

/** Says on three lines the origin, the branch and the worktree of a directory; 5 where it is no checkout, and not one that is broken. */
const script = `cd "$1" || exit 6
export LC_ALL=C
top=$(git rev-parse --show-toplevel 2>&1) || { case "$top" in *"not a git repository"*) [ -e .git ] || exit 5 ;; esac; exit 6; }
printf '%s\\n%s\\n%s\\n' "$(git remote get-url origin 2>/dev/null)" "$(git branch --show-current)" "$top"`;

/**
 * Looks at every agent that runs: tmux says which directory it is in, git which branch and worktree that is. An agent whose
 * host or directory cannot be asked is told as unknown.
 *
 * @throws {MusterError} of code `not_found` where the roster does not have the agent whose view it is.
 */
export async function readCarriers(io: Io, repo: string, mine: string, signal: AbortSignal): Promise<Carriers> {
  const roster = await readRoster(io);
  selectAgents(roster, [mine]); // which throws for one that the roster does not have
  const { agents } = roster;
  await using hosts = openHosts(io);
  const carriers: Carrier[] = [];
  const unknown: string[] = [];
  const servers = Map.groupBy(agents, ({ host, socket }) => JSON.stringify([host, socket]));
  for (const group of servers.values()) {
    const [first] = group as [ResolvedAgent, ...ResolvedAgent[]];
    try {
      const host = hosts.at(first.host);
      const directories = await readDirectories(host, group, signal);
      for (const [agent, directory] of directories) {
        const carrier = directory === "" ? "unknown" : await readCheckout(host, agent, directory, repo, signal);
        if (carrier === "unknown") unknown.push(agent);
        else if (carrier) carriers.push(carrier);
      }
    } catch (error) {
      if (!(error instanceof MusterError) || first.host === undefined || signal.aborted) throw error;
      unknown.push(...group.map(({ name }) => name));
    }
  }
  return { carriers, unknown };
}

/** The directory that each agent's pane is in, of those that have one; empty where tmux cannot tell. */
async function readDirectories(
  host: Host,
  agents: readonly ResolvedAgent[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const server = new TmuxServer(host, (agents[0] as ResolvedAgent).socket);
  const panes = await listPanes(server, signal);
  if (panes.length === 0) return new Map();
  // tmux 3.3a gives no current path once the program has ended; its work lies where it was started.
  const format = "#{pane_id} #{?pane_current_path,#{pane_current_path},#{pane_start_path}}";
  const printed = await server.run([["list-panes", "-a", "-F", format]], { signal });
  const paths = new Map(
    printed.split("\n").map((line) => {
      const at = line.indexOf(" ");
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );
  return new Map(agents.flatMap((agent) => {
    const pane = findPane(panes, wantedPane(agent));
    return pane ? [[agent.name, paths.get(pane.id) ?? ""] as const] : [];
  }));
}

/** What a directory is a checkout of; `undefined` where it is none of the repo. */
async function readCheckout(
  host: Host,
  agent: string,
  directory: string,
  repo: string,
  signal: AbortSignal,
): Promise<Carrier | "unknown" | undefined> {
  const { code, stdout } = await host.run("sh", ["-c", script, "sh", directory], { signal });
  if (code === 5) return undefined;
  if (code !== 0) return "unknown";
  const [origin = "", branch = "", ...top] = stdout.replace(/\n$/, "").split("\n");
  const names = repo.toLowerCase().split("/");
  const path = (parseRemote(origin)?.path ?? []).map((segment) => segment.toLowerCase());
  if (!names.every((name, at) => path[path.length - names.length + at] === name)) return undefined;
  const root = top.join("\n");
  const worktree = root.slice(root.lastIndexOf("/") + 1);
  return { agent, directory, branch, numbers: [...new Set([...branchNumbers(branch), ...branchNumbers(worktree)])] };
}
