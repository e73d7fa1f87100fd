/**
 * The JSON Schema of `forges.toml`, for editors and agents.
 *
 * @module
 */
import { z } from "../deps/zod.ts";
import { forgesSchema } from "./forges_schema.ts";

/**
 * A JSON Schema of draft 2020-12 for `$MUSTER_HOME/forges.toml`. That a host is given once, and one token at most, only the
 * reader checks.
 *
 * @example
 * ```ts
 * import { forgesJsonSchema } from "./forges_json_schema.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(forgesJsonSchema().title, "muster forges");
 * ```
 */
export function forgesJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(forgesSchema, { target: "draft-2020-12", io: "input" });
  return {
    $schema,
    title: "muster forges",
    description: "The forges that muster asks: $MUSTER_HOME/forges.toml.",
    ...schema,
  };
}
