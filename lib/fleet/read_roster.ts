/**
 * Reads the roster from disk. Every task of the fleet starts here.
 *
 * @module
 */
import { musterHome } from "../config/locate.ts";
import { readConfig } from "../config/read_config.ts";
import { visible } from "../io/visible.ts";
import { MusterError } from "../io/error.ts";
import type { Environment, Files } from "../io/io.ts";
import { resolveRoster, type Roster } from "./resolve_roster.ts";
import { rosterSchema } from "./roster_schema.ts";

/**
 * The fleet that `$MUSTER_HOME/fleet/roster.toml` declares.
 *
 * @throws {MusterError} of code `not_found` where there is no such file, of code `config` for one that is not a roster.
 *
 * @example
 * ```ts
 * import { readRoster } from "./read_roster.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const text = 'version = 1\n[[agents]]\nname = "coder0"\nruntime = "demo"\n';
 * const io = {
 *   files: { read: () => Promise.resolve(new TextEncoder().encode(text)) },
 *   env: { get: (name: string) => name === "HOME" ? "/home/ada" : undefined },
 * };
 * assertEquals((await readRoster(io)).agents.map((agent) => agent.name), ["coder0"]);
 * ```
 */
export async function readRoster(
  io: { readonly files: Pick<Files, "read">; readonly env: Environment },
): Promise<Roster> {
  const path = `${musterHome(io.env)}/fleet/roster.toml`;
  const file = await readConfig(io, { file: path, schema: rosterSchema });
  if (file === undefined) {
    throw new MusterError("not_found", `no roster: ${visible(path)}`, { hint: "run muster fleet init" });
  }
  return resolveRoster(file, io.env);
}
