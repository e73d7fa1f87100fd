import { assert, assertEquals, assertThrows } from "../deps/assert.ts";
import { z } from "../deps/zod.ts";
import { MusterError } from "../io/error.ts";
import { parseConfig } from "./read_toml.ts";

const schema = z.strictObject({
  name: z.string().optional(),
  count: z.int().optional(),
  ratio: z.number().optional(),
  since: z.date().optional(),
  kind: z.enum(["gitea", "forgejo", "github"]).optional(),
  either: z.union([z.boolean(), z.literal("semi")]).optional(),
  words: z.array(z.string()).min(1).optional(),
  short: z.string().max(3).optional(),
  env: z.record(z.string().regex(/^[A-Z]+$/), z.string()).optional(),
  table: z.strictObject({ working_directory: z.string(), deep: z.strictObject({ x: z.number() }).optional() })
    .optional(),
  agents: z.array(z.strictObject({ name: z.string(), class: z.string().optional() })).default([]),
}).superRefine((value, context) => {
  if (value.name !== "clash") return;
  context.addIssue({ code: "custom", path: ["agents", 1, "name"], message: "x", params: { what: "clash", hint: "y" } });
  context.addIssue({ code: "custom", path: [], message: "all of it" });
});

function failure(text: string, file = "/etc/x.toml"): [string, string | undefined] {
  const error = assertThrows(() => parseConfig(text, { file, schema }), MusterError);
  assertEquals(error.code, "config");
  assert(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(error.message + error.hint), JSON.stringify(error.message));
  return [error.message, error.hint];
}

Deno.test("parseConfig returns what the schema makes of the file", () => {
  const text = `\uFEFFname = "a"\r
count = 9_007_199_254_740_991
ratio = 1e3
since = 1979-05-27T07:32:00+02:00
env = { constructor = "c", B = """two
lines""" }
table.working_directory = '/x'
table.deep.x = 0x10

[[agents]]
name = "one"
[[agents]]
name = "two" # comment
`;
  const loose = z.strictObject({ ...schema.shape, env: z.record(z.string(), z.string()) });
  assertEquals(parseConfig(text, { file: "/etc/x.toml", schema: loose }), {
    name: "a",
    count: Number.MAX_SAFE_INTEGER,
    ratio: 1000,
    since: new Date("1979-05-27T05:32:00Z"),
    env: { constructor: "c", B: "two\nlines" },
    table: { working_directory: "/x", deep: { x: 16 } },
    agents: [{ name: "one" }, { name: "two" }],
  });
  assertEquals(parseConfig("", { file: "/etc/x.toml", schema }), { agents: [] });
});

