/**
 * Expands `~` in the paths of configuration files.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { Environment } from "../io/io.ts";
import { homeDirectory } from "./_home_directory.ts";
import { quoted } from "./quoted.ts";

/**
 * The absolute path for `~`, `~/…` or `/…`.
 *
 * @throws {MusterError} of code `config` for a relative path, `~user` and, where the path begins with `~`, no `HOME`.
 *
 * @example
 * ```ts
 * import { expandHome } from "./expand_home.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const env = { get: (name: string) => name === "HOME" ? "/home/ada" : undefined };
 * assertEquals(expandHome("~/src", env), "/home/ada/src");
 * assertEquals(expandHome("/srv", env), "/srv");
 * ```
 */
export function expandHome(path: string, env: Environment): string {
  if (path.startsWith("/")) return path;
  if (path === "~") return homeDirectory(env);
  if (path.startsWith("~/")) {
    const home = homeDirectory(env);
    return (home === "/" ? "" : home) + path.slice(1);
  }
  throw new MusterError("config", `not an absolute path: ${quoted(path)}`, { hint: "begin it with / or ~/" });
}
