/**
 * The life of a fleet on a real tmux: started, restarted, failed and stopped, with each agent's program and the server
 * asked what became of them.
 *
 * @module
 */

import firstRoster from "../fixtures/rosters/first.toml" with { type: "text" };
import { assertEquals, assertMatch, assertNotEquals } from "../lib/deps/assert.ts";
import { writeExecutable } from "./_executable.ts";
import { type Ended, inTurns, show, World } from "./_world.ts";

const cats = (...names: readonly string[]) =>
  `version = 1\n${names.map((name) => `\n[[agents]]\nname = "${name}"\ncommand = ["cat"]\n`).join("")}`;

/** The process of every session's program, and the server's. */
async function processes(world: World): Promise<Readonly<Record<string, string | undefined>>> {
  const lines = await world.tmux(["list-panes", "-a", "-F", "#{session_name} #{pane_pid} #{pid}"]);
  return Object.fromEntries(
    lines.trim().split("\n").flatMap((line) => {
      const [session = "", pid = "", server = ""] = line.split(" ");
      return [[session, pid], ["server", server]];
    }),
  );
}

async function start(
  world: World,
  args: readonly string[] = [],
): Promise<Readonly<Record<string, string | undefined>>> {
  const ended = await world.muster(["fleet", "start", ...args]);
  assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
  return await processes(world);
}

function assertEnded(ended: Ended, code: number, stdout: RegExp): void {
  assertEquals([ended.code, ended.stderr], [code, ""], show(ended));
  assertMatch(ended.stdout, stdout);
}

/** Whether a process runs; one that only waits for its parent to collect it has ended. */
async function isAlive(world: World, pid: string | undefined): Promise<boolean> {
  const { stdout } = await world.run("ps", ["-o", "stat=", "-p", pid ?? ""]);
  return /^[^Z\s]/.test(stdout.trim());
}

Deno.test("fleet start: agents that run already are left as they are", async () => {
  await using world = await World.create(cats("a", "b"));
  assertEnded(
    await world.muster(["fleet", "start"]),
    0,
    /^a {2}started {2}%1 {2}\d\S*m?s\nb {2}started {2}%2 {2}\d\S*m?s\n$/,
  );
  const before = await processes(world);
  assertEquals(await world.muster(["fleet", "start"]), {
    code: 0,
    stdout: "a  already running  %1\nb  already running  %2\n",
    stderr: "",
  });
  assertEquals(await processes(world), before);
});

Deno.test("fleet start --replace restarts the agent that is named, and no other", async () => {
  await using world = await World.create(cats("a", "b"));
  const before = await start(world);
  assertEnded(await world.muster(["fleet", "start", "a", "--replace"]), 0, /^a {2}started {2}%3 {2}\d\S*m?s\n$/);
  const after = await processes(world);
  assertNotEquals(after.a, before.a);
  assertEquals(after, { ...before, a: after.a });
  assertEquals(await isAlive(world, before.a), false);
});

Deno.test("fleet start --replace restarts all, in the server that runs", async () => {
  await using world = await World.create(cats("a", "b"));
  const before = await start(world);
  assertEnded(
    await world.muster(["fleet", "start", "--replace"]),
    0,
    /^a {2}started {2}%3 {2}\d\S*m?s\nb {2}started {2}%4 {2}\d\S*m?s\n$/,
  );
  const after = await processes(world);
  assertEquals(after, { ...before, a: after.a, b: after.b });
  assertEquals([after.a === before.a, after.b === before.b], [false, false]);
});

Deno.test("fleet start with a name starts that agent alone", async () => {
  await using world = await World.create(cats("a", "b"));
  assertEnded(await world.muster(["fleet", "start", "b"]), 0, /^b {2}started {2}%1 {2}\d\S*m?s\n$/);
  assertEquals(Object.keys(await processes(world)).sort(), ["_holder", "b", "server"]);
  assertEnded(
    await world.muster(["fleet", "start"]),
    0,
    /^a {2}started {10}%2 {2}\d\S*m?s\nb {2}already running {2}%1\n$/,
  );
});

Deno.test("fleet start: an agent that is not ready in time has failed, with its last lines, and runs on", async () => {
  await using world = await World.create(
    'version = 1\n[runtimes.x]\nkind = "command"\nready = "^welcome$"\n' +
      '[[agents]]\nname = "a"\nruntime = "x"\ncommand = ["sh", "-c", "echo not yet; echo still not; exec cat"]\n' +
      '[[agents]]\nname = "b"\ncommand = ["cat"]\n',
  );
  const ended = await world.muster(["fleet", "start", "--timeout", "300ms"]);
  assertEnded(
    ended,
    3,
    /^a {2}failed {3}%1 {2}not ready after 0\.3s, and left running: no row matches ready = "\^welcome\$"\nb {2}started {2}%2 {2}\d\S*m?s\nlast lines of a:\n {2}│ not yet\n {2}│ still not\n$/,
  );
  assertEquals(await isAlive(world, (await processes(world)).a), true);
});

