/**
 * Provisioning this machine, in a scratch home: the story that the guide tells, and each mistake that others made.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "../lib/deps/assert.ts";
import { realIo } from "../lib/io/mod.ts";
import { ownProcess } from "../lib/state/mod.ts";
import { writeExecutable } from "./_executable.ts";
import { fiveSteps, noted, ProjectWorld } from "./_project.ts";
import { type Ended, inTurns, root, runProgram, show } from "./_world.ts";

const all = ["node", "deno", "post_create", "post_start", "post_attach"];

/** Runs `up`, which has to go well, and says which steps ran. */
async function upRuns(project: ProjectWorld, args: readonly string[] = []): Promise<string[]> {
  const ended = await project.up(args);
  assertEquals(ended.code, 0, show(ended));
  const ran = await project.ran();
  assertEquals(ended.document.steps.map(({ name }) => name), ran);
  return ran;
}

Deno.test("the story: up, a pack more, drift, up, a changed hook, drift, up, nothing", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  const first = await project.provision(["drift"]);
  assertEquals([first.code, first.stdout], [0, `cwd: never provisioned\n  up will: create, ${all.join(", ")}\n`]);
  assertEquals(await upRuns(project), all);
  assertEquals((await project.provision(["drift", "--exit-code"])).code, 0);

  await project.write("packs/uv.sh", noted("uv"));
  await project.write("muster.toml", (fiveSteps["muster.toml"] ?? "").replace('"deno"]', '"deno", "uv"]'));
  const more = await project.provision(["drift", "--exit-code"]);
  assertEquals([more.code, more.stderr], [1, ""]);
  assertMatch(
    more.stdout,
    /^cwd: config changed \([0-9a-f]{8} → [0-9a-f]{8}\)\n {2}packs\.enabled: \+ uv\n {2}up will: uv, post_attach\n$/,
  );
  const up = await project.provision(["up"]);
  assertMatch(up.stderr, /^config changed \([0-9a-f]{8} → [0-9a-f]{8}\), will reprovision: uv, post_attach\n✓ uv /);
  assertMatch(up.stdout, /^cwd: uv \(\S+\), post_attach \(\S+\) · provisioned: [0-9a-f]{8}\n$/);
  assertEquals(await project.ran(), ["uv", "post_attach"]);

  await project.write("scripts/create.sh", `${noted("post_create")}# more\n`);
  assertMatch(
    (await project.provision(["drift"])).stdout,
    /\n {2}post_create: scripts\/create\.sh changed \(sha256 [0-9a-f]{4}… → [0-9a-f]{4}…\)\n {2}up will: post_create, post_attach\n$/,
  );
  assertEquals(await upRuns(project), ["post_create", "post_attach"]);
  await project.write("Brewfile", "brew 'fd'\n");
  const { changes, reruns, drifted } = await project.drift();
  assertEquals([changes.map(({ step, input }) => `${step}: ${input}`), reruns, drifted], [
    ["post_create: Brewfile"],
    ["post_create", "post_attach"],
    true,
  ]);
  assertEquals(await upRuns(project), ["post_create", "post_attach"]);

  const last = await project.provision(["up"]);
  assertMatch(last.stdout, /^cwd: nothing to do · provisioned: [0-9a-f]{8}\n$/);
  assertEquals([last.code, last.stderr, await project.ran()], [0, "", []]);
});

Deno.test("an edit of a post_create script is not hidden by a run that did not run it", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  await upRuns(project);
  await project.write("scripts/create.sh", `exit 1\n`);
  await project.up(["--no-provision"]);
  await project.write("packs/node.sh", "exit 1\n");
  assertEquals((await project.up()).code, 1); // the pack fails, so the hook did not run
  await project.write("packs/node.sh", noted("node"));
  await project.write("scripts/create.sh", `${noted("post_create")}# edited\n`);
  assertEquals(await upRuns(project), ["node", "post_create", "post_attach"]);
});

Deno.test("a machine that was removed and made anew, and fails once, is not as provisioned", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  await upRuns(project);
  // Another machine under the same name: its records are another instance's.
  const down = await project.provision(["down", "--destroy"]);
  assertEquals([down.code, down.stdout], [0, "cwd: forgotten\n"]);
  await project.write("scripts/create.sh", "exit 7\n");
  const failed = await project.up();
  assertEquals([failed.code, failed.document.action, failed.document.steps.map(({ result }) => result)], [
    1,
    "create",
    ["ok", "ok", "failed", "skipped", "skipped"],
  ]);
  await project.write("scripts/create.sh", noted("post_create"));
  await project.ran();
  assertEquals(await upRuns(project), ["post_create", "post_start", "post_attach"]);
});

