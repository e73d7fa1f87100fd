import { assert, assertEquals } from "../deps/assert.ts";
import { claudeRuntime } from "./claude.ts";
import type { AgentProcess } from "./process.ts";
import type { TranscriptPlace } from "./transcript_format.ts";

const process: AgentProcess = {
  pid: 41,
  startTicks: 900,
  argv: ["/x/bin/claude"],
  cwd: "/w",
  env: { HOME: "/h" },
  files: [],
};

Deno.test("Claude Code's state file leads to the transcript of this very process, and of no other", () => {
  const { transcript, liveState } = claudeRuntime;
  const place = transcript?.place(process) as TranscriptPlace & { readonly tie: "pointer" };
  assertEquals(place.pointer, "/h/.claude/sessions/41.json");
  const own = { pid: 41, procStart: "900", sessionId: "aa-11", cwd: "/w/a_b.c" };
  assertEquals(place.target(own), "/h/.claude/projects/-w-a-b-c/aa-11.jsonl");
  const others = [{ ...own, pid: 42 }, { ...own, procStart: "901" }, { ...own, sessionId: "../../x" }, null, "x", {}];
  for (const other of others) assertEquals(place.target(other), undefined, JSON.stringify(other));
  const elsewhere = transcript?.place({ ...process, env: { HOME: "/h", CLAUDE_CONFIG_DIR: "/c" } });
  assertEquals((elsewhere as { readonly pointer: string }).pointer, "/c/sessions/41.json");
  assertEquals(transcript?.place({ ...process, env: {} }), { none: "the process has no HOME" });

  const says = (state: Readonly<Record<string, unknown>>) =>
    liveState?.read(JSON.stringify({ ...own, ...state }), process);
  assertEquals(says({ status: "waiting", statusUpdatedAt: 7 }), { state: "dialog", atMs: 7 });
  assertEquals(says({ status: "idle" }), { state: "idle" });
  assertEquals(says({ status: "shell" }), { state: "busy" });
  assertEquals(says({ status: "new in a later version" }), undefined);
  assertEquals(says({ status: "idle", procStart: "1" }), undefined);
});

Deno.test("Claude Code's transcript tells what was taken, queued, said and finished", () => {
  const events = (entry: Readonly<Record<string, unknown>>) =>
    claudeRuntime.transcript?.events({ timestamp: "2026-01-01T00:00:00Z", ...entry }).map(({ atMs: _at, ...rest }) =>
      rest
    );
  const user = (content: unknown) => ({ type: "user", uuid: "u1", message: { role: "user", content } });
  assertEquals(events(user("hi")), [{ kind: "taken", text: "hi", id: "u1" }]);
  assertEquals(events(user([{ type: "text", text: "a" }, { type: "image" }])), [{
    kind: "taken",
    text: "a",
    id: "u1",
  }]);
  const tagged = '\n\n<pasted_content id="ad1b">\na\nb\n</pasted_content id="ad1b">\n';
  assertEquals(events(user(tagged)), [{ kind: "taken", text: "a\nb", id: "u1" }]);
  const mixed = '<pasted_content id="ad1b">\na\n</pasted_content id="ffff">';
  assertEquals(events(user(mixed)), [{ kind: "taken", text: mixed, id: "u1" }]);
  assertEquals(events(user([{ type: "tool_result", content: "x" }])), []);
  assertEquals(events({ ...user("hi"), isMeta: true }), []);
  assertEquals(events({ ...user("hi"), isSidechain: true }), []);
  assertEquals(events({ type: "queue-operation", operation: "enqueue", content: "later" }), [{
    kind: "queued",
    text: "later",
  }]);
  assertEquals(events({ type: "queue-operation", operation: "dequeue" }), []);
  assertEquals(events({ type: "attachment", uuid: "u2", attachment: { type: "queued_command", prompt: "later" } }), [
    { kind: "taken", text: "later", id: "u2" },
  ]);
  assertEquals(
    events({ type: "assistant", message: { role: "assistant", content: [{ type: "text", text: "yes" }] } }),
    [
      { kind: "answer", text: "yes" },
    ],
  );
  assertEquals(events({ type: "system", subtype: "turn_duration" }), [{ kind: "finished" }]);
});

Deno.test("what Claude Code would make something else of is refused, or told", () => {
  const prepare = (message: string) => claudeRuntime.prepare?.(message);
  const unseen = ["a\u200bb", "a\u200db", "a\u200fb", "soft\u00adhyphen", "a\u2028b", "a\u{e0100}"];
  const refused = ["/help", " /clear now", "/", "!ls", "a\tb", ...unseen];
  for (const message of refused) assert("refused" in (prepare(message) ?? {}), message);
  assertEquals(prepare("/etc/passwd is one"), { text: "/etc/passwd is one" });
  for (const text of ["plain", "🏳️‍🌈 👩🏽‍💻 ❤️", "नमस्ते", "\u{f0000}"]) assertEquals(prepare(text), { text });
  assertEquals(prepare("ends in \\"), { text: "ends in \\ " });
  for (const text of ["a\n", "  a"]) {
    assertEquals(prepare(text), { text: "a", escaped: "white space at its ends is left out, as Claude Code does" });
  }
  assertEquals(prepare("e\u0301"), { text: "e\u0301", escaped: "characters are composed (NFC), as Claude Code does" });
  assertEquals(claudeRuntime.transcript?.asKept?.("e\u0301 \n"), "é");
});

Deno.test("Claude Code is recognised where a person would talk to it", () => {
  const recognises = (...argv: readonly string[]) => claudeRuntime.recognises?.(argv);
  assertEquals([recognises("claude"), recognises("/a/claude", "--model", "x")], [true, true]);
  assertEquals([recognises("claude", "-p", "x"), recognises("bash"), recognises()], [false, false, false]);
});
