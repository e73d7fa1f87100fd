import { assert, assertEquals } from "../deps/assert.ts";
import { codexRuntime } from "./codex.ts";
import type { TranscriptPlace } from "./transcript_format.ts";

Deno.test("Codex's transcript is the one that its process has open", () => {
  const process = { pid: 1, startTicks: 1, argv: ["codex"], cwd: "/w", env: {}, files: [] };
  const { path } = codexRuntime.transcript?.place(process) as TranscriptPlace & { readonly tie: "open" };
  const name = "rollout-2026-11-25T00-37-37-01a20ffc-2d8e-7452-9d69-c198718a8981.jsonl";
  assert(path.test(`/h/.codex/sessions/2026/11/25/${name}`));
  for (const other of [`/h/.codex/archived/${name}`, "/h/.codex/state_5.sqlite", `/sessions/2026/11/25/x\n${name}`]) {
    assert(!path.test(other), other);
  }
});

Deno.test("Codex's transcript tells what was taken, said and finished", () => {
  const events = (type: string, payload: unknown) =>
    codexRuntime.transcript?.events({ type, payload, timestamp: "2026-01-01T00:00:00Z" }).map((
      { atMs: _at, ...rest },
    ) => rest);
  const message = (role: string, kind: string, text: string) => ({
    type: "message",
    id: "m",
    role,
    content: [{ type: kind, text }],
  });
  assertEquals(events("response_item", message("user", "input_text", "hi")), [{ kind: "taken", text: "hi", id: "m" }]);
  assertEquals(events("response_item", message("assistant", "output_text", "yes")), [{ kind: "answer", text: "yes" }]);
  assertEquals(events("response_item", message("developer", "input_text", "x")), []);
  assertEquals(events("event_msg", { type: "task_complete" }), [{ kind: "finished" }]);
  assertEquals(events("event_msg", { type: "turn_aborted" }), [{ kind: "finished" }]);
  assertEquals(events("session_meta", null), []);
});

Deno.test("what Codex would make something else of is escaped or refused", () => {
  const prepare = (message: string) => codexRuntime.prepare?.(message);
  assertEquals(prepare("plain\ttext \\"), { text: "plain\ttext \\" });
  for (const message of ["/help", "!ls", " /x"]) {
    const text = ` ${message.trim()}`;
    assertEquals(prepare(message), { text, escaped: "a space stands before it, which Codex leaves out again" });
  }
  assertEquals(prepare("a\n"), { text: "a", escaped: "white space at its ends is left out, as Codex does" });
  assert("refused" in (prepare("a\u2028b") ?? {}));
});

Deno.test("Codex is started on its own, so that its transcript and its end are its own", () => {
  const launch = codexRuntime.launch?.({ name: "a", model: "m", unattended: true });
  assertEquals(launch?.args, ["--no-daemon", "--model", "m", "--dangerously-bypass-approvals-and-sandbox"]);
  const recognises = (...argv: readonly string[]) => codexRuntime.recognises?.(argv);
  assertEquals([recognises("/x/codex"), recognises("/x/codex", "resume", "id")], [true, true]);
  assertEquals([recognises("/x/codex", "app-server"), recognises("/x/codex", "exec"), recognises("node")], [
    false,
    false,
    false,
  ]);
});
