/**
 * The verbs around a fleet: stop that waits for work, who has a pane, sessions that are taken over, what the host lacks, what
 * is proved of a running fleet, old records, and the rosters that come with muster.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { systemdTest } from "./_systemd_user.ts";
import { type Ended, root, show, World } from "./_world.ts";

const demo = new URL("fixtures/agents/demo.ts", root).pathname;

function demoAgent(name: string, ...flags: readonly string[]): string {
  const command = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock", demo, "--name", name, ...flags];
  return `[[agents]]\nname = "${name}"\nruntime = "demo"\ncommand = ${JSON.stringify(command)}\n`;
}

function assertOk(ended: Ended): void {
  assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
}

interface Proof {
  readonly promise: string;
  readonly result: string;
  readonly said: string;
}

Deno.test("fleet stop and restart wait for a busy agent, and leave it alone when time runs out; --now does not", async () => {
  await using world = await World.create(`version = 1\n${demoAgent("a", "--busy", "forever")}${demoAgent("b")}`);
  assertOk(await world.muster(["fleet", "start"]));
  assertOk(await world.muster(["agent", "send", "a", "-m", "work"]));
  const pid = await world.tmux(["display-message", "-p", "-t", "=a:", "#{pane_pid}"]);
  const restarted = await world.muster(["fleet", "restart", "a", "--drain", "500ms"]);
  assertEquals(restarted, {
    code: 3,
    stdout: "a  busy    still busy: --now restarts it\n",
    stderr: "waiting for a to finish\n",
  });
  const stopped = await world.muster(["fleet", "stop", "--drain", "500ms"]);
  assertEquals([stopped.code, stopped.stderr], [3, "waiting for a to finish\n"]);
  assertMatch(stopped.stdout, /^a {2}busy {5}still busy: --now stops it\nb {2}stopped {2}process \d+\n$/);
  assertEquals(await world.tmux(["display-message", "-p", "-t", "=a:", "#{pane_pid}"]), pid);
  const now = await world.muster(["fleet", "stop", "--now"]);
  assertEquals([now.code, now.stderr], [0, ""]);
  assertMatch(now.stdout, /^a {2}stopped {6}process \d+\nb {2}not running\nserver muster: stopped\n$/);
});

Deno.test("fleet stop stops a busy agent once it has finished", async () => {
  await using world = await World.create(`version = 1\n${demoAgent("a", "--busy", "10000")}`);
  assertOk(await world.muster(["fleet", "start"]));
  assertOk(await world.muster(["agent", "send", "a", "-m", "work"]));
  const ended = await world.muster(["fleet", "stop"]);
  assertEquals([ended.code, ended.stderr], [0, "waiting for a to finish\n"], show(ended));
  assertMatch(ended.stdout, /^a {2}stopped {2}process \d+\nserver muster: stopped\n$/);
});

Deno.test("fleet status says who has a pane's lease and who waits", async () => {
  await using world = await World.create(`version = 1\n${demoAgent("a")}`);
  assertOk(await world.muster(["fleet", "start"]));
  await world.tmux([
    "set-option",
    "-p",
    "-t",
    "=a:",
    "@muster_queue",
    " p11t1700000000n0a p12t1700000000n0b p13t1700000000n0c",
  ]);
  const { document } = await world.json<{ agents: { lease?: unknown }[] }>(["fleet", "status"]);
  assertEquals(document.agents[0]?.lease, { owner: 11, waiters: [12, 13] });
  assertMatch((await world.muster(["fleet", "status"])).stdout, /process 11 sends to it, 2 waiting \(12, 13\)/);
  const one = await world.json<{ name: string; lease?: unknown }>(["agent", "status", "a"]);
  assertEquals([one.document.name, one.document.lease], ["a", { owner: 11, waiters: [12, 13] }]);
});

Deno.test("fleet adopt writes entries for sessions of any socket, moves nothing, and they can be used at once", async () => {
  await using world = await World.create('version = 1\n# mine\n[[agents]]\nname = "there"\ncommand = ["cat"]\n');
  const socket = "default";
  for (const name of ["old0", "there", "we ird"]) {
    await world.tmux(["new-session", "-d", "-s", name, "cat"], { socket });
  }
  const secret = ["sh", "-c", "cat; true", "sh", "--api-key=hunter2"];
  await world.tmux(["new-session", "-d", "-s", "keyed", ...secret], { socket });
  await world.tmux(["new-session", "-d", "-s", "tool", "env", "-u", "X", "sleep", "1000"], { socket });
  const list = ["list-panes", "-a", "-F", "#{session_name} #{pane_id} #{pane_pid} #{pid}"];
  const before = await world.tmux(list, { socket });
  const dry = await world.muster(["fleet", "adopt", "--dry-run"]);
  assertOk(dry);
  assertEquals((await Deno.readTextFile(world.rosterPath)).includes("old0"), false);
  interface Adopted {
    readonly sessions: readonly { readonly name: string; readonly result: string; readonly reason?: string }[];
  }
  const { document } = await world.json<Adopted>(["fleet", "adopt"]);
  assertEquals(document.sessions.map(({ name, result }) => `${name} ${result}`), [
    "keyed adopted",
    "old0 adopted",
    "there skipped",
    "tool adopted",
    "we ird skipped",
  ]);
  const text = await Deno.readTextFile(world.rosterPath);
  assert(text.startsWith("version = 1\n# mine\n"), "what stood there stands");
  assertEquals(text.includes("hunter2"), false, "no argument that may be a secret is copied");
  assertMatch(
    text,
    /name = "tool"\nruntime = "command"\ncommand = \["sleep", ?"1000"\]\nworking_directory = ".*"\nsocket = "default"\nmanaged = false\n/,
  );
  assertOk(await world.muster(["check"]));
  assertOk(await world.muster(["agent", "send", "old0", "-m", "hello"]));
  assertMatch((await world.muster(["agent", "tail", "old0"])).stdout, /hello\n/);
  assertMatch((await world.muster(["fleet", "status"])).stdout, /^old0 +command +unknown +none +%\d+ +\d+$/m);
  assertEquals(await world.tmux(list, { socket }), before);
  const again = await world.json<Adopted>(["fleet", "adopt"]);
  assertEquals(again.document.sessions.every(({ result }) => result === "skipped"), true);
  assertEquals(await Deno.readTextFile(world.rosterPath), text);
  const none = await world.muster(["fleet", "adopt", "-L", "nobody"]);
  assertEquals([none.code, none.stdout], [5, ""]);
});

Deno.test("doctor names what is missing, with a remedy", async () => {
  await using world = await World.create('version = 1\n[[agents]]\nname = "a"\ncommand = ["no-such-program"]\n');
  interface Check {
    readonly name: string;
    readonly result: string;
    readonly said: string;
    readonly remedy?: string;
  }
  const { code, document } = await world.json<{ checks: readonly Check[] }>(["doctor"]);
  assertEquals(code, 1);
  const programs = document.checks.find(({ name }) => name === "agents' programs");
  assertEquals([programs?.result, programs?.said], ["failed", "not on PATH: no-such-program"]);
  for (const { result, remedy, name } of document.checks) {
    if (result === "failed" || result === "warning") assert(remedy !== undefined, `no remedy: ${name}`);
  }
  assertEquals(document.checks.find(({ name }) => name === "systemd")?.result, "warning");
});

systemdTest("doctor finds a systemd and limits that the kernel enforces", undefined, async (systemd) => {
  const { document } = await systemd.json<{ checks: { name: string; result: string }[] }>(["doctor"]);
  const result = (wanted: string) => document.checks.find(({ name }) => name === wanted)?.result;
  assertEquals(["systemd", "memory_max", "tasks_max", "cpu_weight", "lingering"].map(result), [
    "ok",
    "ok",
    "ok",
    "ok",
    "unknown",
  ]);
});

Deno.test("fleet verify proves what it can without units, says what it cannot, and leaves nothing", async () => {
  await using world = await World.create('version = 1\n[[agents]]\nname = "a"\ncommand = ["cat"]\n');
  const none = await world.muster(["fleet", "verify"]);
  assertEquals([none.code, none.stdout], [5, ""]);
  assertOk(await world.muster(["fleet", "start"]));
  await world.tmux(["new-session", "-d", "-s", "mine", "cat"], { socket: "default" });
  const before = await world.tmux(["list-panes", "-a", "-F", "#{session_name} #{pane_pid} #{pid}"]);
  const { code, document } = await world.json<{ checks: readonly Proof[] }>(["fleet", "verify"]);
  assertEquals([code, document.checks.map(({ result }) => result).sort()], [0, [
    ...Array(3).fill("not_proved"),
    ...Array(7).fill("proved"),
  ]]);
  assertEquals(await world.tmux(["list-panes", "-a", "-F", "#{session_name} #{pane_pid} #{pid}"]), before);
});

systemdTest(
  "fleet verify proves everything under systemd, and leaves nothing",
  'version = 1\n[[agents]]\nname = "a"\ncommand = ["cat"]\n[[agents]]\nname = "ab"\ncommand = ["cat"]\n',
  async (systemd) => {
    const { world } = systemd;
    assertOk(await systemd.muster(["fleet", "install"]));
    assertOk(await systemd.muster(["fleet", "start"]));
    const { code, document } = await systemd.json<{ checks: readonly Proof[] }>(["fleet", "verify"]);
    assertEquals([code, document.checks.filter(({ result }) => result !== "proved")], [0, []]);
    assertEquals(document.checks.length, 10);
    const left = await systemd.run("find", [world.home, systemd.env.XDG_RUNTIME_DIR ?? "", "-name", "*canary*"]);
    assertEquals(left.stdout, "");
    assertEquals(await systemd.systemctl("list-units", "--all", "--no-legend", "*canary*"), "");

    // A server that systemd did not start is told, and not called proved.
    assertOk(await systemd.muster(["fleet", "stop"]));
    await world.tmux(["new-session", "-d", "-s", "a", "cat"]);
    const broken = await systemd.json<{ checks: readonly Proof[] }>(["fleet", "verify"]);
    assertEquals([broken.code, broken.document.checks[0]?.result], [1, "broken"]);
    const held = await systemd.muster(["fleet", "start"]);
    assertEquals([held.code, held.stdout], [4, ""]);
    assertMatch(held.stderr, /^muster: the tmux server runs without its unit: process \d+\nhint: /);
  },
);

Deno.test("prune removes records that are too old, line by line, then the oldest files", async () => {
  await using world = await World.create();
  const directory = `${world.home}/.local/state/muster/fleet/agents/a`;
  await Deno.mkdir(directory, { recursive: true });
  const line = (at: number) => `{"at":${at},"cause":"exit"}\n`;
  const [old, young] = [Date.now() - 31 * 86_400_000, Date.now() - 86_400_000];
  await Deno.writeTextFile(`${directory}/ends.jsonl`, line(old) + line(young));
  await Deno.writeTextFile(`${directory}/failures`, "3\n");
  await Deno.writeTextFile(`${directory}/pane.log`, "x".repeat(3_000_000));
  await Deno.utime(`${directory}/pane.log`, young / 1000, young / 1000);
  const dry = await world.muster(["prune", "--dry-run"]);
  assertOk(dry);
  assertMatch(dry.stdout, /^shortened {2}\/.*\/ends\.jsonl {2}\d+ bytes\n\d+ bytes of records are left\n$/);
  assertEquals(await Deno.readTextFile(`${directory}/ends.jsonl`), line(old) + line(young));
  assertOk(await world.muster(["prune"]));
  assertEquals(await Deno.readTextFile(`${directory}/ends.jsonl`), line(young));
  const { document } = await world.json<{ files: { path: string; result: string }[]; bytes: number }>([
    "prune",
    "--mebibytes",
    "1",
  ]);
  assertEquals(document.files.map(({ path, result }) => `${result} ${path.split("/").at(-1)}`), ["removed pane.log"]);
  assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name).sort(), ["ends.jsonl", "failures"]);
});

Deno.test("the profiles are rosters: minimal starts as it is, factory has every role over two runtimes", async () => {
  await using world = await World.create();
  assertOk(await world.muster(["fleet", "init", "--profile", "factory"]));
  assertOk(await world.muster(["check"]));
  const { document } = await world.json<{ agents: { class: string; runtime: string }[] }>(["agent", "list"]);
  assertEquals([...new Set(document.agents.map((agent) => agent.class))].sort(), [
    "final-reviewer",
    "implementer",
    "orchestrator",
    "reviewer",
    "security-reviewer",
  ]);
  assertEquals(new Set(document.agents.map(({ runtime }) => runtime)).size, 2);
  assertOk(await world.muster(["fleet", "init", "--profile", "minimal", "--force"]));
  assertOk(await world.muster(["fleet", "start"]));
});

Deno.test('transport = "matrix" is a clear configuration error', async () => {
  await using world = await World.create('version = 1\ntransport = "matrix"\n');
  const { code, stdout, stderr } = await world.muster(["fleet", "status"]);
  assertEquals([code, stdout], [2, ""]);
  assertMatch(stderr, /roster\.toml:2:.*transport.*"matrix" is not built yet/);
});