Deno.test("parseConfig names what is wrong, the file, the line and the key", () => {
  const cases: [string, string, string?][] = [
    ["\nname = 3", "wrong type: /etc/x.toml:2: name: expected string, got number", "write it in quotes"],
    ["name = inf", "wrong type: /etc/x.toml:1: name: expected string, got number", "write it in quotes"],
    ["name = 1979-05-27", "wrong type: /etc/x.toml:1: name: expected string, got date"],
    ["name = []", "wrong type: /etc/x.toml:1: name: expected string, got array"],
    ["[name]", "wrong type: /etc/x.toml:1: name: expected string, got table"],
    ["count = 1.5", "wrong type: /etc/x.toml:1: count: expected integer, got 1.5"],
    ["ratio = nan", "wrong type: /etc/x.toml:1: ratio: expected number, got nan"],
    ["ratio = 1e999", "wrong type: /etc/x.toml:1: ratio: expected number, got inf"],
    ["table = 07:32:00", "wrong type: /etc/x.toml:1: table: expected table, got date"],
    [
      "agents = [ 1979-05-27,\n 1979-05-27 ]",
      "wrong type: /etc/x.toml:1: agents[0]: expected table, got date (and 1 more)",
      "muster check shows them all",
    ],
    [
      'words = "a b"',
      "wrong type: /etc/x.toml:1: words: expected array, got string",
      'write an array of words, such as ["program", "argument"]',
    ],
    [
      "words = [\n'a',\n1,\n]",
      "wrong type: /etc/x.toml:3: words[1]: expected string, got number",
      "write it in quotes",
    ],
    ["words = []", "wrong value: /etc/x.toml:1: words: expected at least 1 element, got 0"],
    ["[agents]\nname = 'a'", "wrong type: /etc/x.toml:1: agents: expected array, got table", "write [[agents]]"],
    ["short = 'four'", 'wrong value: /etc/x.toml:1: short: expected at most 3 characters, got "four"'],
    [
      "kind = 'giteo'",
      'wrong value: /etc/x.toml:1: kind: expected "gitea", "forgejo" or "github", got "giteo"',
      'did you mean "gitea"?',
    ],
    ["either = 'x'", 'wrong value: /etc/x.toml:1: either: expected boolean or "semi", got "x"'],
    ["[env]\nlow = 'x'", 'wrong key: /etc/x.toml:2: env.low: expected text that matches /^[A-Z]+$/, got "low"'],
    ["[env]\nA = 1", "wrong type: /etc/x.toml:2: env.A: expected string, got number", "write it in quotes"],
    ["nam = 'x'", "unknown key: /etc/x.toml:1: nam", 'did you mean "name"?'],
    ["colour = 'x'", "unknown key: /etc/x.toml:1: colour"],
    [
      "[table]\nworking_directory = 'x'\nworking_dir = 'y'",
      "unknown key: /etc/x.toml:3: table.working_dir",
      'did you mean "working_directory"?',
    ],
    ["[[agents]]\nname = 'x'\nclas = 'y'", "unknown key: /etc/x.toml:3: agents[0].clas", 'did you mean "class"?'],
    ["[[agents]]\nname = 'x'\n\n[[agents]]\nclass = 'y'", "missing key: /etc/x.toml:4: agents[1].name"],
    ["agents = [\n{ name = 'x' },\n{ class = 'y' },\n]", "missing key: /etc/x.toml:3: agents[1].name"],
    ["[table.deep]\nx = 1\n\n[table]", "missing key: /etc/x.toml:4: table.working_directory"],
    ["table.deep.x = 1", "missing key: /etc/x.toml:1: table.working_directory"],
    [
      "name = 'clash'\n[[agents]]\nname='a'\n[[agents]]\nname='b'",
      "wrong value: /etc/x.toml:1: all of it (and 1 more)",
      "muster check shows them all",
    ],
  ];
  for (const [text, message, hint] of cases) assertEquals(failure(text), [message, hint]);
});

Deno.test("parseConfig takes what is wrong and the hint from a schema's own issue", () => {
  const own = z.strictObject({ list: z.array(z.string()) }).superRefine((_, context) => {
    context.addIssue({ code: "custom", path: ["list", 1], message: "it's\nbad", params: { what: "odd", hint: "go" } });
  });
  const error = assertThrows(() => parseConfig("list = [\n'a',\n'b']", { file: "/f", schema: own }), MusterError);
  assertEquals([error.message, error.hint], ["odd: /f:3: list[1]: it's\\nbad", "go"]);
});

Deno.test("parseConfig says which literal is missing", () => {
  const versioned = z.strictObject({ version: z.literal(1) });
  const error = assertThrows(() => parseConfig("", { file: "/f", schema: versioned }), MusterError);
  assertEquals([error.message, error.hint], ["missing key: /f:1: version", "write version = 1"]);
});

Deno.test("parseConfig reports the first problem in file order and counts the others", () => {
  const text = "[[agents]]\nname = 1\n[[agents]]\nnme = 'x'\n[table]\nworking_directory = 2\n";
  assertEquals(failure(text)[0], "wrong type: /etc/x.toml:2: agents[0].name: expected string, got number (and 3 more)");
});

Deno.test("parseConfig never rounds an integer", () => {
  const cases = ["9007199254740992", "-9007199254740993", "12345678901234567890123"];
  for (const number of cases) {
    assertEquals(failure(`count = ${number}`), [
      `integer out of range: /etc/x.toml:1: count: ${number} is beyond 2^53 - 1`,
      undefined,
    ]);
  }
  assertEquals(failure("ratio = 0xffffffffffffffff")[0].includes("18446744073709551615 is beyond"), true);
});

Deno.test("parseConfig says where a file is not TOML", () => {
  const cases: [string, string][] = [
    ['name = "x\n', "1:10: Unterminated string constant"],
    ["name = \n", "1:7: Unspecified values are invalid"],
    ["name = # why\r\n\r\n", "1:7: Unspecified values are invalid"],
    ["count = 1\nname =\nratio = 1", "2:7: Unexpected character"],
    ["name = 'a' count = 1", "1:12: Must be a newline"],
    ["[table", "1:7: Unterminated table-key"],
    ["words = [1, 2", "1:14: Unterminated array"],
    ["\u001b[31m = 1", "1:1: Unexpected character"],
    ['name = "\u001b"', "1:9: Control characters (codes < 0x1f and 0x7f) are not allowed"],
    ["count = 1__0", "1:11: Underscores are allowed between digits"],
    ["a = " + "[".repeat(50_000), "1:50005: Unspecified values are invalid"],
  ];
  for (const [text, message] of cases) assertEquals(failure(text), [`broken TOML: /etc/x.toml:${message}`, undefined]);
  assertEquals(
    failure(`a = ${"[".repeat(50_000)}${"]".repeat(50_000)}`)[0],
    "broken TOML: /etc/x.toml: nested too deeply",
  );
});

