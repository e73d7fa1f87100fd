/**
 * muster's server and no other; an agent's name and no longer one: what stands beside a target is left as it is.
 *
 * @module
 */

import { assertEquals, assertMatch, assertNotEquals } from "../lib/deps/assert.ts";
import { inTurns, World } from "./_world.ts";

const fleet = `version = 1

[[agents]]
name = "coder0"
command = ["cat"]

[[agents]]
name = "coder1"
command = ["cat"]
`;

const twins = `version = 1

[[agents]]
name = "a"
command = ["cat"]

[[agents]]
name = "ab"
command = ["cat"]
`;

/** What the tests read of a receipt. */
interface Receipt {
  readonly outcome: string;
  readonly evidence: string;
  readonly target: { readonly socket: string; readonly session: string; readonly pane: string };
  readonly reason?: string;
  readonly hint?: string;
}

const other = { socket: "other" };

/** The words that a person's server would be asked with, to see whether anything in it is different. */
const looks: readonly (readonly string[])[] = [
  ["list-sessions", "-F", "#{session_id} #{session_name} #{session_created} #{session_windows} #{session_group}"],
  ["list-windows", "-a", "-F", "#{window_id} #{window_index} #{window_name} #{window_layout} #{window_flags}"],
  [
    "list-panes",
    "-a",
    "-F",
    "#{session_name} #{pane_id} #{pane_index} #{pane_pid} #{pane_dead} #{pane_in_mode} #{pane_current_command} " +
    "#{cursor_x},#{cursor_y} #{history_size} #{pane_width}x#{pane_height} #{pane_active} #{pane_start_command} " +
    "#{@muster_agent} #{@muster_runtime} #{pid} #{start_time}",
  ],
  ["list-buffers", "-F", "#{buffer_name} #{buffer_size} #{buffer_created} #{buffer_sample}"],
  ["list-clients"],
  ["list-keys"],
  ["show-options", "-s"],
  ["show-options", "-g"],
  ["show-options", "-gw"],
  ["show-hooks", "-g"],
  ["show-environment", "-g"],
];

/** Everything of a server that tmux tells: its lists, options, buffers, and each pane's options and rows. */
async function everythingOf(world: World): Promise<string[]> {
  const panes = (await world.tmux(["list-panes", "-a", "-F", "#{pane_id}"], other)).trim().split("\n");
  const own = panes.flatMap((pane) => [
    ["show-options", "-t", pane],
    ["show-options", "-w", "-t", pane],
    ["show-options", "-p", "-t", pane],
    ["capture-pane", "-p", "-e", "-S", "-", "-t", pane],
  ]);
  const texts: string[] = [];
  for (const words of [...looks, ...own]) texts.push(`${words.join(" ")}:\n${await world.tmux(words, other)}`);
  return texts;
}

/** A server of the person's own, with sessions of the same names as the fleet's, and a taste of its own. */
async function startOther(world: World): Promise<void> {
  // muster never reads this: its server would number from 1 too.
  await Deno.writeTextFile(
    `${world.home}/.tmux.conf`,
    "set -g base-index 1\nset -g pane-base-index 1\nset -g history-limit 77\nset -g automatic-rename off\n",
  );
  const config = ["source-file", `${world.home}/.tmux.conf`];
  // A session of its own keeps the server up while it is configured: sessions made before would number from 0.
  await world.tmux(["new-session", "-d", "-s", "first", "cat", ";", ...config], other);
  for (const name of ["coder0", "coder1", "_holder", "muster"]) {
    await world.tmux(
      ["new-session", "-d", "-s", name, "-x", "80", "-y", "24", "sh", "-c", `echo ${name}; exec cat`],
      other,
    );
    await world.eventually(`${name} of the other server`, async () => {
      const isCat = await world.tmux(["display-message", "-p", "-t", `=${name}:`, "#{pane_current_command}"], other);
      return isCat === "cat\n" && (await world.screen(`=${name}:`, other)).includes(name) || undefined;
    });
  }
  await world.tmux(["split-window", "-d", "-t", "=coder0:", "cat"], other);
  await world.tmux(["set-buffer", "-b", "mine", "the person's own"], other);
  await world.tmux(["set-option", "-p", "-t", "=coder0:", "@mine", "kept"], other);
  const rows = await world.tmux(["list-panes", "-t", "=coder0:", "-F", "#{window_index}.#{pane_index}"], other);
  assertEquals(rows, "1.1\n1.2\n");
}

