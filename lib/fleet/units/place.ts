import { musterHome, musterState } from "../../config/locate.ts";
import { absoluteVariable } from "../../config/_absolute_variable.ts";
import { homeDirectory } from "../../config/_home_directory.ts";
import type { Environment } from "../../io/mod.ts";
import { piSkillVariables } from "../../agents/mod.ts";

/** Where the files of the fleet's units are. */
export interface UnitPlace {
  /** Where systemd looks for a person's units. */
  readonly units: string;
  /** Where muster keeps what belongs to the fleet as it runs. */
  readonly fleet: string;
  /** The scripts that the units run. */
  readonly scripts: string;
  /** The variables of the units. */
  readonly environment: string;
  /** What was installed. */
  readonly record: string;
  /** The configuration of the tmux server, which need not be there. */
  readonly tmuxConfig: string;
}

/** The variables that say where units, configuration and state are. */
export const unitVariables = ["HOME", "MUSTER_HOME", "MUSTER_STATE", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] as const;

/** Those, and the variables that say how a program is started: which skills Pi is given. */
export const startVariables = [...unitVariables, ...piSkillVariables] as const;

/**
 * Where the files of the fleet's units are, by the environment.
 *
 * @example
 * ```ts
 * import { unitPlace } from "./place.ts";
 * import { assertEquals } from "../../deps/assert.ts";
 *
 * const place = unitPlace({ get: (name: string) => name === "HOME" ? "/home/ada" : undefined });
 * assertEquals(place.units, "/home/ada/.config/systemd/user");
 * assertEquals(place.record, "/home/ada/.local/state/muster/fleet/install.json");
 * ```
 */
export function unitPlace(env: Environment): UnitPlace {
  const config = absoluteVariable("XDG_CONFIG_HOME", env) ??
    `${homeDirectory(env, "set HOME or XDG_CONFIG_HOME")}/.config`;
  const fleet = `${musterState(env)}/fleet`;
  return {
    units: `${config}/systemd/user`,
    fleet,
    scripts: `${fleet}/units`,
    environment: `${fleet}/units/environment`,
    record: `${fleet}/install.json`,
    tmuxConfig: `${musterHome(env)}/tmux.conf`,
  };
}

/** The unit that owns the tmux server. */
export const holderUnit = "muster-holder.service";

/** The unit of an agent. */
export function agentUnit(name: string): string {
  return `muster-agent@${name}.service`;
}