Deno.test("a host that was made anew under its name is another machine, and all runs again", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  const bin = `${project.world.directory}/bin`;
  await Deno.mkdir(bin);
  // When the root was made, as its file system says it: what a new system of the same name and id cannot have kept.
  const made = async (seconds: string) =>
    await writeExecutable(`${bin}/stat`, `#!/bin/sh\n[ "$*" = "-c %W /" ] && echo ${seconds}\n`);
  const env = { PATH: `${bin}:${project.world.env.PATH}` };
  await made("1700000000");
  assertEquals([(await project.up([], { env })).document.action, await project.ran()], ["create", all]);
  assertEquals([(await project.up([], { env })).document.action, await project.ran()], ["none", []]);
  await made("1800000000");
  await project.write("scripts/create.sh", "exit 7\n");
  const failed = await project.up([], { env });
  assertEquals([failed.code, failed.document.action, await project.ran()], [1, "create", ["node", "deno"]]);
  await project.write("scripts/create.sh", noted("post_create"));
  const up = await project.up([], { env });
  assertEquals([up.code, up.document.action, await project.ran()], [0, "none", all.slice(2)]);
});

Deno.test("an input that is edited while its hook runs is drift afterwards", async () => {
  await using project = await ProjectWorld.create({
    ...fiveSteps,
    "scripts/create.sh": `${noted("post_create")}grep -q fd Brewfile || echo "brew 'fd'" >>Brewfile\n`,
  });
  const up = await project.provision(["up"]);
  assertStringIncludes(up.stderr, "post_create changed while it ran: the next up will run it again\n");
  await project.ran();
  assertEquals((await project.drift()).reruns, ["post_create", "post_attach"]);
  assertEquals(await upRuns(project), ["post_create", "post_attach"]);
  assertEquals((await project.drift()).drifted, false);
});

Deno.test("what a pack writes before a hook runs is what the hook is recorded with", async () => {
  await using project = await ProjectWorld.create({
    ...fiveSteps,
    "packs/node.sh": `${noted("node")}date +%N >Brewfile\n`,
  });
  assertEquals(await upRuns(project), all);
  assertEquals((await project.drift()).drifted, false);
});

Deno.test("packs that change places run again from the first that did", async () => {
  const enabled = (names: readonly string[]) => `[packs]\nenabled = ${JSON.stringify(names)}\n`;
  const packs = Object.fromEntries(["a", "b", "c"].map((name) => [`packs/${name}.sh`, noted(name)]));
  await using project = await ProjectWorld.create({ ...packs, "muster.toml": enabled(["a", "b", "c"]) });
  assertEquals(await upRuns(project), ["a", "b", "c"]);
  await project.write("muster.toml", enabled(["a", "c", "b"]));
  assertMatch(
    (await project.provision(["drift"])).stdout,
    /packs\.enabled: order a, b, c → a, c, b\n {2}up will: c, b\n/,
  );
  assertEquals(await upRuns(project), ["c", "b"]);
  await project.write("muster.toml", enabled(["a", "c"]));
  assertMatch((await project.provision(["drift"])).stdout, /packs\.enabled: - b\n {2}up will: do nothing\n/);
  assertEquals(await upRuns(project), []);
  assertEquals((await project.drift()).drifted, false);
});

Deno.test("--no-provision records nothing as applied", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  const bare = await project.up(["--no-provision"]);
  assertEquals([bare.code, bare.document.action, bare.document.steps, bare.document.provisioned], [
    0,
    "create",
    [],
    null,
  ]);
  assertEquals(await project.ran(), []);
  assertEquals(await upRuns(project), all);
  await project.write("packs/deno.sh", `${noted("deno")}# more\n`);
  const skipped = await project.provision(["up", "--no-provision"]);
  assertMatch(skipped.stderr, /^config changed \(.*\), not reprovisioned, as asked\n$/);
  assertEquals(await upRuns(project), ["deno", "post_attach"]);
});

Deno.test("a hook that failed is tried again, shown meanwhile, and what stands after it does not run", async () => {
  await using project = await ProjectWorld.create({
    ...fiveSteps,
    "scripts/create.sh": "for i in $(seq 100); do echo line $i; done; exit 3\n",
  });
  const failed = await project.provision(["up"]);
  assertEquals([failed.code, failed.stdout], [
    1,
    "cwd: post_create failed: exit 3; not run: post_start, post_attach\n",
  ]);
  const shown = failed.stderr.split("\n").filter((line) => line.startsWith("  │ "));
  assertEquals([shown.length, shown[0], shown.at(-1)], [40, "  │ line 61", "  │ line 100"]);
  const status = await project.provision(["status"]);
  assertEquals(status.code, 0);
  assertMatch(status.stdout, /^cwd: host, running\nprovisioned: never \(out of date\)\n {2}due: post_create, failed\n/);
  const doctor = await project.provision(["doctor"]);
  assertEquals(doctor.code, 1);
  assertMatch(
    doctor.stdout,
    /\nissue {2}post_create: failed: exit 3\n {7}hint: muster provision log post_create; up runs it again\n/,
  );
  const log = await project.provision(["log", "post_create"]);
  assertEquals(log.stdout.split("\n").length, 101);
  await project.ran();
  await project.write("scripts/create.sh", noted("post_create"));
  assertEquals(await upRuns(project), ["post_create", "post_start", "post_attach"]);
});

