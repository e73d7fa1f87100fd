import { assertEquals, assertRejects } from "../deps/assert.ts";
import { z } from "../deps/zod.ts";
import { MusterError } from "../io/error.ts";
import { readConfig } from "./read_config.ts";

const schema = z.strictObject({ name: z.string() });

function filesWith(content: Uint8Array) {
  const read = (path: string) => Promise.resolve(path === "/etc/x.toml" ? content : undefined);
  return { files: { read } };
}

Deno.test("readConfig reads the file it is told to, and says when there is none", async () => {
  const io = filesWith(new TextEncoder().encode('name = "é"\n'));
  assertEquals(await readConfig(io, { file: "/etc/x.toml", schema }), { name: "é" });
  assertEquals(await readConfig(io, { file: "/etc/y.toml", schema }), undefined);
});

Deno.test("readConfig names the line that is not UTF-8", async () => {
  const io = filesWith(new Uint8Array([0x61, 0x0a, 0x0a, 0x62, 0xff, 0x0a, 0xff]));
  const error = await assertRejects(() => readConfig(io, { file: "/etc/x.toml", schema }), MusterError);
  assertEquals([error.code, error.message], ["config", "broken TOML: /etc/x.toml:3:1: not UTF-8"]);
});
