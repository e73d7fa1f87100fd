/** `muster agent tail`: what an agent's pane holds, and with --follow every row that comes, once and in order. */

import { assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { root, World } from "./_world.ts";

/** An agent that runs the lines of shell which it reads, without a prompt or an echo. */
const roster = `version = 1

[[agents]]
name = "coder0"
command = ["sh", "-c", "stty -echo; echo ready; while read -r line; do eval \\"$line\\"; done"]

[[agents]]
name = "coder1"
command = ["cat"]
`;

const target = "=coder0:";

/** A world in which coder0 waits for lines; tmux's configuration is the one given. */
async function startWorld(config = ""): Promise<World> {
  const world = await World.create(roster);
  await Deno.writeTextFile(`${world.musterHome}/tmux.conf`, config);
  const started = await world.muster(["fleet", "start", "coder0"]);
  assertEquals([started.code, started.stderr], [0, ""]);
  await world.eventually("the agent", async () => (await world.screen(target)).includes("ready") || undefined);
  return world;
}

async function type(world: World, line: string): Promise<void> {
  await world.tmux(["send-keys", "-t", target, "-l", line, ";", "send-keys", "-t", target, "Enter"]);
}

/** A follower that runs, and what it has printed so far. */
function follow(world: World, words: readonly string[] = []) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", new URL("mod.ts", root).pathname, "agent", "tail", "coder0", "--follow", ...words],
    clearEnv: true,
    env: { ...world.env },
    cwd: world.cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(60_000),
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const stderr = new Response(child.stderr).text();
  let printed = "";
  const read = async () => {
    const { value, done } = await reader.read();
    printed += value ?? "";
    return !done;
  };
  return {
    child,
    /** Reads until a line is there. */
    async until(line: string): Promise<void> {
      while (!`\n${printed}`.includes(`\n${line}\n`)) {
        if (!await read()) {
          throw new Error(`It ended before it printed ${JSON.stringify(line)}: ${printed.slice(-500)}`);
        }
      }
    },
    /** Reads until a text is there. */
    async untilText(text: string): Promise<void> {
      while (!printed.includes(text)) {
        if (!await read()) {
          throw new Error(`It ended before it printed ${JSON.stringify(text)}: ${printed.slice(-500)}`);
        }
      }
    },
    /** Interrupts it, or waits for its end. */
    async end(signal?: Deno.Signal) {
      if (signal) child.kill(signal);
      while (await read());
      return { code: (await child.status).code, lines: printed.split("\n").slice(0, -1), stderr: await stderr };
    },
  };
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
}

const interrupted = "muster: interrupted: SIGINT\n";

Deno.test("agent tail prints exactly the last rows", async () => {
  await using world = await startWorld();
  await type(world, "seq 900; echo; echo end");
  await world.eventually("the end", async () => (await world.screen(target)).at(-1) === "end" || undefined);
  const tail = async (count: number) => await world.muster(["agent", "tail", "coder0", "-n", String(count)]);
  assertEquals(await tail(5), { code: 0, stdout: "898\n899\n900\n\nend\n", stderr: "" });
  const all = ["ready", ...numbers(1, 900), "", "end"];
  assertEquals((await tail(700)).stdout, `${all.slice(-700).join("\n")}\n`);
  assertEquals((await tail(5000)).stdout, `${all.join("\n")}\n`);

  const last = await world.json<unknown>(["agent", "tail", "coder0", "-n", "2"]);
  assertEquals(last.document, { agent: "coder0", pane: "%1", rows: ["", "end"] });

  const missing = await world.muster(["agent", "tail", "coder1", "--follow"]);
  assertEquals([missing.code, missing.stdout], [5, ""]);
  assertMatch(missing.stderr, /^muster: agent is not running: coder1\n/);
});

Deno.test("agent tail --follow prints every row once and in order, though tmux forgets the oldest", async () => {
  await using world = await startWorld("set -g history-limit 2000\n");
  const follower = follow(world, ["-n", "5"]);
  await follower.until("ready");
  const bursts = [[1, 900], [901, 1800], [1801, 1801], [1802, 2700], [2701, 3000]] as const;
  for (const [from, to] of bursts) {
    await type(world, `seq ${from} ${to}`);
    await follower.until(String(to));
  }
  // One after the other, while it looks.
  await type(world, "for n in $(seq 3001 4500); do echo $n; done");
  await follower.until("4500");
  // Equal rows, with a full history.
  await type(world, "echo; printf 'y\\ny\\n'; echo y; echo equal");
  await follower.until("equal");
  await type(world, "printf part");
  await follower.until("part");
  await type(world, "printf ly; echo; echo done");
  await follower.until("done");
  const { code, lines, stderr } = await follower.end("SIGINT");
  assertEquals(lines, ["ready", ...numbers(1, 4500), "", "y", "y", "y", "equal", "part", "partly", "done"]);
  assertEquals([code, stderr], [130, interrupted]);
});

