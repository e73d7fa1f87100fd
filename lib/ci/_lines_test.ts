import { assert, assertEquals, assertRejects } from "../deps/assert.ts";
import { MusterError, NetworkError } from "../io/mod.ts";
import { decodeText, jsonItems, lastLines, splitLines } from "./_lines.ts";

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield await Promise.resolve(text.slice(at, at + size));
}

Deno.test("lines are the same however they come in pieces", async () => {
  const text = "one\r\n\ntwo ❯\nlast";
  for (let size = 1; size <= text.length; size++) {
    assertEquals(await Array.fromAsync(splitLines(pieces(text, size))), ["one", "", "two ❯", "last"]);
  }
  assertEquals(await Array.fromAsync(splitLines(pieces("", 1))), []);
});

Deno.test("items of an array are the same however they come in pieces, and strings are no brackets", async () => {
  const items = [{ a: '}],[{"' }, { b: ["\\", '"', { c: 1 }] }, {}];
  const text = ` ${JSON.stringify(items, null, 1)} `;
  for (let size = 1; size <= text.length; size++) {
    const read = await Array.fromAsync(jsonItems(pieces(text, size), "x"));
    assertEquals(read.map((item) => JSON.parse(item)), items, `in pieces of ${size}`);
  }
  assertEquals(await Array.fromAsync(jsonItems(pieces("[]", 1), "x")), []);
  assertEquals(await Array.fromAsync(jsonItems(pieces("null", 9), "x")), []);
});

Deno.test("what is no array of items, or ends early, is an error", async () => {
  for (const text of ['{"message":"no"}', "<html>", "12"]) {
    await assertRejects(() => Array.fromAsync(jsonItems(pieces(text, 99), "x")), MusterError, "not a log: x");
  }
  await assertRejects(() => Array.fromAsync(jsonItems(pieces('[{"a":1},{"a"', 99), "x")), NetworkError, "cut short");
});

Deno.test("a line without end is cut, and the one after it is whole", async () => {
  const [long = "", next] = await Array.fromAsync(splitLines(pieces(`${"x".repeat(1_000_000)}\nnext\n`, 4_096)));
  assertEquals([long.length, long.at(-1), next], [65_537, "…", "next"]);
});

/** A body of so many bytes, one piece again and again. */
function body(
  piece: Uint8Array<ArrayBuffer>,
  times: number,
  ends: { readonly first?: string; readonly last?: string } = {},
) {
  let at = -1;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (++at === 0) controller.enqueue(new TextEncoder().encode(ends.first ?? ""));
      else if (at <= times) controller.enqueue(piece);
      else {
        controller.enqueue(new TextEncoder().encode(ends.last ?? ""));
        controller.close();
      }
    },
  });
}

Deno.test("3 GB of log are read in bounded memory, and its last lines are the last", async () => {
  const piece = new TextEncoder().encode(
    `${"a line of a log that goes on and on and says little, again\n".repeat(17_500)}`,
  );
  const before = Deno.memoryUsage().rss;
  let most = 0;
  const counted = async function* () {
    for await (const text of decodeText(body(piece, Math.ceil(3e9 / piece.length), { last: "the end" }), "x")) {
      most = Math.max(most, Deno.memoryUsage().rss);
      yield text;
    }
  };
  const lines = await lastLines(splitLines(counted()), 2);
  assertEquals(lines, ["a line of a log that goes on and on and says little, again", "the end"]);
  assert(most - before < 300e6, `grew by ${(most - before) / 1e6} MB`);
});

Deno.test("a log that is one array of any length is read in bounded memory", async () => {
  const item = `{"id":1,"line":7,"data":"${btoa("a line of a log")}","type":0},`;
  const piece = new TextEncoder().encode(item.repeat(16_000));
  const before = Deno.memoryUsage().rss;
  let most = 0;
  let count = 0;
  const text = decodeText(body(piece, 300, { first: "[", last: '{"data":"ZW5k"}]' }), "x");
  for await (const one of jsonItems(text, "x")) {
    if (++count % 100_000 === 0) most = Math.max(most, Deno.memoryUsage().rss);
    if (count === 4_800_001) assertEquals(one, '{"data":"ZW5k"}');
  }
  assertEquals(count, 4_800_001);
  assert(most - before < 300e6, `grew by ${(most - before) / 1e6} MB`);
});
