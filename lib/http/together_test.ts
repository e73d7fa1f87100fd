import { assertEquals, assertRejects } from "../deps/assert.ts";
import { sideBySide } from "./side_by_side.ts";
import { together } from "./together.ts";

/** A job that ends only when it is stopped, and says so. */
function endless(ended: string[], name: string) {
  return (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => {
        ended.push(name);
        reject(signal.reason);
      });
    });
}

Deno.test("the first job that fails stops the others, and is thrown when they have ended", async () => {
  const ended: string[] = [];
  const fail = async () => {
    await Promise.resolve();
    throw new Error("no");
  };
  await assertRejects(
    () => together([endless(ended, "one"), fail, endless(ended, "two")]),
    Error,
    "no",
  );
  assertEquals(ended, ["one", "two"]);
  await assertRejects(
    () => sideBySide([endless(ended, "three"), fail], (job, signal) => job(signal)),
    Error,
    "no",
  );
  assertEquals(ended, ["one", "two", "three"]);
});

Deno.test("a signal from outside stops all jobs, and none begins after it", async () => {
  const ended: string[] = [];
  const stop = new AbortController();
  const running = together(
    [endless(ended, "one"), endless(ended, "two")],
    stop.signal,
  );
  stop.abort(new Error("enough"));
  await assertRejects(() => running, Error, "enough");
  assertEquals(ended, ["one", "two"]);
  let begun = 0;
  await assertRejects(
    () => sideBySide([1, 2], () => Promise.resolve(begun++), stop),
    Error,
    "enough",
  );
  assertEquals(begun, 0);
});