Deno.test("status and doctor tell of drift, and do not fail on it", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  await upRuns(project);
  const fresh = await project.provision(["status"]);
  assertMatch(fresh.stdout, /^cwd: host, running\nprovisioned: [0-9a-f]{8}\n {2}node {9}ok /);
  await project.write("Brewfile", "");
  const status = await project.provision(["status"]);
  assertEquals(status.code, 0);
  assertMatch(
    status.stdout,
    /\nprovisioned: [0-9a-f]{8} \(out of date\)\n {2}post_create: Brewfile changed \(sha256 .*\)\n/,
  );
  const doctor = await project.provision(["doctor"]);
  assertEquals(doctor.code, 0);
  assertMatch(doctor.stdout, /\ninfo {3}drift: 1 changed\n/);
});

Deno.test("reprovision runs packs, post_start and post_attach, and with --full post_create", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  const early = await project.provision(["run"]);
  assertEquals([early.code, early.stderr.split("\n")[0]], [5, "muster: the machine does not run as declared: cwd"]);
  await upRuns(project);
  assertEquals(await upRuns(project, ["--reprovision"]), ["node", "deno", "post_start", "post_attach"]);
  for (const [args, expected] of [[["run"], all.toSpliced(2, 1)], [["reprovision", "--full"], all]] as const) {
    const ended = await project.provision(args);
    assertEquals([ended.code, await project.ran()], [0, [...expected]], show(ended));
  }
  assertEquals((await project.drift()).drifted, false);
});

Deno.test("up is held to its plan", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  const plan = await project.world.json<{ readonly id: string; readonly steps: readonly unknown[] }>([
    "provision",
    "plan",
  ]);
  assertEquals(plan.document.steps.length, 5);
  await project.write("Brewfile", "changed\n");
  const held = await project.provision(["up", "--plan", plan.document.id]);
  assertEquals([held.code, held.stdout, await project.ran()], [4, "", []]);
  assertMatch(held.stderr, /^muster: the plan has changed: [0-9a-f]{12} is now [0-9a-f]{12}\nhint: .*\n$/);
  const again = await project.world.json<{ readonly id: string }>(["provision", "plan"]);
  assertEquals(await upRuns(project, ["--plan", again.document.id]), all);
  await project.write("Brewfile", "changed again\n");
  const { stdout } = await project.provision(["plan"]);
  assertMatch(
    stdout,
    /^[^\n]+: the machine stays as it is\n {2}.*\nto do exactly this: muster provision up --plan \S+\n$/s,
  );
});

Deno.test("up that is held to its plan does not run a step that one before it changed", async () => {
  await using project = await ProjectWorld.create({
    ...fiveSteps,
    "packs/deno.sh": `${noted("deno")}date +%N >Brewfile\n`,
  });
  const plan = async () => (await project.world.json<{ readonly id: string }>(["provision", "plan"])).document.id;
  const held = await project.provision(["up", "--plan", await plan()]);
  assertEquals([held.code, held.stdout, await project.ran()], [4, "", ["node", "deno"]], show(held));
  assertMatch(held.stderr, /\nmuster: the plan has changed: post_create: Brewfile\nhint: .*\n$/);
  assertEquals(await upRuns(project, ["--plan", await plan()]), ["post_create", "post_start", "post_attach"]);
  assertEquals((await project.drift()).drifted, false);
});

