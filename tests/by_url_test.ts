/**
 * Every task as a script by URL, from an empty directory, with exactly the permissions that it declares, and once without
 * each of them.
 *
 * @module
 */

import { findTasks, type Found } from "../build/generate.ts";
import { assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { describeTask } from "../lib/task/describe.ts";
import { taskHelp } from "../lib/task/help.ts";
import { type Permissions, permissionWords } from "../lib/task/permissions.ts";
import { version } from "../lib/task/version.ts";
import { tellActions } from "./_ci/actions.ts";
import { ForgeModel } from "./_vendor/forge_model.ts";
import { openForgeServer } from "./_vendor/forge_server.ts";
import { forgesToml } from "./_vendor/open_model.ts";
import type { VendorServer } from "./_vendor/server.ts";
import { type Ended, inTurns, readDenoInfo, root, runProgram, show, World } from "./_world.ts";

const roster = `version = 1

[[agents]]
name = "coder0"
command = ["cat"]

[[agents]]
name = "coder1"
command = ["cat"]
`;

const project = '[hooks]\npost_create = "echo created"\nverify_worktree = "true"\n';

/** What makes a task succeed: its words, and whether the fleet is to run before; and all that it prints then. */
interface Scene {
  readonly words: readonly string[];
  /** The roster, where it is another; see {@linkcode demoRoster}. */
  readonly roster?: string;
  /** What is typed into the first agent before. */
  readonly typed?: string;
  readonly needsFleet?: boolean;
  /** Whether the working directory has a project, and whether that was provisioned before. */
  readonly project?: "declared" | "provisioned";
  /** All that it says on standard error; nothing where left out. */
  readonly says?: RegExp;
  /** The files that it leaves in the working directory. */
  readonly leaves?: readonly string[];
  /** Whether a forge is to be there, with the words `-r ada/tool` for its repo. */
  readonly needsForge?: boolean;
  readonly prints: RegExp;
  /** How it ends where it cannot succeed: it wants a terminal, or a systemd. */
  readonly fails?: { readonly code: number; readonly stderr: RegExp };
}

const receipt = /^submitted {2}coder0 %\d+ {2}evidence screen · \d+ bytes · [\d.]+m?s · [0-9A-Z]{26}\n$/;

/** One demo agent, by flags of its own. */
function demoRoster(name: string, ...flags: readonly string[]): string {
  const program = new URL("fixtures/agents/demo.ts", root).pathname;
  const deno = [Deno.execPath(), "run", "--quiet", "--no-config", "--allow-write=."];
  const command = JSON.stringify([...deno, program, "--transcript", "demo.jsonl", ...flags]);
  return `version = 1\n[[agents]]\nname = "${name}"\nruntime = "demo"\ncommand = ${command}\n`;
}

const scenes: Readonly<Record<string, Scene>> = {
  "agent answer": {
    words: ["asking0", "--expect", "Allow the command", "--choose", "No"],
    roster: demoRoster("asking0", "--dialog", "start"),
    needsFleet: true,
    prints: /^answered {2}asking0 %1 {2}\S+\n {2}Allow the command: rm -rf build\? No\n$/,
  },
  "agent attach": {
    words: ["coder0"],
    needsFleet: true,
    prints: /^$/,
    fails: { code: 2, stderr: /^muster: not a terminal: standard input or output\nhint: .*\n$/ },
  },
  "agent command": {
    words: ["demo0", "/compact"],
    roster: demoRoster("demo0"),
    needsFleet: true,
    prints: /^submitted {2}demo0 %1 {2}evidence screen · 8 bytes · .*\n$/,
  },
  "agent interrupt": {
    words: ["busy0"],
    roster: demoRoster("busy0", "--busy", "forever"),
    typed: "work",
    needsFleet: true,
    prints: /^interrupted {2}busy0 %1 {2}\S+\n$/,
  },
  "agent last": {
    words: ["demo0"],
    roster: demoRoster("demo0", "--busy", "0"),
    typed: "work",
    needsFleet: true,
    prints: /^Received \S.*\.\n$/,
  },
  "agent launch": { words: ["coder0"], prints: /^coder0 {2}started {2}fresh\n$/ },
  "agent list": { words: [], prints: /^AGENT .*\ncoder0 .*\ncoder1 .*\n$/ },
  "agent reset": {
    words: ["demo0"],
    roster: demoRoster("demo0"),
    needsFleet: true,
    prints: /^reset {2}demo0 {2}\S+\n {2}evidence transcript\n$/,
  },
  "agent restart": { words: ["coder0"], needsFleet: true, prints: /^coder0 {2}restarted {2}%\d+ {2}\S+\n$/ },
  "agent send": { words: ["coder0", "-m", "hello"], needsFleet: true, prints: receipt },
  "agent status": { words: ["coder0"], needsFleet: true, prints: /^coder0 {2}unknown\n[^]* process +\d+\n$/ },
  "agent tail": { words: ["coder0", "-n", "5"], needsFleet: true, prints: /^$/ },
  "agent wait": {
    words: ["demo0"],
    roster: demoRoster("demo0"),
    needsFleet: true,
    prints: /^demo0 {2}idle\n$/,
  },
  "check": { words: [], prints: /^ok {2}roster {2}\/.*\nok {2}working_directory {2}\/.*\n$/ },
  "ci guard": {
    words: ["--purpose", "merge", "--pr", "3", "-r", "ada/tool", "--settle", "0"],
    needsForge: true,
    prints: /^clear {2}\S+ on main at \S+\n$/,
  },
  "ci list": { words: ["-r", "ada/tool"], needsForge: true, prints: /^NUMBER .*\n12 .*\n$/ },
  "ci log": { words: ["-n", "12", "-r", "ada/tool"], needsForge: true, prints: /^one\ntwo\nthree\n$/ },
  "ci status": { words: ["-r", "ada/tool"], needsForge: true, prints: /^NUMBER .*\n12 .*\n$/ },
  "ci trigger": {
    words: ["-B", "main", "-w", "ci.yml", "-r", "ada/tool"],
    needsForge: true,
    prints: /^started {2}14 {2}success {2}http.*\n$/,
  },
  "ci wait": {
    words: ["-n", "12", "-r", "ada/tool"],
    needsForge: true,
    prints: /^success {2}ada\/tool · .*\n {2}12 {2}success .*\n$/,
  },
  "completions": { words: ["bash"], prints: /^# bash completion for muster[^]*\n$/ },
  "demo": {
    words: [],
    prints: /^A fleet of three demo agents[^]*\nDone\n {2}✓ server stopped, \/tmp\/\S+ removed, .*\n\n?$/,
  },
  "doctor": { words: [], prints: /^(ok|warning) +tmux +tmux \d[^]* disk +\d+ MB are free.*\n$/ },
  "fleet adopt": {
    words: ["-L", "muster"],
    needsFleet: true,
    prints: /^_holder +skipped .*\ncoder0 +skipped .*\ncoder1 +skipped .*\n$/,
  },
  "fleet init": { words: ["--force"], prints: /^replaced \/.*\/roster\.toml\nskill \/.*\/SKILL\.md\nnext: .*\n$/ },
  "fleet install": {
    words: [],
    prints: /^$/,
    fails: { code: 6, stderr: /^muster: no systemd to install units in: .*\nhint: .*\n$/ },
  },
  "fleet restart": {
    words: [],
    needsFleet: true,
    prints: /^coder0 {2}restarted {2}%\d+ {2}\S+\ncoder1 {2}restarted {2}%\d+ {2}\S+\n$/,
  },
  "fleet start": { words: [], prints: /^coder0 {2}started {2}%\d+ {2}\S+\ncoder1 {2}started {2}%\d+ {2}\S+\n$/ },
  "fleet status": {
    words: [],
    needsFleet: true,
    prints: /^AGENT .*\ncoder0 .*\ncoder1 .*\nserver muster: process \d+\n$/,
  },
  "fleet stop": {
    words: [],
    needsFleet: true,
    prints: /^coder0 {2}stopped {2}process \d+\ncoder1 {2}stopped {2}process \d+\nserver muster: stopped\n$/,
  },
  "fleet uninstall": { words: [], prints: /^no units were installed\n$/ },
  "fleet verify": {
    words: [],
    needsFleet: true,
    prints: /^not proved +the holder[^]*proved +other tmux sockets .*\n$/,
  },
  "fleet watch": { words: ["--for", "1s"], needsFleet: true, prints: /^(\{.*\}\n){3}$/ },
  "issue close": { words: ["1", "-r", "ada/tool"], needsForge: true, prints: /^#1 {2}One\nclosed · v1\n/ },
  "issue create": { words: ["-r", "ada/tool", "-t", "New", "-m", ""], needsForge: true, prints: /^#4 {2}New\nopen\n/ },
  "issue list": { words: ["-r", "ada/tool"], needsForge: true, prints: /^#2 {2}open {2}Two\n#1 {2}open {2}One\n$/ },
  "issue view": { words: ["1", "-r", "ada/tool"], needsForge: true, prints: /^#1 {2}One\nopen · v1\n/ },
  "lane brief": { words: ["-r", "ada/tool"], needsForge: true, prints: /\n1 to dispatch · 1 underway · 0 held\n/ },
  "manifest": { words: ["--json"], prints: /^\{"version":.*\}\n$/ },
  "provision doctor": { words: [], project: "provisioned", prints: /^ok {5}project: .*\nok {5}machine: running\n$/ },
  "provision down": { words: ["--destroy"], project: "provisioned", prints: /^cwd: forgotten\n$/ },
  "provision drift": { words: [], project: "provisioned", prints: /^cwd: as provisioned \([0-9a-f]{8}\)\n$/ },
  "provision exec": { words: ["--", "echo", "hello"], project: "declared", prints: /^hello\n$/ },
  "provision init": {
    words: [],
    prints: /^wrote .*\/muster\.toml\nnext: .*\n$/,
    leaves: ["muster.schema.json", "muster.toml"],
  },
  "provision log": { words: ["post_create"], project: "provisioned", prints: /^created\n$/ },
  "provision plan": {
    words: [],
    project: "declared",
    prints:
      /^cwd: create\n {2}post_create {2}new machine\nto do exactly this: muster provision up --plan [0-9a-f]{12}\n$/,
  },
  "provision run": {
    words: ["--full"],
    project: "provisioned",
    says: /^✓ post_create {2}ok {2}\S+\n$/,
    prints: /^cwd: post_create \(\S+\) · provisioned: [0-9a-f]{8}\n$/,
  },
  "provision status": {
    words: [],
    project: "provisioned",
    prints: /^cwd: host, running\nprovisioned: [0-9a-f]{8}\n {2}post_create {2}ok {2}.*\n$/,
  },
  "provision up": {
    words: [],
    project: "declared",
    says: /^create\n✓ post_create {2}ok {2}\S+\n$/,
    prints: /^cwd: create, post_create \(\S+\) · provisioned: [0-9a-f]{8}\n$/,
  },
  "provision verify": { words: [], project: "declared", prints: /^cwd: verify_worktree ok\n$/ },
  "milestone close": { words: ["v1", "-r", "ada/tool"], needsForge: true, prints: /^v1 {2}closed {2}/ },
  "milestone create": { words: ["v2", "-r", "ada/tool"], needsForge: true, prints: /^v2 {2}open {2}/ },
  "milestone list": { words: ["-r", "ada/tool"], needsForge: true, prints: /^v1 {2}open {2}/ },
  "pr create": {
    words: ["-r", "ada/tool", "-t", "New", "-m", "", "--head", "ready"],
    needsForge: true,
    prints: /^#4 {2}New\nopen · ready → main · /,
  },
  "pr list": { words: ["-r", "ada/tool"], needsForge: true, prints: /^#3 {2}open {2}Work on two {2}.*\n$/ },
  "pr merge": { words: ["3", "-r", "ada/tool"], needsForge: true, prints: /^merged {2}#3 {2}[0-9a-f]{12}\n$/ },
  "pr view": { words: ["3", "-r", "ada/tool"], needsForge: true, prints: /^#3 {2}Work on two\nopen · / },
  "prune": { words: [], prints: /^0 bytes of records are left\n$/ },
  "setup": { words: [], prints: /^setup: tmux \S+, git, ssh, sshd, unshare, flock\n$/ },
  "tmux send": { words: ["-t", "coder0", "-m", "hello"], needsFleet: true, prints: receipt },
};

/** A forge for the tasks that ask one, and what a world needs to find it. */
class ForgeScene implements AsyncDisposable {
  private constructor(readonly server: VendorServer) {}

  /** Opens one where the scene needs it. */
  static async open(world: World, scene: Scene): Promise<ForgeScene | undefined> {
    if (!scene.needsForge) return undefined;
    const model = new ForgeModel();
    model.issue({ title: "One", milestone: "v1" });
    model.issue({ title: "Two" });
    model.pull({ title: "Work on two", body: "Closes #2" });
    model.branches.add("ready");
    const server = tellActions(openForgeServer("gitea", model));
    const toml = forgesToml("gitea", server).replace("MUSTER_TEST_TOKEN", "GITEA_TOKEN");
    await Deno.mkdir(world.musterHome, { recursive: true });
    await Deno.writeTextFile(`${world.musterHome}/forges.toml`, toml);
    return new ForgeScene(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

const contentTypes: Readonly<Record<string, string>> = { ts: "application/typescript", json: "application/json" };

/** The repo over loopback HTTP, and a cache of deno's own: a port may have served another tree before. */
class Site implements AsyncDisposable {
  private constructor(
    readonly server: Deno.HttpServer<Deno.NetAddr>,
    readonly world: World,
    readonly missing: string[],
  ) {}

  static async open(): Promise<Site> {
    const world = await World.create();
    const denoDir = `${world.directory}/deno`;
    await Deno.mkdir(denoDir);
    await Deno.symlink((await readDenoInfo()).npmCache, `${denoDir}/npm`);
    const missing: string[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
      const path = new URL(url).pathname.slice(1);
      const headers = { "content-type": contentTypes[path.split(".").at(-1) ?? ""] ?? "text/plain" };
      try {
        return new Response(await Deno.readFile(new URL(path, root)), { headers });
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        missing.push(path);
        return new Response("no such file", { status: 404 });
      }
    });
    return new Site(server, world, missing);
  }

  /** Runs a file of the repo by its URL, in a world and from its empty working directory. */
  async run(world: World, path: string, permissions: readonly string[], words: readonly string[]): Promise<Ended> {
    const args = this.words(world, path, permissions, words);
    return await runProgram(Deno.execPath(), args, { env: this.environment(world), cwd: world.cwd });
  }

  /** The words after `deno`. A host whose script is run may be imported from: deno needs no `--allow-import` for it. */
  words(world: World, path: string, permissions: readonly string[], words: readonly string[]): string[] {
    const granted = permissions.map((word) => word.replaceAll("$HOME", world.home));
    const url = `http://127.0.0.1:${this.server.addr.port}/${path}`;
    return ["run", "--quiet", "--no-lock", "--no-config", ...granted, url, ...words];
  }

  environment(world: World): Readonly<Record<string, string>> {
    return { ...world.env, GITEA_TOKEN: "s3cret-t0ken", DENO_DIR: `${this.world.directory}/deno` };
  }

  /** Has deno fetch every module once, by the one that reaches them all. */
  async warm(found: readonly Found[]): Promise<void> {
    const urls = [...found.map(({ path }) => path), "mod.ts", "cli.ts"].map((path) =>
      `http://127.0.0.1:${this.server.addr.port}/${path}`
    );
    const args = ["cache", "--quiet", "--no-lock", "--no-config", `--allow-import=${new URL(urls[0] ?? "").host}`];
    const { world } = this;
    const ended = await runProgram(Deno.execPath(), [...args, ...urls], {
      env: this.environment(world),
      cwd: world.cwd,
    });
    assertEquals(ended, { code: 0, stdout: "", stderr: "" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.shutdown();
    await this.world[Symbol.asyncDispose]();
  }
}

function sceneOf({ task }: Found): Scene {
  const scene = scenes[task.name];
  if (!scene) throw new Error(`no scene in tests/by_url_test.ts in which it succeeds: ${task.name}`);
  return scene;
}

async function worldOf(scene: Scene): Promise<World> {
  const world = await World.create(scene.roster ?? roster);
  if (scene.project) await world.file("muster.toml", project);
  if (!scene.needsFleet && scene.project !== "provisioned") return world;
  const started = await world.muster(scene.needsFleet ? ["fleet", "start"] : ["provision", "up"]);
  const agent = /name = "(\w+)"/.exec(scene.roster ?? roster)?.[1] ?? "";
  const typed = scene.typed ? await world.muster(["tmux", "send", "-t", agent, "-m", scene.typed]) : started;
  // One that asks is held: that is what it is there for.
  if (typed.code === (agent === "asking0" ? 4 : 0)) return world;
  await world[Symbol.asyncDispose]();
  throw new Error(`the fleet or the machine did not start: ${show(started)}, ${show(typed)}`);
}

/** The demo says which directory was its own: neither it nor a process that names it is there any more. */
async function assertNothingLeft(world: World, { stdout }: Ended): Promise<void> {
  const [, home = ""] = /server stopped, (\/tmp\/\S+) removed/.exec(stdout) ?? [];
  const { stdout: processes } = await runProgram("ps", ["-e", "-o", "args"], { env: world.env, cwd: world.cwd });
  assertEquals(processes.split("\n").filter((line) => line.includes(home)), []);
  const entries = [...Deno.readDirSync("/tmp")].map(({ name }) => `/tmp/${name}`);
  assertEquals(entries.includes(home), false, home);
}

/**
 * The permissions that an error names: paths as the world has them. Where the variables that say where paths are are
 * missing, it names all that the task needs as well.
 */
function missingPermission(world: World, word: string, permissions: Permissions): Ended {
  const flag = word.replaceAll("$HOME", world.home);
  const programs = /(?:^| )--allow-run=(\S+)/.exec(flag)?.[1];
  const all = permissionWords(permissions).join(" ");
  const hasPaths = [permissions.read, permissions.write].some((paths) => paths?.length);
  const needs = flag.includes("--allow-env") && hasPaths && flag !== all ? `, which needs ${all}` : "";
  const orInstall = programs === undefined ? "" : `; if it is there, install what is not on PATH of ${programs}`;
  return {
    code: 6,
    stdout: "",
    stderr: `muster: missing permission: ${flag}\nhint: add ${flag} to the deno run line${needs}${orInstall}\n`,
  };
}

Deno.test("every task runs by URL with exactly its permissions, and names each that is withheld", async (t) => {
  await using site = await Site.open();
  const found = await findTasks();
  await site.warm(found);

  await t.step("with exactly its permissions", async () => {
    await inTurns(found, async (one) => {
      const scene = sceneOf(one);
      await using world = await worldOf(scene);
      await using _forge = await ForgeScene.open(world, scene);
      const ended = await site.run(world, one.path, permissionWords(one.task.permissions), scene.words);
      const { code, stderr } = scene.fails ?? { code: 0, stderr: scene.says ?? /^$/ };
      assertEquals([one.task.name, ended.code], [one.task.name, code], show(ended));
      assertMatch(ended.stderr, stderr);
      assertMatch(ended.stdout, scene.prints);
      const left = [...Deno.readDirSync(world.cwd)].map(({ name }) => name).sort();
      assertEquals(left, scene.leaves ?? (scene.project ? ["muster.toml"] : []), `${one.task.name} left files`);
      if (one.task.name === "demo") await assertNothingLeft(world, ended);
    });
  });

  await t.step("each permission withheld once", async () => {
    const cases = found.flatMap((one) => {
      const words = permissionWords(one.task.permissions);
      return words.map((withheld) => ({ one, withheld, words: words.filter((word) => word !== withheld) }));
    });
    await inTurns(cases, async ({ one, withheld, words }) => {
      await using world = await World.create(roster);
      await using forge = await ForgeScene.open(world, sceneOf(one));
      const ended = await site.run(world, one.path, words, sceneOf(one).words);
      // Of hosts that the configuration names, the one that was asked is named.
      const word = withheld === "--allow-net" ? `--allow-net=${forge?.server.host}` : withheld;
      assertEquals(ended, missingPermission(world, word, one.task.permissions), `${one.task.name} without ${withheld}`);
      assertEquals(await Deno.readTextFile(world.rosterPath), roster);
      assertEquals([...Deno.readDirSync(world.sockets)], [], `${one.task.name} without ${withheld} called tmux`);
    });
  });

  await t.step("the forge's host alone is enough of the network", async () => {
    const asking = found.filter(({ task }) => task.permissions.net === "configured");
    await inTurns(asking, async (one) => {
      const scene = sceneOf(one);
      await using world = await World.create(roster);
      await using forge = await ForgeScene.open(world, scene);
      const words = permissionWords(one.task.permissions).map((word) =>
        word === "--allow-net" ? `--allow-net=${forge?.server.host}` : word
      );
      const ended = await site.run(world, one.path, words, scene.words);
      assertEquals([one.task.name, ended.code, ended.stderr], [one.task.name, 0, ""], show(ended));
    });
  });

  await t.step("one program of several withheld", async () => {
    const cases = found.flatMap((one) => {
      const { run = [] } = one.task.permissions;
      return run.length < 2 ? [] : run.map((withheld) => ({ one, withheld, run }));
    });
    await inTurns(cases, async ({ one, withheld, run }) => {
      await using world = await World.create(roster);
      const left = { ...one.task.permissions, run: run.filter((program) => program !== withheld) };
      const ended = await site.run(world, one.path, permissionWords(left), sceneOf(one).words);
      const expected = missingPermission(world, `--allow-run=${run.join(",")}`, one.task.permissions);
      assertEquals(ended, expected, `${one.task.name} without ${withheld}`);
    });
  });

  await t.step("--help and --version need no permission", async () => {
    await using world = await World.create();
    await inTurns(found, async ({ task, path }) => {
      const [help, told] = await Promise.all([
        site.run(world, path, [], ["--help"]),
        site.run(world, path, [], ["--version"]),
      ]);
      assertEquals(help, { code: 0, stdout: await taskHelp(describeTask(task), task.name), stderr: "" });
      assertEquals(told, { code: 0, stdout: `muster ${version}\n`, stderr: "" });
    }, { width: 2 });
  });

  await t.step("the CLI: --help, --version and manifest need no permission", async () => {
    await using world = await World.create();
    const [help, told, manifest] = await Promise.all([
      site.run(world, "mod.ts", [], ["--help"]),
      site.run(world, "mod.ts", [], ["--version"]),
      site.run(world, "mod.ts", [], ["manifest", "--json"]),
    ]);
    assertEquals([help.code, help.stderr], [0, ""]);
    assertMatch(help.stdout, /^muster runs fleets of terminal coding agents in tmux\.\n/);
    assertEquals(told, { code: 0, stdout: `muster ${version}\n`, stderr: "" });
    assertEquals([manifest.code, manifest.stderr], [0, ""]);
    assertEquals(
      JSON.parse(manifest.stdout).tasks.map(({ command, flags }: Row) => [command, flags]),
      found.map(({ task }) => [task.name, permissionWords(task.permissions)]),
    );
  });

  await t.step(
    "the CLI as it is installed says and does the same, and needs leave to read itself for more than help",
    async () => {
      await using world = await World.create();
      const [installed, plain, help, mod] = await Promise.all([
        site.run(world, "cli.ts", ["--allow-all"], ["manifest", "--json"]),
        site.run(world, "mod.ts", [], ["manifest", "--json"]),
        site.run(world, "cli.ts", [], ["tmux", "send", "--help"]),
        site.run(world, "mod.ts", [], ["tmux", "send", "--help"]),
      ]);
      assertEquals(installed, plain);
      assertEquals([help.code, help], [0, mod]);
      const refused = await world.deno([
        "run",
        "--quiet",
        "--allow-run=tmux",
        new URL("cli.ts", root).pathname,
        "check",
      ]);
      assertEquals([refused.code, refused.stderr], [
        6,
        `muster: missing permission: --allow-read=${root.pathname}\nhint: add --allow-read=${root.pathname} to the deno run ` +
        "line, or run mod.ts, which needs none for its own files\n",
      ]);
    },
  );

  await t.step("on a terminal, nobody is asked for a permission", async () => {
    await using world = await World.create(roster);
    const refused = found.filter(({ task }) => permissionWords(task.permissions).length > 0);
    const [first] = refused;
    if (!first) throw new Error("no task needs a permission");
    for (const one of refused) {
      const line = [Deno.execPath(), ...site.words(world, one.path, [], sceneOf(one).words)].map(shellWord).join(" ");
      const variables = Object.entries(site.environment(world)).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
      const name = one.task.name.replace(" ", "-");
      const shell = ["sh", "-c", `${line}; echo "exit $?"; exec cat`];
      await world.tmux(["new-session", "-d", "-x", "2500", "-y", "20", "-s", name, ...variables, ...shell], {
        socket: "terminal",
      });
      const rows = await world.eventually(`${one.task.name} to end on a terminal`, async () => {
        const seen = await world.screen(`=${name}:`, { socket: "terminal" });
        return seen.at(-1)?.startsWith("exit ") || seen.some((row) => row.includes("Allow?")) ? seen : undefined;
      });
      // Paths are known where no variable says where they are; of hosts, those that the configuration does not name.
      const { env = [], net, ...others } = one.task.permissions;
      const known = env.length > 0 ? { run: others.run, sys: others.sys } : others;
      const missing = permissionWords({ ...known, env, ...(net === "configured" ? {} : { net }) });
      const { code, stderr } = missingPermission(world, missing.join(" "), one.task.permissions);
      assertEquals(rows, [...stderr.trimEnd().split("\n"), `exit ${code}`], one.task.name);
    }
  });

  assertEquals(site.missing, []);
});

interface Row {
  readonly command: string;
  readonly flags: readonly string[];
}

function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
