import { assert, assertEquals } from "../deps/assert.ts";
import { opencodeRuntime } from "./opencode.ts";

Deno.test("opencode's database is found by the process's own variables, and tells what was taken, said and finished", () => {
  const { database } = opencodeRuntime;
  const process = { pid: 1, startTicks: 1, argv: ["opencode"], cwd: "/w", files: [] };
  assertEquals(database?.pathOf({ ...process, env: { HOME: "/h" } }), "/h/.local/share/opencode/opencode.db");
  assertEquals(database?.pathOf({ ...process, env: { HOME: "/h", XDG_DATA_HOME: "/d" } }), "/d/opencode/opencode.db");
  assertEquals(database?.pathOf({ ...process, env: {} }), undefined);
  const events = (role: string, part: unknown) =>
    database?.events({ row: 1, id: "p", at: 5, message: JSON.stringify({ role }), part: JSON.stringify(part) });
  assertEquals(events("user", { type: "text", text: "hi" }), [{ kind: "taken", text: "hi", id: "p", atMs: 5 }]);
  assertEquals(events("user", { type: "text", text: "hi", synthetic: true }), []);
  assertEquals(events("assistant", { type: "text", text: "yes" }), [{ kind: "answer", text: "yes", atMs: 5 }]);
  assertEquals(events("assistant", { type: "step-finish", reason: "stop" }), [{ kind: "finished", atMs: 5 }]);
  assertEquals(events("assistant", { type: "step-finish", reason: "tool-calls" }), []);
  assert(database?.isKept("a b", "a b") && database.isKept("a b ", "a b") && !database.isKept("a b.", "a b"));
});

Deno.test("what opencode would take for a command is refused", () => {
  const prepare = (message: string) => opencodeRuntime.prepare?.(message);
  for (const message of ["/", "/new", "/help me"]) assert("refused" in (prepare(message) ?? {}), message);
  for (const text of ["/etc/passwd", " /x", "!ls", "a\tb\n"]) assertEquals(prepare(text), { text });
});
