/**
 * The promises of a send where the connection does not keep: the outcome is true, the lease is provably dead, the next
 * sender is served, and nothing is left on either side.
 *
 * @module
 */

import { type Receipt, sendText } from "../lib/agents/mod.ts";
import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { type Host, HostError, localHost, realIo, sshHost, withEnvironment } from "../lib/io/mod.ts";
import { joinPane, leaveQueue, makeTicket, parseTarget, readLease, TmuxServer } from "../lib/tmux/mod.ts";
import { type FarAgent, SshHosts, startFarAgent } from "./_sshd.ts";
import { type Ended, root, runProgram, show } from "./_world.ts";

const senderProgram = new URL("tests/_remote_sender.ts", root).pathname;

interface Seen {
  readonly outcome: string;
  readonly reason?: string;
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly unfinished?: { readonly outcome: string };
}

const target = parseTarget("a");

/** The far host's tmux server, asked from where it runs. */
function serverOf(hosts: SshHosts): TmuxServer {
  return new TmuxServer(localHost(withEnvironment(realIo, hosts.first.world.env)), "muster");
}

const next = (hosts: SshHosts, message: string, timeout = "50s") =>
  hosts.json<Seen>(["tmux", "send", "-H", "far", "-t", "a", "--runtime", "demo", "-m", message, "--timeout", timeout]);

async function assertNothingLeft(hosts: SshHosts, agent: FarAgent): Promise<void> {
  assertEquals(await agent.traces(), "");
  await hosts.near.eventually("the loops to end", async () => (await hosts.first.loops()).length === 0 || undefined);
}

/** How a send that was cut off ended, and what was thrown where it did not end. */
type Fate = { readonly receipt: Receipt } | { readonly error: unknown };

/** Finds what to kill, and returns what kills it at once. */
type PrepareCut = () => Promise<() => void>;

/** Sends over a connection that is cut before, while or after its Nth call; whether it came to that. */
async function sendCutOff(hosts: SshHosts, message: string, when: string, last: number, prepareCut: PrepareCut) {
  await using far = sshHost(hosts.io, "far");
  let calls = 0;
  let isCut = false;
  const host: Host = {
    destination: far.destination,
    leaseOwner: (signal) => far.leaseOwner(signal),
    async run(program, args, options) {
      if (++calls !== last) return await far.run(program, args, options);
      isCut = true;
      const cut = await prepareCut();
      if (when === "before") cut();
      const running = far.run(program, args, options);
      if (when === "while") cut();
      const result = await running;
      if (when === "after") cut();
      return result;
    },
  };
  let fate: Fate;
  try {
    const server = new TmuxServer(host, "muster");
    fate = { receipt: await sendText(hosts.io, server, target, message, { runtime: "demo", timeoutMs: 50_000 }) };
  } catch (error) {
    fate = { error };
  }
  return { isCut, fate };
}

/** Cuts a send off at each of its calls until one comes through, and sends the next message behind each. */
async function cutEverywhere(hosts: SshHosts, agent: FarAgent, text: string, when: string, cut: PrepareCut) {
  const fates: Record<string, number> = {};
  for (let call = 1;; call++) {
    assert(call < 60, "a send makes fewer calls than that");
    const message = `${when} ${call}: ${text}`;
    const before = await agent.taken();
    const { isCut, fate } = await sendCutOff(hosts, message, when, call, cut);
    const { document, ...ended } = await next(hosts, `next, ${when} ${call}`);
    assertEquals([ended.code, document.outcome], [0, "submitted"], JSON.stringify(document));
    const told = (await agent.taken()).slice(before.length);
    // Once, whole, and before the next; or not at all.
    const told1 = told.map((one) => one.slice(0, 60));
    assert(told.length === 1 || told.length === 2 && told[0] === message, JSON.stringify(told1));
    assertEquals(told.at(-1), `next, ${when} ${call}`);
    if ("receipt" in fate) {
      const { outcome, reason } = fate.receipt;
      if (outcome === "submitted") assertEquals(told.length, 2);
      else {
        assertEquals(outcome, "unknown", reason);
        assertMatch(reason ?? "", /the connection was lost: far/);
      }
    } else {
      // What throws has typed nothing.
      assert(fate.error instanceof HostError, `${fate.error}`);
      assertEquals(told.length, 1, `${when} ${call}: ${fate.error.message}`);
    }
    await assertNothingLeft(hosts, agent);
    const kind = "receipt" in fate ? fate.receipt.outcome : "nothing typed";
    fates[kind] = (fates[kind] ?? 0) + 1;
    if (!isCut) return fates;
  }
}

