/** `muster ci …` as a person runs it: exit statuses, pages, JSON, signals, pushes. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "../lib/deps/assert.ts";
import { otherSha, sha, type State } from "./_ci/life.ts";
import { LiveWoodpecker } from "./_ci/stream.ts";
import { describe } from "./_vendor/description.ts";
import { VendorServer } from "./_vendor/server.ts";
import { root, World } from "./_world.ts";

const ignore = describe("woodpecker") === undefined; // said on standard error; in CI it is an error

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

const secret = "s3cret-t0ken";

/** A world whose forges.toml names a Woodpecker, and a forge at an address. */
async function worldOf(woodpecker: LiveWoodpecker, forge = "https://git.example.org"): Promise<World> {
  const world = await World.create();
  await Deno.mkdir(world.musterHome, { recursive: true });
  await Deno.writeTextFile(
    `${world.musterHome}/forges.toml`,
    `[[forge]]
host = "${new URL(forge).host}"
kind = "gitea"
url = "${forge}"
owners = ["ada"]
token_env = "GITEA_TOKEN"

[forge.ci]
name = "main"
kind = "woodpecker"
url = "${woodpecker.server.url}"
token_env = "WOODPECKER_TOKEN"
`,
  );
  return world;
}

const env = { WOODPECKER_TOKEN: secret, GITEA_TOKEN: secret };
/** Starts the CLI, to be ended by a signal. */
function startMuster(world: World, args: readonly string[], output: "piped" | "null"): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", new URL("mod.ts", root).pathname, ...args],
    env: { ...world.env, ...env },
    clearEnv: true,
    cwd: world.cwd,
    stdin: "null",
    stdout: output,
    stderr: output,
  }).spawn();
}

const states = (...words: readonly string[]): State[] =>
  words.map((status, at) => ({ number: 12 + at, status, workflows: [status] }));

test("the exit matrix of the shell script of old, with its letters", async () => {
  const matrix: readonly (readonly [readonly string[], readonly string[], number])[] = [
    [["success", "success"], ["-n", "12", "-n", "13"], 0],
    [["success", "failure"], ["-n", "12", "-n", "13"], 1],
    [["error", "killed"], ["-n", "12", "-n", "13"], 1],
    [["success", "running"], ["-n", "12", "-n", "13", "-t", "0"], 3],
    [["success", "running"], ["-n", "12", "-n", "13", "-i", "1", "-t", "1"], 3],
    [["success"], [], 2],
    [["success"], ["-n", "12", "-n", "12", "-a", "main"], 0],
    [["blocked", "success"], ["-n", "12", "-n", "13"], 4],
    [["success"], ["-n", "99"], 5],
    [["skipped"], ["-n", "12"], 1],
    [["success", "skipped"], ["-n", "12", "-n", "13", "--strict"], 1],
    [["success"], ["-n", "12", "-a", "other"], 2],
    [["success"], ["-n", "12", "--sha", sha], 2],
    [["success"], ["--sha", "abc"], 2],
    [["success", "failure"], ["--sha", sha, "--settle", "0"], 1],
    [["success"], ["--sha", otherSha, "--appear", "0"], 5],
  ];
  for (const [words, args, exit] of matrix) {
    await using woodpecker = new LiveWoodpecker();
    woodpecker.states = states(...words);
    await using world = await worldOf(woodpecker);
    const { code, stdout, stderr } = await world.muster(["ci", "wait", "-r", "ada/tool", ...args, "--json"], { env });
    assertEquals(code, exit, `${words} ${args}: ${stdout}${stderr}`);
    assert(!(stdout + stderr).includes(secret));
    const document = JSON.parse(stdout);
    assertEquals("error" in document || "outcome" in document, true);
  }
});

test("the JSON of a wait has the keys that scripts rely on", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = states("success");
  await using world = await worldOf(woodpecker);
  const { document } = await world.json<Record<string, unknown>>(["ci", "wait", "-r", "ada/tool", "-n", "12"], { env });
  const { requests, elapsedMs, ...rest } = document;
  assert(typeof requests === "number" && requests > 0 && typeof elapsedMs === "number");
  assertEquals(rest, {
    outcome: "success",
    repo: "ada/tool",
    pipelines: [{
      number: 12,
      name: "",
      sha,
      branch: "main",
      event: "push",
      status: "success",
      class: "success",
      url: `${woodpecker.server.url}/repos/7/pipeline/12`,
      createdAt: "2026-01-01T00:00:00.000Z",
      durationMs: 60_000,
    }],
  });
});