Deno.test("fleet start: a program that is not there has failed, and is tried again by the next start", async () => {
  await using world = await World.create();
  const program = `${world.cwd}/program`;
  await world.roster(`version = 1\n[[agents]]\nname = "a"\ncommand = ["${program}"]\n`);
  const missing = `a  failed    no such program: ${program}\n`;
  for (let tries = 0; tries < 2; tries++) {
    assertEquals(await world.muster(["fleet", "start"]), { code: 1, stdout: missing, stderr: "" });
  }
  await writeExecutable(program, "#!/bin/sh\nexec cat\n");
  assertEnded(await world.muster(["fleet", "start"]), 0, /^a {2}started {2}%1 {2}\d\S*m?s\n$/);
  const panes = await world.tmux(["list-panes", "-a", "-F", "#{session_name} #{pane_id} #{pane_dead}"]);
  assertEquals(panes, "_holder %0 0\na %1 0\n");
});

/** One call of tmux. */
interface Call {
  readonly argv: readonly string[];
  readonly stdin: string;
}

/** Puts a tmux before the real one that writes down each of its calls. */
async function recordTmux(world: World): Promise<{ readonly path: string; calls(): Promise<Call[]> }> {
  const [bin, log] = [`${world.directory}/bin`, `${world.directory}/calls`];
  await Deno.mkdir(bin);
  await Deno.mkdir(log);
  const real = (await world.run("sh", ["-c", "command -v tmux"])).stdout.trim();
  const script = `#!/bin/sh
printf '%s\\0' "$@" >'${log}/'"$$.argv"
for last; do :; done
[ "$last" = - ] || exec '${real}' "$@"
cat >'${log}/'"$$.stdin"
exec '${real}' "$@" <'${log}/'"$$.stdin"
`;
  await writeExecutable(`${bin}/tmux`, script);
  return {
    path: `${bin}:${world.env.PATH}`,
    async calls() {
      const names = [...Deno.readDirSync(log)].map(({ name }) => name);
      return await Promise.all(
        names.filter((name) => name.endsWith(".argv")).map(async (name) => {
          const stdin = name.replace(/argv$/, "stdin");
          return {
            argv: (await Deno.readTextFile(`${log}/${name}`)).split("\0").slice(0, -1),
            stdin: names.includes(stdin) ? await Deno.readTextFile(`${log}/${stdin}`) : "",
          };
        }),
      );
    },
  };
}

Deno.test("fleet start: thirty agents are started by one call of tmux, beside the holder's", async () => {
  const names = Array.from({ length: 30 }, (_, at) => `agent${String(at).padStart(2, "0")}`);
  await using world = await World.create(cats(...names));
  const tmux = await recordTmux(world);
  const ended = await world.muster(["fleet", "start"], { env: { PATH: tmux.path } });
  assertEnded(
    ended,
    0,
    new RegExp(`^${names.map((name, at) => `${name}  started  %${at + 1} +\\d\\S*m?s\n`).join("")}$`),
  );
  const made = (await tmux.calls()).map(({ argv, stdin }) =>
    `${argv.join(" ")}\n${stdin}`.match(/\bnew-session\b/g)?.length ?? 0
  );
  assertEquals(made.filter((count) => count > 0).sort((a, b) => a - b), [1, 30]);
  const running = await processes(world);
  assertEquals(Object.keys(running).sort(), [...names, "_holder", "server"].sort());
  assertEquals(new Set(Object.values(running)).size, 32);
});

/** The argument lists of all processes. */
async function commandLines(): Promise<string[]> {
  const lines: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      lines.push(await Deno.readTextFile(`/proc/${name}/cmdline`));
    } catch (error) {
      const isGone = error instanceof Deno.errors.NotFound || /os error 3\b/.test(String(error));
      if (!isGone) throw error;
    }
  }
  return lines;
}

