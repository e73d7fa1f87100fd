/**
 * A fleet under a real `systemd --user`: what systemd says of an agent is true, one agent's end is nobody else's, and the
 * fleet comes back.
 *
 * @module
 */

import { runtimeOf } from "../lib/agents/mod.ts";
import { assert, assertEquals, assertMatch, assertNotEquals } from "../lib/deps/assert.ts";
import { writeExecutable } from "./_executable.ts";
import { systemdTest, type SystemdWorld } from "./_systemd_user.ts";
import { root, show, World } from "./_world.ts";

const demo = new URL("fixtures/agents/demo.ts", root).pathname;

interface Agent {
  readonly name: string;
  readonly state: string;
  readonly source: string;
  readonly pane: string;
  readonly pid: number;
  readonly note?: string;
  readonly unit?: { readonly state: string; readonly restarts: number };
  readonly end?: { readonly cause: string; readonly status: number | null; readonly lines: readonly string[] };
}

interface Status {
  readonly servers: readonly { readonly pid: number }[];
  readonly agents: readonly Agent[];
  readonly supervisor: string;
  readonly warnings: readonly string[];
}

interface Start {
  readonly supervisor: string;
  readonly agents: readonly {
    readonly name: string;
    readonly result: string;
    readonly reason?: string;
    readonly dialog?: string;
    readonly hint?: string;
  }[];
}

/** Agents as TOML: name and command, and more keys where needed. */
function agent(name: string, command: readonly string[], more = ""): string {
  return `\n[[agents]]\nname = "${name}"\ncommand = ${JSON.stringify(command)}\n${more}`;
}

const roster = (...agents: readonly string[]) => `version = 1\n${agents.join("")}`;

/** A shell that reads its orders: an agent that ends as it is told to. */
const obedient = ["sh", "-c", 'echo here; while read -r order; do eval "$order"; done'];

async function install(systemd: SystemdWorld): Promise<void> {
  const ended = await systemd.muster(["fleet", "install"]);
  assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
}

async function start(systemd: SystemdWorld, ...names: readonly string[]): Promise<void> {
  const { document, ...ended } = await systemd.json<Start>(["fleet", "start", ...names]);
  assertEquals([ended.code, document.supervisor], [0, "systemd"], show(ended));
}

async function status(systemd: SystemdWorld): Promise<Status> {
  return (await systemd.json<Status>(["fleet", "status"])).document;
}

async function one(systemd: SystemdWorld, name: string): Promise<Agent> {
  const found = (await status(systemd)).agents.find((agent) => agent.name === name);
  if (!found) throw new Error(`no agent ${name}`);
  return found;
}

/** What must not change while something happens to an agent: the server, the unit that owns it, and the other agents. */
async function others(systemd: SystemdWorld, name: string): Promise<Readonly<Record<string, unknown>>> {
  const { servers, agents } = await status(systemd);
  return {
    server: servers[0]?.pid,
    holder: await systemd.systemctl("show", "--property=MainPID", "--value", "muster-holder.service"),
    siblings: agents.filter((agent) => agent.name !== name).map(({ name, pid, pane }) => ({ name, pid, pane })),
  };
}

async function order(systemd: SystemdWorld, name: string, words: string): Promise<void> {
  await systemd.world.tmux(["send-keys", "-t", `=${name}:`, words, "Enter"]);
}

/** Waits until an agent runs as another process than before. */
async function again(systemd: SystemdWorld, name: string, pid: number): Promise<Agent> {
  return await systemd.world.eventually(`${name} to run again`, async () => {
    const now = await one(systemd, name);
    return now.pid > 0 && now.pid !== pid && now.unit?.state === "active" ? now : undefined;
  });
}

async function isAlive(systemd: SystemdWorld, pid: number): Promise<boolean> {
  const { stdout } = await systemd.run("ps", ["-o", "stat=", "-p", String(pid)]);
  return /^[^Z\s]/.test(stdout.trim());
}