test("on a pipe there is a line for each change; what failed shows its step, its last lines and its page", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = [{ number: 12, status: "running", workflows: ["success", "running"] }];
  woodpecker.logs.set(11, Array.from({ length: 30 }, (_, at) => `line ${at + 1} \x1b]0;title\x07`));
  await using world = await worldOf(woodpecker);
  const running = world.muster(["ci", "wait", "-r", "ada/tool", "-n", "12"], { env });
  await world.eventually("the stream to open, and a first look", () => {
    const hasLooked = woodpecker.server.calls.some(({ template }) => template.endsWith("/pipelines/{pipeline_number}"));
    return Promise.resolve(woodpecker.streams === 1 && hasLooked || undefined);
  });
  woodpecker.states = [{ number: 12, status: "failure", workflows: ["success", "failure"] }];
  woodpecker.send({ number: 12, status: "failure" });
  const { code, stdout, stderr } = await running;
  assertEquals(code, 1);
  assertEquals(stderr.split("\n").filter((line) => line.startsWith("12: ")), [
    "12: running · w2/test",
    "12: failure",
  ]);
  const lines = stdout.trimEnd().split("\n");
  assertMatch(lines[0] ?? "", /^failed {2}ada\/tool · \S+ · \d+ requests$/);
  assertEquals(lines[1]?.endsWith(`/repos/7/pipeline/12`), true);
  assertEquals(lines[2], "  12 failed in w2/test: failure");
  assertEquals(lines.length, 23);
  assertStringIncludes(lines[22] ?? "", "line 30");
  assert(!stdout.includes("\x1b") && !stdout.includes("\x07"));
});

test("pipelines are told in the order in which they were named, and a commit of none is named", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = states("blocked", "success", "skipped");
  woodpecker.server.before = async ({ params }) => {
    // The one that is named first is answered last.
    const isFirst = params.pipeline_number === "14";
    const others = () => woodpecker.server.calls.filter(({ params }) => params.pipeline_number === "12").length;
    if (isFirst) await world.eventually("the other to be asked for", () => Promise.resolve(others() || undefined));
    return undefined;
  };
  await using world = await worldOf(woodpecker);
  const wait = async (...args: readonly string[]) => {
    const { code, stdout } = await world.muster(["ci", "wait", "-r", "ada/tool", ...args], { env });
    return [code, ...stdout.trimEnd().split("\n").slice(1).map((line) => line.trim().replace(/ {2}http.*$/, ""))];
  };
  assertEquals(await wait("-n", "14", "-n", "13", "-n", "12"), [
    4,
    `14  skipped    ${sha.slice(0, 10)}  1m`,
    `13  success    ${sha.slice(0, 10)}  1m`,
    `12  blocked    ${sha.slice(0, 10)}  1m`,
  ]);
  assertEquals(await wait("--sha", otherSha, "--appear", "0"), [5, `nothing is registered for ${otherSha}`]);
});

test("a wait that is terminated ends with 143, and leaves nothing", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = states("running");
  await using world = await worldOf(woodpecker);
  const child = startMuster(world, ["ci", "wait", "-r", "ada/tool", "-n", "12"], "piped");
  await world.eventually("the stream to open", () => Promise.resolve(woodpecker.streams === 1 || undefined));
  child.kill("SIGTERM");
  const { code, stdout, stderr } = await child.output();
  assertEquals([code, new TextDecoder().decode(stdout)], [143, ""]);
  assertStringIncludes(new TextDecoder().decode(stderr), "muster: interrupted: SIGTERM\n");
  await world.eventually("its stream to be closed", () => Promise.resolve(woodpecker.streams === 0 || undefined));
});

test("a wait that is terminated while --exec runs ends that too", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = states("success");
  await using world = await worldOf(woodpecker);
  const args = [
    "ci",
    "wait",
    "-r",
    "ada/tool",
    "-n",
    "12",
    "--exec",
    "echo $$ > pid.new; mv pid.new pid; exec sleep 600",
  ];
  const child = startMuster(world, args, "null");
  const pid = await world.eventually("the command to run", async () => {
    const text = await Deno.readTextFile(`${world.cwd}/pid`).catch(() => ""); // not yet
    return text.trim() || undefined;
  });
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 143);
  await world.eventually("the command to be gone", async () => {
    const status = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => ""); // it is
    return status === "" || / Z /.test(status) || undefined;
  });
});

