import { assertEquals } from "../deps/assert.ts";
import { Masker } from "./masker.ts";

/** What comes out, in as many pieces as the text has. */
function masked(secrets: readonly string[], pieces: readonly string[]): string {
  const masker = new Masker(secrets);
  return pieces.map((piece) => masker.push(piece)).join("") + masker.end();
}

Deno.test("secrets are masked wherever the stream is cut", () => {
  const text = "a hunter2 b\nhunter2hunter2 hunter hunt2 hunter2";
  const expected = "a *** b\n****** hunter hunt2 ***";
  for (let cut = 0; cut <= text.length; cut++) {
    assertEquals(masked(["hunter2"], [text.slice(0, cut), text.slice(cut)]), expected, `${cut}`);
  }
  assertEquals(masked(["hunter2"], [...text]), expected);
});

Deno.test("of secrets that hold one another, the longest is masked", () => {
  for (const pieces of [["xabcdefx abc"], [..."xabcdefx abc"]]) {
    assertEquals(masked(["abc", "abcdef"], pieces), "x***x ***");
  }
});

Deno.test("each line of a secret of several lines is masked, and what means something to patterns is text", () => {
  assertEquals(masked(["-----BEGIN-----\nline1\r\nline2"], ["line2 and -----BEGIN-----"]), "*** and ***");
  assertEquals(masked(["a.*b$("], ["a.*b$( axxb$("]), "*** axxb$(");
});

Deno.test("without secrets all goes through at once", () => {
  const masker = new Masker(["", "  "]);
  assertEquals([masker.push("abc"), masker.end()], ["abc", ""]);
});