for (const when of ["before", "while", "after"]) {
  Deno.test(`a report is an observation: a connection that is cut ${when} any call of a send leaves a true outcome, and the next sender is served`, async (t) => {
    await using hosts = await SshHosts.open(["far"]);
    const agent = await startFarAgent(hosts.first, "a");
    await t.step("sshd's session killed, a short message", async () => {
      const fates = await cutEverywhere(hosts, agent, "run the tests", when, () => cutSession(hosts));
      assert((fates.unknown ?? 0) > 0, JSON.stringify(fates));
    });
    await t.step("the ssh client killed, a message of 200 KB", async () => {
      const text = "lorem ipsum; ".repeat(16_000);
      const fates = await cutEverywhere(hosts, agent, text, when, () => cutClient(hosts));
      assert((fates.unknown ?? 0) > 0, JSON.stringify(fates));
    });
  });
}

/** Kills the processes of sshd that serve a session. */
async function cutSession(hosts: SshHosts): Promise<() => void> {
  const found = (await hosts.first.sessions()).filter(({ command }) => /^sshd/.test(command));
  assert(found.length > 0);
  return () => found.forEach(({ pid }) => Deno.kill(pid, "SIGKILL"));
}

/** Kills the ssh clients of the near world. */
async function cutClient(hosts: SshHosts): Promise<() => void> {
  const { stdout } = await runProgram("ps", ["-e", "-o", "pid=,args="], { env: hosts.env, cwd: hosts.near.cwd });
  const found = stdout.split("\n").flatMap((line) => {
    const [, pid, args = ""] = /^ *(\d+) (.*)$/.exec(line) ?? [];
    return args.includes(`ssh -F ${hosts.near.directory}/ssh_config`) ? [Number(pid)] : [];
  });
  assert(found.length > 0);
  return () => found.forEach((pid) => Deno.kill(pid, "SIGKILL"));
}

Deno.test("the loop of a connection that is cut is the owner that is proved dead, though it has a program that hangs", async () => {
  await using hosts = await SshHosts.open(["far"]);
  const agent = await startFarAgent(hosts.first, "a");
  const far = sshHost(hosts.io, "far");
  const owner = await far.leaseOwner();
  const ticket = makeTicket(owner.pid, owner.nowMs);
  await joinPane(new TmuxServer(far, "muster"), target, ticket);
  const pipe = `${hosts.first.world.cwd}/pipe`;
  await far.run("sh", ["-c", 'mkfifo "$1"', "sh", pipe]);
  const hung = far.run("sh", ["-c", 'trap "" TERM; echo $$ >"$1"; while :; do sleep 600; done', "sh", pipe]);
  hung.catch(() => {}); // it is lost on purpose
  const pid = (await Deno.readTextFile(pipe)).trim();
  const early = await next(hosts, "too early", "1s");
  assertEquals([early.code, early.document.outcome], [4, "held"]);
  assertEquals(early.document.reason, `another send has the pane: process ${owner.pid}`);
  await cutSession(hosts).then((cut) => cut());
  const served = await next(hosts, "after the dead");
  assertEquals([served.code, served.document.outcome], [0, "submitted"], JSON.stringify(served.document));
  assertEquals(await agent.taken(), ["after the dead"]);
  await far[Symbol.asyncDispose]();
  const look = 'case $(ps -o stat= -p "$1") in "" | Z*) exit 1 ;; esac';
  await hosts.near.eventually("the program that hangs to end", async () => {
    return (await runProgram("sh", ["-c", look, "sh", pid], hosts.first.world)).code === 1 || undefined;
  });
  await assertNothingLeft(hosts, agent);
});

