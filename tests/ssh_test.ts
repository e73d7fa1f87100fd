/** `-H`: a send to a pane of another host is proved like any other, and what stands in its way is said in one line. */

import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { localHost, realIo, sshHost } from "../lib/io/mod.ts";
import { type FarAgent, SshHosts, startFarAgent } from "./_sshd.ts";
import { type Ended, root, show } from "./_world.ts";

interface Receipt {
  readonly outcome: string;
  readonly evidence: string;
  readonly attempts: number;
  readonly target: { readonly host: string; readonly session: string; readonly pane: string };
  readonly reason?: string;
}

const sendTo = (host: string, session: string, ...words: readonly string[]) => [
  ...["tmux", "send", "-H", host, "--runtime", "demo", "-t", session],
  ...words,
];

const sendWords = (session: string, ...words: readonly string[]) => sendTo("far", session, ...words);

/** Every kind of character that a message may have, and everything that a shell or tmux would do something with. */
const messages: readonly string[] = [
  "run the tests",
  "'; touch ran; '",
  "$(touch ran) `touch ran` ${HOME} $HOME ~ !! *",
  'a "quoted" \\backslash\\ and a trailing ;',
  "#{pid} #(touch ran) %if %0 #[fg=red]",
  "three\nlines\n\nand\ttabs",
  "--help",
  "ends in a backslash \\",
  Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join(""),
  "é e\u0301 漢字 🚀 👩‍👩‍👧 עברית العربية \u{1d11e} \u{20000} \u{10fffd}",
  Array.from({ length: 0x300 }, (_, at) => String.fromCodePoint(0xa1 + at)).join("").replace(/\p{Cf}/gu, ""),
];

/** Nothing that muster runs there is left, nor anything of it in tmux or in a temporary directory. */
async function assertNothingLeft(hosts: SshHosts, agent: FarAgent): Promise<void> {
  assertEquals([await agent.traces(), await hosts.first.loops()], ["", []]);
}

Deno.test("any text goes to any session of another host, byte for byte, and is never run", async () => {
  await using hosts = await SshHosts.open(["far"], { env: { TMPDIR: "/tmp" } });
  const { world } = hosts.first;
  for (const name of ["plain", "'; touch ran; '", "$(touch ran)", "`touch ran`", "a\nb", 'a "b" \\c', "é漢", "a*"]) {
    const agent = await startFarAgent(hosts.first, name);
    const chosen = name === "plain" ? messages : messages.slice(0, 2);
    for (const message of chosen) {
      const { code, document, stderr } = await hosts.json<Receipt>(sendWords(agent.session, "-m", message));
      assertEquals([code, document.outcome, document.target.pane, stderr], [0, "submitted", agent.paneId, ""]);
    }
    assertEquals(await agent.taken(), [...chosen]);
    await assertNothingLeft(hosts, agent);
  }
  for (const directory of [world.home, world.cwd, hosts.near.home, hosts.near.cwd]) {
    assertEquals([...Deno.readDirSync(directory)].filter(({ name }) => name === "ran"), []);
  }
});

Deno.test("a message of 1 MiB goes over ssh, as ASCII and as anything else", async () => {
  await using hosts = await SshHosts.open(["far"]);
  const agent = await startFarAgent(hosts.first, "a");
  const texts = ["0123456789abcdef".repeat(65_536), "🚀漢é ".repeat(104_857)];
  for (const text of texts) {
    const ended = await hosts.json<Receipt>(sendWords("a", "--timeout", "60s"), { stdin: text });
    assertEquals([ended.code, ended.document.outcome], [0, "submitted"], JSON.stringify(ended.document));
  }
  const taken = await agent.taken();
  assertEquals(taken.map((text, at) => text === texts[at]), [true, true]);
  await assertNothingLeft(hosts, agent);
});

