import { assertEquals, assertRejects } from "../deps/assert.ts";
import { MusterError, realIo } from "../io/mod.ts";
import { temporaryDirectory } from "./_temporary_directory.ts";
import { secretKey } from "./secret_key.ts";

Deno.test("secretKey makes one key, which only its owner may read, however many ask first", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state/secret.key`;
  const keys = await Promise.all([1, 2, 3].map(() => secretKey(realIo.files, path)));
  assertEquals(new Set(keys.map((key) => key.toHex())).size, 1);
  assertEquals(keys[0]?.length, 32);
  assertEquals((await realIo.files.facts(path))?.mode, 0o600);
});

Deno.test("secretKey refuses a file that is no key", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/secret.key`;
  await Deno.writeTextFile(path, "short");
  const error = await assertRejects(() => secretKey(realIo.files, path), MusterError);
  assertEquals([error.code, error.message], ["failed", `not a key of 32 bytes: ${path}`]);
  assertEquals(await Deno.readTextFile(path), "short");
});