Deno.test("agent tail --follow goes on where a history or a screen is cleared", async () => {
  await using world = await startWorld("set -g history-limit 2000\n");
  const follower = follow(world);
  await follower.until("ready");
  await type(world, "seq 1900");
  await follower.until("1900");
  await world.tmux(["clear-history", "-t", target]);
  await type(world, "seq 1901 1950");
  await follower.until("1950");
  await world.tmux(["clear-history", "-t", target]);
  await type(world, "seq 1951 2000");
  await follower.until("2000");
  await type(world, "printf '\\033[H\\033[2J\\033[3J'; echo cleared");
  await follower.until("cleared");
  // What a full screen scrolls away is not lost while the history holds it.
  await type(world, "printf '\\033[H\\033[2J'; echo again");
  await follower.until("again");
  const { code, lines } = await follower.end("SIGINT");
  assertEquals(code, 130);
  assertEquals(lines, ["ready", ...numbers(1, 2000), "… the screen was cleared here", "cleared", "again"]);
});

Deno.test("agent tail --follow says where rows were lost", async () => {
  await using world = await startWorld("set -g history-limit 100\n");
  const follower = follow(world);
  await follower.until("ready");
  // Stopped, it misses more than the history holds.
  follower.child.kill("SIGSTOP");
  await type(world, "seq 5000; echo end");
  await world.eventually("the end", async () => (await world.screen(target)).at(-1) === "end" || undefined);
  const kept = await world.screen(target);
  follower.child.kill("SIGCONT");
  await follower.until("end");
  const { lines } = await follower.end("SIGINT");
  // A look under way when it was stopped may have seen the first.
  const seen = lines.slice(0, lines.indexOf("… rows were lost here"));
  assertEquals(seen, ["ready", ...numbers(1, seen.length - 1)]);
  assertEquals(lines.slice(seen.length + 1), kept);
});

Deno.test("agent tail --follow prints what a full-screen program changes", async () => {
  await using world = await startWorld();
  const follower = follow(world);
  await follower.until("ready");
  await type(world, "printf '\\033[?1049h\\033[Htitle\\nstate: one\\nfooter'");
  await follower.until("footer");
  await type(world, "printf '\\033[2;1Hstate: two\\033[4;1H'");
  await follower.until("state: two");
  await type(world, "printf '\\033[?1049l'; echo back");
  await follower.until("back");
  const { lines } = await follower.end("SIGINT");
  assertEquals(lines, ["ready", "title", "state: one", "footer", "state: two", "back"]);
});

Deno.test("agent tail --follow --json prints a document per line, and ends with the agent", async () => {
  await using world = await startWorld();
  const follower = follow(world, ["--json"]);
  await follower.untilText('"ready"');
  await type(world, "seq 3");
  await follower.untilText('"3"');
  await type(world, "printf '4\\n5\\n\\033[H\\033[2J\\033[3Jcleared\\n'; exit 3");
  const { code, lines, stderr } = await follower.end();
  const documents: { agent: string; pane: string; rows: string[]; gap?: true; cleared?: true }[] = lines.map((line) =>
    JSON.parse(line)
  );
  assertEquals(documents.map(({ agent, pane }) => `${agent} ${pane}`), documents.map(() => "coder0 %1"));
  assertEquals(documents.flatMap(({ rows }) => rows), ["ready", "1", "2", "3", "cleared"]);
  const gaps = documents.filter(({ gap }) => gap);
  assertEquals(gaps, [{ agent: "coder0", pane: "%1", rows: ["cleared"], gap: true, cleared: true }]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("agent tail --follow ends where the pane is gone", async () => {
  await using world = await startWorld();
  const follower = follow(world);
  await follower.until("ready");
  await world.tmux(["kill-session", "-t", target]);
  const { code, lines, stderr } = await follower.end();
  assertEquals([code, lines, stderr], [0, ["ready"], ""]);
});
