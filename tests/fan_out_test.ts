/** One message to several agents, side by side: a receipt for each, and the worst of them as the exit status. */

import { assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { World } from "./_world.ts";

const agent = (name: string, role: string, command = '["cat"]') =>
  `[[agents]]\nname = "${name}"\nclass = "${role}"\ncommand = ${command}\n`;
const roster = `version = 1\n${agent("coder0", "implementer")}${agent("coder1", "implementer")}${
  agent("judge", "reviewer")
}`;

interface Receipts {
  readonly receipts: readonly { readonly outcome: string; readonly target: { readonly session: string } }[];
}

const outcomes = ({ receipts }: Receipts) => receipts.map(({ outcome, target }) => `${target.session} ${outcome}`);

Deno.test("agent send reaches several by name, those of a class, and all", async () => {
  await using world = await World.create(roster);
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  const send = (...words: readonly string[]) => world.json<Receipts>(["agent", "send", ...words]);
  const named = await send("judge", "coder0", "-m", "by name");
  assertEquals([named.code, outcomes(named.document)], [0, ["coder0 submitted", "judge submitted"]]);
  const classed = await send("--class", "implementer", "-m", "by class");
  assertEquals([classed.code, outcomes(classed.document)], [0, ["coder0 submitted", "coder1 submitted"]]);
  const all = await send("--all", "-m", "to all");
  assertEquals(outcomes(all.document), ["coder0 submitted", "coder1 submitted", "judge submitted"]);
  assertMatch(
    (await world.screen("=judge:")).join("\n"),
    /^\[\S+:- -> \S+:judge\] by name\n.*by name\n\[\S+:- -> \S+:judge\] to all\n/,
  );
});

Deno.test("agent send to several says the worst, and of each what became of it and what to do", async () => {
  await using world = await World.create(roster);
  assertEquals((await world.muster(["fleet", "start", "coder0", "judge"])).code, 0);
  await world.tmux(["copy-mode", "-t", "=judge:"]);
  const { code, stdout, stderr } = await world.muster(["agent", "send", "--all", "-m", "hello"]);
  assertEquals([code, stderr], [5, ""]);
  assertMatch(
    stdout,
    new RegExp(
      "^submitted {2}coder0 .*\\nnot_found {2}coder1 on socket muster .*\\n {2}agent is not running: coder1\\n {2}hint: muster fleet start " +
        "coder1 starts it\\nheld {2}judge .*\\n {2}the pane is in copy mode\\n {2}hint: leave it with q in that pane\\n$",
    ),
  );
});

Deno.test("agent send --all leaves out the agent that it is from", async () => {
  await using world = await World.create(roster);
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  const pane = (await world.tmux(["list-panes", "-t", "=coder1:", "-F", "#{pane_id}"])).trim();
  const env = { TMUX: `${world.sockets}/tmux-${Deno.uid()}/muster,1,0`, TMUX_PANE: pane };
  const all = await world.json<Receipts>(["agent", "send", "--all", "-m", "from coder1"], { env });
  assertEquals([all.code, outcomes(all.document)], [0, ["coder0 submitted", "judge submitted"]]);
  assertMatch((await world.screen("=judge:")).join("\n"), /^\[\S+:coder1 -> \S+:judge\] from coder1\n/);
});

Deno.test("a session of the sender's name on another server, or another host, is not the sender", async () => {
  await using world = await World.create(roster);
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  const everyone = ["coder0 submitted", "coder1 submitted", "judge submitted"];
  // A person's own session, on a socket of its own, that is called as an agent is.
  await world.tmux(["new-session", "-d", "-s", "coder1", "cat"], { socket: "other" });
  const env = { TMUX: `${world.sockets}/tmux-${Deno.uid()}/other,1,0`, TMUX_PANE: "%0" };
  const own = await world.json<Receipts>(["agent", "send", "--all", "-m", "from a namesake"], { env });
  assertEquals([own.code, outcomes(own.document)], [0, everyone]);
  const host = (await world.tmux(["display-message", "-p", "#{host}"])).trim();
  const from = async (source: string) => {
    return outcomes((await world.json<Receipts>(["agent", "send", "--all", "-S", source, "-m", "x"])).document);
  };
  assertEquals(await from(`not-${host}:coder1`), everyone);
  assertEquals(await from(`${host}:coder1`), ["coder0 submitted", "judge submitted"]);
});

Deno.test("agent send --dry-run says of each agent what a send would do, and types nothing", async () => {
  interface Surveys {
    readonly surveys: readonly { readonly would: string; readonly reason?: string; readonly bytes: number }[];
  }
  await using world = await World.create(roster);
  assertEquals((await world.muster(["fleet", "start", "coder0", "judge"])).code, 0);
  await world.tmux(["copy-mode", "-t", "=judge:"]);
  const screens = async () => [await world.screen("=coder0:"), await world.screen("=judge:")];
  const before = await screens();
  const all = await world.json<Surveys>(["agent", "send", "--all", "--dry-run", "-m", "hello"]);
  assertEquals([all.code, all.document.surveys.map(({ would, reason }) => [would, reason])], [5, [
    ["type", undefined],
    ["not_found", "agent is not running: coder1"],
    ["hold", "the pane is in copy mode"],
  ]]);
  const host = (await world.tmux(["display-message", "-p", "#{host}"])).trim();
  assertEquals(all.document.surveys[0]?.bytes, `[${host}:- -> ${host}:coder0] hello`.length);
  const one = await world.muster(["agent", "send", "coder0", "--dry-run", "-m", "hello"]);
  assertEquals([one.code, one.stderr], [0, ""]);
  assertMatch(one.stdout, /^would type \d+ bytes\n {2}pane +coder0 %1 on \S+, socket muster\n {2}runtime +command, /);
  const session = await world.muster(["agent", "send", "-s", "codr0", "--dry-run", "-m", "hello"]);
  assertEquals([session.code, session.stdout.split("\n").slice(0, 2)], [5, [
    "nobody to type to: no such target: codr0",
    "  hint: did you mean coder0? sessions on the socket muster: _holder, coder0, judge",
  ]]);
  const task = await world.muster(["agent", "send", "coder0", "--dry-run", "--task", "-m", "hello"]);
  assertEquals([task.code, task.stdout], [2, ""]);
  assertEquals(await screens(), before);
});

Deno.test("agent send to an agent whose program has ended says how to start it", async () => {
  await using world = await World.create(roster);
  assertEquals((await world.muster(["fleet", "start", "coder0"])).code, 0);
  const pid = await world.tmux(["display-message", "-p", "-t", "=coder0:", "#{pane_pid}"]);
  Deno.kill(Number(pid), "SIGKILL");
  await world.eventually("it to be dead", async () => {
    const words = ["if-shell", "-b", "true", "", ";", "display-message", "-p", "-t", "=coder0:", "#{pane_dead}"];
    return (await world.tmux(words)).trim() === "1" || undefined;
  });
  const { code, stdout } = await world.muster(["agent", "send", "coder0", "-m", "hello"]);
  assertEquals(code, 5);
  assertMatch(
    stdout,
    /^dead {2}coder0 .*\n {2}the pane's program has ended\n {2}hint: muster fleet start coder0 starts it again\n/,
  );
  assertEquals((await world.muster(["fleet", "start", "coder0"])).code, 0);
  const again = await world.muster(["agent", "send", "coder0", "-m", "hello"]);
  assertEquals(again.code, 0, again.stdout);
});

Deno.test("agent send says what is wrong with its choice of agents", async () => {
  await using world = await World.create(roster);
  const says = async (words: readonly string[]) => {
    const { code, stderr } = await world.muster(["agent", "send", ...words, "-m", "x"]);
    return [code, stderr];
  };
  const hint = "hint: give names, or --class CLASS, or --all, or -s TARGET\n";
  assertEquals(await says([]), [2, `muster: no agent named\n${hint}`]);
  assertEquals(await says(["coder0", "--all"]), [2, `muster: agents named in more than one way\n${hint}`]);
  assertEquals(await says(["--class", "reviwer"]), [
    5,
    "muster: no agent of the class: reviwer\nhint: did you mean reviewer?\n",
  ]);
  assertEquals(await says(["coder0", "codr1"]), [5, "muster: no such agent: codr1\nhint: did you mean coder1?\n"]);
});
