#!/usr/bin/env -S deno run
/**
 * Lists every task of muster with its flags, permissions and the JSON Schemas of its input and output, for editors and
 * agents.
 *
 * ```sh
 * deno run tasks/manifest.ts --json
 * ```
 *
 * @module
 */

import { defineTask, runAsMain, z } from "../lib/task/mod.ts";
import { version } from "../lib/task/version.ts";
import { tasks } from "./index.ts";

const jsonSchema = z.record(z.string(), z.unknown()).describe("A JSON Schema, draft 2020-12");

/** `muster manifest`. */
export const manifest = defineTask({
  name: "manifest",
  tier: "read",
  summary: "List every task with its permissions and the JSON Schemas of its input and output",
  input: z.object({}),
  output: z.object({
    version: z.string().describe("The version of muster"),
    tasks: z.array(z.object({
      command: z.string().describe("Noun and verb"),
      tier: z.enum(["read", "write"]).describe("Whether it changes anything"),
      summary: z.string(),
      permissions: z.record(z.string(), z.union([z.array(z.string()).readonly(), z.literal("configured")])).describe(
        "What it cannot do without, by kind",
      ),
      flags: z.array(z.string()).describe("The same as the words of a deno run line"),
      optional: z.array(z.object({ flags: z.array(z.string()), buys: z.string() })),
      input: jsonSchema,
      output: jsonSchema,
    })),
  }),
  permissions: {},
  examples: [{ run: "muster manifest --json", does: "print all of it" }],
  render: ({ tasks }, { style }) => {
    const width = Math.max(...tasks.map(({ command }) => command.length));
    return tasks.map(({ command, tier, flags }) =>
      `${style.strong(command.padEnd(width))}  ${tier.padEnd(5)}  ${style.quiet(flags.join(" ") || "no permission")}`
    ).join("\n");
  },
  run: async () => ({
    version,
    tasks: await Promise.all(tasks.map(async ({ command, tier, summary, permissions, optional, load }) => {
      const task = await load();
      return {
        command,
        tier,
        summary,
        permissions: { ...task.permissions },
        flags: [...permissions],
        optional: optional.map(({ permissions, buys }) => ({ flags: [...permissions], buys })),
        input: z.toJSONSchema(task.input, { io: "input", unrepresentable: "any" }),
        output: z.toJSONSchema(task.output, { unrepresentable: "any" }),
      };
    })),
  }),
});

if (import.meta.main) await runAsMain(manifest);