Deno.test("a change of anything that a step is made of runs it again, and nothing else does", async () => {
  const toml = (hook: string) => `[hooks]\npost_create = { run = "scripts/create.sh", ${hook} }\n`;
  const base = 'inputs = ["in/**", "link"], args = ["a", "b"], env = { A = "1" }, cwd = "."';
  await using project = await ProjectWorld.create({
    "muster.toml": toml(base),
    "scripts/create.sh": noted("post_create"),
    "in/a": "1",
    "in/b": "2",
    "other": "x",
  });
  await Deno.symlink("other", `${project.root}/link`);
  assertEquals(await upRuns(project), ["post_create"]);
  const path = (name: string) => `${project.root}/${name}`;
  const changes: readonly (readonly [string, () => Promise<void>])[] = [
    [
      "arguments that join to the same text",
      () => project.write("muster.toml", toml(base.replace('"a", "b"', '"ab"'))),
    ],
    ["a variable's value", () => project.write("muster.toml", toml(base.replace('"1"', '"2"')))],
    ["a variable's name", () => project.write("muster.toml", toml(base.replace("A =", "B =")))],
    ["the interpreter", () => project.write("muster.toml", toml(`${base}, interpreter = ["bash", "-e"]`))],
    ["a new input", () => project.write("in/c", "3")],
    ["a missing input", () => Deno.remove(path("in/c"))],
    ["the mode of an input", () => Deno.chmod(path("in/a"), 0o755)],
    ["what a link leads to", () => project.write("other", "y")],
    ["where a link points", async () => {
      await Deno.remove(path("link"));
      await Deno.symlink("in/a", path("link"));
    }],
    ["a file in place of a link", async () => {
      await Deno.remove(path("link"));
      await project.write("link", "1");
    }],
    ["content that moves between two files", async () => {
      await project.write("in/a", "12");
      await project.write("in/b", "");
    }],
  ];
  for (const [title, change] of changes) {
    await change();
    const { reruns, drifted } = await project.drift();
    assertEquals([reruns, drifted], [["post_create"], true], title);
    assertEquals(await upRuns(project), ["post_create"], title);
    assertEquals((await project.drift()).drifted, false, title);
  }
  await project.write("not/declared", "x");
  await project.write("muster.toml", `# a comment\n${await Deno.readTextFile(path("muster.toml"))}`);
  assertEquals(await upRuns(project), []);
});

Deno.test("of very many inputs the one that changed is found, whatever is remembered of them", async () => {
  const toml = '[hooks]\npost_create = { run = "echo post_create >>ran", inputs = ["in/**/*.txt"] }\n';
  await using project = await ProjectWorld.create({ "muster.toml": toml, "in/other": "no input" });
  const path = (at: number) => `${project.root}/in/${at % 10}/${at}.txt`;
  for (let at = 0; at < 1_100; at++) await project.write(path(at).slice(project.root.length + 1), "one\n");
  assertEquals(await upRuns(project), ["post_create"]);
  const remembered = `${await project.machineState()}/stamps.json`;
  // Nothing is remembered of a file before it is older than a tick of its file system's clock.
  const until = async (isAnother: (text: string) => boolean) =>
    await project.world.eventually("the inputs to be remembered", async () => {
      assertEquals((await project.provision(["up"])).stdout.split(" · ")[0], "cwd: nothing to do");
      const text = await Deno.readTextFile(remembered).catch(() => "");
      return text !== "" && isAnother(text) ? text : undefined;
    });
  const before = await until(() => true);
  const { changes, drifted } = await project.drift();
  assertEquals([changes, drifted], [[], false]);
  const { mtime } = await Deno.stat(path(777));
  await Deno.writeTextFile(path(777), "two\n");
  await Deno.utime(path(777), mtime ?? 0, mtime ?? 0);
  const drift = await project.drift();
  assertEquals([drift.changes.map(({ input }) => input), drift.reruns], [["in/7/777.txt"], ["post_create"]]);
  assertEquals(await upRuns(project), ["post_create"]);
  await until((text) => text !== before);
  await Deno.remove(path(3));
  assertEquals((await project.drift()).changes.map(({ input, after }) => [input, after]), [["in/3/3.txt", null]]);
  assertEquals(await upRuns(project), ["post_create"]);
});

Deno.test("a secret is in no log, no output, no state and no argument list, and its change is drift", async () => {
  const secret = "hunter2-s3cret";
  await using project = await ProjectWorld.create({
    "muster.toml": '[hooks]\npost_create = { run = "scripts/create.sh", env = ["TOKEN"] }\n',
    "scripts/create.sh":
      'echo "token: $TOKEN"; tr "\\0" " " </proc/$$/cmdline; tr "\\0" " " </proc/$PPID/cmdline; exit 1\n',
  });
  const unset = await project.provision(["up"]);
  assertEquals([unset.code, unset.stderr], [
    2,
    "muster: a variable of post_create is not set: TOKEN\nhint: export TOKEN first\n",
  ]);
  const env = { TOKEN: secret };
  const ended = [
    await project.provision(["up"], { env }),
    await project.provision(["up", "--verbose", "--json"], { env }),
    await project.provision(["log"]),
    await project.provision(["status", "--json"], { env }),
    await project.provision(["drift", "--json"], { env }),
  ];
  assertStringIncludes(ended[0]?.stderr ?? "", "  │ token: ***\n");
  assertStringIncludes(ended[2]?.stdout ?? "", "token: ***\n");
  for (const one of ended) assert(!show(one).includes("hunter2"), show(one));
  const grep = await project.world.run("grep", ["-r", "hunter2", project.world.home]);
  assertEquals([grep.code, grep.stdout], [1, ""]);
  await project.write("scripts/create.sh", "true\n");
  assertEquals((await project.up([], { env })).code, 0);
  assertEquals((await project.drift({ env })).drifted, false);
  const other = await project.drift({ env: { TOKEN: "other" } });
  assertEquals(other.changes.map(({ input }) => input), ["env.TOKEN"]);
  assertMatch(other.changes[0]?.before ?? "", /^secret:[0-9a-f]{64}$/);
});

