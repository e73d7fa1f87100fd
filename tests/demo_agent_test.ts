/**
 * The demo agent itself, in a pane of a real tmux server of its own, and what its runtime reads off that pane.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { demoRuntime } from "../lib/agents/demo.ts";
import type { Reading, Screen } from "../lib/agents/runtime.ts";
import { pollUntil, realIo } from "../lib/io/mod.ts";

const PROGRAM = new URL("../fixtures/agents/demo.ts", import.meta.url).pathname;
const DEADLINE_MS = 60_000;
const POLL_MS = 5;

interface TranscriptEvent {
  readonly type: string;
  readonly text: string;
  readonly [field: string]: string;
}

/** A demo agent in a pane; its server, its directory and its program go when it is disposed of. */
class DemoPane implements AsyncDisposable {
  private constructor(readonly directory: string) {}

  static async open(args: readonly string[] = [], { width = 60, height = 16 } = {}): Promise<DemoPane> {
    const pane = new DemoPane(await Deno.makeTempDir({ prefix: "muster-demo-agent-" }));
    const command = [Deno.execPath(), "run", "--no-config", `--allow-write=${pane.transcript}`, PROGRAM];
    const server = ["start-server", ";", "set", "-g", "exit-empty", "off", ";", "set", "-g", "remain-on-exit", "on"];
    const size = ["-x", `${width}`, "-y", `${height}`];
    const session = ["new-session", "-d", "-s", "demo", ...size, ...command, "--transcript", pane.transcript, ...args];
    try {
      await pane.tmux([...server, ";", ...session]);
    } catch (error) {
      await pane[Symbol.asyncDispose]();
      throw error;
    }
    return pane;
  }

  /** A pane whose program shows its composer. */
  static async ready(args: readonly string[] = [], size?: { width?: number; height?: number }): Promise<DemoPane> {
    const pane = await DemoPane.open(args, size);
    try {
      await pane.until("the composer", (reading) => reading.state === "idle");
    } catch (error) {
      await pane[Symbol.asyncDispose]();
      throw error;
    }
    return pane;
  }

  get transcript(): string {
    return `${this.directory}/transcript.jsonl`;
  }

