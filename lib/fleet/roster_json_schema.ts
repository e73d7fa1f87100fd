/**
 * The JSON Schema of a roster, for editors and agents.
 *
 * @module
 */
import { z } from "../deps/zod.ts";
import { rosterSchema } from "./roster_schema.ts";

/**
 * A JSON Schema of draft 2020-12 for `$MUSTER_HOME/fleet/roster.toml`. It says of a single key what the reader says; what
 * keys have to be to one another (names that are unique, runtimes that are there) only the reader checks.
 *
 * @example
 * ```ts
 * import { rosterJsonSchema } from "./roster_json_schema.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(rosterJsonSchema().title, "muster roster");
 * ```
 */
export function rosterJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(rosterSchema, { target: "draft-2020-12", io: "input" });
  const description = "The declared fleet of muster: $MUSTER_HOME/fleet/roster.toml.";
  return { $schema, title: "muster roster", description, ...schema };
}