/** A step that waits, the first time, until a file is there, and says when it began; two at a time would be told. */
function waiting(name: string): string {
  // What waits to be collected has ended.
  return `[ ! -f pid ] || case "$(ps -o stat= -p "$(cat pid)")" in "" | Z*) ;; *) echo overlap >>overlaps ;; esac
echo $$ >pid
echo ${name} >>began
if [ ! -f waited ]; then touch waited; until [ -f go ]; do sleep 0.02; done; fi
${noted(name)}`;
}

/** Starts `up`, and waits until its step began. */
async function startUp(project: ProjectWorld, step: string) {
  const child = realIo.process.start(
    "env",
    [
      "-i",
      ...Object.entries(project.world.env).map(([name, value]) => `${name}=${value}`),
      Deno.execPath(),
      "run",
      "--quiet",
      "-A",
      new URL("mod.ts", root).pathname,
      "provision",
      "up",
    ],
    { cwd: project.root },
  );
  const printed = new Response(child.stderr).text();
  void new Response(child.stdout).text();
  await project.world.eventually(`${step} to begin`, async () => {
    const began = await Deno.readTextFile(`${project.root}/began`).catch(() => "");
    return began.split("\n").includes(step) || undefined;
  });
  await Deno.remove(`${project.root}/began`);
  return { child, printed };
}

Deno.test("up that is killed in a step is resumed there: the step is ended, and runs again", async (t) => {
  const results = await inTurns(all, async (name) => {
    await using project = await ProjectWorld.create(fiveSteps);
    const file = name.startsWith("post_") ? `scripts/${name.slice(5)}.sh` : `packs/${name}.sh`;
    await project.write(file, waiting(name));
    const { child } = await startUp(project, name);
    child.kill("SIGKILL");
    await child.status;
    await child[Symbol.asyncDispose]();
    const before = await project.ran();
    const up = await project.provision(["up"]);
    const overlaps = await Deno.readTextFile(`${project.root}/overlaps`).catch(() => "none");
    return { before, after: await project.ran(), overlaps, up, drifted: (await project.drift()).drifted };
  }, { width: 2 });
  for (const [at, name] of all.entries()) {
    await t.step(name, () => {
      const result = results[at];
      assertEquals([result?.before, result?.after], [all.slice(0, at), all.slice(at)], show(result?.up as Ended));
      assertEquals([result?.overlaps, result?.drifted], ["none", false]);
      assertMatch(
        result?.up.stderr ?? "",
        /^took over from process \d+ \(provisioning cwd, since .*\), which has ended\n/,
      );
    });
  }
});

Deno.test("up that is killed between any two writes of its state is resumed, and loses nothing", async (t) => {
  const script = new URL("_killed_up.ts", import.meta.url).pathname;
  const killed = async (project: ProjectWorld, writes: number) =>
    await project.world.deno(["run", "--quiet", "-A", script, project.root, String(writes)]);
  await using whole = await ProjectWorld.create(fiveSteps);
  const ended = await killed(whole, -1);
  const writes = Number(ended.stdout);
  assert(writes > 20, show(ended));
  assertEquals(await whole.ran(), all);
  const results = await inTurns(Array.from({ length: writes }, (_, at) => at), async (at) => {
    await using project = await ProjectWorld.create(fiveSteps);
    const first = await killed(project, at);
    const before = await project.ran();
    // Killed before its first write, it has left no directory for the machine.
    const journal = await project.machineState().then((path) => Deno.readTextFile(`${path}/journal.jsonl`)).catch(() =>
      ""
    );
    const good = journal.split("\n").flatMap((line) => {
      const record = line === "" ? {} : JSON.parse(line);
      return record.kind === "step" && record.result === "ok" ? [record.step as string] : [];
    });
    const second = await killed(project, -1);
    return { first, before, good, second, after: await project.ran(), drift: await project.drift() };
  }, { width: 2 });
  for (const [at, { first, before, good, second, after, drift }] of results.entries()) {
    await t.step(`write ${at + 1} of ${writes}`, () => {
      assertEquals([first.code, second.code], [137, 0], show(second));
      // What is recorded as done was done and is not done again; the rest is, in order.
      assertEquals(before.slice(0, good.length), good);
      assert(before.length - good.length <= 1);
      const rest = all.slice(good.length);
      if (rest.length > 0 || after.length > 0) {
        assertEquals(after.slice(-Math.max(rest.length, 1)), rest.length > 0 ? rest : ["post_attach"]);
      }
      assertEquals([drift.drifted, drift.reruns], [false, []]);
    });
  }
});

