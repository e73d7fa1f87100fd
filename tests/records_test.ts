/**
 * What muster keeps on record: receipts of sends, what panes showed, how agents ended; who may write it, who reads it, and how
 * it is pruned.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { root, runProgram, show, World } from "./_world.ts";

const cat = (name: string, more = "") => `[[agents]]\nname = "${name}"\ncommand = ["cat"]\n${more}`;
const roster = `version = 1\n${cat("a")}${cat("b")}`;

interface Kept {
  readonly session: string;
  readonly socket: string;
  readonly outcome: string;
  readonly messageId: string;
  readonly from?: string;
}

async function receipts(world: World): Promise<Kept[]> {
  const directory = `${world.home}/.local/state/muster/receipts`;
  const files = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
  const texts = await Promise.all(files.map((name) => Deno.readTextFile(`${directory}/${name}`)));
  return texts.join("").trim().split("\n").map((line) => JSON.parse(line));
}

Deno.test("every send puts its receipt on record, and an agent that is gone is still known by its last", async () => {
  await using world = await World.create(roster);
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  const secret = "sk-not-to-be-kept";
  const one = await world.json<{ messageId: string }>(["tmux", "send", "-t", "a", "-m", secret]);
  assertEquals(one.code, 0, show(one));
  const none = await world.muster(["tmux", "send", "-t", "nobody", "-m", secret]);
  assertEquals(none.code, 5, show(none));
  const words = ["agent", "send", "a", "b", "-S", "near:main", "-m", secret];
  const both = await world.json<{ receipts: { messageId: string }[] }>(words);
  assertEquals(both.code, 0, show(both));
  const kept = await receipts(world);
  const fan = kept.slice(2).toSorted((a, b) => a.session.localeCompare(b.session));
  assertEquals(
    [...kept.slice(0, 2), ...fan].map(({ session, outcome, from = "" }) => `${session} ${outcome} ${from}`),
    [
      "a submitted ",
      "nobody not_found ",
      "a submitted near:main",
      "b submitted near:main",
    ],
  );
  assertEquals(kept[0]?.messageId, one.document.messageId);
  assertEquals(fan.map(({ messageId }) => messageId), both.document.receipts.map(({ messageId }) => messageId));
  const grep = await world.run("grep", ["-rlF", secret, `${world.home}/.local/state`]);
  assertEquals([grep.code, grep.stdout], [1, ""]);

  assertEquals((await world.muster(["fleet", "stop", "b"])).code, 0);
  const status = await world.json<{ agents: { name: string; message?: Kept }[] }>(["fleet", "status", "--messages"]);
  assertEquals(status.document.agents.map(({ message }) => message?.messageId), [fan[0]?.messageId, fan[1]?.messageId]);
  const said = await world.muster(["agent", "status", "b"]);
  assertMatch(said.stdout, /\n {2}message +submitted, \d+ bytes from near:main, \d{4}-\S+Z\n/);
  const watched = await world.muster(["fleet", "watch", "--for", "0.1s"]);
  const rows = watched.stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(rows.find(({ name }) => name === "b")?.message.outcome, "submitted");
});

Deno.test("a send that may not write keeps none and says nothing; one that cannot says so, and fails by nothing", async () => {
  await using world = await World.create(roster);
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  const script = new URL("tasks/tmux/send.ts", root).pathname;
  const send = (...permissions: readonly string[]) =>
    world.deno(["run", "--quiet", "--no-prompt", ...permissions, script, "-t", "a", "-m", "hello", "--json"]);
  const state = `${world.home}/.local/state/muster`;
  const plain = await send("--allow-run=tmux");
  assertEquals([plain.code, plain.stderr, JSON.parse(plain.stdout).unkept], [0, "", undefined], show(plain));
  assertEquals(await Deno.lstat(state).catch(() => undefined), undefined);
  const env = "--allow-env=HOME,MUSTER_STATE,XDG_STATE_HOME";
  assertEquals((await send("--allow-run=tmux", env, `--allow-write=${state}`)).code, 0);
  assertEquals((await receipts(world)).length, 1);
  await Deno.remove(`${state}/receipts`, { recursive: true });
  await Deno.writeTextFile(`${state}/receipts`, "in the way");
  const ended = await world.muster(["tmux", "send", "-t", "a", "-m", "hello"]);
  assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
  assertMatch(ended.stdout, /^submitted .*\n {2}not put on record: cannot write: .*\n$/);
});

Deno.test("a kickstart that cannot be put on record says so", async () => {
  await using world = await World.create(`version = 1\n${cat("a", 'kickstart = "begin"\n')}`);
  const state = `${world.home}/.local/state/muster`;
  await Deno.mkdir(state, { recursive: true });
  await Deno.writeTextFile(`${state}/receipts`, "in the way");
  const { code, stdout } = await world.muster(["fleet", "start"]);
  assertEquals(code, 0, stdout);
  assertMatch(stdout, /kickstart submitted; not put on record: cannot write: \S+receipts/);
});

Deno.test("a pane's log has all that an agent showed, until its end and after it", async () => {
  await using world = await World.create();
  const state = `${world.directory}/st %H #{pid} q'"`;
  const shell = 'echo "first words"; while read -r order; do eval "$order"; done';
  await world.roster(
    `version = 1\n[[agents]]\nname = "a"\nlog = true\ncommand = ${JSON.stringify(["sh", "-c", shell])}\n${cat("b")}`,
  );
  const env = { MUSTER_STATE: state };
  const ended = await world.muster(["fleet", "start"], { env });
  assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
  await world.tmux(["send-keys", "-t", "=a:", "echo last $((40 + 2)); exit 3", "Enter"]);
  const path = `${state}/fleet/agents/a/pane.log`;
  const text = await world.eventually("the last words", async () => {
    const seen = await Deno.readTextFile(path).catch(() => "");
    return seen.includes("last 42\r\n") ? seen : undefined;
  });
  assertMatch(text, /^first words\r\n/);
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  assertEquals([...Deno.readDirSync(`${state}/fleet/agents`)].map(({ name }) => name), ["a"]);
  const again = await world.muster(["fleet", "start", "a"], { env });
  assertEquals(again.code, 0, show(again));
  await world.eventually("the next run, behind the one before", async () => {
    return (await Deno.readTextFile(path)).split("first words").length === 3 || undefined;
  });
});

Deno.test("a pane's log takes two times 16 MiB at most, and is begun again where it was removed", async (t) => {
  const script = await Deno.readTextFile(new URL("units/pane-log.sh", root));
  for (const shell of ["sh", "bash --posix", "busybox sh"]) {
    await t.step(shell, async () => {
      await using world = await World.create();
      const directory = `${world.home}/logs`;
      const mib = "head -c 1048576 /dev/zero | tr '\\0' 'x'";
      const feed = `for i in $(seq 40); do [ $i -ne 35 ] || rm -f "$3/pane.log"; ${mib}; done; echo end`;
      const line = `{ ${feed}; } | $1 -c "$2" sh "$3"`;
      const options = { env: world.env, cwd: world.cwd };
      const ended = await runProgram(
        "sh",
        ["-c", line, "sh", shell, script, directory],
        options,
      );
      assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
      const sizes = new Map(
        [...Deno.readDirSync(directory)].map(({ name }) => [name, Deno.statSync(`${directory}/${name}`)]),
      );
      assertEquals([...sizes.keys()].sort(), ["pane.1.log", "pane.log"]);
      const total = [...sizes.values()].reduce((sum, { size }) => sum + size, 0);
      assert(total > 16 * 1024 ** 2 && total < 25 * 1024 ** 2, `${total} bytes`);
      assertMatch((await Deno.readTextFile(`${directory}/pane.log`)).slice(-10), /^x+end\n$/);
    });
  }
});

Deno.test("prune takes old receipts and old logs away, and loses no end that is written meanwhile", async () => {
  await using world = await World.create();
  const state = `${world.home}/.local/state/muster`;
  const agents = `${state}/fleet/agents/a`;
  for (const directory of [`${state}/receipts`, agents]) await Deno.mkdir(directory, { recursive: true });
  const [old, young] = [Date.now() - 40 * 86_400_000, Date.now() - 86_400_000];
  const line = (at: number) => `{"at":${at},"outcome":"submitted"}\n`;
  await Deno.writeTextFile(`${state}/receipts/2020-01-01.jsonl`, line(old));
  await Deno.writeTextFile(`${state}/receipts/2030-01-01.jsonl`, line(young));
  await Deno.writeFile(`${agents}/pane.log`, new Uint8Array([0xff, 0xfe, 0x1b, 0xc3])); // no UTF-8
  await Deno.writeTextFile(`${agents}/pane.1.log`, "old");
  await Deno.utime(`${agents}/pane.1.log`, old / 1000, old / 1000);
  await Deno.writeTextFile(`${agents}/ends.jsonl`, line(old) + line(young));

  // As agent-end.sh does: it has the lock, and writes while prune waits.
  await using holder = new Deno.Command("sh", {
    args: [
      "-c",
      'exec 6<"$1"; flock 6; echo held; read -r _; echo "$2" >>"$1/ends.jsonl"',
      "sh",
      agents,
      '{"at":9000000000000}',
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  await holder.stdout.getReader().read();
  const pruning = world.muster(["prune"]);
  await world.eventually("prune to wait for the lock", async () => {
    const { stdout } = await world.run("sh", ["-c", 'ps -e -o args | grep "[e]xec 9<.* $1"', "sh", agents]);
    return stdout !== "" || undefined;
  });
  const writer = holder.stdin.getWriter();
  await writer.write(new TextEncoder().encode("\n"));
  await writer.close();
  const ended = await pruning;
  assertEquals([ended.code, ended.stderr], [0, ""], show(ended));
  assertEquals(
    ended.stdout.split("\n").map((row) => row.replace(/^(\w+) {2}.*\/(\S+) {2}.*/, "$1 $2")).sort(),
    [
      "",
      ended.stdout.split("\n").at(-2),
      "removed 2020-01-01.jsonl",
      "removed pane.1.log",
      "shortened ends.jsonl",
    ].sort(),
  );
  assertEquals(await Deno.readTextFile(`${agents}/ends.jsonl`), line(young) + '{"at":9000000000000}\n');
  assertEquals((await Deno.readFile(`${agents}/pane.log`)).length, 4);
  const dry = await world.muster(["prune"]);
  assertMatch(dry.stdout, /^\d+ bytes of records are left\n$/);
});
