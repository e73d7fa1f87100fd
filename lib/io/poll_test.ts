import { assertEquals, assertRejects } from "../deps/assert.ts";
import { MusterError } from "./error.ts";
import { fakeIo } from "./fake.ts";
import { pollUntil } from "./poll.ts";

Deno.test("pollUntil returns what it sees, with pauses that grow to the longest", async () => {
  const { clock } = fakeIo();
  const looks: number[] = [];
  const look = () => Promise.resolve(looks.push(clock.elapsed()) === 6 ? "here" : undefined);
  const options = { what: "the sixth look", timeoutMs: 100, firstPauseMs: 4, longestPauseMs: 8 };
  assertEquals(await pollUntil(clock, look, options), "here");
  assertEquals(looks, [0, 4, 10, 18, 26, 34]);
});

Deno.test("pollUntil takes any value but undefined for something to see", async () => {
  for (const seen of [null, false, 0, ""]) {
    assertEquals(await pollUntil(fakeIo().clock, () => Promise.resolve(seen), { what: "it", timeoutMs: 0 }), seen);
  }
});

Deno.test("pollUntil looks once more at the deadline", async () => {
  const { clock } = fakeIo();
  const look = () => Promise.resolve(clock.elapsed() >= 10 ? "late" : undefined);
  assertEquals(await pollUntil(clock, look, { what: "it", timeoutMs: 10, longestPauseMs: 7 }), "late");
  assertEquals(clock.elapsed(), 10);
});

Deno.test("pollUntil names what it waited for, and how long", async () => {
  for (const [timeoutMs, looks] of [[0, 1], [3, 4]] as const) {
    const { clock } = fakeIo();
    let count = 0;
    const look = () => {
      count++;
      return Promise.resolve(undefined);
    };
    const options = { what: "the composer to show the message", timeoutMs, longestPauseMs: 1 };
    const error = await assertRejects(() => pollUntil(clock, look, options), MusterError);
    assertEquals([error.code, error.message], [
      "timeout",
      `time ran out after ${timeoutMs} ms waiting for the composer to show the message`,
    ]);
    assertEquals([clock.elapsed(), count], [timeoutMs, looks]);
  }
});

Deno.test("pollUntil stops with the signal's reason, before the next look", async () => {
  const reason = new MusterError("interrupted", "interrupted: SIGINT");
  let looks = 0;
  const controller = new AbortController();
  const look = () => {
    if (++looks === 2) controller.abort(reason);
    return Promise.resolve(undefined);
  };
  const options = { what: "it", timeoutMs: 100, signal: controller.signal };
  assertEquals(await assertRejects(() => pollUntil(fakeIo().clock, look, options)), reason);
  assertEquals(looks, 2);
  assertEquals(await assertRejects(() => pollUntil(fakeIo().clock, look, options)), reason);
  assertEquals(looks, 2);
});

Deno.test("pollUntil passes on what the look throws", async () => {
  const broken = new Error("no server");
  const poll = pollUntil(fakeIo().clock, () => Promise.reject(broken), { what: "it", timeoutMs: 100 });
  assertEquals(await assertRejects(() => poll), broken);
});