Deno.test("a report is an observation: a host that stops answering ends a send by its time, and is named", async (t) => {
  await using hosts = await SshHosts.open(["far"]);
  // Enter is never heeded, so that the send goes on looking.
  const agent = await startFarAgent(hosts.first, "a", ["--swallow", "1000"]);
  const words = ["tmux", "send", "-H", "far", "-t", "a", "--runtime", "demo", "--retries", "20"];

  await t.step("halfway", async () => {
    const sending = hosts.json<Seen>([...words, "-m", "half", "--timeout", "6s"]);
    await hosts.near.eventually("the text to stand in the pane", async () => {
      return (await hosts.first.world.screen("=a:")).some((row) => row.startsWith("❯ half")) || undefined;
    });
    await hosts.first.signal("SIGSTOP");
    const { code, document } = await sending;
    assertEquals([code, document.outcome], [3, "unknown"], JSON.stringify(document));
    assertMatch(document.reason ?? "", /the host did not answer in time: far$/);
    // ssh itself would have taken 20 seconds to give up.
    assert(document.elapsedMs < 15_000, `${document.elapsedMs}`);
    await hosts.first.signal("SIGCONT");
    await hosts.near.eventually("the loop to end", async () => (await hosts.first.loops()).length === 0 || undefined);
  });
  await t.step("from the start", async () => {
    await hosts.endConnections();
    Deno.kill(hosts.first.server.pid, "SIGSTOP");
    const ended = await hosts.muster([...words, "-m", "never", "--timeout", "2s"]);
    Deno.kill(hosts.first.server.pid, "SIGCONT");
    assertEquals([ended.code, ended.stdout], [3, ""]);
    assertEquals(ended.stderr, "muster: the host did not answer in time: far\n");
  });
  assertEquals(await agent.taken(), []);
});