Deno.test("two up at once: the second waits, or says who has the lease; then nothing is left for it", async () => {
  await using project = await ProjectWorld.create({ ...fiveSteps, "packs/node.sh": waiting("node") });
  const { child, printed } = await startUp(project, "node");
  const held = await project.provision(["up", "--timeout", "100ms"]);
  assertEquals([held.code, held.stdout], [4, ""]);
  assertMatch(
    held.stderr,
    new RegExp(
      `^waiting for process ${child.pid} \\(provisioning cwd, since .*\\)\nmuster: held by another: process ${child.pid} \\(.*\\)\nhint: .*\n$`,
    ),
  );
  const second = project.up(["--timeout", "60s"]);
  await project.write("go", "");
  assertEquals(await child.status, 0, await printed);
  const ended = await second;
  await child[Symbol.asyncDispose]();
  assertEquals([ended.code, ended.document.steps, await project.ran()], [0, [], all]);
  assertEquals(await Deno.readTextFile(`${project.root}/overlaps`).catch(() => "none"), "none");
});

Deno.test("a lease by a reused pid is taken over, with a note", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  await upRuns(project);
  const owner = { ...await ownProcess(realIo), start: "1" }; // this test's process lives, and is not the one
  const file = { version: 1, nonce: "n", what: "provisioning cwd", since: new Date(0).toISOString(), owner };
  await Deno.writeTextFile(`${await project.machineState()}/lease.json`, JSON.stringify(file));
  const up = await project.provision(["up"]);
  assertEquals([up.code, up.stderr], [
    0,
    `took over from process ${Deno.pid} (provisioning cwd, since 1970-01-01T00:00:00.000Z), which has ended\n`,
  ]);
});

Deno.test("an interrupt ends the step and all that it started, and is recorded", async () => {
  await using project = await ProjectWorld.create({
    ...fiveSteps,
    "packs/deno.sh": `sleep 1000 & echo $! >child\n${waiting("deno")}`,
  });
  const { child, printed } = await startUp(project, "deno");
  const pids = [await Deno.readTextFile(`${project.root}/pid`), await Deno.readTextFile(`${project.root}/child`)];
  Deno.kill(child.pid, "SIGINT");
  assertEquals(await child.status, 130);
  await child[Symbol.asyncDispose]();
  assertMatch(
    await printed,
    /^create\n✓ node .*\n✗ deno {2}interrupted {2}\S+\n(?: {2}│ .*\n)* {2}log: .*\nthe next up resumes with deno\nmuster: interrupted: SIGINT\n$/,
  );
  const { starts } = await (await import("../lib/state/mod.ts")).sightProcesses(realIo, pids.map(Number));
  assertEquals([...starts], []);
  const status = await project.world.json<{ steps: { name: string; result: string }[] }>(["provision", "status"]);
  assertEquals(status.document.steps.map(({ result }) => result), ["ok", "interrupted", "never", "never", "never"]);
  await project.write("go", "");
  await project.ran();
  assertEquals(await upRuns(project), all.slice(1));
});

Deno.test("a step that takes too long has failed, and is ended", async () => {
  await using project = await ProjectWorld.create({
    "muster.toml": '[hooks]\npost_create = { run = "sleep 1000", timeout = "200ms" }\n',
  });
  const up = await project.up();
  assertEquals([up.code, up.document.steps[0]?.reason], [1, "took longer than 200ms"]);
});

Deno.test("a hook that leaves a background process ends; it runs on, and is told", async () => {
  await using project = await ProjectWorld.create({
    "muster.toml": '[hooks]\npost_start = "sleep 1000 >/dev/null & echo $! >child"\n',
  });
  const up = await project.provision(["up"]);
  const pid = Number(await Deno.readTextFile(`${project.root}/child`));
  try {
    assertEquals(up.code, 0, show(up));
    assertStringIncludes(up.stderr, "post_start left 1 process running\n");
  } finally {
    Deno.kill(pid, "SIGKILL");
  }
});

