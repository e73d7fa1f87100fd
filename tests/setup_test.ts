/**
 * `muster setup` on every kind of machine: what it looks at, what it runs, what it says; and its scripts, by the real sh,
 * among programs that are stand-ins.
 *
 * @module
 */

import { assertEquals } from "../lib/deps/assert.ts";
import { type ExpectedRun, fakeIo } from "../lib/io/fake.ts";
import { runTask } from "../lib/task/run.ts";
import { installerScript, lookScript, setup } from "../tasks/setup.ts";
import { writeExecutable } from "./_executable.ts";
import { World } from "./_world.ts";

const names = ["tmux", "git", "ssh", "sshd", "unshare", "flock"];

/** What sh says of a machine: its kernel, then the programs that are there, by their lines. */
function look(kernel: string, there: readonly string[]): ExpectedRun {
  const lines = there.map((line) => {
    const [program, version = ""] = line.split(" ");
    return `${program}\t/usr/bin/${program}\t${version && `${program} ${version}`}`;
  });
  return {
    command: ["sh", "-c", lookScript, "sh", ...names],
    result: { stdout: `${[kernel, ...lines].join("\n")}\n` },
  };
}

/** What sh says of how packages are installed. */
function findInstaller(stdout: string): ExpectedRun {
  return { command: ["sh", "-c", installerScript], result: { stdout: stdout && `${stdout}\n` } };
}

function install(command: string, result: ExpectedRun["result"] = {}): ExpectedRun {
  return { command: ["sh", "-c", command], result };
}

const all = ["tmux 3.2a", "git", "ssh", "sshd", "unshare", "flock"];
const withoutServers = ["git", "ssh"];

