/**
 * The JSON Schema of a project file, for editors and agents.
 *
 * @module
 */
import { z } from "../deps/zod.ts";
import { projectSchema } from "./project_schema.ts";

/**
 * A JSON Schema of draft 2020-12 for `muster.toml`. It says of a single key what the reader says; what keys have to be to one
 * another (a driver and its settings, names that are unique) only the reader checks.
 *
 * @example
 * ```ts
 * import { projectJsonSchema } from "./project_json_schema.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(projectJsonSchema().title, "muster project");
 * ```
 */
export function projectJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(projectSchema, { target: "draft-2020-12", io: "input" });
  const description = "The machine, packs and hooks of a project: muster.toml.";
  return { $schema, title: "muster project", description, ...schema };
}