test("on a terminal there is one line for each pipeline, which lives: what runs, how long, how long it usually takes", async () => {
  await using woodpecker = new LiveWoodpecker();
  const usual = { number: 11, status: "success", workflows: ["success"] };
  woodpecker.states = [{ number: 12, status: "running", workflows: ["success", "running"] }, usual];
  await using world = await worldOf(woodpecker);
  const muster = [Deno.execPath(), "run", "--quiet", "-A", new URL("mod.ts", root).pathname];
  const words = [...muster, "ci", "wait", "-r", "ada/tool", "-n", "12", "-n", "13"];
  woodpecker.states.unshift({ number: 13, status: "running", workflows: ["running"] });
  const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  await world.tmux(["new-session", "-d", "-s", "ci", "-x", "120", "-y", "40", ...variables, "--", ...words]);
  await world.tmux(["set-option", "-t", "ci", "remain-on-exit", "on"]);
  let screen = "";
  const shows = async (what: string, pattern: RegExp) => {
    await world.eventually(what, async () => {
      screen = (await world.screen("=ci:")).join("\n");
      return pattern.test(screen) || undefined;
    }).catch((error) => {
      throw new Error(`the screen: ${screen}`, { cause: error });
    });
  };
  await shows("two lines", /^12: running · w2\/test · \S+ of ~1m\n13: running · w1\/test · \S+ of ~1m$/);
  await world.eventually("the stream to open", () => Promise.resolve(woodpecker.streams === 1 || undefined));
  const further = { number: 13, status: "running", workflows: ["success", "running"] };
  woodpecker.states = [further, ...woodpecker.states.slice(1)];
  woodpecker.send(further);
  await shows("what runs now", /^12: .*\n13: running · w2\/test · \S+ of ~1m$/);
  woodpecker.states = states("failure", "success");
  woodpecker.logs.set(10, ["first\x1b[31m", "last"]);
  for (const state of woodpecker.states) woodpecker.send(state);
  await shows("the end, in place of the lines", /^failed {2}ada\/tool · .*\n {2}12 {2}failure .*\n {2}13 {2}success /);
  await shows("where it failed", /\n {2}12 failed in w1\/test: failure\n {2}│ first\n {2}│ last$/m);
  assert(!screen.includes("running"), screen);
});

test("when the process that keeps the stream is killed, another takes over", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = states("running");
  await using world = await worldOf(woodpecker);
  const words = ["ci", "wait", "-r", "ada/tool", "-n", "12"];
  const leader = startMuster(world, words, "null");
  await world.eventually("the stream to open", () => Promise.resolve(woodpecker.streamsOpened === 1 || undefined));
  const follower = world.muster(words, { env });
  leader.kill("SIGKILL");
  await leader.status;
  await world.eventually("another stream", () => Promise.resolve(woodpecker.streamsOpened === 2 || undefined));
  woodpecker.states = states("success");
  woodpecker.send({ number: 12, status: "success" });
  assertEquals((await follower).code, 0);
});

test("--exec has the outcome in its environment, and one that fails spoils a success; nobody is notified by a wrong name", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = states("success");
  await using world = await worldOf(woodpecker);
  const wait = ["ci", "wait", "-r", "ada/tool", "-n", "12"];
  const told = 'echo "$MUSTER_CI_OUTCOME $MUSTER_CI_EXIT $MUSTER_CI_REPO $MUSTER_CI_NUMBERS" > told';
  assertEquals((await world.muster([...wait, "--exec", told], { env })).code, 0);
  assertEquals(await Deno.readTextFile(`${world.cwd}/told`), "success 0 ada/tool 12\n");
  const failed = await world.json<{ after: unknown }>([...wait, "--exec", "exit 3"], { env });
  assertEquals([failed.code, failed.document.after], [6, [{ what: "exec", ok: false, detail: "status 3: exit 3" }]]);
  await world.roster('version = 1\n[[agents]]\nname = "coder0"\ncommand = ["cat"]\n');
  const wrong = await world.muster([...wait, "--notify", "coder9"], { env });
  assertEquals([wrong.code, woodpecker.server.calls.some(({ template }) => template.includes("pipeline_number"))], [
    5,
    true,
  ]);
});

test("--notify sends the outcome to an agent as one message", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = states("failure");
  await using world = await worldOf(woodpecker);
  await world.roster('version = 1\n[[agents]]\nname = "coder0"\ncommand = ["sh", "-c", "echo ready; exec cat"]\n');
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  const args = ["ci", "wait", "-r", "ada/tool", "-n", "12", "--notify", "coder0"];
  const { code, document } = await world.json<{ after: readonly { ok: boolean; detail: string }[] }>(args, { env });
  assertEquals([code, document.after[0]?.detail], [1, "coder0: submitted"]);
  const screen = (await world.screen("=coder0:")).join("\n");
  assertStringIncludes(screen, "CI of ada/tool: failed");
  assertStringIncludes(screen, "- 12: failure in w1/test");
});

