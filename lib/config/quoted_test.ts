import { assertEquals } from "../deps/assert.ts";
import { quoted } from "./quoted.ts";

Deno.test("quoted gives back what JSON reads as the same text", () => {
  for (const text of ["", 'a"b', "back\\slash", "new\nline", "\u001b[2J", "\\n"]) {
    assertEquals(JSON.parse(quoted(text)), text);
  }
});

Deno.test("quoted cuts after 80 characters, never inside one", () => {
  assertEquals(quoted("x".repeat(80)), `"${"x".repeat(80)}"`);
  assertEquals(quoted("x".repeat(81)), `"${"x".repeat(80)}…"`);
  assertEquals(quoted("🙂".repeat(80)), `"${"🙂".repeat(80)}"`);
  assertEquals(quoted("🙂".repeat(1000)), `"${"🙂".repeat(80)}…"`);
});