Deno.test({
  name: "fleet start: variables reach the program, and their values are in no argument list",
  ignore: Deno.build.os !== "linux", // /proc
  async fn() {
    await using world = await World.create();
    const tmux = await recordTmux(world);
    const [fromRoster, fromFile, fromCommand, ofKey] = [1, 2, 3, 4].map(() => crypto.randomUUID());
    const values = [fromRoster, fromFile, fromCommand, ofKey].map(String);
    const file = await world.file("file.env", `FROM_FILE=${fromFile}\nKEY="-----BEGIN\n${ofKey}=\n-----END"\n`);
    const printed = await world.file("printed.env", `# of a vault\nexport FROM_COMMAND='${fromCommand} ; $HOME " #'\n`);
    await Deno.chmod(file, 0o600);
    await world.roster(`version = 1
[[agents]]
name = "a"
command = ["sh", "-c", "env; echo that is all; exec cat"]
env = { FROM_ROSTER = "${fromRoster}" }
env_file = "${file}"
env_command = ["cat", "${printed}"]
`);
    const seen = new Set<string>();
    const scan = async () => {
      for (const line of await commandLines()) seen.add(line);
    };
    let isOver = false;
    const starting = world.muster(["fleet", "start"], { env: { PATH: tmux.path } }).finally(() => isOver = true);
    while (!isOver) await scan();
    assertEnded(await starting, 0, /^a {2}started {2}%1 {2}\d\S*m?s\n$/);
    const rows = await world.eventually("the program to have told its variables", async () => {
      const { code, stdout, stderr } = await world.muster(["agent", "tail", "a", "-n", "1000"]);
      assertEquals([code, stderr], [0, ""]);
      return stdout.includes("\nthat is all\n") ? stdout.split("\n") : undefined;
    });
    const told = [`FROM_ROSTER=${fromRoster}`, `FROM_FILE=${fromFile}`, `FROM_COMMAND=${fromCommand} ; $HOME " #`];
    for (const row of told) assertEquals(rows.filter((one) => one === row), [row]);
    const key = rows.indexOf("KEY=-----BEGIN");
    assertEquals(rows.slice(key, key + 3), ["KEY=-----BEGIN", `${ofKey}=`, "-----END"]);
    await scan();
    const { server } = await processes(world);
    assertEquals(seen.has(await Deno.readTextFile(`/proc/${server}/cmdline`)), true);
    const calls = await tmux.calls();
    assertEquals(calls.length > 0, true);
    const lists = [...seen, ...calls.map(({ argv }) => argv.join(" "))];
    assertEquals(lists.filter((list) => values.some((value) => list.includes(value))), []);
  },
});

Deno.test("fleet start: secrets that cannot be read are told without them, before anything is started", async () => {
  await using world = await World.create();
  const file = await world.file("file.env", "A=1\nTOKEN hunter2\n");
  await Deno.chmod(file, 0o600);
  await world.roster(`${cats("a", "b")}env_file = "${file}"\n`);
  const said = `not NAME=value: line 2 of env_file ${file}`;
  assertEquals(await world.muster(["fleet", "start"]), { code: 2, stdout: "", stderr: `muster: ${said}\n` });
  assertEquals(await world.socketFiles(), []);
  const checked = await world.muster(["check"]);
  assertEnded(checked, 1, new RegExp(`\nbad {2}env_file {2}${file}\n {2}${said}\n$`));
});

Deno.test("check shows all that is wrong with a file, the project's of the working directory too", async () => {
  await using world = await World.create();
  const path = await world.file("muster.toml", '[machine]\ndriver = "hots"\n[packs]\nenable = ["git"]\n');
  const planned = await world.muster(["provision", "plan"]);
  assertEquals([planned.code, planned.stdout], [2, ""]);
  assertMatch(
    planned.stderr,
    /^muster: .*:2: machine\.driver: .* \(and 1 more\)\nhint: .*muster check shows them all\n$/,
  );
  const checked = await world.muster(["check"]);
  assertEquals([checked.code, checked.stderr], [1, ""]);
  const rows = checked.stdout.split("\n");
  assertEquals(rows[0], `bad  project  ${path}`);
  assertEquals(rows.filter((row) => /^ {2}\S/.test(row)).map((row) => row.replace(/.*muster.toml/, "").slice(0, 14)), [
    ":2: machine.dr",
    ":4: packs.enab",
  ]);
  await world.file("muster.toml", "");
  assertEquals(await world.muster(["check"]), { code: 0, stdout: `ok  project  ${path}\n`, stderr: "" });
});

Deno.test("fleet stop with a name leaves the others and the server", async () => {
  await using world = await World.create(cats("a", "b"));
  const before = await start(world);
  assertEquals(await world.muster(["fleet", "stop", "a"]), {
    code: 0,
    stdout: `a  stopped  process ${before.a}\n`,
    stderr: "",
  });
  const { a, ...others } = before;
  assertEquals(await processes(world), others);
  assertEquals(await isAlive(world, a), false);
  assertEquals(await world.muster(["fleet", "stop", "a"]), { code: 0, stdout: "a  not running\n", stderr: "" });
  assertEquals(await processes(world), others);
});

