import { assertEquals } from "../deps/assert.ts";
import { z } from "../deps/zod.ts";
import { duration } from "./duration.ts";
import { flag, flagRows } from "./flag.ts";
import type { FlagRow } from "./flag_row.ts";

Deno.test("flagRows reads type, default, values and need from the schema", () => {
  const cases: readonly (readonly [z.ZodType, Omit<FlagRow, "key" | "long" | "summary">])[] = [
    [z.string(), { kind: "text", required: true }],
    [z.string().optional(), { kind: "text" }],
    [z.string().default("a b"), { kind: "text", default: "a b" }],
    [z.string().default(""), { kind: "text", default: "" }],
    [z.number(), { kind: "number", required: true }],
    [z.int().min(0).max(20).default(3), { kind: "number", default: "3" }],
    [z.int().default(0), { kind: "number", default: "0" }],
    [z.boolean().default(false), { kind: "boolean" }],
    [z.boolean().optional(), { kind: "boolean" }],
    [z.boolean().default(true), { kind: "boolean", default: "true" }],
    [z.enum(["a", "b"]), { kind: "choice", values: ["a", "b"], required: true }],
    [z.enum(["a", "b"]).default("b"), { kind: "choice", values: ["a", "b"], default: "b" }],
    [z.array(z.string()), { kind: "text", many: true, required: true }],
    [z.array(z.string()).default([]), { kind: "text", many: true }],
    [z.array(z.enum(["a", "b"])).optional(), { kind: "choice", values: ["a", "b"], many: true }],
    [z.array(z.int()).default([1]), { kind: "number", many: true }],
    [duration("30s"), { kind: "duration", default: "30s" }],
    [flag(duration("1h"), { short: "t", placeholder: "DURATION" }), {
      kind: "duration",
      default: "1h",
      short: "t",
      placeholder: "DURATION",
    }],
    [flag(z.array(z.string()).default([]), { positional: true, placeholder: "AGENT", complete: "agents" }), {
      kind: "text",
      many: true,
      positional: true,
      placeholder: "AGENT",
      complete: "agents",
    }],
  ];
  for (const [schema, row] of cases) {
    assertEquals(flagRows(z.object({ it: schema })), [{ key: "it", long: "it", summary: "", ...row }]);
  }
});

Deno.test("flagRows keeps the order of the keys, and finds descriptions under defaults", () => {
  const rows = flagRows(z.object({
    dryRun: z.boolean().default(false).describe("Dry"),
    maxBytes: z.int().describe("Bytes").optional(),
    wait: flag(duration("1s").describe("Wait"), { short: "w" }),
  }));
  assertEquals(rows.map(({ key, long, summary }) => [key, long, summary]), [
    ["dryRun", "dry-run", "Dry"],
    ["maxBytes", "max-bytes", "Bytes"],
    ["wait", "wait", "Wait"],
  ]);
  assertEquals(flagRows(z.object({})), []);
});