test("--notify and --exec tell too that the wait itself failed: nobody is left to wait for a message", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = states("running");
  await using world = await worldOf(woodpecker);
  await world.roster('version = 1\n[[agents]]\nname = "coder0"\ncommand = ["sh", "-c", "echo ready; exec cat"]\n');
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  const wait = (number: string) => {
    const told = `echo "$MUSTER_CI_OUTCOME $MUSTER_CI_EXIT $MUSTER_CI_NUMBERS" > told${number}; exit 3`;
    return world.muster(["ci", "wait", "-r", "ada/tool", "-n", number, "--notify", "coder0", "--exec", told], { env });
  };
  const running = wait("12");
  await world.eventually("the stream to open", () => Promise.resolve(woodpecker.streams === 1 || undefined));
  woodpecker.server.before = () => Response.json({ message: "no" }, { status: 401 }); // the token is revoked
  woodpecker.states = states("success");
  woodpecker.send({ number: 12, status: "success" });
  const revoked = await running;
  assertEquals([revoked.code, revoked.stdout], [6, ""]);
  assertStringIncludes(revoked.stderr, "notify: coder0: submitted\nexec failed: status 3: ");
  assertEquals(await Deno.readTextFile(`${world.cwd}/told12`), "failed 6 12\n");
  woodpecker.server.before = undefined;
  assertEquals((await wait("99")).code, 5);
  assertEquals(await Deno.readTextFile(`${world.cwd}/told99`), "not_found 5 99\n");
  const screen = (await world.screen("=coder0:")).join("\n");
  assertStringIncludes(screen, "CI of ada/tool: not known, as the wait failed: ");
  assertStringIncludes(screen, "CI of ada/tool: not known, as the wait failed: no such pipeline: 99");
});

test("a command line that cannot be right is told to nobody but who wrote it", async () => {
  await using woodpecker = new LiveWoodpecker();
  await using world = await worldOf(woodpecker);
  const args = ["ci", "wait", "-r", "ada/tool", "-n", "12", "-a", "other", "--exec", "echo > told"];
  assertEquals((await world.muster(args, { env })).code, 2);
  assertEquals(await Array.fromAsync(Deno.readDir(world.cwd)), []);
});

test("status, list, trigger and log", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = states("success", "failure");
  woodpecker.logs.set(10, ["one", "two", "three"]);
  await using world = await worldOf(woodpecker);
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await world.muster(["ci", ...args, "-r", "ada/tool"], { env });
    return [code, stdout, stderr] as const;
  };
  const [statusCode, status] = await run("status");
  assertEquals(statusCode, 1);
  assertMatch(status, /^NUMBER .*\n12 {6}success .*\n13 {6}failure .*\n$/);
  const [listCode, list] = await run("list", "-n", "1");
  assertEquals([listCode, list.split("\n").length], [0, 3]);
  assertEquals(await run("log", "-n", "13", "--failed", "--lines", "2"), [0, "two\nthree\n", ""]);
  assertEquals(await run("log", "-n", "12", "--step", "w1/test"), [0, "one\ntwo\nthree\n", ""]);
  const [noneCode, , none] = await run("log", "-n", "12", "--step", "w1/tset");
  assertEquals([noneCode, none], [5, 'muster: no such step: "w1/tset"\nhint: did you mean w1/test?\n']);
  const [startedCode, started] = await run("trigger", "-B", "main");
  assertEquals(startedCode, 0);
  assertMatch(started, /^started {2}14 {2}pending {2}http/);
  const waiting = run("trigger", "-B", "main", "--wait");
  await world.eventually("the stream to open", () => Promise.resolve(woodpecker.streams === 1 || undefined));
  await world.eventually("a second start", () => Promise.resolve(woodpecker.states.length === 4 || undefined));
  woodpecker.states = [{ number: 15, status: "success", workflows: ["success"] }];
  woodpecker.send({ number: 15, status: "success" });
  assertEquals((await waiting)[0], 0);
});

