import { assertEquals } from "../../deps/assert.ts";
import { type Io, realIo, withEnvironment } from "../../io/mod.ts";
import {
  forgetSessions,
  noteFreshStart,
  noteResume,
  noteResumed,
  readFreshStart,
  readToldSessions,
  readUnresumed,
  sessionFile,
} from "./sessions.ts";

const script = new URL("../../../units/session.sh", import.meta.url).pathname;
const [first, second] = ["0aaaaaaa-0000-4000-8000-000000000001", "0bbbbbbb-0000-4000-8000-000000000002"];

/** A state directory in which the agent `a` has a unit. */
async function withState(test: (io: Io, directory: string) => Promise<void>): Promise<void> {
  const state = await Deno.makeTempDir({ prefix: "muster-test-" });
  try {
    const io = withEnvironment(realIo, { HOME: state, MUSTER_STATE: state, PATH: Deno.env.get("PATH") ?? "" });
    const file = sessionFile(io.env, "a");
    const directory = file.slice(0, file.lastIndexOf("/"));
    await Deno.mkdir(directory, { recursive: true });
    await test(io, directory);
  } finally {
    await Deno.remove(state, { recursive: true });
  }
}

/** Runs what a program runs to tell a session. */
async function tell(file: string, told: string, how: "stdin" | "argument"): Promise<number> {
  const args = how === "stdin" ? [script, file] : [script, file, told];
  const child = new Deno.Command("sh", { args, stdin: "piped", stdout: "null", stderr: "null" }).spawn();
  const writer = child.stdin.getWriter();
  if (how === "stdin") await writer.write(new TextEncoder().encode(told));
  await writer.close();
  return (await child.status).code;
}

Deno.test("when an agent began anew is kept with the reason, on one line whatever that holds", async () => {
  await withState(async (io) => {
    assertEquals(await readFreshStart(io, "a"), undefined);
    await noteFreshStart(io, "a", { atMs: 1234.5, reason: "" });
    assertEquals(await readFreshStart(io, "a"), { atMs: 1234, reason: "" });
    await noteFreshStart(io, "a", { atMs: 2000, reason: 'it\'s "so"\n$(touch x)\u001b[2J' });
    const { atMs, reason = "" } = await readFreshStart(io, "a") ?? {};
    assertEquals([atMs, reason.startsWith('it\'s "so"')], [2000, true]);
    for (const unsafe of ["\n", "\u001b"]) assertEquals(reason.includes(unsafe), false, JSON.stringify(reason));
    await noteFreshStart(io, "none", { atMs: 1, reason: "" });
    assertEquals(await readFreshStart(io, "none"), undefined, "an agent without a unit has no such file");
  });
});

Deno.test("a session in which an agent was started is known until it was seen to go on, or began anew", async () => {
  await withState(async (io) => {
    assertEquals(await readUnresumed(io, "a"), undefined);
    await noteResume(io, "a", first);
    assertEquals(await readUnresumed(io, "a"), first);
    await noteResumed(io, "a");
    assertEquals(await readUnresumed(io, "a"), undefined);
    await noteResume(io, "a", "/a path/with 'quotes'.jsonl");
    assertEquals(await readUnresumed(io, "a"), "/a path/with 'quotes'.jsonl");
    await noteFreshStart(io, "a", { atMs: 1, reason: "" });
    assertEquals(await readUnresumed(io, "a"), undefined);
  });
});

Deno.test("session.sh keeps what Claude Code and Codex tell, and nothing of what was said", async () => {
  await withState(async (io, directory) => {
    const file = sessionFile(io.env, "a");
    const hook = {
      session_id: first,
      transcript_path: "/h/.claude/projects/-w/x.jsonl",
      hook_event_name: "SessionStart",
    };
    const notify = {
      type: "agent-turn-complete",
      "thread-id": second,
      "input-messages": [`say "session_id":"${first}"`, `{"session_id": "${first}"}`],
      "last-assistant-message": "a secret",
    };
    const before = Date.now();
    assertEquals(await tell(file, JSON.stringify(hook), "stdin"), 0);
    assertEquals(await tell(file, JSON.stringify(notify), "argument"), 0);
    for (const bad of ["", "no JSON", "{}", '{"session_id":"$(touch x)"}', '{"session_id":"../../x"}']) {
      assertEquals(await tell(file, bad, "stdin"), 0, bad);
    }
    assertEquals(await readToldSessions(io, "a", before), [
      { id: first, transcript: "/h/.claude/projects/-w/x.jsonl" },
      { id: second, transcript: "" },
    ]);
    assertEquals(await readToldSessions(io, "a", Date.now() + 60_000), [], "what was told before does not count");
    const text = await Deno.readTextFile(file);
    assertEquals([text.includes("secret"), text.split("\n").length], [false, 3]);
    assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o077, 0, "nobody else may read it");
    for (let at = 0; at < 30; at++) await tell(file, JSON.stringify(hook), "stdin");
    assertEquals((await Deno.readTextFile(file)).split("\n").length, 21, "the last twenty are kept");
    await forgetSessions(io, "a");
    assertEquals([...Deno.readDirSync(directory)], []);
    await Deno.remove(directory);
    assertEquals(await tell(file, JSON.stringify(hook), "stdin"), 0, "an agent whose unit is gone tells nobody");
  });
});
