import { assert, assertEquals } from "../deps/assert.ts";
import { opencodeRuntime } from "./opencode.ts";
import type { PreparedText } from "./runtime.ts";

Deno.test("opencode's database is found by the process's own variables, and tells what was taken, said and finished", () => {
  const { database } = opencodeRuntime;
  const process = { pid: 1, startTicks: 1, argv: ["opencode"], cwd: "/w", files: [] };
  assertEquals(database?.pathOf({ ...process, env: { HOME: "/h" } }), "/h/.local/share/opencode/opencode.db");
  assertEquals(database?.pathOf({ ...process, env: { HOME: "/h", XDG_DATA_HOME: "/d" } }), "/d/opencode/opencode.db");
  assertEquals(database?.pathOf({ ...process, env: {} }), undefined);
  assertEquals(
    database?.pathOf({ ...process, env: { HOME: "/h", OPENCODE_DB: "muster-a.db" } }),
    "/h/.local/share/opencode/muster-a.db",
  );
  assertEquals(database?.pathOf({ ...process, env: { HOME: "/h", OPENCODE_DB: "/x/y.db" } }), "/x/y.db");
  assertEquals(database?.pathOf({ ...process, env: { HOME: "/h", OPENCODE_DB: ":memory:" } }), undefined);
  const events = (role: string, part: unknown) =>
    database?.events({ row: 1, id: "p", at: 5, message: JSON.stringify({ role }), part: JSON.stringify(part) });
  assertEquals(events("user", { type: "text", text: "hi" }), [{ kind: "taken", text: "hi", id: "p", atMs: 5 }]);
  assertEquals(events("user", { type: "text", text: "hi", synthetic: true }), []);
  assertEquals(events("assistant", { type: "text", text: "yes" }), [{ kind: "answer", text: "yes", atMs: 5 }]);
  assertEquals(events("assistant", { type: "step-finish", reason: "stop" }), [{ kind: "finished", atMs: 5 }]);
  assertEquals(events("assistant", { type: "step-finish", reason: "tool-calls" }), []);
  assert(database?.isKept("a b", "a b") && database.isKept("a b ", "a b") && !database.isKept("a b.", "a b"));
});

Deno.test("what opencode would make something else of is refused, escaped, or told", () => {
  const prepare = (message: string) => opencodeRuntime.prepare?.(message);
  for (const message of ["/", "/new", "/help me"]) assert("refused" in (prepare(message) ?? {}), message);
  for (const text of ["/etc/passwd", " /x", "!ls", "a\tb\n", "mail a@b", "@a b", "x".repeat(150), "1\n2\n\n"]) {
    assertEquals(prepare(text), { text });
  }
  for (const text of ["@README", "look at @src/a.ts", "two\n@b"]) {
    const { text: typed, escaped } = prepare(text) as PreparedText;
    assertEquals([typed, escaped?.startsWith("a space stands behind it")], [`${text} `, true]);
  }
  for (const text of ["x".repeat(151), "1\n2\n3"]) {
    const { text: typed, escaped } = prepare(text) as PreparedText;
    assertEquals([typed, escaped], [text, "a space stands behind it, as opencode ends a long paste"]);
  }
});
