import { assertEquals, assertRejects } from "../deps/assert.ts";
import { z } from "../deps/zod.ts";
import { fakeIo } from "../io/fake.ts";
import { MusterError } from "../io/mod.ts";
import { callTask } from "./call.ts";
import { defineTask, type Job } from "./define.ts";
import { duration } from "./duration.ts";
import type { Permissions } from "./permissions.ts";

const outputSchema = z.object({ n: z.number() });
type Output = z.output<typeof outputSchema>;

/** A task, and the inputs that it was run with. */
function taskOf(options: { permissions?: Permissions; work?: (job: Job<Output>) => Promise<Output> } = {}) {
  const inputs: unknown[] = [];
  const task = defineTask({
    name: "test it",
    tier: "read",
    summary: "Test",
    input: z.object({
      agent: z.string(),
      labels: z.array(z.string()).default([]),
      maxCount: z.int().min(1).default(3),
      kind: z.enum(["command", "demo"]).optional(),
      timeout: duration("30s"),
    }),
    output: outputSchema,
    permissions: options.permissions ?? {},
    examples: [],
    render: () => "",
    run: (input, _io, job) => {
      inputs.push(input);
      return options.work?.(job) ?? Promise.resolve({ n: 1 });
    },
  });
  return { task, inputs };
}

Deno.test("callTask runs the task with its defaults, and durations in milliseconds", async () => {
  const { task, inputs } = taskOf();
  const io = fakeIo();
  assertEquals(await callTask(task, { agent: "a" }, { io }), { n: 1 });
  await callTask(task, { agent: "b", labels: ["x"], maxCount: 1, kind: "demo", timeout: "250ms" }, { io });
  await callTask(task, { agent: "c", timeout: 2 }, { io });
  assertEquals(inputs, [
    { agent: "a", labels: [], maxCount: 3, timeout: 30_000 },
    { agent: "b", labels: ["x"], maxCount: 1, kind: "demo", timeout: 250 },
    { agent: "c", labels: [], maxCount: 3, timeout: 2000 },
  ]);
});

Deno.test("callTask refuses input that is not what the task takes, and does not run it", async () => {
  const help = "muster test it --help shows what it takes";
  const cases: readonly (readonly [input: unknown, message: string, hint: string])[] = [
    [{ agent: "a", colour: 1 }, "unknown key: colour", help],
    [{ agent: "a", "\x1b[31m": 1 }, "unknown key: \\u001b[31m", help],
    [{ agent: "a", maxcount: 1 }, "unknown key: maxcount", "did you mean maxCount?"],
    [{ agent: "a", json: true }, "unknown key: json", help],
    [{}, "invalid value: --agent: expected string, got undefined", help],
    [{ agent: "a", maxCount: 0 }, "invalid value: --max-count: expected at least 1, got 0", help],
    [{ agent: "a", maxCount: 1.5 }, "invalid value: --max-count: expected integer, got 1.5", help],
    [{ agent: "a", labels: [1] }, "invalid value: --labels: expected string, got number", help],
    [{ agent: "a", kind: "x" }, 'invalid value: --kind: expected "command" or "demo", got "x"', help],
    [{ agent: "a", timeout: "x" }, 'invalid value: --timeout: expected a duration such as 30s, got "x"', help],
    [5, "invalid value: expected table, got number", help],
  ];
  const { task, inputs } = taskOf();
  for (const [input, message, hint] of cases) {
    const error = await assertRejects(() => callTask(task, input, { io: fakeIo() }), MusterError);
    assertEquals([error.code, error.message, error.hint], ["usage", message, hint]);
  }
  assertEquals(inputs, []);
});

Deno.test("callTask asks the world that it is given for permissions: after the input, before the run", async () => {
  const { task, inputs } = taskOf({ permissions: { run: ["tmux"] } });
  const denied = fakeIo({ denied: ["--allow-run=tmux"] });
  const error = await assertRejects(() => callTask(task, { agent: "a" }, { io: denied }), MusterError);
  assertEquals([error.code, error.message], ["permission", "missing permission: --allow-run=tmux"]);
  await assertRejects(() => callTask(task, {}, { io: denied }), MusterError, "--agent");
  assertEquals(inputs, []);
  await callTask(task, { agent: "a" }, { io: fakeIo({ denied: ["--allow-run=sh"] }) });
  assertEquals(inputs.length, 1);
});

Deno.test("callTask hands out documents, lines and its signal, all of which may be left out", async () => {
  const told: unknown[] = [];
  const work = (job: Job<Output>) => {
    job.emit({ n: 0 });
    job.say("half way");
    told.push(job.signal.aborted);
    return Promise.resolve({ n: 1 });
  };
  const { task } = taskOf({ work });
  assertEquals(await callTask(task, { agent: "a" }, { io: fakeIo() }), { n: 1 });
  await callTask(task, { agent: "a" }, {
    io: fakeIo(),
    emit: (output) => told.push(output),
    say: (line) => told.push(line),
    signal: AbortSignal.abort(),
  });
  assertEquals(told, [false, { n: 0 }, "half way", true]);
});
