/** The promise that nothing is answered and nothing is mixed: what changes between a look and a key stops the key. */

import { assertEquals } from "../lib/deps/assert.ts";
import {
  joinPane,
  makeTicket,
  parseTarget,
  pasteText,
  pressKeys,
  type Ticket,
  TmuxServer,
  viewPane,
} from "../lib/tmux/mod.ts";
import { localHost, realIo, withEnvironment } from "../lib/io/mod.ts";
import { root, World } from "./_world.ts";

const agentProgram = new URL("fixtures/agents/demo.ts", root).pathname;

const marked = (ticket: Ticket) => ({ mark: { ticket, messageId: "01", record: "", isEntered: false } });

Deno.test("an Enter meant for a draft is not pressed once a dialog has come over it", async () => {
  await using world = await World.create();
  const transcript = `${world.cwd}/transcript.jsonl`;
  const agent = [Deno.execPath(), "run", "--quiet", "--no-config", `--allow-write=${transcript}`, agentProgram];
  const flags = ["--transcript", transcript, "--dialog", "paste", "--dialog-delay", "forever"];
  await world.tmux(["new-session", "-d", "-s", "a", "-x", "100", "-y", "30", ...agent, ...flags]);
  const server = new TmuxServer(localHost(withEnvironment(realIo, world.env)), "muster");
  const seeing = (what: string, text: string) =>
    world.eventually(what, async () => {
      const view = await viewPane(server, parseTarget("a"));
      return view?.rows.some((row) => row.includes(text)) ? view.pane : undefined;
    });
  const ticket = makeTicket(Deno.pid, Date.now());
  await joinPane(server, parseTarget("a"), ticket);
  const empty = await seeing("the agent to be ready", "· ready");
  assertEquals(await pasteText(server, empty, "hello", marked(ticket)), true);
  const draft = await seeing("the draft", "❯ hello");
  Deno.kill(draft.pid, "SIGUSR2");
  await seeing("the dialog", "Enter to answer");
  assertEquals(await pressKeys(server, draft, ticket, ["Enter"]), false);
  assertEquals(await pasteText(server, draft, "more", marked(ticket)), false);
  assertEquals(/"type":"(dialog|lost|user)"/.test(await Deno.readTextFile(transcript)), false);
});

Deno.test("a key for a pane that changed since it was seen is not pressed, and a paste leaves no buffer", async () => {
  await using world = await World.create();
  await world.tmux(["new-session", "-d", "-s", "a", "cat"]);
  const server = new TmuxServer(localHost(withEnvironment(realIo, world.env)), "muster");
  const look = async () => {
    const view = await viewPane(server, parseTarget("a"));
    if (!view) throw new Error("There is no pane a");
    return view.pane;
  };
  const ticket = makeTicket(Deno.pid, Date.now());
  await joinPane(server, parseTarget("a"), ticket);
  const seen = await look();
  assertEquals(await pressKeys(server, seen, makeTicket(Deno.pid, Date.now()), ["Enter"]), false);
  await world.tmux(["send-keys", "-t", "=a:", "-l", "a person types"]);
  await world.eventually("the pane to show it", async () => (await look()).cursor.x > 0 || undefined);
  assertEquals(await pasteText(server, seen, "mixed", marked(ticket)), false);
  assertEquals(await pressKeys(server, seen, ticket, ["Enter"]), false);
  await world.tmux(["copy-mode", "-t", "=a:"]);
  assertEquals(await pressKeys(server, await look(), ticket, ["Enter"]), false);
  assertEquals([await world.screen("=a:"), await world.tmux(["list-buffers"])], [["a person types"], ""]);

  const gone = await look();
  await world.tmux(["new-session", "-d", "-s", "b", "cat"]);
  await world.tmux(["kill-session", "-t", "=a"]);
  const outcome = await pasteText(server, gone, "secret", marked(ticket)).catch(() => false);
  assertEquals([outcome, await world.tmux(["list-buffers"])], [false, ""]);
});

Deno.test("tmux's own language takes every word as it is", async () => {
  await using world = await World.create();
  await world.tmux(["new-session", "-d", "-s", "a", "cat"]);
  const server = new TmuxServer(localHost(withEnvironment(realIo, world.env)), "muster");
  const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join("");
  const words = [
    printable,
    "~",
    "~root",
    "~/x y",
    "$HOME `id` $(id)",
    "#{pid} #(id)",
    "%if 1",
    "a;",
    ";",
    "\\",
    "line\nline\r",
    "é漢🚀",
    '"',
    "'",
    "",
  ];
  for (const word of words) {
    await server.script([[["set-option", "-g", "@word", word]]]);
    assertEquals(await server.run([["show-options", "-gv", "@word"]]), `${word}\n`, JSON.stringify(word));
    await server.run([["set-option", "-g", "@word", word]]);
    assertEquals(await server.run([["show-options", "-gv", "@word"]]), `${word}\n`, JSON.stringify(word));
  }
});

Deno.test("an agent is the pane that muster started, whoever splits its window or takes its name", async () => {
  await using world = await World.create('version = 1\n[[agents]]\nname = "coder0"\ncommand = ["cat"]\n');
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  await world.tmux(["split-window", "-t", "=coder0:", "cat"]);
  const { document } = await world.json<{ readonly target: { readonly pane: string } }>([
    "agent",
    "send",
    "coder0",
    "-m",
    "for the agent",
  ]);
  assertEquals(document.target.pane, "%1");
  assertEquals(await world.screen("%2"), [""]);
  const status = await world.json<{ readonly agents: readonly { readonly pane: string }[] }>(["fleet", "status"]);
  assertEquals(status.document.agents[0]?.pane, "%1");
  const stopped = await world.muster(["fleet", "stop", "coder0"]);
  assertEquals([stopped.code, /^coder0 {2}stopped {2}process \d+\n$/.test(stopped.stdout)], [0, true], stopped.stdout);
  assertEquals(await world.tmux(["list-panes", "-t", "=coder0:", "-F", "#{pane_id}"]), "%2\n");
  const again = await world.muster(["fleet", "start"]);
  assertEquals([again.code, again.stdout], [1, "coder0  failed    a session of this name is not muster's\n"]);
  const all = await world.muster(["fleet", "stop"]);
  assertEquals(all.code, 4);
  assertEquals(await world.tmux(["list-panes", "-t", "=coder0:", "-F", "#{pane_id}"]), "%2\n");
});