Deno.test("Ctrl-C on a terminal leaves the connection its time to take back what was begun", async () => {
  await using hosts = await SshHosts.open(["far"]);
  const agent = await startFarAgent(hosts.first, "a", ["--swallow", "1000"]);
  const words = ["send", "-H", "far", "-t", "a", "--runtime", "demo", "--retries", "20", "-m", "half"];
  const muster = [Deno.execPath(), "run", "--quiet", "-A", new URL("mod.ts", root).pathname, "tmux", ...words];
  const variables = Object.entries(hosts.env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  // tmux gives a pane the PATH of whoever asks for it.
  const line = `PATH=${hosts.env.PATH} ${muster.join(" ")}; echo "exit $?"; exec cat`;
  await hosts.near.tmux(["new-session", "-d", "-x", "150", "-s", "terminal", ...variables, "sh", "-ic", line]);
  await hosts.near.eventually("Enter to be pressed behind the text", async () => {
    return (await agent.traces()).includes("/entered") || undefined;
  });
  await hosts.near.tmux(["send-keys", "-t", "=terminal:", "C-c"]);
  const rows = await hosts.near.eventually("muster to end", async () => {
    const seen = await hosts.near.screen("=terminal:");
    return seen.at(-1)?.startsWith("exit ") ? seen : undefined;
  });
  assertEquals(
    [rows.at(-3)?.replace("^C", ""), rows.at(-1)],
    ["muster: interrupted: SIGINT", "exit 130"],
    rows.join("\n"),
  );
  assertMatch(
    rows.at(-2) ?? "",
    /^hint: the text was typed into %\d+ and Enter pressed \d+ times: look before you send it/,
  );
  // The text still stands, and whose it is stands with it, for the next sender; the queue is left.
  const { world } = hosts.first;
  const left = await world.tmux(["display-message", "-p", "-t", "=a:", "#{@muster_queue}|#{@muster_message}"]);
  const [, ticket = ""] = /^\|(p\w+)\/\w+\/\/entered\n$/.exec(left) ?? [];
  assertEquals(ticket === "", false, left);
  await world.tmux([
    "set-option",
    "-pu",
    "-t",
    "=a:",
    "@muster_message",
    ";",
    "delete-buffer",
    "-b",
    `muster-${ticket}`,
  ]);
  await assertNothingLeft(hosts, agent);
});

Deno.test("first come, first served: senders here and over ssh are served in the order in which they queued", async () => {
  await using hosts = await SshHosts.open(["far"]);
  const agent = await startFarAgent(hosts.first, "a");
  const server = serverOf(hosts);
  const ticket = makeTicket(Deno.pid, Date.now());
  await joinPane(server, target, ticket);
  const sending: Promise<Ended>[] = [];
  const names = ["here 0", "ssh 1", "ssh 2", "here 3", "ssh 4", "here 5"];
  for (const [at, name] of names.entries()) {
    const run = name.startsWith("ssh") ? runFar(hosts, name, 1) : runHere(hosts, name, 1);
    sending.push(run);
    await hosts.near.eventually(`sender ${at} to wait`, async () => {
      return (await readLease(server, agent.paneId))?.queue.length === at + 2 || undefined;
    });
  }
  await leaveQueue(server, agent.paneId, ticket);
  for (const ended of await Promise.all(sending)) assertEquals(ended.stdout, '["submitted"]\n', show(ended));
  assertEquals(await agent.taken(), names.map((name) => `${name} 0`));
  await assertNothingLeft(hosts, agent);
});

/** A sender on the far host itself. */
function runHere(hosts: SshHosts, name: string, count: number): Promise<Ended> {
  const { world } = hosts.first;
  return run([name, String(count)], { ...world.env }, world.cwd);
}

/** A sender that comes over ssh. */
function runFar(hosts: SshHosts, name: string, count: number): Promise<Ended> {
  return run([name, String(count), "far"], { ...hosts.env }, hosts.near.cwd);
}

async function run(words: readonly string[], env: Readonly<Record<string, string>>, cwd: string): Promise<Ended> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", senderProgram, ...words],
    env: { ...env },
    clearEnv: true,
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, stdout, stderr } = await child.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("exactly once: 50 processes × 20 messages to one pane at once, half of them over ssh, each in its sender's order", async () => {
  await using hosts = await SshHosts.open(["far"]);
  const agent = await startFarAgent(hosts.first, "a");
  const names = Array.from({ length: 50 }, (_, at) => `${at % 2 === 0 ? "here" : "ssh"} ${at}`);
  const ended = await Promise.all(
    names.map((name) => name.startsWith("ssh") ? runFar(hosts, name, 20) : runHere(hosts, name, 20)),
  );
  const all = Array(20).fill("submitted");
  assertEquals(
    ended.map(({ stdout }) => stdout),
    names.map(() => `${JSON.stringify(all)}\n`),
    ended.map(show).join("\n"),
  );
  const taken = await agent.taken();
  const sent = names.flatMap((name) => Array.from({ length: 20 }, (_, at) => `${name} ${at}`));
  assertEquals(taken.toSorted(), sent.toSorted());
  for (const name of names) {
    const own = taken.filter((text) => text.startsWith(`${name} `));
    assertEquals(own, Array.from({ length: 20 }, (_, at) => `${name} ${at}`));
  }
  await hosts.endConnections();
  await assertNothingLeft(hosts, agent);
  assertEquals(await hosts.connections(), []);
});