Deno.test("-H needs leave to run ssh, and with nothing more goes without a shared connection", async () => {
  await using hosts = await SshHosts.open(["far"]);
  await startFarAgent(hosts.first, "a");
  const script = new URL("tasks/tmux/send.ts", root).pathname;
  const words = [script, "-t", "a", "-H", "far", "--runtime", "demo", "-m", "hello"];
  const run = (...permissions: readonly string[]) => {
    return hosts.near.deno(["run", "--quiet", ...permissions, ...words], { env: hosts.env });
  };
  const sent = await run("--allow-run=tmux,ssh");
  assertMatch(sent.stdout, /^submitted {2}a %0 {2}evidence transcript · 5 bytes · [\d.]+m?s · [0-9A-Z]{26}\n$/);
  assertEquals([sent.code, sent.stderr, await hosts.connections()], [0, "", []]);
  assertEquals(await run("--allow-run=tmux"), {
    code: 6,
    stdout: "",
    stderr: "muster: missing permission: --allow-run=ssh\n" +
      "hint: add --allow-run=ssh to the deno run line; if it is there, install what is not on PATH of ssh\n",
  });
});

Deno.test("several calls share one connection, which ends by itself", async () => {
  await using hosts = await SshHosts.open(["far"]);
  const agent = await startFarAgent(hosts.first, "a");
  const connections = async () =>
    (await hosts.first.sessions()).filter(({ command }) => /^sshd: .*@/.test(command)).length;
  for (const message of ["one", "two", "three"]) {
    assertEquals((await hosts.muster(sendWords("a", "-m", message))).code, 0);
    assertEquals([(await hosts.connections()).length, await connections()], [1, 1]);
  }
  const directory = await Deno.stat(`${hosts.env.MUSTER_STATE}/ssh`);
  assertEquals((directory.mode ?? 0) & 0o777, 0o700);
  assertEquals(await agent.taken(), ["one", "two", "three"]);
  // More than sshd lets one connection carry (MaxSessions is 10).
  const many = await Promise.all(
    Array.from({ length: 14 }, (_, at) => hosts.muster(sendWords("a", "-m", `many ${at}`, "--timeout", "50s"))),
  );
  assertEquals(many.map(({ code }) => code), Array(14).fill(0), many.map(show).join("\n"));
  assertEquals((await agent.taken()).slice(3).sort(), Array.from({ length: 14 }, (_, at) => `many ${at}`).sort());
  await hosts.near.eventually("the connection to end", async () => {
    return (await hosts.connections()).length === 0 && await connections() === 0 || undefined;
  });
  await assertNothingLeft(hosts, agent);
});

Deno.test("connections that sshd turns away, as too many come at once, are tried again", async () => {
  await using hosts = await SshHosts.open(["far"], { sshd: ["MaxStartups 2"] });
  const all = Array.from({ length: 12 }, () => sshHost(hosts.io, "far", { openWithinMs: 60_000 }));
  try {
    const answers = await Promise.all(all.map((host) => host.run("sh", ["-c", "echo hello"])));
    assertEquals(answers.map(({ stdout }) => stdout), Array(12).fill("hello\n"));
    const owners = await Promise.all(all.map((host) => host.leaseOwner()));
    assertEquals(new Set(owners.map(({ pid }) => pid)).size, 12);
    const { namespace = 0 } = (await localHost(realIo).leaseOwner()).start ?? {};
    const looks = await Promise.all(owners.map(({ pid }) => Deno.readTextFile(`/proc/${pid}/stat`)));
    assertEquals(
      owners.map(({ start }) => start),
      looks.map((stat) => ({ ticks: Number(stat.split(" ")[21]), namespace })),
    );
  } finally {
    await Promise.all(all.map((host) => host[Symbol.asyncDispose]()));
  }
  assertEquals(await hosts.first.loops(), []);
});

Deno.test("others who could reach the sockets keep a connection from being shared", async () => {
  await using hosts = await SshHosts.open(["far"]);
  await startFarAgent(hosts.first, "a");
  await Deno.mkdir(`${hosts.env.MUSTER_STATE}/ssh`, { recursive: true });
  await Deno.chmod(`${hosts.env.MUSTER_STATE}/ssh`, 0o770);
  assertEquals([(await hosts.muster(sendWords("a", "-m", "hi"))).code, await hosts.connections()], [0, []]);
});

/** One that fails, with what it prints. */
function assertRefused(ended: Ended, code: number, message: RegExp, hint: string): void {
  const [first = "", ...rest] = ended.stderr.split("\n");
  assertMatch(first, message);
  assertEquals([ended.code, ended.stdout, rest], [code, "", [`hint: ${hint}`, ""]], show(ended));
}

