import { type Host, MusterError, visible } from "../io/mod.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";

/** Agents of another host, with `~` in their paths as the home directory there, which only that host knows. */
export async function atHome(
  host: Host,
  agents: readonly ResolvedAgent[],
  signal?: AbortSignal,
): Promise<ResolvedAgent[]> {
  const { stdout: home } = await host.run("sh", ["-c", 'printf %s "$HOME"'], { signal });
  if (!home.startsWith("/")) {
    throw new MusterError("config", `no home directory on ${host.destination}: HOME=${visible(home)}`);
  }
  const toPath = (path: string) => path === "~" ? home : path.replace(/^~(?=[/])/, () => home === "/" ? "" : home);
  const toArgv = ([program = "", ...rest]: readonly string[]) => [toPath(program), ...rest];
  return agents.map((agent) => ({
    ...agent,
    workingDirectory: toPath(agent.workingDirectory),
    command: agent.command.length === 0 ? [] : toArgv(agent.command),
    envFile: agent.envFile === undefined ? undefined : toPath(agent.envFile),
    envCommand: agent.envCommand === undefined ? undefined : toArgv(agent.envCommand),
  }));
}