/** A machine, the programs that are run on it, in order, and all that is said. */
interface Machine {
  readonly title: string;
  readonly runs: readonly ExpectedRun[];
  readonly code: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

const machines: readonly Machine[] = [
  {
    title: "all is there",
    runs: [look("Linux", all)],
    code: 0,
    stdout: "setup: tmux 3.2a, git, ssh, sshd, unshare, flock\n",
  },
  {
    title: "all is there on macOS, which has neither unshare nor flock",
    runs: [look("Darwin", all.slice(0, 4))],
    code: 0,
    stdout: "setup: tmux 3.2a, git, ssh, sshd\n",
  },
  {
    title: "all is there on macOS, and flock too",
    runs: [look("Darwin", [...all.slice(0, 4), "flock"])],
    code: 0,
    stdout: "setup: tmux 3.2a, git, ssh, sshd\n",
  },
  ...["next-3.7", "3.10", "4.0"].map((version): Machine => ({
    title: `tmux ${version} is no older than 3.2`,
    runs: [look("Linux", [`tmux ${version}`, ...all.slice(1)])],
    code: 0,
    stdout: `setup: tmux ${version}, git, ssh, sshd, unshare, flock\n`,
  })),
  {
    title: "tmux is too old, and a newer one can be installed",
    runs: [
      look("Linux", ["tmux 3.1c", ...all.slice(1)]),
      findInstaller("now apt-get"),
      install("apt-get update"),
      install("apt-get install -y tmux"),
      look("Linux", all),
    ],
    code: 0,
    stdout: "setup: tmux 3.2a, git, ssh, sshd, unshare, flock; installed tmux\n",
    stderr: "$ apt-get update\n$ apt-get install -y tmux\n",
  },
  {
    title: "tmux is too old, and a person has to install a newer one",
    runs: [look("Linux", ["tmux 2.9a", ...all.slice(1)]), findInstaller("person sudo apt-get")],
    code: 6,
    stderr: "muster: missing: tmux 3.2 or later\nhint: sudo apt-get install -y tmux\n",
  },
  {
    title: "missing, as root",
    runs: [
      look("Linux", withoutServers),
      findInstaller("now apt-get"),
      install("apt-get update"),
      install("apt-get install -y tmux openssh-server util-linux"),
      look("Linux", all),
    ],
    code: 0,
    stdout: "setup: tmux 3.2a, git, ssh, sshd, unshare, flock; installed tmux, openssh-server, util-linux\n",
    stderr: "$ apt-get update\n$ apt-get install -y tmux openssh-server util-linux\n",
  },
  {
    title: "missing, with sudo that asks for no password",
    runs: [
      look("Linux", all.filter((name) => name !== "git")),
      findInstaller("now sudo apt-get"),
      install("sudo apt-get update"),
      install("sudo apt-get install -y git"),
      look("Linux", all),
    ],
    code: 0,
    stdout: "setup: tmux 3.2a, git, ssh, sshd, unshare, flock; installed git\n",
    stderr: "$ sudo apt-get update\n$ sudo apt-get install -y git\n",
  },
  {
    title: "missing, with sudo that asks for a password",
    runs: [look("Linux", withoutServers), findInstaller("person sudo apt-get")],
    code: 6,
    stderr: "muster: missing: tmux 3.2 or later, sshd, unshare, flock\n" +
      "hint: sudo apt-get install -y tmux openssh-server util-linux\n",
  },
  {
    title: "missing, without sudo",
    runs: [look("Linux", withoutServers), findInstaller("root apt-get")],
    code: 6,
    stderr: "muster: missing: tmux 3.2 or later, sshd, unshare, flock\n" +
      "hint: as root: apt-get install -y tmux openssh-server util-linux\n",
  },
  {
    title: "missing, with another system's package manager",
    runs: [look("Linux", []), findInstaller("")],
    code: 6,
    stderr: "muster: missing: tmux 3.2 or later, git, ssh, sshd, unshare, flock\n" +
      "hint: install tmux, git, ssh, sshd, unshare, flock with your system's package manager\n",
  },
  {
    title: "missing on macOS, with Homebrew",
    runs: [
      look("Darwin", ["ssh", "sshd"]),
      findInstaller("now brew"),
      install("brew install tmux git"),
      look("Darwin", all.slice(0, 4)),
    ],
    code: 0,
    stdout: "setup: tmux 3.2a, git, ssh, sshd; installed tmux, git\n",
    stderr: "$ brew install tmux git\n",
  },
  {
    title: "missing on macOS, without Homebrew",
    runs: [look("Darwin", ["git", "ssh", "sshd"]), findInstaller("")],
    code: 6,
    stderr: "muster: missing: tmux 3.2 or later\nhint: install tmux with your system's package manager\n",
  },
  {
    title: "an update that fails",
    runs: [
      look("Linux", all.slice(1)),
      findInstaller("now apt-get"),
      install("apt-get update", {
        code: 100,
        stderr: "W: a warning\nE: Could not get lock /var/lib/apt/lists/lock\n",
      }),
    ],
    code: 6,
    stderr: "$ apt-get update\nmuster: cannot install: E: Could not get lock /var/lib/apt/lists/lock\n",
  },
  {
    title: "an install that fails",
    runs: [
      look("Linux", all.slice(1)),
      findInstaller("now apt-get"),
      install("apt-get update"),
      install("apt-get install -y tmux", { code: 100, stderr: "E: Unable to locate package tmux\n" }),
    ],
    code: 6,
    stderr: "$ apt-get update\n$ apt-get install -y tmux\nmuster: cannot install: E: Unable to locate package tmux\n",
  },
  {
    title: "an install that fails without a word",
    runs: [look("Darwin", all.slice(1)), findInstaller("now brew"), install("brew install tmux", { code: 1 })],
    code: 6,
    stderr: "$ brew install tmux\nmuster: cannot install: exit 1\n",
  },
  {
    title: "installed, and still too old",
    runs: [
      look("Linux", withoutServers),
      findInstaller("now apt-get"),
      install("apt-get update"),
      install("apt-get install -y tmux openssh-server util-linux"),
      look("Linux", ["tmux 3.1c", ...all.slice(1)]),
    ],
    code: 6,
    stderr: "$ apt-get update\n$ apt-get install -y tmux openssh-server util-linux\n" +
      "muster: missing: tmux 3.2 or later\nhint: apt-get has installed tmux, which is not enough: install another\n",
  },
];

for (const { title, runs, code, stdout = "", stderr = "" } of machines) {
  Deno.test(`setup: ${title}`, async () => {
    const io = fakeIo({ runs });
    const status = await runTask(setup, {}, { json: false, debug: false }, io, new AbortController().signal);
    io.verify();
    assertEquals({ status, stdout: io.stdout, stderr: io.stderr }, { status: code, stdout, stderr });
  });
}

Deno.test("setup: what is missing, for a script", async () => {
  const io = fakeIo({ runs: [look("Linux", ["tmux 3.1", ...all.slice(1)]), findInstaller("person sudo apt-get")] });
  const status = await runTask(setup, {}, { json: true, debug: false }, io, new AbortController().signal);
  io.verify();
  const error = {
    code: "missing_program",
    message: "missing: tmux 3.2 or later",
    hint: "sudo apt-get install -y tmux",
  };
  assertEquals([status, JSON.parse(io.stdout), io.stderr], [6, { error }, ""]);
});

/** Runs a script by the real sh, where no programs are but those given, each a script of its own. */
async function runScript(world: World, script: string, programs: Readonly<Record<string, string>>): Promise<string> {
  const directory = await Deno.makeTempDir({ dir: world.directory });
  for (const [name, body] of Object.entries(programs)) {
    await writeExecutable(`${directory}/${name}`, `#!/bin/sh\n${body}\n`);
  }
  const ended = await world.run("/bin/sh", ["-c", script, "sh", "tmux", "no-such", "one-more"], {
    env: { PATH: directory },
  });
  assertEquals([ended.code, ended.stderr], [0, ""]);
  return ended.stdout.replaceAll(directory, "<bin>");
}

Deno.test("setup: sh says how packages are installed", async () => {
  await using world = await World.create();
  const apt = { "apt-get": "exit 1" };
  const person = { id: "echo 1000" };
  const cases: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ ...apt, id: "echo 0" }, "now apt-get\n"],
    [{ ...apt, ...person, sudo: '[ "$*" = "-n true" ]' }, "now sudo apt-get\n"],
    [{ ...apt, ...person, sudo: "echo a password is required >&2; exit 1" }, "person sudo apt-get\n"],
    [{ ...apt, ...person }, "root apt-get\n"],
    [{ ...person, sudo: "exit 1", brew: "exit 1" }, "now brew\n"],
    [{ ...person, sudo: "exit 0" }, ""],
  ];
  for (const [programs, said] of cases) assertEquals(await runScript(world, installerScript, programs), said);
});

Deno.test("setup: sh says which programs are there", async () => {
  await using world = await World.create();
  const programs = {
    uname: '[ "$*" = -s ] && echo Darwin',
    tmux: '[ "$*" = -V ] && echo tmux 3.5a',
    "one-more": "exit 1",
  };
  const said = "Darwin\ntmux\t<bin>/tmux\ttmux 3.5a\none-more\t<bin>/one-more\t\n";
  assertEquals(await runScript(world, lookScript, programs), said);
});