/** A checkout with a remote of its own, on `main`, one commit ahead. */
async function checkoutOf(world: World): Promise<{ readonly cwd: string; readonly remote: string; git: Git }> {
  const remote = `${world.directory}/ada/tool.git`;
  const cwd = `${world.directory}/checkout`;
  const run = async (at: string, ...words: readonly string[]) => {
    const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"];
    const ended = await world.run("git", [...identity, ...words], { cwd: at });
    assertEquals(ended.code, 0, `git ${words.join(" ")}: ${ended.stderr}`);
    return ended.stdout.trim();
  };
  await Deno.mkdir(`${world.directory}/ada`, { recursive: true });
  await run(world.directory, "init", "--quiet", "--bare", remote);
  await run(world.directory, "init", "--quiet", cwd);
  const git = (...words: readonly string[]) => run(cwd, ...words);
  await git("commit", "--quiet", "--allow-empty", "-m", "one");
  await git("remote", "add", "origin", remote);
  await git("push", "--quiet", "origin", "main");
  await git("commit", "--quiet", "--allow-empty", "-m", "two");
  return { cwd, remote, git };
}

type Git = (...words: readonly string[]) => Promise<string>;

test("guard --push waits until the branch is quiet, and pushes exactly the commit that it vouches for", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = states("running");
  await using world = await worldOf(woodpecker);
  const { cwd, remote, git } = await checkoutOf(world);
  const [base, head] = [await git("rev-parse", "main~1"), await git("rev-parse", "main")];
  const args = ["ci", "guard", "--purpose", "push", "--push", "-r", "ada/tool", "--json"];
  const running = world.muster(args, { env, cwd });
  await world.eventually("the stream to open", () => Promise.resolve(woodpecker.streams === 1 || undefined));
  assertEquals(await git("ls-remote", "origin", "refs/heads/main"), `${base}\trefs/heads/main`);
  woodpecker.states = states("success");
  woodpecker.send({ number: 12, status: "success" });
  const { code, stdout, stderr } = await running;
  assertEquals(code, 0, stderr);
  const { outcome, sha: vouched, base: on, pushed } = JSON.parse(stdout);
  assertEquals([outcome, vouched, on, pushed], ["success", head, base, true]);
  assertEquals(await git("ls-remote", remote, "refs/heads/main"), `${head}\trefs/heads/main`);
});

test("a base that moves while a guard waits is a new wait, and what does not follow from it is not pushed", async () => {
  await using woodpecker = new LiveWoodpecker();
  woodpecker.states = states("running");
  await using world = await worldOf(woodpecker);
  const { cwd, git } = await checkoutOf(world);
  const args = ["ci", "guard", "--purpose", "push", "--push", "-r", "ada/tool", "-t", "30", "--json"];
  const running = world.muster(args, { env, cwd });
  await world.eventually("the stream to open", () => Promise.resolve(woodpecker.streams === 1 || undefined));
  await git("branch", "--quiet", "other", "main~1");
  await git("switch", "--quiet", "other");
  await git("commit", "--quiet", "--allow-empty", "-m", "someone else's");
  const theirs = await git("rev-parse", "other");
  await git("push", "--quiet", "origin", "other:main");
  await git("switch", "--quiet", "main");
  woodpecker.states = states("success");
  woodpecker.send({ number: 12, status: "success" });
  const { code, stdout, stderr } = await running;
  assertEquals([code, JSON.parse(stdout).error.code], [6, "failed"]);
  assertStringIncludes(stderr, `the base moved to ${theirs}: beginning anew\n`);
  assertEquals(await git("ls-remote", "origin", "refs/heads/main"), `${theirs}\trefs/heads/main`);
});

test("a merge's guard wants the head green and the base quiet, and vouches for both", async () => {
  await using woodpecker = new LiveWoodpecker();
  await using gitea = VendorServer.open("gitea");
  let base = otherSha;
  gitea.on("GET", "/repos/{owner}/{repo}/pulls/{index}", () => ({
    body: { number: 3, head: { ref: "topic", sha }, base: { ref: "main", sha: otherSha } },
  })).on("GET", "/repos/{owner}/{repo}/branches/{branch}", () => ({ body: { name: "main", commit: { id: base } } }));
  await using world = await worldOf(woodpecker, gitea.url);
  const args = [
    "ci",
    "guard",
    "--purpose",
    "merge",
    "--pr",
    "3",
    "-r",
    "ada/tool",
    "--settle",
    "0",
    "-t",
    "20",
    "--json",
  ];
  woodpecker.states = states("success");
  const good = await world.muster(args, { env });
  assertEquals(good.code, 0, good.stdout + good.stderr);
  const document = JSON.parse(good.stdout);
  assertEquals([document.outcome, document.sha, document.base, document.pr], ["success", sha, otherSha, 3]);
  base = "c".repeat(40);
  woodpecker.states = states("failure");
  const red = await world.muster(args, { env });
  assertEquals([red.code, JSON.parse(red.stdout).outcome, JSON.parse(red.stdout).reason], [
    1,
    "failed",
    "the head is not green: 12 failure",
  ]);
});