Deno.test("nothing of another server changes, whatever muster does with its own", async () => {
  await using world = await World.create(fleet);
  await startOther(world);
  const before = await everythingOf(world);
  const unchanged = async (after: string) => assertEquals(await everythingOf(world), before, `after ${after}`);

  const started = await world.muster(["fleet", "start"]);
  assertEquals([started.code, started.stderr], [0, ""]);
  assertMatch(started.stdout, /^coder0 {2}started {2}%1 {2}\S+\ncoder1 {2}started {2}%2 {2}\S+\n$/);
  assertEquals(await world.tmux(["show-options", "-gv", "history-limit"]), "2000\n");
  await unchanged("fleet start");

  const sent = await world.json<Receipt>(["agent", "send", "coder0", "-m", "by its name"]);
  assertEquals([sent.code, sent.stderr, sent.document.outcome], [0, "", "submitted"]);
  assertEquals(sent.document.target, { ...sent.document.target, socket: "muster", session: "coder0", pane: "%1" });
  await unchanged("agent send");

  for (const target of ["coder0", "=coder0", "coder0:0.0", "%1"]) {
    const { code, stderr, document } = await world.json<Receipt>(["tmux", "send", "-t", target, "-m", `to ${target}`]);
    assertEquals([target, code, stderr, document.outcome, document.target.pane], [target, 0, "", "submitted", "%1"]);
    await unchanged(`tmux send -t ${target}`);
  }
  // These are there in the other server, and not in muster's.
  for (const target of ["coder0:1.1", "coder0:1.2", "first", "%4"]) {
    const { code, stderr, document } = await world.json<Receipt>(["tmux", "send", "-t", target, "-m", "nobody"]);
    assertEquals([target, code, stderr, document.outcome], [target, 5, "", "not_found"]);
    await unchanged(`tmux send -t ${target}`);
  }

  const status = await world.muster(["fleet", "status"]);
  assertEquals([status.code, status.stderr], [0, ""]);
  assertMatch(status.stdout, /^AGENT .*\ncoder0 .* %1 .*\ncoder1 .* %2 .*\nserver muster: process \d+\n$/);
  await unchanged("fleet status");

  const tail = await world.muster(["agent", "tail", "coder1"]);
  assertEquals(tail, { code: 0, stdout: "", stderr: "" });
  await unchanged("agent tail");

  assertEquals((await world.muster(["check"])).code, 0);
  await unchanged("check");

  const one = await world.muster(["fleet", "stop", "coder0"]);
  assertEquals([one.code, one.stderr], [0, ""]);
  assertMatch(one.stdout, /^coder0 {2}stopped {2}process \d+\n$/);
  await unchanged("fleet stop coder0");

  const stopped = await world.muster(["fleet", "stop"]);
  assertEquals([stopped.code, stopped.stderr], [0, ""]);
  assertMatch(stopped.stdout, /^coder0 {2}not running\ncoder1 {2}stopped {6}process \d+\nserver muster: stopped\n$/);
  await unchanged("fleet stop");
});

Deno.test("nothing starts a server but fleet start", async () => {
  await using world = await World.create(fleet);
  const words = [
    ["agent", "send", "coder0", "-m", "x"],
    ["agent", "tail", "coder0"],
    ["tmux", "send", "-t", "coder0", "-m", "x"],
    ["fleet", "status"],
    ["fleet", "stop"],
    ["check"],
  ];
  const codes = await inTurns(words, async (line) => (await world.muster(line)).code);
  assertEquals(codes, [5, 5, 5, 0, 0, 0]);
  assertEquals(await world.socketFiles(), []);
});