Deno.test("fleet stop stops the agents and their server", async () => {
  await using world = await World.create(cats("a", "b"));
  const { a, b, _holder, server } = await start(world);
  assertEquals(await world.muster(["fleet", "stop"]), {
    code: 0,
    stdout: `a  stopped  process ${a}\nb  stopped  process ${b}\nserver muster: stopped\n`,
    stderr: "",
  });
  assertEquals(await inTurns([a, b, server], (pid) => isAlive(world, pid)), [false, false, false]);
  await world.eventually("the holder's program to end", async () => !await isAlive(world, _holder) || undefined);
});

Deno.test("fleet stop with nothing running", async () => {
  await using world = await World.create(cats("a", "b"));
  assertEquals(await world.muster(["fleet", "stop"]), {
    code: 0,
    stdout: "a  not running\nb  not running\nserver muster: not running\n",
    stderr: "",
  });
  assertEquals(await world.muster(["fleet", "stop", "b"]), { code: 0, stdout: "b  not running\n", stderr: "" });
  assertEquals(await world.socketFiles(), []);
});

Deno.test("fleet stop: an agent that does not heed SIGHUP is killed, and said to be", async () => {
  await using world = await World.create(
    'version = 1\n[runtimes.x]\nkind = "command"\nready = "^deaf$"\n' +
      '[[agents]]\nname = "a"\nruntime = "x"\ncommand = ["sh", "-c", "trap \'\' HUP; echo deaf; exec cat"]\n' +
      '[[agents]]\nname = "b"\ncommand = ["cat"]\n',
  );
  const { a, b } = await start(world);
  assertEquals(await world.muster(["fleet", "stop", "--grace", "200ms"]), {
    code: 0,
    stdout: `a  killed   process ${a}\nb  stopped  process ${b}\nserver muster: stopped\n`,
    stderr: "",
  });
  assertEquals(await inTurns([a, b], (pid) => isAlive(world, pid)), [false, false]);
});

Deno.test("fleet stop: a session outside the roster is named, keeps the server up, and is not touched", async () => {
  await using world = await World.create(cats("a"));
  const { a } = await start(world);
  await world.tmux(["new-session", "-d", "-s", "mine", "cat"]);
  await world.tmux(["send-keys", "-t", "=mine:", "half a tho"]);
  await world.eventually("the text", async () => (await world.screen("=mine:"))[0] === "half a tho" || undefined);
  const { a: _a, ...others } = await processes(world);
  const kept = "server muster: kept up by sessions outside the roster: mine\n";
  assertEquals(await world.muster(["fleet", "stop"]), {
    code: 4,
    stdout: `a  stopped  process ${a}\n${kept}`,
    stderr: "",
  });
  assertEquals(await processes(world), others);
  assertEquals(await world.screen("=mine:"), ["half a tho"]);
  assertEquals(await world.muster(["fleet", "stop"]), { code: 4, stdout: `a  not running\n${kept}`, stderr: "" });
  assertEquals(await processes(world), others);
});

Deno.test("a session of an agent's name that muster did not start is neither taken nor stopped", async () => {
  await using world = await World.create(cats("a", "b"));
  await world.tmux(["new-session", "-d", "-s", "a", "cat"]);
  await world.tmux(["set-option", "-s", "exit-empty", "off"]);
  const before = await processes(world);
  const started = await world.muster(["fleet", "start"]);
  assertEnded(
    started,
    1,
    /^a {2}failed .*a session of this name is not muster's\nb {2}started .*\n(last lines of a:\n)?$/,
  );
  const running = await processes(world);
  assertEquals([running.a, running.server], [before.a, before.server]);
  for (const args of [["a"], ["a", "--grace", "0s"], []]) {
    await world.muster(["fleet", "stop", ...args]);
    const { a, server } = await processes(world);
    assertEquals({ a, server }, { a: before.a, server: before.server }, `fleet stop ${args.join(" ")}`);
  }
  await world.muster(["fleet", "start", "--replace"]);
  assertEquals((await processes(world)).a, before.a);
});

