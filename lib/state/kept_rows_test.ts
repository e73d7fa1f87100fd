import { assertEquals } from "../deps/assert.ts";
import { z } from "../deps/zod.ts";
import { fakeIo } from "../io/fake.ts";
import { MusterError, realIo } from "../io/mod.ts";
import { KeptRows } from "./kept_rows.ts";
import { temporaryDirectory } from "./_temporary_directory.ts";

const row = z.object({ kind: z.string() });

Deno.test("what many keep at one time is kept all", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/deep/hosts.json`;
  const names = Array.from({ length: 40 }, (_, at) => `host${at}`);
  const kept = await Promise.all(names.map((name) => {
    // One of its own for each, as each process has.
    return new KeptRows(realIo.files, path, row, "hosts").keep(name, { kind: name });
  }));
  assertEquals(kept, names.map(() => true));
  const rows = await new KeptRows(realIo.files, path, row, "hosts").read();
  assertEquals(Object.keys(rows ?? {}).toSorted(), names.toSorted());
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
});

Deno.test("a file that is missing, broken or of another shape has no rows, and is written anew", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/hosts.json`;
  const kept = new KeptRows(realIo.files, path, row, "hosts");
  assertEquals(await kept.read(), {});
  for (const text of ["{broken", '{"hosts":[1]}', '{"other":{}}', ""]) {
    await Deno.writeTextFile(path, text);
    assertEquals(await kept.read(), {});
  }
  assertEquals(await kept.keep("a", { kind: "b" }), true);
  assertEquals(await kept.read(), { a: { kind: "b" } });
});

Deno.test("without leave to read there are no rows to speak of, and without leave to write none is kept", async () => {
  const { files } = fakeIo();
  const refuse = () => Promise.reject(new MusterError("permission", "no leave"));
  const kept = new KeptRows({ ...files, read: refuse, lock: refuse }, "/state/hosts.json", row, "hosts");
  assertEquals([await kept.read(), await kept.keep("a", { kind: "b" })], [undefined, false]);
});

Deno.test("where it may write and not read, what others have kept stays", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/hosts.json`;
  assertEquals(await new KeptRows(realIo.files, path, row, "hosts").keep("a", { kind: "b" }), true);
  const blind = { ...realIo.files, read: () => Promise.reject(new MusterError("permission", "no leave")) };
  assertEquals(await new KeptRows(blind, path, row, "hosts").keep("c", { kind: "d" }), false);
  assertEquals(await new KeptRows(realIo.files, path, row, "hosts").read(), { a: { kind: "b" } });
});
