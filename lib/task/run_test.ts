import { assertEquals } from "../deps/assert.ts";
import { fakeIo } from "../io/fake.ts";
import { MusterError } from "../io/mod.ts";
import { z } from "../deps/zod.ts";
import { defineTask } from "./define.ts";
import { duration } from "./duration.ts";
import { runTask } from "./run.ts";

const quiet = { json: false, debug: false };
const json = { json: true, debug: false };
const never = new AbortController().signal;

function task(run: () => Promise<{ n: number }>) {
  return defineTask({
    name: "test it",
    tier: "read",
    summary: "Test",
    input: z.object({ wait: duration("1s") }),
    output: z.object({ n: z.number() }),
    permissions: {},
    examples: [],
    exit: ({ n }) => n === 0 ? 0 : 1,
    render: ({ n }, { style }) => style.good(`n is ${n}`),
    run,
  });
}

Deno.test("runTask prints the answer and says its status", async () => {
  const one = task(() => Promise.resolve({ n: 0 }));
  for (
    const [mode, isTerminal, stdout] of [
      [quiet, false, "n is 0\n"],
      [quiet, true, "\x1b[32mn is 0\x1b[39m\n"],
      [json, true, '{"n":0}\n'],
    ] as const
  ) {
    const io = fakeIo({ isTerminal });
    assertEquals(await runTask(one, {}, mode, io, never), 0);
    assertEquals([io.stdout, io.stderr], [stdout, ""]);
  }
  assertEquals(await runTask(task(() => Promise.resolve({ n: 2 })), {}, quiet, fakeIo(), never), 1);
});

Deno.test("runTask prints an error on its own line, its hint, and nothing that a terminal obeys", async () => {
  const failing = task(() =>
    Promise.reject(new MusterError("held", "a draft: \x1b[31m\n", { hint: "look", command: "tmux" }))
  );
  const io = fakeIo();
  assertEquals(await runTask(failing, {}, quiet, io, never), 4);
  assertEquals([io.stdout, io.stderr], ["", "muster: a draft: \\u001b[31m\\n\nhint: look\n"]);
  const other = fakeIo();
  assertEquals(await runTask(failing, {}, json, other, never), 4);
  assertEquals(JSON.parse(other.stdout), {
    error: { code: "held", message: "a draft: \x1b[31m\n", hint: "look", command: "tmux" },
  });
  assertEquals(other.stderr, "");
});

Deno.test("runTask names the defect where an error is not muster's own, its trace only under --debug", async () => {
  const failing = task(() => Promise.reject(new TypeError("x is undefined")));
  const io = fakeIo();
  assertEquals(await runTask(failing, {}, quiet, io, never), 6);
  assertEquals(
    io.stderr,
    "muster: unexpected: TypeError: x is undefined\n" +
      "hint: this is a defect of muster: run again with --debug and report what it prints\n",
  );
  const debug = fakeIo();
  await runTask(failing, {}, { json: false, debug: true }, debug, never);
  assertEquals(debug.stderr.includes("run_test.ts"), true);
});

Deno.test("runTask refuses input that its schema refuses, before the task runs", async () => {
  let ran = false;
  const one = task(() => {
    ran = true;
    return Promise.resolve({ n: 0 });
  });
  const io = fakeIo();
  assertEquals(await runTask(one, { wait: "5x" }, quiet, io, never), 2);
  assertEquals(
    io.stderr,
    'muster: invalid value: --wait: expected a duration such as 30s, got "5x"\n' +
      "hint: muster test it --help shows what it takes\n",
  );
  assertEquals(ran, false);
});

Deno.test("runTask says that it was interrupted, and by what", async () => {
  for (const [name, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const controller = new AbortController();
    const one = task(() => {
      controller.abort(new MusterError("interrupted", `interrupted: ${name}`));
      return Promise.reject(new Error("cut short"));
    });
    const io = fakeIo();
    assertEquals(await runTask(one, {}, quiet, io, controller.signal), status);
    assertEquals(io.stderr, `muster: interrupted: ${name}\nhint: then it failed: cut short\n`);
  }
});
