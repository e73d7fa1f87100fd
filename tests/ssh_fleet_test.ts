/** A roster whose agents are on this host and on others: each verb reaches them where they are. */

import { assert, assertEquals, assertMatch, assertNotEquals } from "../lib/deps/assert.ts";
import { writeExecutable } from "./_executable.ts";
import { type FarHost, SshHosts } from "./_sshd.ts";
import { runProgram, show } from "./_world.ts";

const agent = (name: string, ...lines: readonly string[]) => `\n[[agents]]\nname = "${name}"\n${lines.join("\n")}\n`;

const roster = [
  "version = 1\n",
  agent("here", 'command = ["cat"]'),
  agent("build", 'host = "one"', 'command = ["~/bin/agent"]', 'working_directory = "~/src"', 'env_file = "~/secrets"'),
  agent("test", 'host = "two"', 'command = ["cat"]', 'env_command = ["~/bin/secrets", "it\'s"]'),
  agent("lint", 'host = "two"', 'command = ["cat"]'),
].join("");

const secret = "correct horse battery staple";

interface Status {
  readonly servers: readonly { readonly destination?: string; readonly pid: number; readonly failure?: string }[];
  readonly agents: readonly {
    readonly name: string;
    readonly host: string;
    readonly state: string;
    readonly source: string;
    readonly pid: number;
    readonly note?: string;
  }[];
}

/** Two hosts, and the files there that the roster speaks of. */
async function openFleet(): Promise<SshHosts> {
  const hosts = await SshHosts.open(["one", "two"]);
  const [one, two] = hosts.far as [FarHost, FarHost];
  await hosts.near.roster(roster);
  for (const { world } of [one, two]) await Deno.mkdir(`${world.home}/bin`);
  await Deno.mkdir(`${one.world.home}/src`);
  const script = '#!/bin/sh\necho "in $PWD, $TOKEN"\nexec cat\n';
  await writeExecutable(`${one.world.home}/bin/agent`, script);
  await Deno.writeTextFile(`${one.world.home}/secrets`, `TOKEN="${secret}"\n`, { mode: 0o600 });
  const secrets = `#!/bin/sh\necho 'WORD="${secret}"'; echo "ARGUMENT=\\"$1\\""\n`;
  await writeExecutable(`${two.world.home}/bin/secrets`, secrets);
  return hosts;
}

/** Every file below a directory that holds a text, and every process whose arguments do. */
async function findText(directory: string, text: string, hosts: SshHosts): Promise<string[]> {
  const options = { env: hosts.env, cwd: hosts.near.cwd };
  const files = await runProgram("grep", ["-rlF", "--devices=skip", "-e", text, directory], options);
  const listed = await runProgram("sh", ["-c", 'ps -e -o args= | grep -F -e "$1" | grep -v grep', "sh", text], options);
  return [...files.stdout.split("\n"), ...listed.stdout.split("\n")].filter((line) => line !== "");
}