Deno.test("two fleet starts at once: every agent runs once, and both succeed", async () => {
  await inTurns([1, 2, 3], async () => {
    await using world = await World.create();
    const names = ["a", "b", "c", "d", "e", "f"];
    const agents = names.map((name) =>
      `[[agents]]\nname = "${name}"\ncommand = ["sh", "-c", "echo \\"$0 $$\\" >>${world.cwd}/runs; exec cat", "${name}"]\n`
    );
    await world.roster(`version = 1\n${agents.join("")}`);
    const both = await Promise.all([world.muster(["fleet", "start"]), world.muster(["fleet", "start"])]);
    for (const ended of both) {
      assertEnded(ended, 0, /^([a-f] {2}(started +%\d+ {2}\d\S*m?s|already running {2}%\d+)\n){6}$/);
      const rows = ended.stdout.trim().split("\n");
      assertEquals(rows.map((row) => row[0]), names);
    }
    const panes = both.map(({ stdout }) => stdout.match(/%\d+/g));
    assertEquals(panes[0], panes[1]);
    const running = await processes(world);
    const runs = (await Deno.readTextFile(`${world.cwd}/runs`)).trim().split("\n").sort();
    assertEquals(runs, names.map((name) => `${name} ${running[name]}`));
    const sessions = await world.tmux(["list-panes", "-a", "-F", "#{session_name}"]);
    assertEquals(sessions.trim().split("\n"), ["_holder", ...names]);
  }, { width: 1 });
});

for (
  const [title, end] of [
    ["program is killed", (world: World, pid: string) => world.run("kill", ["-9", pid])],
    ["session is killed", (world: World) => world.tmux(["kill-session", "-t", "=_holder"])],
  ] as const
) {
  Deno.test(`the server and the agents outlive the holder: its ${title}`, async () => {
    await using world = await World.create(cats("a", "b"));
    const { _holder: holder = "", ...others } = await start(world);
    await end(world, holder);
    await world.eventually("the holder's session to be gone", async () => {
      return !("_holder" in await processes(world)) || undefined;
    });
    assertEquals(await processes(world), others);
    const running = { code: 0, stdout: "a  already running  %1\nb  already running  %2\n", stderr: "" };
    assertEquals(await world.muster(["fleet", "start"]), running);
    const after = await processes(world);
    assertEquals(after, { ...others, _holder: after._holder });
  });
}

Deno.test("a server without any session is there for the next start: exit-empty is off", async () => {
  await using world = await World.create(cats("a"));
  const { server } = await start(world);
  await world.tmux(["kill-session", "-t", "=_holder"]);
  assertEquals((await world.muster(["fleet", "stop", "a"])).code, 0);
  assertEquals(await world.tmux(["display-message", "-p", "#{pid}"]), `${server}\n`);
  assertEquals((await start(world)).server, server);
});

Deno.test("fleet init writes a roster once, and over one with --force", async () => {
  await using world = await World.create();
  const path = world.rosterPath;
  const skill = `skill ${world.musterHome}/skills/muster/SKILL.md\n`;
  const next = `${skill}next: look at it, then muster fleet start\n`;
  assertEquals(await world.muster(["fleet", "init"]), { code: 0, stdout: `wrote ${path}\n${next}`, stderr: "" });
  assertEquals(await Deno.readTextFile(path), firstRoster);
  const mine = `${firstRoster}# mine\n`;
  await Deno.writeTextFile(path, mine);
  await Deno.remove(`${world.musterHome}/fleet/roster.schema.json`);
  assertEquals(await world.muster(["fleet", "init"]), {
    code: 4,
    stdout: "",
    stderr: `muster: a roster is there: ${path}\nhint: --force writes over it\n`,
  });
  assertEquals(await Deno.readTextFile(path), mine);
  assertEquals([...Deno.readDirSync(`${world.musterHome}/fleet`)].map(({ name }) => name), ["roster.toml"]);
  const forced = await world.muster(["fleet", "init", "--force"]);
  assertEquals(forced, { code: 0, stdout: `replaced ${path}\n${next}`, stderr: "" });
  assertEquals(await Deno.readTextFile(path), firstRoster);
  const names = [...Deno.readDirSync(`${world.musterHome}/fleet`)].map(({ name }) => name).sort();
  assertEquals(names, ["roster.schema.json", "roster.toml"]);
  assertEnded(await world.muster(["fleet", "start"]), 0, /^coder0 {2}started {2}%1 {2}\d\S*m?s\n$/);
});

Deno.test("fleet init: a directory that cannot be made is told in one line", async () => {
  await using world = await World.create();
  const file = await world.file("file", "a file");
  const roster = `${file}/muster/fleet/roster.toml`;
  for (const args of [[], ["--force"]]) {
    const ended = await world.muster(["fleet", "init", ...args], { env: { MUSTER_HOME: `${file}/muster` } });
    assertEquals(ended, { code: 6, stdout: "", stderr: `muster: cannot write: ${roster}: Not a directory\n` });
  }
  assertEquals(await Deno.readTextFile(file), "a file");
});
