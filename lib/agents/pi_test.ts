import { assert, assertEquals } from "../deps/assert.ts";
import { piRuntime } from "./pi.ts";
import type { TranscriptPlace } from "./transcript_format.ts";

const process = { pid: 1, startTicks: 1, argv: ["pi"], cwd: "/w/a:b", files: [] };

Deno.test("Pi's transcripts are in the directory that the process's own variables say", () => {
  const directory = (env: Readonly<Record<string, string>>) =>
    (piRuntime.transcript?.place({ ...process, env }) as TranscriptPlace & { readonly tie: "alone" }).directory;
  assertEquals(directory({ HOME: "/h" }), "/h/.pi/agent/sessions/--w-a-b--");
  assertEquals(directory({ HOME: "/h", PI_CODING_AGENT_DIR: "~/p" }), "/h/p/sessions/--w-a-b--");
  assertEquals(directory({ HOME: "/h", PI_CODING_AGENT_SESSION_DIR: "~/.pi/own" }), "/h/.pi/own");
  const launch = piRuntime.launch?.({ name: "coder0", unattended: false });
  assertEquals(directory({ HOME: "/h", ...launch?.env }), "/h/.pi/agent/sessions/--muster--coder0--");
});

Deno.test("Pi's transcript tells what was taken, said and finished", () => {
  const events = (message: unknown) =>
    piRuntime.transcript?.events({ type: "message", id: "e", timestamp: "2026-01-01T00:00:00Z", message })
      .map(({ atMs: _at, ...rest }) => rest);
  const text = (words: string) => [{ type: "text", text: words }];
  assertEquals(events({ role: "user", content: text("hi") }), [{ kind: "taken", text: "hi", id: "e" }]);
  assertEquals(events({ role: "assistant", content: text("yes"), stopReason: "stop" }), [
    { kind: "answer", text: "yes" },
    { kind: "finished" },
  ]);
  assertEquals(events({ role: "assistant", content: [{ type: "toolCall" }], stopReason: "toolUse" }), []);
  assertEquals(piRuntime.transcript?.events({ type: "session", id: "x" }), []);
});

Deno.test("what Pi would make something else of is refused, or told", () => {
  const prepare = (message: string) => piRuntime.prepare?.(message);
  for (const message of ["/new", " /x", "!ls", "a\tb"]) assert("refused" in (prepare(message) ?? {}), message);
  assertEquals(prepare("# @ plain"), { text: "# @ plain" });
  assertEquals(prepare("ends in \\"), { text: "ends in \\ " });
  assertEquals(prepare("\n a \n"), { text: "a", escaped: "white space at its ends is left out, as Pi does" });
});

Deno.test("Pi is recognised by the title that it gives itself, and by its script", () => {
  const recognises = (...argv: readonly string[]) => piRuntime.recognises?.(argv);
  assertEquals([recognises("pi"), recognises("node", "/x/.bin/pi")], [true, true]);
  assertEquals([recognises("pip"), recognises("node", "/x/api"), recognises("vi", "pi")], [false, false, false]);
});

Deno.test("a row that runs over leaves nothing of those below in the draft", () => {
  const rule = "─".repeat(60);
  const rows = (
    draft: string,
  ) => ["", " Done.", "", rule, "🚀 ship it 👩‍💻", draft, rule, "/tmp/w/cwd", "↑7 ↓3 0.0%/128k (auto)"];
  const cursor = { x: 15, y: 4, visible: false };
  const read = (draft: string) => piRuntime.read({ rows: rows(draft), width: 60, height: 20, cursor, command: "pi" });
  assertEquals(read(" tmp/w/cwd").composer, "🚀 ship it 👩‍💻");
  assertEquals(read(" tmp/w/cwd2").composer, "🚀 ship it 👩‍💻\n tmp/w/cwd2");
  assertEquals(read("/tmp/w/cwd").composer, "🚀 ship it 👩‍💻\n/tmp/w/cwd");
  assertEquals(read(`    ${rule.slice(4)}`).composer, "🚀 ship it 👩‍💻", "a rule");
  assertEquals(
    read(`    ${rule.slice(9)}`).composer,
    `🚀 ship it 👩‍💻\n    ${rule.slice(9)}`,
    "a shorter one is a draft's",
  );
});
