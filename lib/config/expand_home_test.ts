import { assertEquals, assertThrows } from "../deps/assert.ts";
import { MusterError } from "../io/error.ts";
import { expandHome } from "./expand_home.ts";

const env = { get: (name: string) => name === "HOME" ? "/home/ada/" : undefined };
const homeless = { get: () => undefined };

Deno.test("expandHome expands ~ and ~/ and leaves absolute paths alone", () => {
  assertEquals(expandHome("~", env), "/home/ada");
  assertEquals(expandHome("~/", env), "/home/ada/");
  assertEquals(expandHome("~/a b/~", env), "/home/ada/a b/~");
  assertEquals(expandHome("/srv/~", homeless), "/srv/~");
  assertEquals(expandHome("~/x", { get: () => "/" }), "/x");
});

Deno.test("expandHome refuses relative paths, other people's homes and no home", () => {
  for (const path of ["", ".", "src/x", "~bob/x", "a\nb"]) {
    const error = assertThrows(() => expandHome(path, env), MusterError);
    assertEquals(
      [error.code, error.message, error.hint],
      ["config", `not an absolute path: ${JSON.stringify(path)}`, "begin it with / or ~/"],
    );
  }
  const error = assertThrows(() => expandHome("~/x", homeless), MusterError);
  assertEquals([error.code, error.message, error.hint], [
    "config",
    "missing variable: HOME",
    "set HOME to your home directory",
  ]);
});
