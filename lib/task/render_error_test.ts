import { assertEquals } from "../deps/assert.ts";
import { MusterError } from "../io/mod.ts";
import { renderError } from "./render_error.ts";

const defect = "this is a defect of muster: run again with --debug and report what it prints";

Deno.test("renderError gives a script the error as it is, and a person one that no terminal obeys", () => {
  const cases: readonly (readonly [error: unknown, json: Record<string, string>, text: string])[] = [
    [
      new MusterError("not_found", "no such agent: a"),
      { code: "not_found", message: "no such agent: a" },
      "muster: no such agent: a\n",
    ],
    [
      new MusterError("held", "a draft: \x1b[31m\n", { hint: "look\nat it", command: "tmux -L a" }),
      { code: "held", message: "a draft: \x1b[31m\n", hint: "look\nat it", command: "tmux -L a" },
      "muster: a draft: \\u001b[31m\\n\nhint: look\\nat it\n",
    ],
    [
      new TypeError("x is undefined"),
      { code: "internal", message: "unexpected: TypeError: x is undefined", hint: defect },
      `muster: unexpected: TypeError: x is undefined\nhint: ${defect}\n`,
    ],
    [
      "thrown",
      { code: "internal", message: "unexpected: thrown", hint: defect },
      `muster: unexpected: thrown\nhint: ${defect}\n`,
    ],
  ];
  for (const [error, json, text] of cases) assertEquals(renderError(error, false), { json: { error: json }, text });
});

Deno.test("renderError shows under --debug where the error and its causes come from", () => {
  const cause = new RangeError("\x1b[31mtoo far");
  cause.stack = "RangeError: \x1b[31mtoo far\n    at b.ts:2";
  const error = new MusterError("failed", "no way", { hint: "turn", cause });
  error.stack = "MusterError: no way\n    at a.ts:1";
  const { text, json } = renderError(error, true);
  assertEquals(
    text,
    "muster: no way\nhint: turn\nMusterError: no way\n    at a.ts:1\n" +
      "caused by: RangeError: \\u001b[31mtoo far\n    at b.ts:2\n",
  );
  assertEquals(json, renderError(error, false).json);
  assertEquals(renderError("thrown", true).text, renderError("thrown", false).text);
});