Deno.test("a tmux.conf that tmux does not take is told, and its check leaves no server and no socket", async () => {
  await using world = await World.create(fleet);
  const config = `${world.musterHome}/tmux.conf`;
  await Deno.writeTextFile(config, "set -g base-index 1\nnonsense on\n");
  const { code, stdout, stderr } = await world.muster(["check"]);
  assertEquals([code, stderr], [1, ""]);
  assertMatch(
    stdout,
    /\nbad {2}tmux\.conf {2}\/\S+\/tmux\.conf\n {2}\/\S+\/tmux\.conf:2: unknown command: nonsense\n$/,
  );
  await Deno.writeTextFile(config, "set -g base-index 1\n");
  assertEquals((await world.muster(["check"])).code, 0);
  assertEquals(await world.socketFiles(), []);
});

Deno.test("the fleet's server reads $MUSTER_HOME/tmux.conf, and works with windows and panes from 1", async () => {
  await using world = await World.create(fleet);
  await Deno.writeTextFile(`${world.musterHome}/tmux.conf`, "set -g base-index 1\nset -g pane-base-index 1\n");
  assertEquals((await world.muster(["check"])).code, 0);
  const started = await world.muster(["fleet", "start"]);
  assertEquals([started.code, started.stderr], [0, ""]);
  const places = await world.tmux(["list-panes", "-a", "-F", "#{session_name}:#{window_index}.#{pane_index}"]);
  assertEquals(places, "_holder:1.1\ncoder0:1.1\ncoder1:1.1\n");

  const expected: readonly [string, number, string][] = [
    ["coder0", 0, "submitted"],
    ["=coder0", 0, "submitted"],
    ["coder0:1", 0, "submitted"],
    ["coder0:1.1", 0, "submitted"],
    ["coder0:0", 5, "not_found"],
    ["coder0:0.0", 5, "not_found"],
    ["coder0:1.0", 5, "not_found"],
  ];
  for (const [target, code, outcome] of expected) {
    const sent = await world.json<Receipt>(["tmux", "send", "-t", target, "-m", `to ${target}`]);
    assertEquals([target, sent.code, sent.stderr, sent.document.outcome], [target, code, "", outcome]);
  }
  const said = expected.filter(([, code]) => code === 0).map(([target]) => `to ${target}`);
  assertEquals(await world.screen("=coder0:"), said.flatMap((line) => [line, line]));
  assertEquals((await world.json<Receipt>(["agent", "send", "coder1", "-m", "hello"])).document.outcome, "submitted");
  const status = await world.muster(["fleet", "status"]);
  assertMatch(status.stdout, /^AGENT .*\ncoder0 .* %1 .*\ncoder1 .* %2 .*\nserver muster: process \d+\n$/);
  const stopped = await world.muster(["fleet", "stop"]);
  assertMatch(stopped.stdout, /^coder0 {2}stopped .*\ncoder1 {2}stopped .*\nserver muster: stopped\n$/);
});

/** Words that tmux would take for a pane of `ab`, or for one that is at hand, where only `ab` and the holder run. */
const strangers: readonly string[] = [
  ...["a", "=a", "a:", "=a:", "a:0", "a:0.0", "=a:0.0", "a*", "a?", "[a]b", "a.*", "A", "AB"],
  ...["$0", "$1", "@0", "@1", "=$1", "=@1", "%99", "%1x", "=%1"],
  ...["{last}", "{mouse}", "{marked}", "{start}", "!", "+", "-", "~", "^", "$", "+1", "-1"],
  ...["ab:1", "ab:0.1", "ab:+", "ab:!", "ab:^", "ab:{start}", "ab:0.+", "ab:0.{bottom}", "ab:0.0.0", "ab:*"],
  ...["ab.0", "ab ", " ab", "ab;", "==ab", "ab:0.0:", "#{session_name}", "/ab", "ab\n"],
];

