/**
 * What is sent is what arrives: any text, byte for byte, as one message; and every way in which a send can end, each as
 * it was.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { root, show, World } from "./_world.ts";

const program = new URL("fixtures/agents/demo.ts", root).pathname;

/** What the tests read of a receipt. */
interface Receipt {
  readonly outcome: string;
  readonly evidence: string;
  readonly bytes: number;
  readonly attempts: number;
  readonly reason?: string;
  readonly screen?: readonly string[];
}

/** A line of the demo agent's transcript. */
interface Entry {
  readonly type: string;
  readonly text?: string;
}

/** A fleet of one agent, started; its name is `coder0`. */
class Agent implements AsyncDisposable {
  private constructor(readonly world: World, readonly transcript: string) {}

  static async start(toml: (transcript: string) => string, code = 0): Promise<Agent> {
    const world = await World.create();
    const transcript = `${world.home}/transcript.jsonl`;
    try {
      await world.roster(`version = 1\n\n[[agents]]\nname = "coder0"\n${toml(transcript)}`);
      const started = await world.muster(["fleet", "start"]);
      if (started.code !== code) throw new Error(`the agent did not start: ${show(started)}`);
      return new Agent(world, transcript);
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The demo agent with flags of its own. */
  static demo(...flags: readonly string[]): Promise<Agent> {
    return Agent.start((transcript) => {
      const deno = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock", `--allow-write=${transcript}`];
      return commandLine("demo", [...deno, program, "--transcript", transcript, ...flags]);
    }, flags.join(" ").startsWith("--dialog start") ? 4 : 0);
  }

  /** Any program. */
  static command(...command: readonly string[]): Promise<Agent> {
    return Agent.start(() => commandLine("command", command));
  }

  /** Sends by `tmux send`, and reads the receipt; nothing is ever on standard error. */
  async send(
    words: readonly string[],
    options: { readonly stdin?: string } = {},
  ): Promise<Receipt & { readonly code: number }> {
    const line = ["tmux", "send", "--json", "-t", "coder0", ...words];
    const ended = await this.world.muster(line, options);
    assertEquals(ended.stderr, "");
    return { ...JSON.parse(ended.stdout), code: ended.code };
  }

  /** All of the transcript that is whole. */
  async entries(): Promise<Entry[]> {
    const lines = (await Deno.readTextFile(this.transcript)).split("\n").slice(0, -1);
    return lines.map((line): Entry => JSON.parse(line));
  }

  /** The messages that the agent took, once there are so many. */
  async taken(count: number): Promise<string[]> {
    return await this.world.eventually(`${count} messages in the transcript`, async () => {
      const texts = (await this.entries()).filter(({ type }) => type === "user").map(({ text }) => text ?? "");
      return texts.length >= count ? texts : undefined;
    });
  }

  /** Types of the transcript, without the first, which says that it began. */
  async types(): Promise<string[]> {
    return (await this.entries()).map(({ type }) => type).slice(1);
  }

  async keys(...keys: readonly string[]): Promise<void> {
    await this.world.tmux(["send-keys", "-t", "=coder0:", ...keys]);
  }

  /** Waits until a row of the screen has a text. */
  async shows(text: string): Promise<void> {
    await this.world.eventually(`the screen to show ${text}`, async () => {
      return (await this.screen()).some((row) => row.includes(text)) || undefined;
    });
  }

  async screen(): Promise<string[]> {
    return await this.world.screen("=coder0:");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}

function commandLine(runtime: string, command: readonly string[]): string {
  return `runtime = "${runtime}"\ncommand = ${JSON.stringify(command)}\n`;
}

/** Texts that a shell, a command line, tmux or a terminal could take for something else. */
const texts: readonly string[] = [
  "--help",
  "--json",
  "-x",
  "--",
  "-",
  "-t coder1",
  "=",
  `it's "quoted" and \\"escaped\\"`,
  "$(touch /tmp/muster-pwned) `id` $HOME ${HOME} #{session_name} #(id) %1 !!",
  "ends in a semicolon;",
  "ends in two;;",
  ";",
  "ends in a backslash\\",
  "\\;",
  "\\n is no newline, \\x1b no escape",
  "\ttabs\tin\tplaces",
  "  blanks around  ",
  "emoji 🚀 👩‍💻 🇩🇪 ❤️ 🏳️‍🌈",
  "🚀",
  "مرحبا بالعالم — שלום \u200fעולם\u200e",
  "日本語のテキスト、全角",
  "e\u0301 is not é; ﬁ is not fi; \u00a0nbsp\u00a0",
  "one\ntwo\n\nfour\n",
  "\nbegins with a newline",
  "C-c Enter Escape M-x ^C ^[",
  "/exit",
  "!ls",
  "@file",
  "[Pasted text #1 +40 lines]",
];

const long = Array.from({ length: 3_000 }, (_, at) => `${at} ${"lorem ipsum dolor;".repeat(4)}\\`).join("\n");

Deno.test("what is sent arrives byte for byte", async (t) => {
  await using agent = await Agent.demo("--busy", "0");
  let count = 0;
  const arrives = async (text: string, words: readonly string[], stdin?: string) => {
    const receipt = await agent.send(words, { stdin });
    const { code, outcome, evidence, attempts, bytes } = receipt;
    const length = new TextEncoder().encode(text).length;
    assertEquals([code, outcome, attempts, bytes], [0, "submitted", 1, length], JSON.stringify(receipt));
    assert(["screen", "transcript"].includes(evidence), evidence);
    const taken = await agent.taken(++count);
    assertEquals(taken.length, count);
    assert(taken.at(-1) === text, `arrived as ${JSON.stringify(taken.at(-1)?.slice(0, 500))}`);
  };

  for (const text of texts) {
    await t.step(`-m ${JSON.stringify(text)}`, async () => await arrives(text, ["-m", text]));
  }
  await t.step("by input", async () => {
    for (const text of texts.slice(0, 8)) await arrives(text, [], text);
  });
  await t.step("in the words of the flag itself", async () => {
    await arrives("--json", ["--message=--json"]);
    await arrives("=x", ["--message==x"]);
    await arrives("-x", ["-m-x"]);
    await arrives("x=y", ["-m=x=y"]);
    await arrives("--help", ["-m=--help"]);
  });
  await t.step("many lines", async () => {
    const text = Array.from({ length: 400 }, (_, at) => `line ${at};`).join("\n");
    await arrives(text, [], text);
  });
  await t.step("200 KB", async () => {
    assert(long.length > 200_000);
    await arrives(long, [], long);
    await agent.world.file("long.txt", long);
    await arrives(long, ["-f", "long.txt"]);
  });
  await t.step("200 KB in one line", async () => {
    const text = "word ".repeat(40_000) + "end";
    await arrives(text, [], text);
  });
  await t.step("a CRLF made a newline by --sanitize", async () => {
    await arrives("one\ntwo", ["--sanitize"], "one\r\ntwo");
  });
  await t.step("by agent send, behind whom it is from", async () => {
    const { code, stderr } = await agent.world.muster(["agent", "send", "coder0", "-m", "--help;"]);
    assertEquals([code, stderr], [0, ""]);
    const text = (await agent.taken(++count)).at(-1) ?? "";
    assertMatch(text, /^\[[^\s:]+:- -> [^\s:]+:coder0\] --help;$/);
  });
  await t.step("no buffer is left, and nothing else was typed", async () => {
    assertEquals(await agent.world.tmux(["list-buffers"]), "");
    assertEquals((await agent.types()).filter((type) => type !== "assistant"), Array(count).fill("user"));
    assertEquals([...Deno.readDirSync("/tmp")].some(({ name }) => name === "muster-pwned"), false);
  });
});

Deno.test("cat gets what is sent, seen by its echo", async () => {
  await using agent = await Agent.command("cat");
  const sent = ["--help", "it's $(id) `id`", "ends in;", "日本語", "ends in \\", "🚀 ok", "last"];
  for (const text of sent) {
    const { code, outcome, evidence, attempts } = await agent.send(["-m", text]);
    assertEquals([text, code, outcome, evidence, attempts], [text, 0, "submitted", "screen", 1]);
  }
  const rows = await agent.world.eventually("cat to say the last line", async () => {
    const seen = await agent.screen();
    return seen.filter((row) => row === "last").length === 2 ? seen : undefined;
  });
  assertEquals(rows, sent.flatMap((text) => [text, text]));
});

Deno.test("bash gets what is sent as one command line each", async () => {
  await using agent = await Agent.command("env", "PS1=% ", "bash", "--noprofile", "--norc", "-i");
  await agent.shows("%");
  const sent = ["echo $((6 * 7))", "echo 'a;b' \\;", `printf '%s\\n' "-- $((1 + 1))"`, "echo 日本語 🚀"];
  for (const text of sent) {
    const receipt = await agent.send(["-m", text]);
    assertEquals([text, receipt.code, receipt.outcome, receipt.attempts], [text, 0, "submitted", 1]);
  }
  await agent.shows("日本語 🚀");
  const rows = await agent.world.eventually("bash to answer the last line", async () => {
    const seen = await agent.screen();
    return seen.at(-2) === "日本語 🚀" ? seen : undefined;
  });
  for (const answer of ["42", "a;b ;", "-- 2"]) assert(rows.includes(answer), `${answer} in ${JSON.stringify(rows)}`);
});

Deno.test("bash runs nothing of many lines before Enter", async () => {
  await using agent = await Agent.command("env", "PS1=% ", "bash", "--noprofile", "--norc", "-i");
  await agent.shows("%");
  const text = "echo first-$((1 + 1))\necho second-$((2 + 2))";
  const receipt = await agent.send(["-m", text]);
  assertEquals([receipt.code, receipt.outcome, receipt.attempts], [0, "submitted", 1]);
  await agent.shows("second-4");
  await agent.shows("first-2");
});

Deno.test("a program that echoes nothing gets no Enter: unknown", async () => {
  await using agent = await Agent.command(
    "sh",
    "-c",
    'stty -echo; echo ready; while read -r line; do echo "got $line"; done',
  );
  await agent.shows("ready");
  const receipt = await agent.send(["-m", "secret", "--timeout", "1s"]);
  assertEquals([receipt.code, receipt.outcome, receipt.evidence, receipt.attempts], [3, "unknown", "none", 0]);
  assertEquals(receipt.reason, "the text was typed and did not show; Enter was not pressed");
  assertEquals(await agent.screen(), ["ready"]);
  // What was typed stands in the terminal, and the first Enter is the person's.
  await agent.keys("Enter");
  await agent.shows("got secret");
});

Deno.test("a prompt that has the message's own words is no echo of it", async () => {
  const script = 'stty -echo; printf "Type hello to go on: "; while read -r line; do echo "got $line"; done';
  await using agent = await Agent.command("sh", "-c", script);
  await agent.shows("Type hello to go on:");
  const receipt = await agent.send(["-m", "hello", "--timeout", "1s"]);
  assertEquals([receipt.code, receipt.outcome, receipt.evidence, receipt.attempts], [3, "unknown", "none", 0]);
  assertEquals(await agent.screen(), ["Type hello to go on:"]);
});

Deno.test("a pane whose program has ended: dead", async () => {
  await using agent = await Agent.command("sh", "-c", "echo ready; read -r line; exit 7");
  await agent.shows("ready");
  await agent.keys("Enter");
  await agent.world.eventually("the pane to be dead", async () => {
    const status = await agent.world.json<{ readonly agents: readonly { readonly state: string }[] }>([
      "fleet",
      "status",
    ]);
    return status.document.agents[0]?.state === "dead" || undefined;
  });
  const receipt = await agent.send(["-m", "hello"]);
  assertEquals([receipt.code, receipt.outcome, receipt.evidence, receipt.attempts], [5, "dead", "none", 0]);
  assertEquals(receipt.reason, "the pane's program has ended");
});

Deno.test("a report is an observation: a program that ends at the paste is dead, and Enter was not pressed", async () => {
  await using agent = await Agent.demo("--exit-after", "paste");
  const receipt = await agent.send(["-m", "hello"]);
  assertEquals([receipt.code, receipt.outcome, receipt.attempts], [5, "dead", 0]);
});

Deno.test("a pane in copy mode: held, and it stays there", async () => {
  await using agent = await Agent.demo("--busy", "0");
  await agent.world.tmux(["copy-mode", "-t", "=coder0:"]);
  const before = await agent.screen();
  const receipt = await agent.send(["-m", "hello"]);
  assertEquals([receipt.code, receipt.outcome, receipt.evidence, receipt.attempts], [4, "held", "none", 0]);
  assertEquals(receipt.reason, "the pane is in copy mode");
  assertEquals(await agent.world.tmux(["display-message", "-p", "-t", "=coder0:", "#{pane_mode}"]), "copy-mode\n");
  assertEquals(await agent.screen(), before);
  assertEquals(await agent.types(), []);
});

Deno.test("somebody's draft: held, and untouched", async () => {
  await using agent = await Agent.demo("--busy", "0");
  await agent.keys("-l", "half a thought");
  await agent.shows("half a thought");
  const before = await agent.screen();
  const receipt = await agent.send(["-m", "hello"]);
  assertEquals([receipt.code, receipt.outcome, receipt.evidence, receipt.attempts], [4, "held", "none", 0]);
  assertEquals(receipt.reason, "a draft is in the composer: half a thought");
  assertEquals(await agent.screen(), before);
  await agent.keys("Enter");
  assertEquals(await agent.taken(1), ["half a thought"]);
});

Deno.test("an open dialog: held, and unanswered", async () => {
  await using agent = await Agent.demo("--dialog", "start", "--dialog-text", "Delete it?");
  await agent.shows("Delete it?");
  const before = await agent.screen();
  const receipt = await agent.send(["-m", "yes"]);
  assertEquals([receipt.code, receipt.outcome, receipt.evidence, receipt.attempts], [4, "held", "none", 0]);
  assertEquals(receipt.reason, "a dialog is open: Delete it?");
  assertEquals(await agent.screen(), before);
  assertEquals(await agent.types(), []);
});

Deno.test("nothing of the person's is harmed: a dialog that opens behind the paste is not answered", async () => {
  await using agent = await Agent.demo("--dialog", "paste", "--dialog-text", "Delete it?");
  const receipt = await agent.send(["-m", "hello", "--timeout", "1s"]);
  assertEquals([receipt.code, receipt.outcome, receipt.attempts], [3, "unknown", 0]);
  await agent.shows("Delete it?");
  assertEquals(await agent.types(), []);
});

Deno.test("a busy agent: queued", async () => {
  await using agent = await Agent.demo("--busy", "forever");
  assertEquals((await agent.send(["-m", "first"])).outcome, "submitted");
  for (const text of ["second", "third\nof two lines"]) {
    const receipt = await agent.send(["-m", text]);
    assertEquals([receipt.code, receipt.outcome, receipt.evidence, receipt.attempts], [0, "queued", "transcript", 1]);
  }
  const queued = (await agent.entries()).filter(({ type }) => type === "queued").map(({ text }) => text);
  assertEquals(queued, ["second", "third\nof two lines"]);
  assertEquals(await agent.taken(1), ["first"]);
});

Deno.test("exactly once: an agent that swallows two Enters has the message with the third", async () => {
  await using agent = await Agent.demo("--busy", "0", "--swallow", "2");
  const receipt = await agent.send(["-m", "hello"]);
  assertEquals([receipt.code, receipt.outcome, receipt.attempts], [0, "submitted", 3]);
  assertEquals(await agent.taken(1), ["hello"]);
});

Deno.test("an agent that swallows every Enter: unsubmitted, and the text stands", async () => {
  await using agent = await Agent.demo("--busy", "0", "--swallow", "99");
  const receipt = await agent.send(["-m", "hello", "--retries", "1"]);
  assertEquals([receipt.code, receipt.outcome, receipt.evidence, receipt.attempts], [1, "unsubmitted", "screen", 2]);
  assertEquals(receipt.screen?.filter((row) => row.startsWith("❯")), ["❯ hello"]);
  assertEquals(await agent.types(), []);
});

Deno.test("exactly once: an agent that draws late", async () => {
  await using agent = await Agent.demo("--busy", "0", "--redraw", "150");
  for (const text of ["first", "second"]) {
    const receipt = await agent.send(["-m", text]);
    assertEquals([receipt.code, receipt.outcome, receipt.attempts], [0, "submitted", 1]);
  }
  assertEquals(await agent.taken(2), ["first", "second"]);
  assertEquals((await agent.types()).filter((type) => type !== "assistant"), ["user", "user"]);
});

Deno.test("an agent that starts late is waited for", async () => {
  await using world = await World.create();
  const transcript = `${world.home}/transcript.jsonl`;
  const deno = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock", `--allow-write=${transcript}`];
  const command = [...deno, program, "--transcript", transcript, "--busy", "0", "--start-delay", "forever"];
  await world.roster(`version = 1\n\n[[agents]]\nname = "coder0"\n${commandLine("demo", command)}`);
  const starting = world.muster(["fleet", "start"]);
  await world.eventually("its footer", async () => {
    try {
      return (await world.screen("=coder0:")).some((row) => row.endsWith("· starting")) || undefined;
    } catch {
      return undefined; // its session is not there yet
    }
  });
  const sending = world.json<Receipt>(["tmux", "send", "-t", "coder0", "-m", "hello", "--timeout", "50s"]);
  await world.eventually("the sender to wait", async () => {
    return (await world.tmux(["display-message", "-p", "-t", "=coder0:", "#{@muster_queue}"])).trim() !== "" ||
      undefined;
  });
  const pid = await world.tmux(["display-message", "-p", "-t", "=coder0:", "#{pane_pid}"]);
  Deno.kill(Number(pid), "SIGUSR2");
  const { code, document } = await sending;
  assertEquals([code, document.outcome], [0, "submitted"]);
  assertEquals((await starting).code, 0);
  const said = (await Deno.readTextFile(transcript)).split("\n").slice(0, -1).map((line): Entry => JSON.parse(line));
  assertEquals(said.filter(({ type }) => type === "lost"), []);
});
