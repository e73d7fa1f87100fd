import { assert, assertEquals } from "../deps/assert.ts";
import { stringWidth } from "../deps/string_width.ts";
import { cutToWidth } from "./cut_to_width.ts";

Deno.test("a text is cut to its display width, whatever it is made of", () => {
  const texts = ["plain ", "日本語のタイトルは幅が二倍です。", "日。", "a日", "👍🏽", "e\u0301", "「」、・"];
  for (const text of texts.map((one) => one.repeat(90))) {
    for (let columns = 2; columns <= 80; columns++) {
      const cut = cutToWidth(text, columns);
      const width = stringWidth(cut);
      assert(width <= columns, `${width} columns for ${columns}: ${cut}`);
      assert(width >= columns - 2 && cut.endsWith("…"), `too short for ${columns}: ${cut}`);
    }
  }
});

Deno.test("a text that fits is left as it is", () => {
  for (const text of ["", "abc", "日。", "👍"]) assertEquals(cutToWidth(text, 4), text);
});
