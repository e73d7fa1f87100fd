import { assertEquals, assertRejects } from "../deps/assert.ts";
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

Deno.test("a line is as a terminal without colours shows it", async () => {
  const printed = [
    "\x1b[31;1mERROR\x1b[0m: no\r",
    "section_start:1560896352:build\r\x1b[0K\x1b[36;1mBuild\x1b[0;m",
    "10%\r50%\r100%\r\r",
    "\x1b]8;;https://x\x1b\\link\x1b]8;;\x07 ❯",
    "\x1b[",
  ];
  assertEquals(await Array.fromAsync(splitLines(pieces(printed.join("\n"), 7))), [
    "ERROR: no",
    "Build",
    "100%",
    "link ❯",
    "\x1b[",
  ]);
});

Deno.test("the last lines of many are the last", async () => {
  const many = pieces(Array.from({ length: 10_000 }, (_, at) => `line ${at}\n`).join(""), 999);
  assertEquals(await lastLines(splitLines(many), 2), ["line 9998", "line 9999"]);
  assertEquals(await lastLines(splitLines(pieces("one\n", 1)), 0), []);
});

Deno.test("bytes that are no UTF-8 are shown as such, and a body that is cut is an error", async () => {
  const bytes = new Blob([new Uint8Array([0x61, 0xff, 0xe2, 0x9d]), new Uint8Array([0xaf])]).stream();
  assertEquals((await Array.fromAsync(decodeText(bytes, "x"))).join(""), "a\ufffd❯");
  const cut = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new TypeError("gone")) });
  await assertRejects(() => Array.fromAsync(decodeText(cut, "x")), NetworkError, "log was cut short: x");
});