Deno.test("parseConfig refuses a key or table that is there twice, by its whole path", () => {
  const cases: [string, string, string?][] = [
    ["name = 'a'\nname = 'b'", "duplicate key: /etc/x.toml:2: name", "first set on line 1"],
    ["[table]\n\n[table]", "duplicate key: /etc/x.toml:3: table", "first set on line 1"],
    [
      "[[agents]]\nname='a'\n[[agents]]\nname='b'\nname='c'",
      "duplicate key: /etc/x.toml:5: agents[1].name",
      "first set on line 4",
    ],
    ["env = { A = '1',\n B = '2', A = '3' }", "duplicate key: /etc/x.toml:2: env.A", "first set on line 1"],
    ["a.b.c = 1\na.b = 2", "duplicate key: /etc/x.toml:2: a.b", "first set on line 1"],
    ["a = { b = 1 }\n[a]", "duplicate key: /etc/x.toml:2: a", "first set on line 1"],
    ["a = [1]\n[[a]]", "duplicate key: /etc/x.toml:2: a", "first set on line 1"],
    ['"\\u001b" = 1\n"\\u001b" = 2', 'duplicate key: /etc/x.toml:2: "\\u001b"', "first set on line 1"],
    [
      "b = 1\nb = 2\n[a]\n[a]",
      "duplicate key: /etc/x.toml:2: b (and 1 more)",
      "first set on line 1; muster check shows them all",
    ],
    ["[a]\n[a]\nx =", "duplicate key: /etc/x.toml:2: a", undefined],
  ];
  for (const [text, message, hint] of cases) assertEquals(failure(text), [message, hint]);
});

Deno.test("parseConfig shows hostile text on one line, as escapes", () => {
  assertEquals(failure('"\\u001b[2J\\n\\"" = 1'), ['unknown key: /etc/x.toml:1: "\\u001b[2J\\n\\""', undefined]);
  assertEquals(failure("kind = '''\nx\u202e\\'''"), [
    'wrong value: /etc/x.toml:1: kind: expected "gitea", "forgejo" or "github", got "x\\u202e\\\\"',
    undefined,
  ]);
  assertEquals(
    failure("x =", "/a\nb/\u001bx.toml")[0],
    "broken TOML: /a\\nb/\\u001bx.toml:1:4: Unspecified values are invalid",
  );
  assertEquals(failure("name = 1", "/a\nb")[0], "wrong type: /a\\nb:1: name: expected string, got number");
  assertEquals(failure('name = "a\\u0000b"')[0], "wrong value: /etc/x.toml:1: name: expected text without NUL");
  assertEquals(failure('"a\\u0000" = 1')[0], 'wrong key: /etc/x.toml:1: "a\\u0000": expected a key without NUL');
});

Deno.test("parseConfig refuses __proto__ wherever it stands, and nothing is polluted", () => {
  const cases: [string, string][] = [
    ["__proto__ = 1", "reserved key: /etc/x.toml:1: __proto__"],
    ["[__proto__]\npolluted = 1", "reserved key: /etc/x.toml:1: __proto__"],
    ["[[__proto__]]\npolluted = 1", "reserved key: /etc/x.toml:1: __proto__"],
    ["[env.__proto__.x]\npolluted = 1", "reserved key: /etc/x.toml:1: env.__proto__"],
    ["__proto__.polluted = 1", "reserved key: /etc/x.toml:1: __proto__"],
    ["env = { '__proto__' = 'x' }", "reserved key: /etc/x.toml:1: env.__proto__"],
    ["constructor.prototype.polluted = 1", "unknown key: /etc/x.toml:1: constructor"],
    ["toString = 1", "unknown key: /etc/x.toml:1: toString"],
    ["[table]\nworking_directory = 'x'\nhasOwnProperty = 1", "unknown key: /etc/x.toml:3: table.hasOwnProperty"],
  ];
  for (const [text, message] of cases) assertEquals(failure(text), [message, undefined]);
  assertEquals(Object.keys(Object.prototype), []);
  assertEquals("polluted" in {}, false);
});