Deno.test("a hook that fills the disk of muster's state is not taken for done", async () => {
  await using project = await ProjectWorld.create({
    "muster.toml": `[hooks]\npost_create = '''
echo post_create >>ran
[ -f go ] || cat /dev/zero >"$HOME/.local/state/muster/fill" 2>/dev/null || true
'''\n`,
  });
  await project.up(["--no-provision"]);
  const state = (await project.machineState()).slice(project.state.length);
  const at = new Date(0).toISOString();
  const padding = {
    v: 1,
    kind: "action",
    at,
    run: "",
    action: "none",
    result: "failed",
    instance: "",
    boot: "",
    settings: {},
  };
  const muster = `"${Deno.execPath()}" run --quiet -A "${new URL("mod.ts", root).pathname}" provision up`;
  // A full disk still has room in the journal's last page: with some of these lengths, the record of the end has none.
  const script = `for length in $(seq 0 200 4000); do
  mount -t tmpfs -o size=1m tmpfs "$HOME/.local/state/muster" || exit 99
  mkdir -p "$HOME/.local/state/muster${state}"; rm -f go ran
  printf '%s"reason":"%*s"}\\n' "$1" "$length" "" >"$HOME/.local/state/muster${state}/journal.jsonl"
  ${muster} >first 2>&1; first=$?
  rm "$HOME/.local/state/muster/fill"; touch go
  ${muster} >second 2>&1
  echo "$first $? $(grep -c . ran) $(grep -c 'No space left on device' first)"
  umount "$HOME/.local/state/muster"
done`;
  const begin = JSON.stringify(padding).replace(/\}$/, ",");
  const ended = await runProgram("unshare", ["--mount", "sh", "-c", script, "sh", begin], {
    env: project.world.env,
    cwd: project.root,
    timeoutMs: 600_000, // it runs muster 42 times
  });
  const lines = ended.stdout.trim().split("\n");
  assertEquals([ended.code, ended.stderr, lines.length], [0, "", 21], show(ended));
  for (const line of lines) {
    // Recorded and done once, or told, and done again unless its own record was whole.
    assert(/^(0 0 1 0|6 0 [12] [12])$/.test(line), `${line}: ${show(ended)}`);
  }
  assert(lines.some((line) => line.startsWith("6 0 2 ")), show(ended));
});

Deno.test("state of another version is refused, and left as it is", async (t) => {
  await using project = await ProjectWorld.create(fiveSteps);
  await upRuns(project);
  const path = `${await project.machineState()}/journal.jsonl`;
  const journal = await Deno.readTextFile(path);
  const cases = [
    ["from the future", '{"v":2,"kind":"step"}', "written by a newer muster: <path>: version 2, this one knows 1"],
    ["of before the first version", '{"v":0,"kind":"step"}', "not a record of muster's: <path>"],
    ["of something else", '{"v":1,"kind":"stop"}', "not a record of version 1: <path>"],
  ] as const;
  for (const [title, line, message] of cases) {
    await t.step(title, async () => {
      const lines = journal.split("\n").length;
      await Deno.writeTextFile(path, `${journal}${line}\n`);
      for (const verb of ["up", "drift", "status"]) {
        const ended = await project.provision([verb]);
        const expected = `muster: ${message.replace("<path>", `${path}:${lines}`)}`;
        assertEquals([ended.code, ended.stdout, ended.stderr.split("\n")[0]], [6, "", expected], verb);
      }
      assertEquals(await Deno.readTextFile(path), `${journal}${line}\n`);
    });
  }
});

Deno.test("a torn last line of the journal is told, and costs its own record alone", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  await upRuns(project);
  const path = `${await project.machineState()}/journal.jsonl`;
  const journal = await Deno.readTextFile(path);
  const lines = journal.trimEnd().split("\n");
  await Deno.writeTextFile(path, lines.slice(0, -1).join("\n") + "\n" + lines.at(-1)?.slice(0, 40));
  const doctor = await project.provision(["doctor"]);
  assertStringIncludes(doctor.stdout, `journal: lines that a kill cut short: ${lines.length} of ${path}`);
  const up = await project.provision(["up"]);
  assertStringIncludes(up.stderr, `the journal has lines that a kill cut short: ${lines.length} of ${path}\n`);
  assertEquals([up.code, await project.ran()], [0, [...all, "post_attach"].slice(5)]);
  assertEquals((await project.drift()).drifted, false);
});

Deno.test("what a project's file was read as is remembered for exactly these bytes, and a broken memory costs nothing", async () => {
  await using project = await ProjectWorld.create({ "muster.toml": '[hooks]\npost_create = "echo one >>ran"\n' });
  const up = async () => [(await project.up()).code, await project.ran()];
  assertEquals(await up(), [0, ["one"]]);
  const directory = `${project.state}/projects`;
  const [{ name } = { name: "" }] = Array.from(Deno.readDirSync(directory));
  const remembered = await Deno.readTextFile(`${directory}/${name}`);
  await project.write("muster.toml", '[hooks]\npost_create = "echo two >>ran"\n');
  assertEquals(await up(), [0, ["two"]]);
  await project.write("muster.toml", '[hooks]\npost_creat = "echo two >>ran"\n');
  assertEquals((await project.provision(["up"])).code, 2);
  await project.write("muster.toml", '[hooks]\npost_create = "echo two >>ran"\n');
  for (const text of ["", "{", "null", "[]", remembered]) {
    await Deno.writeTextFile(`${directory}/${name}`, text);
    assertEquals(await up(), [0, []]);
  }
});

