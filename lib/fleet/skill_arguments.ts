import { findSkills, piSkillArgs, readPiSkillWish } from "../agents/mod.ts";
import { musterHome } from "../config/locate.ts";
import type { Environment, Host, Io } from "../io/mod.ts";
import type { Launch } from "./missing_programs.ts";

/**
 * The arguments by which each agent of the kind `pi` is given its skills, by the agent's name. What an agent's own
 * variables say of them comes before muster's.
 *
 * @throws {MusterError} of code `config` where a variable names a mode that there is none of.
 */
export async function skillArguments(
  io: Io,
  host: Host,
  launches: readonly Launch[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const own = launches.filter(({ agent }) => agent.kind === "pi");
  return new Map(
    await Promise.all(own.map(async ({ agent, environment }): Promise<[string, readonly string[]]> => {
      const wish = readPiSkillWish(over(environment, io.env));
      const found = await findSkills(host, {
        musterHome: musterHome(io.env),
        home: environment.HOME,
        workingDirectory: agent.workingDirectory,
        agentDirectory: environment.PI_CODING_AGENT_DIR,
      }, signal);
      return [agent.name, piSkillArgs(wish, found)];
    })),
  );
}

function over(own: Readonly<Record<string, string>>, env: Environment): Environment {
  return { get: (name) => Object.hasOwn(own, name) ? own[name] : env.get(name) };
}
