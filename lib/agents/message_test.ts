import { assertEquals, assertThrows } from "../deps/assert.ts";
import { MusterError } from "../io/mod.ts";
import { checkMessage, maxMessageBytes } from "./message.ts";

Deno.test("checkMessage lets every text through as it is", () => {
  for (
    const text of [
      "-m",
      "a\tb\nc\n",
      "trailing;",
      "back\\",
      "$HOME `id` $(id) !",
      "مرحبا \u200f",
      "👩‍💻 e\u0301",
      " x ",
      "\ufeffx",
    ]
  ) {
    assertEquals(checkMessage(text), text);
    assertEquals(checkMessage(new TextEncoder().encode(text)), text);
  }
  assertEquals(checkMessage("x".repeat(maxMessageBytes)).length, maxMessageBytes);
});

Deno.test("checkMessage refuses what cannot be typed, and says why", () => {
  const cases: readonly (readonly [string | Uint8Array, string])[] = [
    ["", "empty message"],
    [" \n\t", "message of white space alone"],
    ["x".repeat(maxMessageBytes + 1), "message too long: 1048577 bytes"],
    ["é".repeat(maxMessageBytes / 2 + 1), "message too long: 1048578 bytes"],
    ["a\x1b[201~", "message holds a control character: U+001B (ESC)"],
    ["a\r\n", "message holds a control character: U+000D (CR)"],
    ["a\x03", "message holds a control character: U+0003 (Ctrl-C)"],
    ["a\x04", "message holds a control character: U+0004 (Ctrl-D)"],
    ["a\x7f", "message holds a control character: U+007F (DEL or C1)"],
    ["a\x9b", "message holds a control character: U+009B (DEL or C1)"],
    ["a\0", "message holds a control character: U+0000 (NUL)"],
    ["a\ud800", "message is no valid Unicode: a lone surrogate"],
    [new Uint8Array([0x61, 0xff]), "message is not UTF-8"],
  ];
  for (const [text, message] of cases) {
    const error = assertThrows(() => checkMessage(text), MusterError);
    assertEquals([error.code, error.message], ["usage", message]);
  }
});

Deno.test("checkMessage shows control characters under sanitize, and leaves the rest alone", () => {
  assertEquals(
    checkMessage("a\x1b[201~\r\nb\r\x9b\t\u200f👩‍💻", { sanitize: true }),
    "a\\u001b[201~\nb\\r\\u009b\t\u200f👩‍💻",
  );
});