Deno.test("what stands in the way of ssh is one line with a way out, and nothing is typed", async (t) => {
  await using hosts = await SshHosts.open(["far", "silent"]);
  const [far, silent] = hosts.far;
  assert(far && silent);
  const agent = await startFarAgent(far, "a");
  const send = (host = "far", ...words: readonly string[]) => hosts.muster(sendTo(host, "a", "-m", "hello", ...words));

  await t.step("an unknown host key", async () => {
    await hosts.know();
    const hint = "connect once by hand, and compare the key: ssh far";
    assertRefused(await send(), 6, /^muster: the host key is not known: far$/, hint);
    assertEquals(await Deno.readTextFile(`${hosts.near.directory}/known_hosts`), "");
  });
  await t.step("a changed host key", async () => {
    await hosts.know([far.port, silent.hostKey]);
    const hint = "find out why before you trust it; then remove the old key with ssh-keygen -R, " +
      "and connect by hand: ssh far";
    assertRefused(await send(), 6, /^muster: the host key has changed: far$/, hint);
  });
  await hosts.know([far.port, far.hostKey], [silent.port, silent.hostKey]);
  await t.step("a key that is not accepted", async () => {
    await Deno.writeTextFile(`${far.world.directory}/authorized_keys`, "");
    const hint = "nobody is asked for a password: this must work: ssh -o BatchMode=yes far true";
    assertRefused(await send(), 6, /^muster: ssh was refused: far: .*Permission denied \(publickey\)\.$/, hint);
    await Deno.copyFile(`${hosts.near.directory}/id.pub`, `${far.world.directory}/authorized_keys`);
  });
  await t.step("nobody listens, or there is no such host", async () => {
    silent.server.kill("SIGKILL");
    await silent.server.status;
    const refused = await send("silent");
    assertRefused(
      refused,
      6,
      /^muster: cannot reach the host: silent: .*Connection refused$/,
      "try: ssh silent true",
    );
    const none = await send("none.invalid");
    assertRefused(none, 6, /^muster: cannot reach the host: none\.invalid: .+$/, "try: ssh none.invalid true");
  });
  await t.step("a host that takes the connection and says nothing", async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: silent.port });
    const accepted: Deno.Conn[] = [];
    const accepting = (async () => {
      for await (const connection of listener) accepted.push(connection);
    })();
    const ended = await send("silent", "--timeout", "2s");
    assertEquals([ended.code, ended.stdout], [3, ""]);
    assertMatch(ended.stderr, /^muster: the host did not answer in time: silent\n$/);
    for (const connection of accepted) connection.close();
    listener.close();
    await accepting;
  });
  await t.step("what is no destination never becomes a flag", async () => {
    for (const destination of ["-oProxyCommand=touch ran", "", "a b", "a;b", "$(touch ran)", "ssh://far"]) {
      const { code, stdout, stderr } = await hosts.muster(["tmux", "send", "-t", "a", "-m", "x", `-H${destination}`]);
      assertEquals([code, stdout, stderr.split("\n").length], [2, "", 3], stderr);
      assertMatch(stderr, /^muster: (invalid value: --host: expected a host or user@host, as for ssh|missing value)/);
    }
  });
  await t.step("a session that is not there", async () => {
    const { code, document } = await hosts.json<Receipt>(sendWords("nobody", "-m", "x"));
    assertEquals([code, document.outcome, document.reason], [5, "not_found", "no such target: nobody"]);
  });
  assertEquals([await agent.taken(), await agent.traces()], [[], ""]);
});

Deno.test("a host without tmux is told so", async () => {
  const bin = await Deno.makeTempDir({ prefix: "muster-test-" });
  try {
    for (const program of ["sh", "date", "mkdir", "mkfifo", "rm", "sleep", "ps"]) {
      const find = new Deno.Command("sh", { args: ["-c", 'command -v "$1"', "sh", program] }).outputSync();
      await Deno.symlink(new TextDecoder().decode(find.stdout).trim(), `${bin}/${program}`);
    }
    await using hosts = await SshHosts.open(["far"], { env: { PATH: bin } });
    const hint = "install tmux there, or put it on the PATH of: ssh far 'command -v tmux'";
    const ended = await hosts.muster(sendWords("a", "-m", "x"));
    assertRefused(ended, 6, /^muster: program not found on far: tmux$/, hint);
    assertEquals(await hosts.first.loops(), []);
  } finally {
    await Deno.remove(bin, { recursive: true });
  }
});
