import { assertEquals } from "../deps/assert.ts";
import { readersNow } from "./_readers.ts";

/** A process that reads a terminal in a group. */
function reader(pid: number, group: string, terminal: string) {
  return { process: { pid, startTicks: 1, argv: [`program${pid}`], cwd: "/", env: {} }, group, terminal };
}

const pids = (...seen: readonly ReturnType<typeof reader>[]) => readersNow(seen).map(({ pid }) => pid);

Deno.test("of one terminal those of one group read, as the last look has it", () => {
  assertEquals(pids(), []);
  assertEquals(pids(reader(1, "1", "a"), reader(2, "1", "a")), [1, 2]);
  // The shell had the terminal when it was looked at, and gave it to the agent before that was looked at.
  assertEquals(pids(reader(1, "1", "a"), reader(2, "2", "a"), reader(3, "2", "a")), [2, 3]);
});

Deno.test("each terminal has a group of its own", () => {
  assertEquals(pids(reader(1, "1", "a"), reader(2, "2", "b"), reader(3, "3", "b")), [1, 3]);
});