Deno.test("agents of several hosts are started, looked at, sent to, tailed and stopped from one", async (t) => {
  await using hosts = await openFleet();
  const [one, two] = hosts.far as [FarHost, FarHost];
  await Deno.writeTextFile(`${hosts.near.musterHome}/tmux.conf`, "set-option -g @mine 'it''s \"mine\"'\n");

  await t.step("fleet start", async () => {
    const ended = await hosts.muster(["fleet", "start"]);
    assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
    const line = (name: string) => `${name} +started +%\\d+ +\\S+\n`;
    assertMatch(ended.stdout, new RegExp(`^${["here", "build", "test", "lint"].map(line).join("")}$`));
    assertEquals((await one.world.screen("=build:"))[0], `in ${one.world.home}/src, ${secret}`);
    const shown = await two.world.tmux(["show-environment", "-t", "=test:", "ARGUMENT"]);
    assertEquals(shown, "ARGUMENT=it's\n");
    // The tmux.conf of this host holds on the others, and is not written there.
    assertEquals(await one.world.tmux(["show-options", "-gv", "@mine"]), 'its "mine"\n');
    for (const { world } of [one, two]) {
      const expected = world === one.world ? [`${world.home}/secrets`] : [`${world.home}/bin/secrets`];
      assertEquals(await findText(world.directory, secret, hosts), expected);
    }
    assertEquals(await findText(hosts.near.directory, secret, hosts), []);
  });

  await t.step("fleet start again leaves them as they are", async () => {
    const ended = await hosts.muster(["fleet", "start", "test", "lint"]);
    assertMatch(ended.stdout, /^test +already running +%\d+ *\nlint +already running +%\d+ *\n$/);
  });

  await t.step("fleet status", async () => {
    const { code, document } = await hosts.json<Status>(["fleet", "status"]);
    assertEquals(code, 0);
    assertEquals(document.servers.map(({ destination }) => destination), [undefined, "one", "two"]);
    assertEquals(new Set(document.servers.map(({ pid }) => pid)).size, 3);
    for (const { name, pid, note } of document.agents) assert(pid > 0 && note === undefined, `${name}: ${note}`);
    const { stdout } = await hosts.muster(["fleet", "status"]);
    assertMatch(stdout, /^AGENT +HOST +RUNTIME/);
    assertMatch(
      stdout,
      /\nserver muster: process \d+\nserver muster on one: process \d+\nserver muster on two: process \d+\n$/,
    );
  });

  await t.step("agent list", async () => {
    const { document } = await hosts.json<{ agents: { name: string; host: string }[] }>(["agent", "list"]);
    assertEquals(document.agents.map(({ host }) => host), ["", "one", "two", "two"]);
  });

  await t.step("agent send to one and to all, and agent tail", async () => {
    const single = await hosts.json<{ outcome: string }>(["agent", "send", "build", "-m", "it's $(one)"]);
    assertEquals([single.code, single.document.outcome], [0, "submitted"], show(single));
    const all = await hosts.json<{ receipts: { outcome: string }[] }>(["agent", "send", "--all", "-m", "to all"]);
    assertEquals([all.code, all.document.receipts.map(({ outcome }) => outcome)], [0, Array(4).fill("submitted")]);
    const { stdout } = await hosts.muster(["agent", "tail", "build", "-n", "4"]);
    assertMatch(
      stdout,
      /^\[-:- -> (\S+):build\] it's \$\(one\)\n\[-:- -> \1:build\] it's \$\(one\)\n\[.*\] to all\n\[.*\] to all\n$/,
    );
  });

  await t.step("fleet stop", async () => {
    const some = await hosts.muster(["fleet", "stop", "lint"]);
    assertMatch(some.stdout, /^lint +stopped +process \d+\n$/);
    const ended = await hosts.muster(["fleet", "stop"]);
    assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
    assertMatch(
      ended.stdout,
      /^here +stopped +process \d+\nbuild +stopped +process \d+\ntest +stopped +process \d+\nlint +not running *\nserver muster: stopped\nserver muster on one: stopped\nserver muster on two: stopped\n$/,
    );
    const { document } = await hosts.json<Status>(["fleet", "status"]);
    assertEquals(document.agents.map(({ state, note }) => [state, note]), Array(4).fill(["dead", "not running"]));
  });

  await hosts.endConnections();
  assertEquals([await one.loops(), await two.loops(), await hosts.connections()], [[], [], []]);
});

