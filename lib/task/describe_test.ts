import { assertEquals } from "../deps/assert.ts";
import { z } from "../deps/zod.ts";
import { defineTask } from "./define.ts";
import { describeTask } from "./describe.ts";
import { flag } from "./flag.ts";

const small = {
  name: "test it",
  tier: "read",
  summary: "Test",
  input: z.object({}),
  output: z.object({}),
  permissions: {},
  examples: [],
  render: () => "",
  run: () => Promise.resolve({}),
} as const;

Deno.test("describeTask says all that help, parsing and completion need", () => {
  const task = defineTask({
    ...small,
    aliases: ["test that"],
    tier: "write",
    description: "More of it.",
    input: z.object({ count: flag(z.int().default(3).describe("How many"), { short: "n" }) }),
    permissions: { read: ["/tmp"], run: ["tmux", "sh"] },
    optional: [{ permissions: { read: ["$HOME/.x"] }, buys: "proof" }],
    examples: [{ run: "muster test it", does: "tests it" }],
  });
  assertEquals(describeTask(task), {
    command: "test it",
    aliases: ["test that"],
    tier: "write",
    summary: "Test",
    description: "More of it.",
    flags: [{ key: "count", long: "count", kind: "number", summary: "How many", short: "n", default: "3" }],
    examples: [{ run: "muster test it", does: "tests it" }],
    permissions: ["--allow-run=tmux,sh", "--allow-read=/tmp"],
    optional: [{ permissions: ["--allow-read=$HOME/.x"], buys: "proof" }],
  });
});

Deno.test("describeTask leaves out what a task does not have", () => {
  assertEquals(describeTask(defineTask(small)), {
    command: "test it",
    aliases: [],
    tier: "read",
    summary: "Test",
    flags: [],
    examples: [],
    permissions: [],
    optional: [],
  });
});
