import { assertEquals, assertRejects } from "../deps/assert.ts";
import { MusterError } from "./error.ts";
import { readAll } from "./_read_all.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("readAll joins what comes, up to the limit", async () => {
  for (const chunks of [[], ["abc"], ["a", "", "bc"]]) {
    const stream = ReadableStream.from(chunks.map(bytes));
    assertEquals(await readAll(stream, 3), bytes(chunks.join("")));
  }
});

Deno.test("readAll refuses more than the limit, and reads no further", async () => {
  let pulled = 0;
  let cancelled: unknown;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(bytes(`${++pulled % 10}`)),
    cancel: (reason) => void (cancelled = reason),
  }, { highWaterMark: 0 });
  const error = await assertRejects(() => readAll(stream, 3), MusterError);
  assertEquals([error.code, error.message], ["usage", "standard input is too long: more than 3 bytes"]);
  assertEquals([pulled, cancelled], [4, error]);
});

Deno.test("readAll stops at once with the signal's reason, though nothing comes and nothing lets go", async () => {
  const reason = new MusterError("interrupted", "interrupted: SIGINT");
  const controller = new AbortController();
  let cancelled: unknown;
  const never = new Promise<void>(() => {});
  const stream = new ReadableStream<Uint8Array>({
    pull: () => {
      queueMicrotask(() => controller.abort(reason));
      return never;
    },
    cancel: (why) => {
      cancelled = why;
      return never;
    },
  });
  assertEquals(await assertRejects(() => readAll(stream, 3, controller.signal)), reason);
  assertEquals(cancelled, reason);
});

Deno.test("readAll leaves a stream alone once the signal has aborted", async () => {
  const reason = new Error("stop");
  const stream = ReadableStream.from([bytes("a")]);
  assertEquals(await assertRejects(() => readAll(stream, 3, AbortSignal.abort(reason))), reason);
  assertEquals(await readAll(stream, 3), bytes("a"));
});

Deno.test("readAll passes on what the stream fails with", async () => {
  const broken = new Error("broken");
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(broken) });
  assertEquals(await assertRejects(() => readAll(stream, 3)), broken);
});