systemdTest(
  "fleet install writes units that systemd takes, once; --dry-run changes nothing",
  roster(
    agent("a", ["cat"]),
    agent("b-c", ["cat"], 'memory_max = "64M"\ncpu_weight = 50\ntasks_max = 40\n'),
    agent("far0", ["cat"], 'host = "ada@far"\n'),
    agent("far1", ["cat"], 'host = "ada@far"\n'),
  ),
  async (systemd) => {
    const { world } = systemd;
    const dry = await systemd.muster(["fleet", "install", "--dry-run"]);
    assertEquals([dry.code, dry.stderr], [0, ""], show(dry));
    assertMatch(dry.stdout, /^created {2}\/.*muster-holder\.service\n {2}--- \/dev\/null\n {2}\+\+\+ \/.*holder/);
    assertMatch(dry.stdout, /\n {2}\+Environment="MUSTER_PROPERTIES=MemoryMax=64M CPUWeight=50 TasksMax=40"\n/);
    assertEquals(await systemd.systemctl("list-unit-files", "--no-legend", "muster-*"), "");

    const { document, ...ended } = await systemd.json<
      {
        files: { change: string }[];
        agents: string[];
        lingering: string;
        programs: { path: string }[];
        notes: string[];
      }
    >(["fleet", "install"]);
    assertEquals([ended.code, document.agents, document.lingering], [0, ["a", "b-c"], "unknown"], show(ended));
    assertEquals(document.files.every(({ change }) => change === "created"), true);
    assertMatch(
      document.notes.join("\n"),
      /^no units for far0, far1, on ada@far: .*muster fleet install on that host/m,
    );
    assertMatch(document.programs[0]?.path ?? "", /^\/.*\/cat$/);
    assertEquals(
      (await systemd.systemctl("list-unit-files", "--no-legend", "muster-*")).split("\n").map((line) =>
        line.split(/ +/).slice(0, 2).join(" ")
      ).sort(),
      ["muster-agent@.service indirect", "muster-holder.service enabled"],
    );
    assertEquals(await systemd.systemctl("is-enabled", "muster-agent@b-c.service"), "enabled");
    assertEquals(await systemd.systemctl("is-active", "muster-holder.service"), "inactive");

    const second = await systemd.json<{ files: unknown[] }>(["fleet", "install"]);
    assertEquals([second.code, second.document.files], [0, []]);
    const units = `${world.home}/.config/systemd/user`;
    const text = await Deno.readTextFile(`${units}/muster-agent@.service`);
    assertEquals(/\$\(|`/.test(text.replaceAll(/^#.*$/gm, "")), false, "no command substitution in a unit");
  },
);

systemdTest(
  "an agent's end is true in its unit and nobody else's: restart, SIGKILL, its own exit, its unit's process, memory",
  roster(
    agent("a", obedient),
    agent("ab", ["cat"]),
    agent("c", obedient, 'memory_max = "60M"\n'),
  ),
  async (systemd, t) => {
    await install(systemd);
    await start(systemd);
    const first = await status(systemd);
    assertEquals(first.supervisor, "systemd");
    assertEquals(first.agents.map(({ unit }) => unit?.state), ["active", "active", "active"]);
    assertEquals(first.warnings, []);

    await t.step("fleet restart a", async () => {
      const [before, { pid }] = [await others(systemd, "a"), await one(systemd, "a")];
      const ended = await systemd.muster(["fleet", "restart", "a"]);
      assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
      assertMatch(ended.stdout, /^a {2}restarted {2}%\d+ {2}\S+\n$/);
      const now = await again(systemd, "a", pid);
      assertEquals([await isAlive(systemd, pid), await others(systemd, "a")], [false, before]);
      assertEquals(now.unit?.state, "active");
    });

    await t.step("SIGKILL of a's program", async () => {
      const [before, { pid }] = [await others(systemd, "a"), await one(systemd, "a")];
      await systemd.run("kill", ["-s", "KILL", String(pid)]);
      await again(systemd, "a", pid);
      assertEquals(await others(systemd, "a"), before);
      const ends = await Deno.readTextFile(`${systemd.world.home}/.local/state/muster/fleet/agents/a/ends.jsonl`);
      const last = JSON.parse(ends.trim().split("\n").at(-1) ?? "");
      assertEquals([last.cause, last.status, last.pid], ["failed", 137, pid]);
    });

    await t.step("a ends by itself, with its last words", async () => {
      const before = await others(systemd, "a");
      await order(systemd, "a", 'echo "all \\"done\\""; exit 0');
      const ended = await systemd.world.eventually("a to be dead", async () => {
        const now = await one(systemd, "a");
        return now.state === "dead" ? now : undefined;
      });
      assertEquals([ended.unit?.state, ended.source, ended.note], ["inactive", "systemd", "ended with status 0"]);
      assertEquals([ended.end?.cause, ended.end?.status, ended.end?.lines.at(-1)], ["exit", 0, 'all "done"']);
      assertEquals(await others(systemd, "a"), before);
      await start(systemd, "a");
    });

    await t.step("the unit's own process is killed: no program outlives its unit", async () => {
      const [before, { pid }] = [await others(systemd, "a"), await one(systemd, "a")];
      const main = await systemd.systemctl("show", "--property=MainPID", "--value", "muster-agent@a.service");
      await systemd.run("kill", ["-s", "KILL", main]);
      await again(systemd, "a", pid);
      assertEquals([await isAlive(systemd, pid), await others(systemd, "a")], [false, before]);
    });

    await t.step("c uses more memory than it may", async () => {
      const [before, { pid }] = [await others(systemd, "c"), await one(systemd, "c")];
      await order(systemd, "c", "exec tail /dev/zero");
      await again(systemd, "c", pid);
      assertEquals(await others(systemd, "c"), before);
      const ends = await Deno.readTextFile(`${systemd.world.home}/.local/state/muster/fleet/agents/c/ends.jsonl`);
      assertEquals(JSON.parse(ends.trim().split("\n").at(-1) ?? "").cause, "memory");
    });

    await t.step("a child that ignores every signal goes with its agent", async () => {
      await order(systemd, "a", "setsid sh -c 'trap \"\" HUP TERM INT; exec sleep 1000' & echo child $!");
      const child = await systemd.world.eventually("the child", async () => {
        const rows = await systemd.world.screen("=a:");
        return rows.map((row) => /^child (\d+)$/.exec(row)?.[1]).find((pid) => pid !== undefined);
      });
      const ended = await systemd.muster(["fleet", "stop", "a"]);
      assertEquals(ended.code, 0, show(ended));
      assertEquals(await isAlive(systemd, Number(child)), false);
      assertEquals(await systemd.unitState("a"), "inactive");
    });
  },
);

for (const shell of ["dash", "bash"]) {
  systemdTest(
    `with ${shell} as /bin/sh: a program that is stopped goes on, and its end is true all the same`,
    roster(agent("a", obedient)),
    async (systemd, t) => {
      const path = (await systemd.run("sh", ["-c", 'command -v "$1"', "sh", shell])).stdout.trim();
      if (path === "") {
        if (Deno.env.get("CI") === "true") throw new Error(`${shell} is not installed`);
        await t.step({ name: `${shell} is not installed`, ignore: true, fn: () => {} });
        return;
      }
      // In the mount namespace of this systemd alone.
      assertEquals((await systemd.run("mount", ["--bind", path, "/bin/sh"])).code, 0);
      await install(systemd);
      await start(systemd);
      const { pid } = await one(systemd, "a");
      for (let round = 0; round < 3; round++) {
        await systemd.run("kill", ["-s", "STOP", String(pid)]);
        await systemd.world.eventually("it to go on", async () => {
          const { stdout } = await systemd.run("ps", ["-o", "stat=", "-p", String(pid)]);
          assertNotEquals(stdout.trim(), "", "the program has ended");
          return !/^T/.test(stdout) && stdout.includes("+") || undefined;
        });
      }
      await order(systemd, "a", "echo still $((40 + 2))");
      await systemd.world.eventually("its answer", async () => {
        return (await systemd.world.screen("=a:")).includes("still 42") || undefined;
      });
      const now = await one(systemd, "a");
      assertEquals([now.pid, now.unit?.state], [pid, "active"]);
      await systemd.run("kill", ["-s", "KILL", String(pid)]);
      await again(systemd, "a", pid);
      await order(systemd, "a", "echo done; exit 0");
      const ended = await systemd.world.eventually("a to be dead", async () => {
        const now = await one(systemd, "a");
        return now.state === "dead" ? now : undefined;
      });
      assertEquals([ended.unit?.state, ended.end?.cause, ended.end?.lines.at(-1)], ["inactive", "exit", "done"]);
      assertEquals((await systemd.muster(["fleet", "stop"])).code, 0);
    },
  );
}

// busybox in place of /bin/sh would put its own programs before those of the host.
Deno.test("pane.sh tells how a stopped program ends in each shell", async (t) => {
  const script = new URL("units/pane.sh", root).pathname;
  for (const shell of ["dash", "bash --posix", "busybox sh"]) {
    await t.step(shell, async () => {
      await using world = await World.create();
      const [fifo, told] = [`${world.cwd}/fifo`, `${world.cwd}/told`];
      assertEquals((await world.run("sh", ["-c", 'mkfifo "$1"; : >"$2"', "sh", fifo, told])).code, 0);
      await world.tmux(["new-session", "-d", "-s", "reader", "sh", "-c", 'exec cat "$0" >"$1"', fifo, told]);
      const words = [...shell.split(" "), script, fifo, world.env.PATH ?? "", "sh", "-c", "cat; exit 5"];
      await world.tmux(["new-session", "-d", "-s", "a", ...words]);
      const line = async (what: RegExp) =>
        await world.eventually(`${what}`, async () => what.exec(await Deno.readTextFile(told))?.[1]);
      const pid = await line(/^program (\d+)\n/m);
      for (let round = 0; round < 3; round++) {
        await world.run("sh", ["-c", 'kill -s STOP "$1"', "sh", pid]);
        await world.eventually("it to go on", async () => {
          const { stdout } = await world.run("ps", ["-o", "stat=", "-p", pid]);
          return /^[^T]+\+/.test(stdout) || undefined;
        });
      }
      await world.tmux(["send-keys", "-t", "=a:", "hello", "Enter"]);
      await world.eventually("its answer", async () => {
        return (await world.screen("=a:")).filter((row) => row === "hello").length === 2 || undefined;
      });
      await world.tmux(["send-keys", "-t", "=a:", "C-d"]);
      assertEquals(await line(/^status (\d+)\n/m), "5");
    });
  }
});

systemdTest(
  "where there is a journal, an agent's exit status and last lines are in it under its unit's name",
  roster(agent("a", obedient, 'restart = "never"\n'), agent("b", ["cat"])),
  async (systemd) => {
    const made = await systemd.run("mkdir", ["-p", "/run/systemd/journal", "/run/log/journal"]);
    assertEquals(made.code, 0, show(made));
    await using journald = new Deno.Command("nsenter", {
      args: ["--mount", "--cgroup", "--target", systemd.pid, "--", "/lib/systemd/systemd-journald"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      await systemd.world.eventually("the journal", async () => {
        return (await systemd.run("test", ["-S", "/run/systemd/journal/stdout"])).code === 0 || undefined;
      });
      await install(systemd);
      await start(systemd);
      const { pid } = await one(systemd, "a");
      await order(systemd, "a", "echo last $((40 + 2)); exit 3");
      const read = ["--directory=/run/log/journal", "--no-pager", "--output=cat", "--unit=muster-agent@a.service"];
      const lines = await systemd.world.eventually("the end in the journal", async () => {
        const said = (await systemd.run("journalctl", read)).stdout.trimEnd().split("\n");
        return said.some((line) => line.startsWith("ended: ")) ? said : undefined;
      });
      assertEquals(lines.includes("last 42"), true, lines.join("\n"));
      assertMatch(lines.at(-1) ?? "", new RegExp(`^ended: failed, status 3, process ${pid}, after \\d+ s$`));
    } finally {
      journald.kill("SIGTERM");
      await journald.status;
    }
  },
);

systemdTest(
  "an agent that systemd is starting just then is restarted by fleet restart, and waited for by fleet start",
  roster(
    '[runtimes.never]\nkind = "command"\nready = "it never says this"\n',
    agent("a", ["sh", "-c", "sleep 0.5; exec cat"]),
    agent("b", ["sh", "-c", "exit 9"], 'runtime = "never"\nrestart_limit = 1000\n'),
  ),
  async (systemd) => {
    const causes = async (name: string) => {
      const path = `${systemd.world.home}/.local/state/muster/fleet/agents/${name}/ends.jsonl`;
      return (await Deno.readTextFile(path)).trimEnd().split("\n").map((line) => JSON.parse(line).cause as string);
    };
    await install(systemd);
    await start(systemd, "a");
    for (const words of [["fleet", "restart", "a", "--now"], ["fleet", "start", "a"]]) {
      for (let round = 0; round < 3; round++) {
        const { pid } = await one(systemd, "a");
        await systemd.run("kill", ["-s", "KILL", String(pid)]);
        // In the pause before the next start, or in the middle of it.
        const wanted = round === 0 ? /^is about/ : /^(starting|waits|process)/;
        await systemd.world.eventually("the next start", async () => {
          const text = await systemd.systemctl("show", "--property=StatusText", "--value", "muster-agent@a.service");
          return wanted.test(text) && !text.includes(String(pid)) || undefined;
        });
        const ended = await systemd.muster(words);
        assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
        assertMatch(ended.stdout, /^a {2}(restarted|started|already running) {2}%/);
        assertNotEquals((await one(systemd, "a")).pid, pid);
      }
    }
    assertEquals((await causes("a")).slice(-3), ["failed", "failed", "failed"], "a start stops nothing");
    await systemd.muster(["fleet", "start", "b"]);
    // One that waits for minutes is tried again at once.
    await systemd.run("sh", [
      "-c",
      'echo 12 >"$1"',
      "sh",
      `${systemd.world.home}/.local/state/muster/fleet/agents/b/failures`,
    ]);
    await systemd.world.eventually("a long pause", async () => {
      const text = await systemd.systemctl("show", "--property=StatusText", "--value", "muster-agent@b.service");
      return /tries again in 60 s$/.test(text) || undefined;
    });
    const again = await systemd.muster(["fleet", "start", "b"]);
    assertEquals(again.code, 1, show(again));
    assertMatch(again.stdout, /^b {2}failed {2}.*sh ended with status 9/);
    assertEquals([...new Set(await causes("b"))], ["failed"], "nor what waits for its next try");
  },
);

systemdTest(
  "a run that is stopped while its pane is made leaves nothing to the next one, however late that pane's programs are",
  roster(agent("a", ["cat"])),
  async (systemd) => {
    const { world } = systemd;
    const bin = `${world.cwd}/bin`;
    const stall = `${world.cwd}/stall`;
    const stalled = `${world.cwd}/stalled`;
    // Before it asks systemd for the scope, the first time.
    const slow = `[ ! -e '${stall}' ] || { rm '${stall}'; echo $$ >'${stalled}'; exec sleep 600; }`;
    await Deno.mkdir(bin);
    await writeExecutable(`${bin}/systemd-run`, `#!/bin/sh\n${slow}\nexec /usr/bin/systemd-run "$@"\n`);
    await Deno.writeTextFile(stall, "");
    const env = { PATH: `${bin}:${world.env.PATH ?? Deno.env.get("PATH")}` };
    const installed = await systemd.muster(["fleet", "install"], { env });
    assertEquals([installed.code, installed.stderr], [0, ""], show(installed));
    const wanted = await systemd.run("systemctl", ["--user", "start", "--no-block", "muster-agent@a.service"]);
    assertEquals(wanted.code, 0, show(wanted));
    const pid = await world.eventually("the pane whose program stalls", async () => {
      return (await Deno.readTextFile(stalled).catch(() => "")).trim() || undefined;
    });
    const ended = await systemd.muster(["fleet", "restart", "a", "--now"], { env });
    assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
    assertMatch(ended.stdout, /^a {2}restarted {2}%/);
    assertEquals((await world.tmux(["list-panes", "-s", "-t", "=a", "-F", "#{pane_dead}"])).trim(), "0");
    const left = await systemd.run("ps", ["-o", "stat=", "-p", pid]);
    assertEquals(/^[^Z\s]/.test(left.stdout), false, show(left));
    assertEquals((await one(systemd, "a")).unit?.state, "active");
  },
);

Deno.test("pane.sh runs nothing where the run that made it is over, and makes no file in its place", async () => {
  await using world = await World.create();
  const script = new URL("units/pane.sh", root).pathname;
  const [fifo, ran] = [`${world.cwd}/fifo`, `${world.cwd}/ran`];
  for (const shell of ["dash", "bash --posix", "busybox sh"]) {
    const [command = "", ...words] = shell.split(" ");
    const ended = await world.run(command, [...words, script, fifo, world.env.PATH ?? "", "touch", ran]);
    const { stdout } = await world.run("ls", [world.cwd]);
    assertEquals([ended.code, stdout.split("\n").filter((name) => /^(?:fifo|ran)$/.test(name))], [6, []], shell);
  }
});

systemdTest(
  "a dialog at the start is told, exit 4, and is no failure of the unit: it runs on, and takes work once it is answered",
  roster(agent(
    "a",
    [Deno.execPath(), "run", "--quiet", "--no-config", "-A", demo, "--transcript", "a.jsonl", "--dialog", "start"],
    'runtime = "demo"\nrestart = "always"\nrestart_limit = 1\nkickstart = "begin"\n',
  )),
  async (systemd) => {
    await install(systemd);
    const hint = "muster agent answer a --expect 'Allow the command: rm -rf build?' --choose N (1. Yes · 2. No)";
    for (const [words, result] of [[["start"], "started"], [["restart", "--now"], "restarted"]] as const) {
      const { code, document, stderr } = await systemd.json<Start>(["fleet", ...words]);
      assertEquals([code, stderr], [4, ""]);
      assertEquals(document.agents.map(({ result, dialog, hint }) => [result, dialog, hint]), [
        [result, "Allow the command: rm -rf build?", hint],
      ]);
    }
    const asking = await one(systemd, "a");
    assertEquals([asking.state, asking.unit?.state, asking.unit?.restarts], ["dialog", "active", 0]);
    // The last thing that each launch does for its unit is the kickstart.
    await systemd.world.eventually("the kickstarts to be held", async () => {
      const words = ["-r", "-h", "-o", '"outcome":"[a-z]*"', `${systemd.world.home}/.local/state/muster/receipts`];
      return (await systemd.run("grep", words)).stdout === '"outcome":"held"\n'.repeat(2) || undefined;
    });
    const after = await one(systemd, "a");
    assertEquals([after.state, after.pid, after.unit?.state, after.unit?.restarts], [
      "dialog",
      asking.pid,
      "active",
      0,
    ]);
    const record = `${systemd.world.home}/.local/state/muster/fleet/agents/a`;
    const names = [...Deno.readDirSync(record)].map(({ name }) => name);
    assertEquals(names.includes("failures"), false, names.join());
    const words = ["agent", "answer", "a", "--expect", "Allow the command: rm -rf build?", "--choose", "2"];
    assertEquals((await systemd.muster(words)).code, 0);
    const { code, document } = await systemd.json<{ readonly outcome: string }>(["agent", "send", "a", "-m", "work"]);
    assertEquals([code, document.outcome], [0, "submitted"]);
    assertEquals((await one(systemd, "a")).pid, asking.pid);
  },
);

systemdTest(
  "a program that refuses to go on in its session is not asked again: it begins anew, and that is said",
  undefined,
  async (systemd) => {
    const { world } = systemd;
    const transcript = `${world.home}/a.jsonl`;
    const deno = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock", `--allow-write=${transcript}`, demo];
    const flags = ["--transcript", transcript, "--busy", "0", "--refuse-resume"];
    await world.roster(roster(agent("a", [...deno, ...flags], 'runtime = "demo"\nkickstart = "Hello"\n')));
    await install(systemd);
    await start(systemd);
    const events = async (type: string) =>
      (await Deno.readTextFile(transcript)).trim().split("\n").filter((line) => JSON.parse(line).type === type).length;
    const kickstarts = (count: number) =>
      world.eventually(`${count} kickstarts`, async () => (await events("user")) === count || undefined);
    await kickstarts(1);
    for (let round = 1; round <= 2; round++) {
      const { pid } = await one(systemd, "a");
      await systemd.run("kill", ["-s", "KILL", String(pid)]);
      await kickstarts(round + 1);
      assertEquals(await events("session"), round + 1, "it begins anew");
      const { note } = await one(systemd, "a") as { readonly note?: string };
      assertEquals(note, "began anew after it was cut off: its program ended when it was to go on in its session");
    }
    const { stdout } = await systemd.run("sh", [
      "-c",
      `cat ${world.home}/.local/state/muster/fleet/agents/a/ends.jsonl`,
    ]);
    const ends = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(ends.map(({ cause, status }) => [cause, status]), [
      ["failed", 137],
      ["failed", 1],
      ["failed", 137],
      ["failed", 1],
    ]);
  },
);

systemdTest(
  "the server is killed: the holder comes back, then the agents that ran, each in its own session, and none has failed",
  undefined,
  async (systemd) => {
    const { world } = systemd;
    const names = ["a", "b", "c"];
    const transcript = (name: string) => `${world.home}/${name}.jsonl`;
    const deno = (
      name: string,
    ) => [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock", `--allow-write=${transcript(name)}`];
    const agents = names.map((name) =>
      agent(
        name,
        [...deno(name), demo, "--name", name, "--transcript", transcript(name), "--busy", "0", "--start-delay", "300"],
        'runtime = "demo"\nkickstart = "Hello {{agent}}"\n',
      )
    );
    await world.roster(roster(...agents));
    const events = async (name: string) =>
      (await Deno.readTextFile(transcript(name))).trim().split("\n").map((line) => JSON.parse(line));
    await install(systemd);
    await start(systemd);
    for (const name of names) {
      await world.eventually(`the kickstart of ${name}`, async () => {
        return (await events(name)).some(({ type, text }) => type === "user" && text === `Hello ${name}`) || undefined;
      });
    }
    assertEquals((await systemd.muster(["fleet", "stop", "c"])).code, 0);
    for (let round = 1; round <= 4; round++) {
      const before = await status(systemd);
      await systemd.run("kill", ["-s", "KILL", String(before.servers[0]?.pid)]);
      for (const name of ["a", "b"]) {
        const pid = before.agents.find((agent) => agent.name === name)?.pid ?? 0;
        await again(systemd, name, pid);
        await world.eventually(
          `${name} to be idle`,
          async () => (await one(systemd, name)).state === "idle" || undefined,
        );
      }
      const after = await status(systemd);
      assertNotEquals(after.servers[0]?.pid, before.servers[0]?.pid);
      assertEquals(
        after.agents.find(({ name }) => name === "c")?.unit?.state,
        "inactive",
        "c was stopped, and stays so",
      );
    }
    const started: number[][] = [];
    for (const name of ["a", "b"]) {
      const all = await events(name);
      const sessions = all.filter(({ type }) => type === "session");
      assertEquals(new Set(sessions.map(({ id }) => id)).size, 1, "the session that it had");
      assertEquals(sessions.map(({ resumed }) => resumed), [undefined, "yes", "yes", "yes", "yes"]);
      assertEquals(all.filter(({ type }) => type === "user").length, 1, "no kickstart on a resume");
      started.push(sessions.slice(1).map(({ startedAt }) => Date.parse(startedAt)));
    }
    for (const [round, at] of (started[0] ?? []).entries()) {
      // The second begins when the first is ready, which takes its start delay.
      assert(Math.abs((started[1]?.[round] ?? 0) - at) >= 300, `round ${round}: one after another`);
    }
    const { stdout } = await systemd.run("sh", [
      "-c",
      `cat ${world.home}/.local/state/muster/fleet/agents/a/ends.jsonl`,
    ]);
    assertEquals(stdout.trim().split("\n").map((line) => JSON.parse(line).cause), [
      "server",
      "server",
      "server",
      "server",
    ]);
  },
);

systemdTest(
  "the circuit breaker names the login that fails, and fleet start tries again",
  roster(
    agent("a", ["sh", "-c", "echo 'Invalid API key · Please run /login'; exit 1"], "restart_limit = 2\n"),
    agent("b", ["sh", "-c", "exit 7"], 'restart = "never"\n'),
    agent("c", ["cat"]),
  ),
  async (systemd) => {
    await install(systemd);
    await systemd.muster(["fleet", "start"]);
    const failed = await systemd.world.eventually("the breaker", async () => {
      const now = await one(systemd, "a");
      return now.unit?.state === "failed" ? now : undefined;
    });
    assertEquals(
      failed.note,
      "not started again after 2 failures in a row: the login of sh fails: Invalid API key · Please run /login",
    );
    assertEquals((await one(systemd, "b")).note, "sh ended with status 7");
    const again = await systemd.json<Start>(["fleet", "start", "a"]);
    assert([0, 1].includes(again.code), show(again));
    await systemd.world.eventually("the breaker again", async () => {
      return await systemd.unitState("a") === "failed" || undefined;
    });
    const ends = await Deno.readTextFile(`${systemd.world.home}/.local/state/muster/fleet/agents/a/ends.jsonl`);
    assertEquals(ends.trim().split("\n").length, 4);
    assertEquals((await one(systemd, "c")).unit?.state, "active");
  },
);

systemdTest(
  "a roster that changed is installed again: what changed is updated, nothing is restarted, who left goes when it has ended",
  roster(agent("a", ["cat"]), agent("b", ["cat"]), agent("c", ["cat"])),
  async (systemd) => {
    interface Installed {
      readonly files: readonly { readonly path: string; readonly change: string }[];
      readonly left: readonly { readonly name: string; readonly result: string }[];
      readonly pending: readonly string[];
      readonly notes: readonly string[];
    }
    await install(systemd);
    await start(systemd);
    const before = await status(systemd);
    await systemd.world.roster(
      roster(agent("a", ["cat"]), agent("b", ["cat"], 'memory_max = "64M"\n'), agent("d", ["cat"])),
    );
    const { document } = await systemd.json<Installed>(["fleet", "install"]);
    assertEquals(document.files.map(({ path, change }) => `${change} ${path.split("/").at(-2)}`), [
      "changed muster-agent@b.service.d",
      "created muster-agent@d.service.d",
    ]);
    assertEquals([document.left, document.pending], [[{ name: "c", result: "kept" }], ["b"]]);
    assertMatch(document.notes.join("\n"), /^c left the roster and still runs.*\nb runs on with its old settings/);
    const after = await status(systemd);
    assertEquals(after.agents.slice(0, 2).map(({ pid }) => pid), before.agents.slice(0, 2).map(({ pid }) => pid));
    assertEquals(await systemd.unitState("c"), "active");
    assertEquals(after.agents[2]?.unit?.state, "inactive");

    const pruned = (await systemd.json<Installed>(["fleet", "install", "--prune"])).document;
    assertEquals(pruned.left, [{ name: "c", result: "removed" }]);
    assertEquals([await systemd.unitState("c"), await systemd.systemctl("is-enabled", "muster-agent@c.service")], [
      "inactive",
      "disabled",
    ]);
    assertEquals(
      (await status(systemd)).agents.slice(0, 2).map(({ pid }) => pid),
      before.agents.slice(0, 2).map(({ pid }) => pid),
    );
  },
);

systemdTest(
  "fleet stop stops the agents, then holder and server; a session of somebody else's keeps the server up, exit 4",
  roster(agent("a", ["cat"]), agent("b", ["cat"])),
  async (systemd) => {
    const { world } = systemd;
    await install(systemd);
    await start(systemd);
    await world.tmux(["new-session", "-d", "-s", "mine", "cat"]);
    const server = (await status(systemd)).servers[0]?.pid ?? 0;
    const kept = await systemd.muster(["fleet", "stop"]);
    assertEquals([kept.code, kept.stderr], [4, ""], show(kept));
    assertMatch(
      kept.stdout,
      /^a {2}stopped {2}process \d+\nb {2}stopped {2}process \d+\nserver muster: kept up by sessions outside the roster: mine\n$/,
    );
    assertEquals([await isAlive(systemd, server), await systemd.unitState("a")], [true, "inactive"]);
    await world.tmux(["kill-session", "-t", "=mine"]);
    const ended = await systemd.muster(["fleet", "stop"]);
    assertEquals([ended.code, ended.stdout], [0, "a  not running\nb  not running\nserver muster: stopped\n"]);
    assertEquals([await isAlive(systemd, server), await systemd.systemctl("is-active", "muster-holder")], [
      false,
      "inactive",
    ]);
  },
);

systemdTest(
  "the holder is stopped: every agent ends with it, and uninstall leaves nothing",
  roster(agent("a", ["cat"]), agent("b", ["cat"])),
  async (systemd) => {
    const { world } = systemd;
    await install(systemd);
    await start(systemd);
    const before = await status(systemd);
    const held = await systemd.muster(["fleet", "uninstall"]);
    assertEquals(held, {
      code: 4,
      stdout: "",
      stderr: "muster: the fleet runs: muster-holder.service\nhint: muster fleet stop stops it\n",
    });
    await systemd.systemctl("stop", "muster-holder.service");
    for (const pid of [before.servers[0]?.pid ?? 0, ...before.agents.map(({ pid }) => pid)]) {
      assertEquals(await isAlive(systemd, pid), false, `process ${pid}`);
    }
    assertEquals([await systemd.unitState("a"), await systemd.unitState("b")], ["inactive", "inactive"]);
    const ended = await systemd.muster(["fleet", "uninstall"]);
    assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
    assertEquals(await systemd.systemctl("list-units", "--all", "--no-legend", "muster*"), "");
    const left = await systemd.run("find", [
      `${world.home}/.config/systemd`,
      `${world.home}/.local/state/muster/fleet`,
      "-type",
      "f",
    ]);
    assertEquals(
      left.stdout.trim().split("\n").map((path) => path.slice(`${world.home}/.local/state/muster/fleet/`.length))
        .sort(),
      ["agents/a/ends.jsonl", "agents/b/ends.jsonl"],
    );
    assertEquals((await systemd.run("test", ["-e", `${systemd.env.XDG_RUNTIME_DIR}/muster`])).code, 1);
    const twice = await systemd.muster(["fleet", "uninstall"]);
    assertEquals(twice, { code: 0, stdout: "no units were installed\n", stderr: "" });
  },
);

systemdTest(
  "fleet status warns of a program whose version the runtime was not proved with, and asks no program of kind command",
  undefined,
  async (systemd) => {
    const { world } = systemd;
    const bin = `${world.home}/.local/bin`;
    await Deno.mkdir(bin, { recursive: true });
    const says = (name: string, version: string) =>
      writeExecutable(`${bin}/${name}`, `#!/bin/sh\n[ "$1" = --version ] && echo '${version}'\n`);
    const [proved = ""] = runtimeOf("claude").provedVersions ?? [];
    const env = { PATH: `${bin}:${world.env.PATH}` };
    await says("claude", "9.9.9 (Claude Code)");
    await says("codex", `codex-cli ${runtimeOf("codex").provedVersions?.[0]}`);
    await writeExecutable(`${bin}/tool`, `#!/bin/sh\n: >'${world.home}/asked'\n`);
    await world.roster(roster(
      agent("a", ["claude"], 'runtime = "claude"\n'),
      agent("b", ["codex"], 'runtime = "codex"\n'),
      agent("c", ["tool"]),
    ));
    const install = async () => {
      const { code, stdout, stderr } = await systemd.muster(["fleet", "install"], { env });
      assertEquals([code, stderr], [0, ""]);
      return stdout;
    };
    assertMatch(await install(), new RegExp(`not proved with muster: ${RegExp.escape(proved)} was`));
    const warning = `claude is 9.9.9 (Claude Code), which muster was not proved with: ${proved} was`;
    assertEquals((await systemd.json<Status>(["fleet", "status"], { env })).document.warnings, [warning]);
    const page = await systemd.muster(["fleet", "status"], { env });
    assert(page.stdout.includes(`${warning}\n`), show(page));
    await says("claude", `${proved} (Claude Code)`);
    assertEquals((await install()).includes("not proved"), false);
    assertEquals((await systemd.json<Status>(["fleet", "status"], { env })).document.warnings, []);
    assertEquals((await systemd.run("test", ["-e", `${world.home}/asked`])).code, 1, "the tool was not run");
  },
);

systemdTest(
  "what has changed since the units were installed is told, and a file that somebody edited is left",
  roster(agent("a", ["tool"])),
  async (systemd) => {
    const { world } = systemd;
    const bin = `${world.home}/.local/bin`;
    await Deno.mkdir(bin, { recursive: true });
    await writeExecutable(`${bin}/tool`, "#!/bin/sh\nexec cat\n");
    const env = { PATH: `${bin}:${world.env.PATH}` };
    const installed = await systemd.muster(["fleet", "install"], { env });
    assertEquals([installed.code, installed.stderr], [0, ""], show(installed));
    await start(systemd);
    assertEquals((await one(systemd, "a")).unit?.state, "active", "found by the PATH of who installed it");
    await Deno.writeTextFile(`${bin}/tool`, "#!/bin/sh\n# newer\nexec cat\n");
    const { document } = await systemd.json<Status>(["fleet", "status"], { env });
    assertEquals(document.warnings, [
      `${bin}/tool has changed since the units were installed; muster fleet install takes it as it is now`,
    ]);
    await Deno.mkdir(`${world.home}/bin`);
    await writeExecutable(`${world.home}/bin/tool`, "#!/bin/sh\nexec cat\n");
    await systemd.muster(["fleet", "install"], { env });
    const elsewhere = await systemd.json<Status>(["fleet", "status"], {
      env: { PATH: `${world.home}/bin:${env.PATH}` },
    });
    assertEquals(elsewhere.document.warnings, [
      `tool is ${world.home}/bin/tool here, and ${bin}/tool in the units; muster fleet install takes it as it is now`,
    ]);
    await systemd.muster(["fleet", "stop"]);
    const edited = `${world.home}/.config/systemd/user/muster-holder.service`;
    await Deno.writeTextFile(edited, `${await Deno.readTextFile(edited)}# mine\n`);
    const ended = await systemd.muster(["fleet", "uninstall"]);
    assertEquals([ended.code, ended.stderr], [4, ""], show(ended));
    assertMatch(ended.stdout, new RegExp(`^left {2}${edited}: somebody has changed it$`, "m"));
    assertMatch(await Deno.readTextFile(edited), /# mine\n$/);
  },
);

systemdTest("paths and secrets of any kind reach the units as they are", undefined, async (systemd) => {
  const { world } = systemd;
  const state = `${world.directory}/st %h $HOME "q' \`id\` \\x`;
  const secret = `p"a's $s %n \\ word`;
  await Deno.writeTextFile(`${world.home}/a.env`, `TOKEN='${secret.replace("'", "")}'\n`, { mode: 0o600 });
  await world.roster(
    roster(
      agent(
        "a",
        ["sh", "-c", 'printf "<%s>\\n" "$TOKEN" "$1"; exec cat', "sh", "it's $HOME %h"],
        'env_file = "~/a.env"\n',
      ),
    ),
  );
  const env = { MUSTER_STATE: state };
  const installed = await systemd.muster(["fleet", "install"], { env });
  assertEquals([installed.code, installed.stderr], [0, ""], show(installed));
  const started = await systemd.muster(["fleet", "start"], { env });
  assertEquals(started.code, 0, show(started));
  const rows = await world.eventually("what it says", async () => {
    const seen = await world.screen("=a:");
    return seen.length > 1 ? seen : undefined;
  });
  assertEquals(rows, [`<${secret.replace("'", "")}>`, "<it's $HOME %h>"]);
  const shown = secret.replace("'", "");
  const files = await systemd.run("grep", ["-rlF", "-f", "-", `${world.home}/.config`, state], { stdin: shown });
  assertEquals([files.code, files.stdout], [1, ""], "the secret stands in no file of the units");
  const processes = await systemd.run("ps", ["-e", "-o", "args"]);
  assertEquals(processes.stdout.includes(shown), false, "nor in an argument list");
  assertEquals((await systemd.muster(["fleet", "stop"], { env })).code, 0);
  assertEquals((await systemd.muster(["fleet", "uninstall"], { env })).code, 0);
});
