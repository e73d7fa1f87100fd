import { assertEquals } from "../deps/assert.ts";
import { showKey } from "./show_key.ts";

Deno.test("showKey writes paths as TOML does, on one line", () => {
  const cases: [PropertyKey[], string][] = [
    [[], ""],
    [["a", "b-c_1"], "a.b-c_1"],
    [["a", 0, 1, "b"], "a[0][1].b"],
    [["a b"], '"a b"'],
    [["x", 'q"\n'], 'x."q\\"\\n"'],
    [[""], '""'],
    [["k".repeat(81)], `"${"k".repeat(80)}…"`],
  ];
  for (const [path, shown] of cases) assertEquals(showKey(path), shown);
});
