import { assertEquals } from "../deps/assert.ts";
import { showValue } from "./show_value.ts";

Deno.test("showValue shows scalars, and only the kind of anything else", () => {
  const cases: [unknown, string][] = [
    ["a\n", '"a\\n"'],
    [3, "3"],
    [-0.5, "-0.5"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [NaN, "nan"],
    [true, "true"],
    [undefined, "nothing"],
    [["secret"], "an array"],
    [{ token: "secret" }, "a table"],
    [new Date(0), "a date"],
  ];
  for (const [value, shown] of cases) assertEquals(showValue(value), shown);
});
