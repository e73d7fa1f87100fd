import { assert, assertEquals, assertMatch, assertRejects } from "../deps/assert.ts";
import { MusterError, pollUntil, realIo } from "../io/mod.ts";
import { readScript } from "./machine.ts";
import { type MachineProcess, runScript, type RunScriptOptions } from "./run_script.ts";
import type { Script } from "./step.ts";

const signal = new AbortController().signal;
const wait = { what: "the processes to end", timeoutMs: 60_000, longestPauseMs: 25 };

function bashScript(text: string, after: readonly string[] = []): Script {
  return { path: "", text, before: ["bash", "-euo", "pipefail"], after };
}

/** Runs a text in bash, and returns how it ended and what it printed. */
async function run(script: Script, more: Partial<RunScriptOptions> = {}) {
  let printed = "";
  const end = await runScript(realIo, script, {
    bash: ["bash", "-c", readScript],
    directory: "/",
    variables: {},
    graceMs: 1_000,
    signal,
    onOutput: (text) => printed += text,
    ...more,
  });
  return { ...end, printed };
}

/** Whether a process runs; one that waits to be collected does not. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(") ") + 2));
  } catch {
    return false;
  }
}

Deno.test("a script gets its words, variables and directory as they are, and nothing in an argument list", async () => {
  const text = 'printf "%s|" "$PWD" "$A" "$@"; tr "\\0" "\\n" </proc/$$/cmdline | grep -c secret || true';
  const words = ["a b", "", "$(touch /tmp/x)", "'\n\"", "-n"];
  const end = await run(bashScript(text, words), { variables: { A: "secret\n'$x" } });
  assertEquals(end, {
    result: "ok",
    code: 0,
    left: 0,
    printed: `/|secret\n'$x|${words.map((one) => `${one}|`).join("")}0\n`,
  });
});

Deno.test("all that a script prints comes, in whatever pieces, and ends with it", async () => {
  const bytes = await run(bashScript("head -c 3000000 /dev/zero | tr '\\0' x; printf é; echo err >&2; printf end"));
  assertEquals([bytes.result, bytes.printed.length, bytes.printed.slice(-8)], ["ok", 3_000_008, "éerr\nend"]);
  assertEquals((await run(bashScript('printf "a\\0b"'))).printed, "a\0b");
});

Deno.test("how a script ended", async () => {
  const cases = [
    ["exit 0", "ok", 0, undefined],
    ["exit 3", "failed", 3, "exit 3"],
    ["false; echo not reached", "failed", 1, "exit 1"],
    ["echo $NONE", "failed", 1, "exit 1"],
    ["false | true; echo not reached", "failed", 1, "exit 1"],
    ["kill -s KILL $$", "failed", 137, "ended by signal 9"],
  ] as const;
  for (const [text, result, code, reason] of cases) {
    const end = await run(bashScript(text));
    assertEquals([end.result, end.code, end.reason], [result, code, reason], text);
  }
  const missing = await run({ path: "", text: "x", before: ["muster-no-such-shell"], after: [] });
  assertEquals([missing.result, missing.code], ["failed", 127]);
  const nowhere = await run(bashScript("true"), { directory: "/nonexistent" });
  assertEquals([nowhere.result, nowhere.code], ["failed", 125]);
  assertMatch(nowhere.printed, /nonexistent: No such file or directory/);
});

Deno.test("nothing runs before the record of it is written", async () => {
  const order: string[] = [];
  await run(bashScript("echo ran"), {
    onReady: async ({ pid, start }) => {
      assert(await isRunning(pid) && /^\d+$/.test(start));
      await realIo.clock.delay(20);
      order.push("ready");
    },
    onOutput: (text) => order.push(text.trim()),
  });
  assertEquals(order, ["ready", "ran"]);
  const refused = new Error("the disk is full");
  let printed = "";
  const error = await assertRejects(() =>
    run(bashScript("echo ran"), {
      onReady: () => Promise.reject(refused),
      onOutput: (text) => printed += text,
    })
  );
  assertEquals([error, printed], [refused, ""]);
});

Deno.test("a script that takes too long is ended with all that it started", async () => {
  let step: MachineProcess | undefined;
  const text = "sleep 1000 & (trap '' TERM; sleep 1000) & echo $! $BASHPID; wait";
  const end = await run(bashScript(text), {
    timeoutMs: 300,
    graceMs: 1_000,
    onBegun: (process) => Promise.resolve(void (step = process)),
  });
  assertEquals([end.result, end.reason, end.left], ["failed", "took longer than 300ms", 0]);
  for (const pid of [...end.printed.trim().split(" ").map(Number), step?.pid ?? 0]) assert(!await isRunning(pid));
});

Deno.test("an interrupt ends the whole session: TERM first, KILL for what stays, and it is waited for", async () => {
  const cases = [["trap 'echo bye; exit 5' TERM", "bye\n", 60_000], ["trap '' TERM", "", 1_000]] as const;
  for (const [text, says, graceMs] of cases) {
    const controller = new AbortController();
    let printed = "";
    const pids: number[] = [];
    const end = await run(bashScript(`${text}; echo in; while :; do sleep 0.05; done`), {
      signal: controller.signal,
      graceMs,
      onBegun: ({ pid }) => Promise.resolve(void pids.push(pid)),
      onOutput: (piece) => {
        printed += piece;
        if (printed === "in\n") controller.abort(new Error("stop"));
      },
    });
    assertEquals([end.result, end.reason, printed.replace("Terminated\n", "")], [
      "interrupted",
      undefined,
      `in\n${says}`,
    ]);
    for (const pid of pids) assert(!await isRunning(pid));
  }
});

Deno.test("a script that leaves a background process ends, and what it left runs on and is told", async () => {
  const end = await run(bashScript("sleep 1000 & echo $!"));
  const pid = Number(end.printed);
  try {
    assertEquals([end.result, end.left, await isRunning(pid)], ["ok", 1, true]);
  } finally {
    Deno.kill(pid, "SIGKILL");
  }
});

Deno.test("a script that fails leaves nothing running", async () => {
  const end = await run(bashScript("sleep 1000 & echo $!; exit 1"));
  assertEquals([end.result, end.left, await isRunning(Number(end.printed))], ["failed", 0, false]);
});

Deno.test("when muster is killed, the script is ended", async () => {
  const url = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const program = `const { realIo } = await import(${url("../io/mod.ts")});
    const { runScript } = await import(${url("run_script.ts")});
    await runScript(realIo, { path: "", text: "trap '' TERM; echo $$; sleep 1000", before: ["bash"], after: [] }, {
      bash: ["bash", "-c", ${JSON.stringify(readScript)}], directory: "/", variables: {}, graceMs: 1000,
      signal: new AbortController().signal, onOutput: (text) => console.log(text.trim()) });`;
  await using child = realIo.process.start(Deno.execPath(), ["eval", program]);
  const reader = child.stdout.getReader();
  const pid = Number(new TextDecoder().decode((await reader.read()).value));
  reader.releaseLock();
  assert(await isRunning(pid));
  child.kill("SIGKILL");
  await pollUntil(realIo.clock, async () => !await isRunning(pid) || undefined, wait);
});

Deno.test("a machine that cannot be reached is told with what the way to it said", async () => {
  const bash = ["sh", "-c", "echo no route to host >&2; exit 255"];
  const error = await assertRejects(() => run(bashScript("true"), { bash }), MusterError);
  assertEquals([error.code, error.message], ["failed", "cannot run anything on the machine: no route to host"]);
});

Deno.test("a machine that is lost leaves its step interrupted", async () => {
  const end = await run(bashScript("echo $PPID; sleep 1000"), {
    onOutput: (text) => Deno.kill(Number(text), "SIGKILL"),
  });
  assertEquals([end.result, end.code, end.reason], ["interrupted", -1, "the machine was lost"]);
});
