import { z } from "../deps/zod.ts";
import { assertEquals, assertRejects } from "../deps/assert.ts";
import { MusterError, realIo } from "../io/mod.ts";
import { temporaryDirectory } from "./_temporary_directory.ts";
import { Journal } from "./journal.ts";

const schema = z.object({ step: z.string(), result: z.string() });
const options = { version: 2, schema, upgrades: { 1: (record: unknown) => ({ result: "ok", ...Object(record) }) } };
const one = { step: "one", result: "ok" };
const two = { step: "two\n\u2028", result: "failed" };

async function journalOf(directory: string, text?: string): Promise<Journal<typeof schema>> {
  const path = `${directory}/journal.jsonl`;
  if (text !== undefined) await Deno.writeTextFile(path, text);
  return new Journal(realIo.files, path, options);
}

Deno.test("a journal gives its records back in order, each on one line with its version", async () => {
  await using directory = await temporaryDirectory();
  const journal = await journalOf(directory.path);
  assertEquals(await journal.read(), { records: [], torn: [] });
  await journal.append(one);
  await journal.append(two, one);
  assertEquals(await journal.read(), { records: [one, two, one], torn: [] });
  const lines = (await Deno.readTextFile(journal.path)).split("\n");
  assertEquals([lines.length, lines[0]], [4, '{"v":2,"step":"one","result":"ok"}']);
  assertEquals((await Deno.stat(journal.path)).mode! & 0o777, 0o600);
});

Deno.test("a torn last line is told, and what is written next stands on a line of its own", async () => {
  await using directory = await temporaryDirectory();
  const whole = '{"v":2,"step":"one","result":"ok"}\n';
  for (let length = 1; length < whole.length - 1; length++) {
    const journal = await journalOf(directory.path, whole + whole.slice(0, length));
    assertEquals(await journal.read(), { records: [one], torn: [2] }, `${length}`);
    await (await journalOf(directory.path)).append(two);
    assertEquals(await journal.read(), { records: [one, two], torn: [2] });
  }
  // All of a record but its newline is a record.
  const journal = await journalOf(directory.path, whole.trimEnd());
  await journal.append(two);
  assertEquals(await journal.read(), { records: [one, two], torn: [] });
});

Deno.test("a record torn within a character is torn", async () => {
  await using directory = await temporaryDirectory();
  const journal = await journalOf(directory.path);
  const bytes = new TextEncoder().encode('{"v":2,"step":"é');
  await Deno.writeFile(journal.path, bytes.subarray(0, -1));
  assertEquals((await journal.read()).torn, [1]);
});

Deno.test("an older record is raised to this version, a newer one and an unknown one are refused", async () => {
  await using directory = await temporaryDirectory();
  const old = await journalOf(directory.path, '{"v":1,"step":"one"}\n');
  assertEquals((await old.read()).records, [one]);
  const path = old.path;
  const cases = [
    ['{"v":3}', `written by a newer muster: ${path}:1: version 3, this one knows 2`],
    ['{"v":0}', `not a record of muster's: ${path}:1`],
    ["{}", `not a record of muster's: ${path}:1`],
    ['{"v":"2"}', `not a record of muster's: ${path}:1`],
    ['{"v":2,"step":1}', `not a record of version 2: ${path}:1`],
  ] as const;
  for (const [line, message] of cases) {
    const journal = await journalOf(directory.path, `${line}\n`);
    for (const call of [() => journal.read(), () => journal.append(one)]) {
      const error = await assertRejects(call, MusterError);
      assertEquals([error.code, error.message], ["failed", message]);
    }
    assertEquals(await Deno.readTextFile(path), `${line}\n`);
  }
  const unknown = new Journal(realIo.files, path, { version: 2, schema });
  await Deno.writeTextFile(path, '{"v":1,"step":"one"}\n');
  const error = await assertRejects(() => unknown.read(), MusterError);
  assertEquals(error.message, `written by too old a muster: ${path}:1: version 1`);
});

Deno.test("a journal is replaced whole, and goes on", async () => {
  await using directory = await temporaryDirectory();
  const journal = await journalOf(directory.path, '{"v":1,"step":"one"}\n{"v":2,"st');
  await journal.rewrite([two]);
  await journal.append(one);
  assertEquals(await journal.read(), { records: [two, one], torn: [] });
});