/** Words that are no target at all. */
const malformed: readonly string[] = ["", "=", ":", ":0", ":0.0", "=:"];

Deno.test("a target is never taken for another", async (t) => {
  await using world = await World.create(twins);
  await world.muster(["fleet", "start", "ab"]);
  const untouched = async () => {
    assertEquals(await world.screen("=ab:"), [""]);
    assertEquals(await world.tmux(["list-buffers"]), "");
    assertMatch((await world.screen("=_holder:")).join("\n"), /^This session keeps muster's tmux server alive\.$/);
  };

  await t.step("an agent that does not run", async () => {
    const sent = await world.json<Receipt>(["agent", "send", "a", "-m", "for a alone"]);
    assertEquals([sent.code, sent.stderr, sent.document.outcome], [5, "", "not_found"]);
    const tail = await world.muster(["agent", "tail", "a"]);
    assertEquals(tail, {
      code: 5,
      stdout: "",
      stderr: "muster: agent is not running: a\nhint: muster fleet start a starts it\n",
    });
    await untouched();
  });

  await t.step("what tmux would take for ab", async () => {
    const outcomes = await inTurns(strangers, async (target) => {
      const { code, stderr, document } = await world.json<Receipt>(["tmux", "send", "-m", "for a alone", "-t", target]);
      return [target, code, stderr, document.outcome, document.evidence];
    });
    assertEquals(outcomes, strangers.map((target) => [target, 5, "", "not_found", "none"]));
    await untouched();
  });

  await t.step("what is no target", async () => {
    const ended = await inTurns(
      malformed,
      (target) => world.muster(["tmux", "send", "-m", "for a alone", "-t", target]),
    );
    const hint = "hint: a target is name, =name, name:window.pane or %pane\n";
    assertEquals(
      ended,
      malformed.map((target) => ({
        code: 2,
        stdout: "",
        stderr: `muster: not a target: ${target || '""'}\n${hint}`,
      })),
    );
    await untouched();
  });

  await t.step("both run", async () => {
    const started = await world.muster(["fleet", "start"]);
    assertEquals([started.code, started.stderr], [0, ""]);
    for (const line of [["agent", "send", "a"], ["tmux", "send", "-t", "a"], ["tmux", "send", "-t", "=a:0.0"]]) {
      const { code, document } = await world.json<Receipt>([...line, "-m", "for a alone"]);
      assertEquals([code, document.outcome, document.target.session], [0, "submitted", "a"]);
    }
    assertNotEquals(await world.screen("=a:"), [""]);
    await untouched();
  });

  await t.step("stopping one leaves the other", async () => {
    const pane = ["list-panes", "-t", "=ab:", "-F", "#{pane_id} #{pane_pid} #{pane_dead}"];
    const before = await world.tmux(pane);
    const stopped = await world.muster(["fleet", "stop", "a"]);
    assertEquals([stopped.code, stopped.stderr], [0, ""]);
    assertEquals(await world.tmux(pane), before);
    assertEquals(await world.tmux(["list-sessions", "-F", "#{session_name}"]), "_holder\nab\n");
    const again = await world.muster(["fleet", "stop", "a"]);
    assertEquals(again, { code: 0, stdout: "a  not running\n", stderr: "" });
    assertEquals(await world.tmux(pane), before);
    await untouched();
  });
});

Deno.test("a receipt for a window that is not there says that, and not that its session is missing", async () => {
  await using world = await World.create(fleet);
  await world.muster(["fleet", "start"]);
  const { code, document } = await world.json<Receipt>(["tmux", "send", "-t", "coder0:7.3", "-m", "hello"]);
  assertEquals([code, document.outcome, document.reason], [5, "not_found", "no such target: coder0:7.3"]);
});
