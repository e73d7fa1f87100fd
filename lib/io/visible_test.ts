import { assertEquals } from "../deps/assert.ts";
import { visible } from "./visible.ts";

Deno.test("visible writes what a terminal would obey or hide as JSON escapes", () => {
  const cases: [string, string][] = [
    ["plain, é, 漢, 🙂", "plain, é, 漢, 🙂"],
    ["a\r\nb\tc", "a\\r\\nb\\tc"],
    ["\u001b]0;x\u0007", "\\u001b]0;x\\u0007"],
    ["\u009b31m\u007f", "\\u009b31m\\u007f"],
    ["\u202eabc\u2028", "\\u202eabc\\u2028"],
    ["\ud800", "\\ud800"],
    ["\u{e0041}", "\\udb40\\udc41"],
    ["\0", "\\u0000"],
  ];
  for (const [text, shown] of cases) assertEquals(visible(text), shown);
});