  async tmux(args: readonly string[], stdin?: string): Promise<string> {
    const child = new Deno.Command("tmux", {
      args: ["-u", "-f", "/dev/null", "-L", "x", ...args],
      env: { TMUX_TMPDIR: this.directory, TMUX: "" },
      stdin: stdin === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (stdin !== undefined) {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(stdin));
      await writer.close();
    }
    const { code, stdout, stderr } = await child.output();
    if (code !== 0) throw new Error(`tmux ${args[0]}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }

  async screen(): Promise<Screen> {
    const format = "#{pane_width} #{pane_height} #{cursor_x} #{cursor_y} #{cursor_flag} #{pane_current_command}";
    const text = await this.tmux([
      "display-message",
      "-p",
      "-t",
      "=demo:",
      format,
      ";",
      "capture-pane",
      "-p",
      "-t",
      "=demo:",
    ]);
    const [facts = "", ...rows] = text.replace(/\n$/, "").split("\n");
    const [width, height, x, y, flag] = facts.split(" ").map(Number);
    const cursor = { x: x ?? 0, y: y ?? 0, visible: flag === 1 };
    return { rows, width: width ?? 0, height: height ?? 0, cursor, command: facts.split(" ")[5] ?? "" };
  }

  /** Polls until the program's screen reads as wanted. */
  async until(what: string, isReached: (reading: Reading, screen: Screen) => boolean): Promise<Screen & Reading> {
    const start = performance.now();
    for (;;) {
      const screen = await this.screen();
      const reading = demoRuntime.read(screen);
      if (isReached(reading, screen)) return { ...screen, ...reading };
      if (performance.now() - start > DEADLINE_MS) {
        throw new Error(`waited ${DEADLINE_MS} ms for ${what}; the screen was:\n${screen.rows.join("\n")}`);
      }
      await poll();
    }
  }

  /** Polls until the transcript has so many events of a type, and returns them all. */
  async events(type: string, count: number): Promise<TranscriptEvent[]> {
    const start = performance.now();
    for (;;) {
      const text = await Deno.readTextFile(this.transcript).catch(() => "");
      const events = text.split("\n").slice(0, -1).map((line): TranscriptEvent => JSON.parse(line));
      const found = events.filter((event) => event.type === type);
      if (found.length >= count) return found;
      if (performance.now() - start > DEADLINE_MS) {
        throw new Error(`waited ${DEADLINE_MS} ms for ${count} ${type} in the transcript:\n${text}`);
      }
      await poll();
    }
  }

  /** The transcript's types in order, once it has so many of one. */
  async types(type: string, count: number): Promise<string[]> {
    await this.events(type, count);
    const text = await Deno.readTextFile(this.transcript);
    return text.split("\n").slice(0, -1).map((line): TranscriptEvent => JSON.parse(line)).map((event) => event.type);
  }

  /** All rows, those of the history first. tmux scrolls one away when it says that a pane is dead. */
  async history(): Promise<string[]> {
    return (await this.tmux(["capture-pane", "-p", "-S", "-", "-t", "=demo:"])).split("\n");
  }

  async paste(text: string): Promise<void> {
    await this.tmux(["load-buffer", "-b", "m", "-", ";", "paste-buffer", "-prd", "-b", "m", "-t", "=demo:"], text);
  }

  async keys(...keys: string[]): Promise<void> {
    await this.tmux(["send-keys", "-t", "=demo:", ...keys]);
  }

  /** Ends what the program takes time for: its start, its work, its wait before a dialog. It listens once it has a session. */
  async end(): Promise<void> {
    await this.events("session", 1);
    Deno.kill(Number(await this.tmux(["display-message", "-p", "-t", "=demo:", "#{pane_pid}"])), "SIGUSR2");
  }

  /** Waits for the program to end; its exit status. */
  async exit(): Promise<number> {
    const start = performance.now();
    for (;;) {
      // A job of the server makes it notice a death that tmux before 3.6 may miss; in the background (-b), because the
      // end of the job may be missed as well, and the client would wait for it for ever.
      const format = "#{pane_dead} #{pane_dead_status}";
      const text = await this.tmux([
        "if-shell",
        "-b",
        "true",
        "",
        ";",
        "display-message",
        "-p",
        "-t",
        "=demo:",
        format,
      ]);
      const match = /^1 (\d+)$/.exec(text.trim());
      if (match !== null) return Number(match[1]);
      if (performance.now() - start > DEADLINE_MS) throw new Error(`waited ${DEADLINE_MS} ms for the exit: ${text}`);
      await poll();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tmux(["kill-server"]).catch(() => {});
    await Deno.remove(this.directory, { recursive: true });
  }
}

function poll(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, index) => `line ${index + 1}`).join("\n");
}

Deno.test("the demo agent takes a pasted message on Enter and answers it", async () => {
  await using pane = await DemoPane.ready(["--name", "coder0", "--say", "hello", "--busy", "forever"]);
  await pane.paste("fix the build");
  const draft = await pane.until("the draft", (reading) => reading.state === "draft");
  assertEquals(draft.composer, "fix the build");
  assertEquals(draft.cursor, { x: 15, y: 3, visible: true });
  await pane.keys("Enter");
  const busy = await pane.until("busy", (reading) => reading.state === "busy");
  assertEquals(busy.conversation, ["● hello", "", "❯ fix the build"]);
  await pane.end();
  const idle = await pane.until("the answer", (reading) => reading.state === "idle");
  const rule = "─".repeat(60);
  assertEquals(idle.rows.filter((row) => row !== ""), [
    "● hello",
    "❯ fix the build",
    "● Received 1 line, 13 characters.",
    rule,
    "❯",
    rule,
    " muster demo agent · coder0 · ready",
  ]);
  assertEquals(await pane.types("assistant", 1), ["session", "user", "assistant"]);
  const [session] = await pane.events("session", 1);
  assertEquals(session?.name, "coder0");
  assertMatch(session?.id ?? "", /^[0-9a-f-]{36}$/);
  assertMatch(session?.startedAt ?? "", /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assertEquals((await pane.events("assistant", 1))[0]?.text, "Received 1 line, 13 characters.");
});

const exact: [string, string][] = [
  ["a trailing semicolon", "ls;"],
  ["a trailing backslash", "C:\\"],
  ["a trailing newline", "one\n"],
  ["newlines, tabs and trailing spaces", "  one \n\n\ttwo  \nthree "],
  ["emoji, joined and flagged", "👩‍👩‍👧 🇩🇪 👍🏽 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿"],
  ["right-to-left text and marks", "שלום ‏مرحبا‎ abc"],
  ["combining characters as they came", "e\u0301 é क्षि"],
  ["a byte order mark", "\ufefftext"],
  ["shell text", "$(rm -rf /) `id` #{pane_id} %1 '\"'"],
  ["what looks like a screen", `${"─".repeat(60)}\n❯\n${"─".repeat(60)}\n muster demo agent · x · ready`],
];

Deno.test("the demo agent's transcript has each message byte for byte", async (t) => {
  await using pane = await DemoPane.ready(["--busy", "0"]);
  for (const [index, [name, text]] of exact.entries()) {
    await t.step(name, async () => {
      await pane.paste(text);
      await pane.until("the draft", (reading) => reading.state === "draft");
      await pane.keys("Enter");
      assertEquals((await pane.events("user", index + 1)).at(-1)?.text, text);
      await pane.until("idle", (reading) => reading.state === "idle");
    });
  }
});

Deno.test("the demo agent takes a paste and Enter in one breath", async () => {
  await using pane = await DemoPane.ready();
  await pane.tmux(
    ["load-buffer", "-b", "m", "-", ";", "paste-buffer", "-prd", "-b", "m", "-t", "=demo:", ";"]
      .concat("send-keys", "-t", "=demo:", "Enter"),
    "at once",
  );
  assertEquals((await pane.events("user", 1))[0]?.text, "at once");
});

Deno.test("the demo agent turns the carriage returns of a paste into newlines", async () => {
  await using pane = await DemoPane.ready();
  await pane.paste("one\rtwo\r\nthree");
  const { composer } = await pane.until("the draft", (reading) => reading.state === "draft");
  assertEquals(composer, "one\ntwo\nthree");
});

Deno.test("the demo agent folds a long paste and submits all of it", async () => {
  await using pane = await DemoPane.ready(["--busy", "0"]);
  await pane.paste(lines(11));
  const folded = await pane.until("the folded draft", (reading) => reading.folded === true);
  assertEquals(folded.composer, "[Pasted text #1 +11 lines]");
  await pane.keys(" and ");
  await pane.paste("x".repeat(1001));
  const two = await pane.until("the second paste", (reading) => /#2/.test(reading.composer ?? ""));
  assertEquals(two.composer, "[Pasted text #1 +11 lines] and [Pasted text #2 1001 chars]");
  await pane.keys("BSpace", "Enter");
  assertEquals((await pane.events("user", 1))[0]?.text, `${lines(11)} and `);
  const idle = await pane.until("the answer", (reading) => reading.state === "idle");
  assertEquals(idle.conversation, [
    "❯ line 1",
    "  line 2",
    "  line 3",
    "  line 4",
    "  line 5",
    "  line 6",
    "  … +5 lines",
    "● Received 11 lines, 83 characters.",
  ]);
});

for (const [text, row] of [[lines(7), "  … +1 line"], ["w".repeat(358), "  … +10 characters"]] as const) {
  Deno.test(`the demo agent cuts a long message short: ${row.trim()}`, async () => {
    await using pane = await DemoPane.ready(["--busy", "0"]);
    await pane.paste(text);
    await pane.until("the draft", (reading) => reading.state === "draft");
    await pane.keys("Enter");
    const { conversation } = await pane.until("the answer", (reading) => reading.conversation?.length === 8);
    assertEquals(conversation?.[6], row);
  });
}

Deno.test("the demo agent shows a paste within its limits", async () => {
  await using pane = await DemoPane.ready(["--fold-lines", "3", "--fold-chars", "20"]);
  await pane.paste(lines(2));
  const { composer, folded } = await pane.until("the draft", (reading) => reading.state === "draft");
  assertEquals([composer, folded], [lines(2), false]);
  await pane.keys("C-c");
  await pane.paste("y".repeat(21));
  await pane.until("the folded draft", (reading) => reading.composer === "[Pasted text #1 21 chars]");
});

Deno.test("the demo agent takes a paste of 1 MiB whole", async () => {
  await using pane = await DemoPane.ready(["--busy", "0"]);
  const text = "0123456 é你好\n".repeat(1 << 16).slice(0, -1);
  await pane.paste(text);
  await pane.until("the folded draft", (reading) => reading.composer === "[Pasted text #1 +65536 lines]");
  await pane.keys("Enter");
  assertEquals((await pane.events("user", 1))[0]?.text === text, true);
});

Deno.test("the demo agent scrolls a tall composer to its end without scanning it over and over", async () => {
  await using pane = await DemoPane.ready(["--fold-lines", "999999", "--fold-chars", "9999999"]);
  const text = `${"z".repeat(1 << 19)}\n${lines(20)}`;
  await pane.paste(text);
  const tall = await pane.until("the draft", (reading) => reading.state === "draft");
  assertEquals(tall.composer, Array.from({ length: 8 }, (_, index) => `line ${index + 13}`).join("\n"));
  assertEquals(tall.rows[1], "↑ line 13");
  await pane.keys("!", "BSpace", "?");
  await pane.until("the typed end", (reading) => reading.composer?.endsWith("line 20?") === true);
});

Deno.test("the demo agent wraps wide characters by their columns", async () => {
  await using pane = await DemoPane.ready([], { width: 20 });
  await pane.paste(`a${"你".repeat(10)}`);
  const { composer, cursor } = await pane.until("the draft", (reading) => reading.state === "draft");
  assertEquals(composer, "a你你你你你你你你\n你你");
  assertEquals(cursor, { x: 6, y: 2, visible: true });
});

Deno.test("the demo agent edits typed text", async () => {
  await using pane = await DemoPane.ready();
  await pane.keys("-l", "ab😀é");
  await pane.keys("BSpace", "BSpace", "Left", "Up", "F5", "C-j");
  await pane.keys("-l", "c;d");
  await pane.until("the text", (reading) => reading.composer === "ab\nc;d");
  await pane.keys("C-d");
  await pane.keys("C-c");
  await pane.until("an empty composer", (reading) => reading.state === "idle");
  await pane.keys("Enter", "Enter");
  await pane.keys("q", "Enter");
  assertEquals((await pane.events("user", 1))[0]?.text, "q");
});

Deno.test("the demo agent queues while it works and takes the queue in order", async () => {
  await using pane = await DemoPane.ready(["--busy", "forever"]);
  await pane.keys("first", "Enter");
  await pane.until("busy", (reading) => reading.state === "busy");
  await pane.paste(`second\n${"row\n".repeat(3)}`);
  await pane.until("the second draft", (reading) => reading.composer !== "");
  await pane.keys("Enter");
  await pane.paste(`third ${"你".repeat(40)}`);
  await pane.until("the third draft", (reading) => reading.composer?.startsWith("third") === true);
  await pane.keys("Enter", "draft");
  const queue = await pane.until("the queue", (reading) => reading.composer === "draft");
  assertEquals(queue.state, "busy");
  assertEquals(queue.queued, ["second", `third ${"你".repeat(21)}…`]);
  assertEquals(queue.conversation, ["❯ first"]);
  assertEquals((await pane.events("queued", 2)).map((event) => event.text.slice(0, 6)), ["second", "third "]);
  await pane.keys("Escape");
  const next = await pane.until("the second message", (reading) => reading.queued?.length === 1);
  assertEquals(next.conversation?.slice(0, 4), ["❯ first", "● Interrupted.", "", "❯ second"]);
  await pane.keys("Escape");
  await pane.until("the third message", (reading) => reading.queued?.length === 0);
  assertEquals((await pane.events("user", 3)).map((event) => event.text.slice(0, 6)), ["first", "second", "third "]);
  await pane.keys("Escape");
  const draft = await pane.until("the draft left", (reading) => reading.state === "draft");
  assertEquals(draft.composer, "draft");
});

Deno.test("the demo agent answers what was queued when its work ends", async () => {
  await using pane = await DemoPane.ready(["--busy", "forever"]);
  const words = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
  await pane.keys(...words.flatMap((word) => [word, "Enter"]));
  await pane.until("a full queue", ({ queued }, { rows }) => {
    return rows.some((row) => row.startsWith("↳ … +")) && queued?.length === 4;
  });
  for (let ended = 1; ended <= words.length; ended++) {
    await pane.end();
    await pane.events("assistant", ended);
  }
  const answers = await pane.events("assistant", words.length);
  assertEquals(answers.map((event) => event.text).slice(0, 3), [
    "Received 1 line, 3 characters.",
    "Received 1 line, 3 characters.",
    "Received 1 line, 5 characters.",
  ]);
  await pane.until("idle", (reading) => reading.state === "idle");
  const taken = (await pane.history()).filter((row) => /^❯ \w/.test(row));
  assertEquals(taken, words.map((word) => `❯ ${word}`));
});

Deno.test("a paste does not answer the demo agent's dialog, and is lost", async () => {
  await using pane = await DemoPane.open(["--dialog", "start", "--dialog-text", "Delete it?"]);
  const open = await pane.until("the dialog", (reading) => reading.state === "dialog");
  assertEquals(open.dialog, "Delete it?");
  assertEquals(open.cursor.visible, false);
  await pane.paste("yes\nplease");
  assertEquals((await pane.events("lost", 1))[0]?.text, "yes\nplease");
  assertEquals(demoRuntime.read(await pane.screen()).state, "dialog");
  await pane.keys("Enter");
  assertEquals((await pane.events("dialog", 1))[0]?.answer, "yes");
  const idle = await pane.until("idle", (reading) => reading.state === "idle");
  assertEquals(idle.conversation, ["● Delete it? Yes."]);
});

Deno.test("the demo agent opens a dialog behind a paste, refuses it on Esc and keeps the draft", async () => {
  await using pane = await DemoPane.ready(["--dialog", "paste"]);
  await pane.paste("the draft");
  const open = await pane.until("the dialog", (reading) => reading.state === "dialog");
  assertEquals(open.dialog, "Allow the command: rm -rf build?");
  await pane.keys("Escape");
  assertEquals((await pane.events("dialog", 1))[0]?.answer, "no");
  const draft = await pane.until("the draft", (reading) => reading.state === "draft");
  assertEquals(draft.composer, "the draft");
  await pane.keys("Enter");
  assertEquals((await pane.events("user", 1))[0]?.text, "the draft");
  assertEquals(await pane.types("assistant", 1), ["session", "dialog", "user", "assistant"]);
});

Deno.test("the demo agent shows the paste before its dialog for as long as it is told", async () => {
  await using pane = await DemoPane.ready(["--dialog", "paste", "--dialog-delay", "forever"]);
  await pane.paste("the draft");
  await pane.until("the draft", (reading) => reading.state === "draft");
  await pane.end();
  await pane.until("the dialog", (reading) => reading.state === "dialog");
});

Deno.test("the demo agent's answer waits for its dialog", async () => {
  await using pane = await DemoPane.ready(["--dialog", "paste", "--busy", "forever"]);
  await pane.keys("work", "Enter");
  await pane.events("user", 1);
  await pane.paste("next");
  await pane.until("the dialog", (reading) => reading.state === "dialog");
  await pane.end();
  await pane.events("held", 1);
  await pane.keys("Enter");
  await pane.until("the answer", (reading) => reading.state === "draft");
  assertEquals(await pane.types("assistant", 1), ["session", "user", "held", "dialog", "assistant"]);
});

Deno.test("messages that quote a screen do not fool the demo runtime", async () => {
  await using pane = await DemoPane.ready(["--busy", "0", "--fold-lines", "99"]);
  const box = `╭${"─".repeat(58)}╮\n│ Really?\n│ ❯ 1. Yes\n│   2. No\n╰─ Enter to answer · Esc to refuse`;
  await pane.paste(` muster demo agent · x · asking\n${box}`);
  const draft = await pane.until("the draft", (reading) => reading.state === "draft");
  assert(draft.composer?.endsWith("╰─ Enter to answer · Esc to refuse"));
  await pane.keys("Enter");
  await pane.events("user", 1);
  const idle = await pane.until("idle", (reading) => reading.state === "idle");
  assertEquals(idle.queued, []);
});

Deno.test("the demo agent swallows as many Enters as it is told", async () => {
  await using pane = await DemoPane.ready(["--swallow", "2"]);
  await pane.keys("Enter", "hold", "Enter", "Enter", "x");
  await pane.until("the draft", (reading) => reading.composer === "holdx");
  await pane.keys("Enter");
  assertEquals((await pane.events("user", 1)).map((event) => event.text), ["holdx"]);
});

Deno.test("a slow demo agent takes keys before it shows them", async () => {
  await using pane = await DemoPane.ready(["--redraw", "3000", "--busy", "forever"]);
  const start = performance.now();
  await pane.keys("slow", "Enter");
  await pane.events("user", 1);
  assertEquals(demoRuntime.read(await pane.screen()).state, "idle");
  await pane.until("busy", (reading) => reading.state === "busy");
  assert(performance.now() - start >= 3000);
});

Deno.test("a demo agent that starts shows its footer and loses what is typed", async () => {
  await using pane = await DemoPane.open(["--start-delay", "forever", "--name", "late"]);
  const { rows } = await pane.until("starting", (reading) => reading.state === "starting");
  assertEquals(rows.filter((row) => row !== ""), [" muster demo agent · late · starting"]);
  await pane.paste("too\nearly");
  await pane.keys("Enter");
  const lost = async () => (await pane.events("lost", 1)).map(({ text }) => text).join("");
  await pollUntil(realIo.clock, async () => (await lost()) === "too\nearly\r" || undefined, {
    what: "all that was typed to be lost",
    timeoutMs: DEADLINE_MS,
    longestPauseMs: 25,
  });
  await pane.end();
  const idle = await pane.until("idle", (reading) => reading.state === "idle");
  assertEquals(idle.composer, "");
  assert(!(await pane.types("session", 1)).includes("user"));
});

Deno.test("a resize leaves the demo agent's screen and history whole", async () => {
  await using pane = await DemoPane.ready(["--busy", "0", "--fold-chars", "9999"], { width: 60, height: 12 });
  for (let index = 1; index <= 8; index++) {
    await pane.keys(`message-${index}`, "Enter");
    await pane.events("assistant", index);
  }
  await pane.paste(`draft ${"你好 ".repeat(20)}`);
  await pane.until("the draft", (reading) => reading.state === "draft");
  for (const [width, height] of [[31, 10], [100, 30], [40, 7], [60, 12]]) {
    await pane.tmux(["resize-window", "-t", "=demo:", "-x", `${width}`, "-y", `${height}`]);
    await pane.until(`the draft at ${width} x ${height}`, (reading, screen) => {
      return screen.width === width && screen.height === height && reading.state === "draft";
    });
    const history = await pane.history();
    const said = history.filter((row) => /^[❯●] (message|Received)/.test(row));
    const expected = Array.from({ length: 8 }, (_, index) => {
      return [`❯ message-${index + 1}`, "● Received 1 line, 9 characters."];
    }).flat();
    // The last columns of an answer go on in the next row where the terminal is narrow.
    assertEquals(said.map((row) => row.slice(0, 12)), expected.map((row) => row.slice(0, 12)));
    assertEquals(history.filter((row) => /^─+$/.test(row)), Array(2).fill("─".repeat(width ?? 0)));
    assertEquals(history.filter((row) => row.startsWith(" muster demo agent")).length, 1);
  }
});

Deno.test("the demo agent leaves the terminal as it found it", async (t) => {
  const erased = async (pane: DemoPane) => {
    return (await pane.history()).filter((row) => row !== "" && !row.startsWith("Pane is dead"));
  };

  await t.step("by Ctrl-C, twice on an empty composer", async () => {
    await using pane = await DemoPane.ready();
    await pane.keys("draft", "C-c", "C-c", "x", "BSpace", "C-c");
    await pane.paste("still there");
    await pane.until("the draft", (reading) => reading.composer === "still there");
    await pane.keys("C-c", "C-c", "C-c");
    assertEquals([await pane.exit(), await erased(pane)], [0, []]);
  });

  await t.step("by Ctrl-D on an empty composer", async () => {
    await using pane = await DemoPane.ready();
    await pane.keys("C-d");
    assertEquals([await pane.exit(), await erased(pane)], [0, []]);
  });

  for (const [signal, status] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    await t.step(`by ${signal}`, async () => {
      await using pane = await DemoPane.ready();
      Deno.kill(Number(await pane.tmux(["display-message", "-p", "-t", "=demo:", "#{pane_pid}"])), signal);
      assertEquals([await pane.exit(), await erased(pane)], [status, []]);
    });
  }

  await t.step("by --exit-after paste", async () => {
    await using pane = await DemoPane.ready(["--exit-after", "paste"]);
    await pane.paste("x");
    assertEquals([await pane.exit(), await erased(pane)], [1, ["the demo agent exits after a paste, as told"]]);
    assertEquals(await pane.types("session", 1), ["session"]);
  });

  await t.step("by --exit-after enter", async () => {
    await using pane = await DemoPane.ready(["--exit-after", "enter"]);
    await pane.keys("Enter", "x", "Enter");
    assertEquals([await pane.exit(), await erased(pane)], [1, ["the demo agent exits after Enter, as told"]]);
    assertEquals(await pane.types("session", 1), ["session"]);
  });
});

/** Runs the program without a terminal and without a permission. */
async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "--no-config", PROGRAM, ...args], stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

const refused: [string[], string][] = [
  [["--colour", "red"], "unknown flag: --colour"],
  [["--name"], "--name needs a value"],
  [["--name", "a b"], "--name takes letters, digits, _ and -: a b"],
  [["--busy", "soon"], "--busy takes a whole number: soon"],
  [["--dialog", "never"], "--dialog takes start or paste: never"],
  [[], "needs a terminal"],
];

for (const [args, message] of refused) {
  Deno.test(`the demo agent refuses: ${["demo.ts", ...args].join(" ")}`, async () => {
    assertEquals(await run(...args), { code: 2, stdout: "", stderr: `muster demo agent: ${message}\n` });
  });
}

Deno.test("the demo agent's help and module doc name the same flags", async () => {
  const { code, stdout, stderr } = await run("--help");
  assertEquals([code, stderr], [0, ""]);
  const documented = (await Deno.readTextFile(PROGRAM)).matchAll(/^ \* \| `(--[a-z-]+)/gm);
  const helped = stdout.matchAll(/^ {2}(--[a-z-]+)/gm);
  const names = (matches: Iterable<RegExpMatchArray>) => [...matches].map((match) => match[1] ?? "");
  assertEquals([...names(documented), "--help"], names(helped));
});

Deno.test("the demo agent refuses a transcript that it may not write, without asking", async () => {
  await using pane = await DemoPane.open(["--transcript", "/elsewhere/demo.jsonl"]);
  assertEquals(await pane.exit(), 2);
  assertMatch(
    (await pane.history()).join(""),
    /^muster demo agent: no permission to write the transcript: run with --allow-write=/,
  );
});

Deno.test("the demo agent needs no permission without a transcript", async () => {
  await using pane = await DemoPane.open();
  await pane.tmux([
    "respawn-pane",
    "-k",
    "-t",
    "=demo:",
    Deno.execPath(),
    "run",
    "--no-config",
    PROGRAM,
    "--name",
    "bare",
  ]);
  await pane.until(
    "the composer",
    ({ state }, { rows }) => state === "idle" && rows.some((row) => row.includes("bare")),
  );
  await pane.keys("hi", "Enter");
  await pane.until("the answer", ({ conversation }) => conversation?.[1] === "● Received 1 line, 2 characters.");
});
