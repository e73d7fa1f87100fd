/**
 * What help and doc comments tell people to type is what works: each example of each task, through a shell, and each
 * `deno run` line of a task's doc comment against its definition.
 *
 * @module
 */

import { findTasks } from "../build/generate.ts";
import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { permissionWords } from "../lib/task/permissions.ts";
import { tasks } from "../tasks/index.ts";
import { writeExecutable } from "./_executable.ts";
import { tellActions } from "./_ci/actions.ts";
import { ForgeModel } from "./_vendor/forge_model.ts";
import { openForgeServer } from "./_vendor/forge_server.ts";
import { forgesToml, secret } from "./_vendor/open_model.ts";
import { inTurns, root, runProgram, show, World } from "./_world.ts";

const roster = `version = 1

[[agents]]
name = "coder0"
command = ["sh", "-c", "echo ready; exec cat"]

[[agents]]
name = "coder1"
command = ["cat"]
`;

/** Examples that want a terminal or a systemd, and the tests that run them there. */
const elsewhere: Readonly<Record<string, string>> = {
  "agent attach": "tests/watch_test.ts",
  "fleet install": "tests/units_test.ts",
};

/** The demo agents that examples name: each does what its name says. */
const demoFlags: Readonly<Record<string, readonly string[]>> = {
  demo0: ["--busy", "0"],
  busy0: ["--busy", "forever"],
  asking0: ["--dialog", "start"],
};

function rosterFor(example: string): string {
  const name = Object.keys(demoFlags).find((one) => example.includes(one));
  if (name === undefined) return roster;
  const program = new URL("fixtures/agents/demo.ts", root).pathname;
  const deno = [Deno.execPath(), "run", "--quiet", "--no-config", "--allow-write=."];
  const command = [...deno, program, "--transcript", "demo.jsonl", ...demoFlags[name] ?? []];
  return `${roster}\n[[agents]]\nname = "${name}"\nruntime = "demo"\ncommand = ${JSON.stringify(command)}\n`;
}

const project = '[hooks]\npost_create = "echo created"\nverify_worktree = "true"\n';

/** A world in which any example works: the agents run, `brief.md` is at hand, and `muster` is on PATH. */
async function prepare(example: string): Promise<World> {
  // A first roster is for someone who has none.
  if (example === "muster fleet init" || example === "muster provision init") return await World.create();
  const world = await World.create(rosterFor(example));
  if (example.startsWith("muster provision ")) {
    await world.file("muster.toml", project);
    if (example !== "muster provision up --no-provision --json") await world.muster(["provision", "up"]);
    return world;
  }
  try {
    await world.file("brief.md", "# Brief\n\nFix it; don't break it.\n");
    const started = await world.muster(["fleet", "start"]);
    // One that asks is held: that is what it is there for.
    if (started.code !== (example.includes("asking0") ? 4 : 0)) {
      throw new Error(`the fleet did not start: ${show(started)}`);
    }
    for (const name of ["busy0", "demo0"].filter((one) => example.includes(one))) {
      await world.muster(["tmux", "send", "-t", name, "-m", "work"]);
    }
    await world.eventually("coder0 to be ready", async () => {
      return (await world.screen("=coder0:")).includes("ready") || undefined;
    });
    return world;
  } catch (error) {
    await world[Symbol.asyncDispose]();
    throw error;
  }
}

/** A forge in which any example works, where one asks for it; closed by who called. */
async function openForge(world: World, example: string): Promise<AsyncDisposable | undefined> {
  if (!example.includes("-r ada/tool")) return undefined;
  const model = new ForgeModel();
  model.issue({ title: "Parser loses a line", milestone: "v1", labels: ["bug"] });
  model.issue({ title: "Read more", milestone: "v1", labels: ["bug"] });
  model.pull({ number: 21, title: "Keep the last line", body: "Closes #2" });
  model.branches.add("fix-line");
  const server = tellActions(openForgeServer("gitea", model));
  await Deno.mkdir(world.musterHome, { recursive: true });
  await Deno.writeTextFile(`${world.musterHome}/forges.toml`, forgesToml("gitea", server));
  return server;
}

/** A program `muster`, in a directory that comes first on PATH. */
async function pathWithMuster(world: World): Promise<string> {
  const directory = `${world.directory}/bin`;
  await Deno.mkdir(directory);
  const words = [Deno.execPath(), "run", "--quiet", "-A", new URL("mod.ts", root).pathname];
  await writeExecutable(`${directory}/muster`, `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`);
  return `${directory}:${world.env.PATH}`;
}

Deno.test("every task has an example, and each works as it is written", async (t) => {
  const all = tasks.flatMap(({ command, examples }) => examples.map(({ run }) => ({ command, run })));
  for (const { command } of tasks) assert(all.some((one) => one.command === command), `no example: ${command}`);
  const examples = all.filter(({ command }) => !(command in elsewhere));
  for (const [command, file] of Object.entries(elsewhere)) {
    const text = await Deno.readTextFile(new URL(file, root));
    assert(text.includes(JSON.stringify(command.split(" ")).slice(1, -1).replace(",", ", ")), `${command} in ${file}`);
  }
  const ended = await inTurns(examples, async ({ run }) => {
    await using world = await prepare(run);
    await using _forge = await openForge(world, run);
    const env = { ...world.env, PATH: await pathWithMuster(world), MUSTER_TEST_TOKEN: secret };
    return await runProgram("sh", ["-c", run], { env, cwd: world.cwd });
  });
  for (const [at, { run }] of examples.entries()) {
    await t.step(run, () => {
      const { code, stdout, stderr } = ended[at] ?? { code: -1, stdout: "", stderr: "" };
      // How a run goes on is told beside the answer.
      const progress = run.startsWith("muster provision ") ? /^(create|✓ .*)\n/gm : /(?!)/g;
      assertEquals([code, stderr.replace(progress, "")], [0, ""], stdout);
      assertMatch(stdout, /\S/);
      if (run.includes("--json")) assertEquals(typeof JSON.parse(stdout), "object");
    });
  }
});

Deno.test("every example begins with the command that it is of", () => {
  for (const { command, aliases, examples } of tasks) {
    for (const { run } of examples) {
      const names = [command, ...aliases].map((name) => `muster ${name}`);
      assert(names.some((name) => run === name || run.startsWith(`${name} `)), `${run} in the task ${command}`);
    }
  }
});

Deno.test("the deno run lines of doc comments are those of the definitions", async (t) => {
  for (const { task, path } of await findTasks()) {
    await t.step(path, async () => {
      const text = await Deno.readTextFile(new URL(path, root));
      const [, comment = ""] = /^\/\*\*\n([^]*?)\n \*\//m.exec(text) ?? [];
      const lines = [...comment.matchAll(/^ \* (deno run .*)$/gm)].map(([, line = ""]) => line);
      assertEquals(lines.length, 1, `deno run lines of ${path}`);
      const expected = ["deno run", ...permissionWords(task.permissions), path].join(" ");
      for (const line of lines) {
        assertEquals(line.slice(0, expected.length), expected);
        assertMatch(line.slice(expected.length), /^$|^ \S/);
      }
      const fences = [...comment.matchAll(/^ \* ```(\w*)$/gm)].map(([, language]) => language);
      assertEquals(fences, ["sh", ""], `fences of ${path}`);
      assertEquals(text.split("\n")[0], `#!/usr/bin/env -S ${expected.slice(0, -path.length - 1)}`);
    });
  }
});
