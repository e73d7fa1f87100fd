#!/usr/bin/env -S deno run --allow-read=. --allow-write=.
/**
 * Writes a first `muster.toml`, which works as it is, and the JSON Schema that editors check it by.
 *
 * ```sh
 * deno run --allow-read=. --allow-write=. tasks/provision/init.ts
 * ```
 *
 * @module
 */

import firstProject from "../../fixtures/projects/first.toml" with { type: "text" };
import { MusterError } from "../../lib/io/error.ts";
import { visible } from "../../lib/io/visible.ts";
import { projectJsonSchema } from "../../lib/provision/project_json_schema.ts";
import { defineTask, runAsMain, z } from "../../lib/task/mod.ts";
import { projectField } from "./_project.ts";

/** `muster provision init`. */
export const provisionInit = defineTask({
  name: "provision init",
  tier: "write",
  summary: "Write a first muster.toml, which works as it is",
  input: z.object({
    ...projectField,
    force: z.boolean().default(false).describe("Write over one that is there"),
  }),
  output: z.object({
    file: z.string().describe("The project's file"),
    schema: z.string().describe("The path of its JSON Schema"),
    replaced: z.boolean().describe("Whether one was there"),
  }),
  permissions: { read: ["."], write: ["."] },
  optional: [{ permissions: { read: ["DIR"], write: ["DIR"] }, buys: "--project DIR" }],
  examples: [
    { run: "muster provision init", does: "write muster.toml" },
    { run: "muster provision init --force", does: "write it anew" },
  ],
  render: ({ file, replaced }) =>
    `${replaced ? "replaced" : "wrote"} ${file}\nnext: look at it, then muster provision plan`,
  run: async ({ project, force }, io) => {
    const root = await io.files.realPath(project);
    if (root === undefined) throw new MusterError("not_found", `no such directory: ${visible(project)}`);
    const file = `${root}/muster.toml`;
    const schema = `${root}/muster.schema.json`;
    const replaced = await io.files.facts(file) !== undefined;
    if (replaced && !force) {
      throw new MusterError("held", `a muster.toml is there: ${visible(file)}`, { hint: "--force writes over it" });
    }
    await io.files.write(file, firstProject, { exclusive: !force });
    await io.files.write(schema, `${JSON.stringify(projectJsonSchema(), null, 2)}\n`);
    return { file, schema, replaced };
  },
});

if (import.meta.main) await runAsMain(provisionInit);