Deno.test("what is wrong on a host is the failure of its agents, each in one line", async (t) => {
  await using hosts = await openFleet();
  const [one, two] = hosts.far as [FarHost, FarHost];
  const start = async (name: string) => {
    const ended = await hosts.json<{ agents: { result: string; reason?: string }[] }>(["fleet", "start", name]);
    return [ended.code, ended.document.agents[0]?.result, ended.document.agents[0]?.reason];
  };
  await t.step("a secrets' file that is open to others", async () => {
    await Deno.chmod(`${one.world.home}/secrets`, 0o644);
    const reason = `env_file is open to others: ${one.world.home}/secrets on one (-rw-r--r--)`;
    assertEquals(await start("build"), [1, "failed", reason]);
    await Deno.remove(`${one.world.home}/secrets`);
    assertEquals(await start("build"), [1, "failed", `no such env_file: ${one.world.home}/secrets on one`]);
  });
  await t.step("a directory that is not there", async () => {
    await Deno.remove(`${one.world.home}/src`);
    const reason = `no such working directory: ${one.world.home}/src (agent build)`;
    assertEquals(await start("build"), [1, "failed", reason]);
  });
  await t.step("a program that is not there", async () => {
    await Deno.remove(`${two.world.home}/bin/secrets`);
    assertEquals(await start("test"), [
      1,
      "failed",
      `env_command failed with status 127: ${two.world.home}/bin/secrets`,
    ]);
  });
  assertEquals([await one.world.socketFiles(), (await start("lint"))[1]], [[], "started"]);
});

Deno.test("a host that cannot be reached, and one that is silent, delay nobody and are said to be unknown", async (t) => {
  await using hosts = await openFleet();
  const [one, two] = hosts.far as [FarHost, FarHost];
  assertEquals((await hosts.muster(["fleet", "start"])).code, 0);
  await hosts.endConnections();
  two.server.kill("SIGKILL");
  await two.server.status;

  await t.step("nobody listens", async () => {
    const { code, document } = await hosts.json<Status>(["fleet", "status"]);
    assertEquals(code, 0);
    assertEquals(document.agents.map(({ name, state, pid }) => [name, state, pid > 0]), [
      ["here", "unknown", true],
      ["build", "unknown", true],
      ["test", "unknown", false],
      ["lint", "unknown", false],
    ]);
    const [, , third, fourth] = document.agents;
    assertEquals([third?.source, third?.host, fourth?.note], ["none", "two", third?.note]);
    assertMatch(third?.note ?? "", /^cannot reach the host: two: .*Connection refused$/);
    assertEquals(document.servers.map(({ failure }) => failure), [undefined, undefined, third?.note]);
  });
  await t.step("no answer", async () => {
    await hosts.endConnections();
    Deno.kill(one.server.pid, "SIGSTOP");
    const started = performance.now();
    const { code, document } = await hosts.json<Status>(["fleet", "status", "--timeout", "1s"]);
    const elapsedMs = performance.now() - started;
    Deno.kill(one.server.pid, "SIGCONT");
    assertEquals([code, document.agents[1]?.state, document.agents[1]?.note], [
      0,
      "unknown",
      "the host did not answer in time: one",
    ]);
    assert((document.agents[0]?.pid ?? 0) > 0);
    // ssh's own time to give up is 15 seconds.
    assert(elapsedMs < 14_000, `${elapsedMs}`);
  });
  await t.step("agent send tells each, and keeps no receipt back", async () => {
    const { code, document } = await hosts.json<{ receipts: { outcome: string; attempts: number; reason?: string }[] }>(
      ["agent", "send", "--all", "-m", "hello"],
    );
    assertEquals(document.receipts.map(({ outcome, attempts }) => [outcome, attempts]), [
      ["submitted", 1],
      ["submitted", 1],
      ["unknown", 0],
      ["unknown", 0],
    ]);
    assertMatch(document.receipts[2]?.reason ?? "", /^nothing was typed: cannot reach the host: two: /);
    assertEquals(code, 3);
    const single = await hosts.muster(["agent", "send", "test", "-m", "hello"]);
    assertEquals([single.code, single.stdout], [6, ""]);
    assertMatch(single.stderr, /^muster: cannot reach the host: two: .*Connection refused\nhint: try: ssh two true\n$/);
  });
  await t.step("fleet stop stops what it reaches", async () => {
    const ended = await hosts.json<{ agents: { name: string; result: string }[] }>(["fleet", "stop"]);
    assertEquals(ended.code, 6);
    assertEquals(ended.document.agents.map(({ result }) => result), ["stopped", "stopped", "unknown", "unknown"]);
    assertNotEquals(await two.world.screen("=lint:"), undefined);
  });
});