Deno.test("exec runs words as they are, and tells their status", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  const said = await project.provision(["exec", "--", "printf", "%s|", "a b", "$HOME", "'"]);
  assertEquals([said.code, said.stdout, said.stderr], [0, "a b|$HOME|'|\n", ""]);
  const failed = await project.provision(["exec", "--json", "--", "sh", "-c", "pwd; exit 3"]);
  assertEquals([failed.code, JSON.parse(failed.stdout)], [1, { machine: "cwd", code: 3, output: `${project.root}\n` }]);
});

Deno.test("verify runs the hook of the worktree", async () => {
  await using project = await ProjectWorld.create({ "muster.toml": '[hooks]\nverify_worktree = "test -f good"\n' });
  const bad = await project.provision(["verify"]);
  assertEquals([bad.code, bad.stdout], [1, "cwd: verify_worktree failed: exit 1\n"]);
  await project.write("good", "");
  const good = await project.provision(["verify"]);
  assertEquals([good.code, good.stdout, good.stderr], [0, "cwd: verify_worktree ok\n", ""]);
});

Deno.test("init writes a project that works, and no other over one that is there", async () => {
  await using project = await ProjectWorld.create({});
  const none = await project.provision(["up"]);
  assertEquals([none.code, none.stderr], [
    5,
    `muster: no muster.toml: ${project.root}\nhint: muster provision init writes one; --project DIR names another directory\n`,
  ]);
  const init = await project.provision(["init"]);
  assertEquals([init.code, init.stdout], [
    0,
    `wrote ${project.root}/muster.toml\nnext: look at it, then muster provision plan\n`,
  ]);
  assertEquals((await project.provision(["init"])).code, 4);
  assertEquals((await project.up()).document.steps.map(({ name, result }) => [name, result]), [["post_create", "ok"]]);
});

Deno.test("a pack that is nowhere, and a script that is not there, are told before anything runs", async () => {
  await using project = await ProjectWorld.create({ "muster.toml": '[packs]\nenabled = ["nod"]\n' });
  const file = `${project.root}/muster.toml`;
  const pack = await project.provision(["up"]);
  assertEquals([pack.code, pack.stderr], [
    2,
    `muster: no such pack: ${file}: packs.enabled: "nod"\nhint: did you mean "node"?\n`,
  ]);
  await project.write("muster.toml", '[hooks]\npost_create = "scripts/none.sh"\n');
  const script = await project.provision(["up"]);
  assertEquals([script.code, script.stderr.split("\n")[0]], [
    2,
    `muster: no such script: ${file}: hooks.post_create: "scripts/none.sh"`,
  ]);
});

Deno.test("packs share a library, and a check says whether there is anything to do", async () => {
  await using project = await ProjectWorld.create({
    "muster.toml": '[packs]\nenabled = ["a", "b"]\n',
    "packs/_lib.sh": 'note() { echo "$1" >>ran; }\n',
    "packs/a.sh": 'note "a $0"\n',
    "packs/b.sh": "note b\ntouch there\n",
    "packs/b.check.sh": "test -f there\n",
  });
  const first = await project.up();
  assertEquals([first.document.steps.map(({ result }) => result), await project.ran()], [["ok", "ok"], [
    "a packs/a.sh",
    "b",
  ]]);
  await project.write("packs/a.sh", 'note "a2"\n');
  assertEquals([(await project.up()).document.steps.map(({ name }) => name), await project.ran()], [["a"], ["a2"]]);
  await Deno.remove(`${project.root}/there`);
  await project.write("packs/a.sh", 'note "a3"\n');
  assertEquals([(await project.up()).document.steps.map(({ name }) => name), await project.ran()], [["a", "b"], [
    "a3",
    "b",
  ]]);
  await project.provision(["down", "--destroy"]);
  assertEquals([(await project.up()).document.steps.map(({ result }) => result), await project.ran()], [[
    "ok",
    "unneeded",
  ], ["a3"]]);
  assertEquals((await project.drift()).drifted, false);
  await project.write("packs/_lib.sh", 'note() { echo "$1" >>ran; } # edited\n');
  assertEquals((await project.drift()).reruns, ["a", "b"]);
});
