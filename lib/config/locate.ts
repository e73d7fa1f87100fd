/**
 * Where muster's configuration and state are.
 *
 * @module
 */
import type { Environment } from "../io/io.ts";
import { absoluteVariable } from "./_absolute_variable.ts";
import { homeDirectory } from "./_home_directory.ts";

/**
 * The directory of the configuration: `$MUSTER_HOME`, by default `${XDG_CONFIG_HOME:-~/.config}/muster`.
 *
 * @throws {MusterError} of code `config` when a variable holds a relative path or none of them is set.
 *
 * @example
 * ```ts
 * import { musterHome } from "./locate.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const env = { get: (name: string) => name === "HOME" ? "/home/ada" : undefined };
 * assertEquals(musterHome(env), "/home/ada/.config/muster");
 * ```
 */
export function musterHome(env: Environment): string {
  return locate(env, "MUSTER_HOME", "XDG_CONFIG_HOME", ".config");
}

/**
 * The directory of muster's own state: `$MUSTER_STATE`, by default `${XDG_STATE_HOME:-~/.local/state}/muster`.
 *
 * @throws {MusterError} of code `config` when a variable holds a relative path or none of them is set.
 *
 * @example
 * ```ts
 * import { musterState } from "./locate.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const env = { get: (name: string) => name === "MUSTER_STATE" ? "/var/lib/muster" : undefined };
 * assertEquals(musterState(env), "/var/lib/muster");
 * ```
 */
export function musterState(env: Environment): string {
  return locate(env, "MUSTER_STATE", "XDG_STATE_HOME", ".local/state");
}

function locate(env: Environment, own: string, xdg: string, fallback: string): string {
  const named = absoluteVariable(own, env);
  if (named !== undefined) return named;
  const base = absoluteVariable(xdg, env) ?? join(homeDirectory(env, `set HOME or ${own}`), fallback);
  return join(base, "muster");
}

function join(directory: string, name: string): string {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}
