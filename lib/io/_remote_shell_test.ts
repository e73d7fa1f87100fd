/** The loop in `_remote_loop.sh`, run by each shell that may stand behind a login. */

import { assert, assertEquals, assertRejects } from "../deps/assert.ts";
import { HostError } from "./host_error.ts";
import { pollUntil } from "./poll.ts";
import { realIo } from "./real.ts";
import { bootstrap, RemoteShell } from "./_remote_shell.ts";

/** Shells that stand behind a login, and read the command line. */
const logins: readonly (readonly string[])[] = [["dash"], ["bash"], ["zsh"], ["fish"]];

/** Shells that a host may call sh, and that run the loop. */
const loops = ["dash", "bash", "busybox", "zsh"];

const isInstalled = (program: string) =>
  new Deno.Command("sh", { args: ["-c", 'command -v "$1"', "sh", program], stdout: "null" }).outputSync().success;

const unreached = (words: string, status?: number) => new HostError("far", `not reached: ${status} ${words}`);
const lost = (words: string, mayHaveRun: boolean) => new HostError("far", `lost: ${words}`, { mayHaveRun });

/** The shell of a program that stands for ssh. */
async function open(
  words: readonly string[] = ["dash"],
  env: Readonly<Record<string, string>> = {},
  patienceSeconds?: number,
) {
  const [program = "", ...args] = words;
  const running = realIo.process.start(program, [...args, "-c", bootstrap], { env, detached: true });
  const { signal } = new AbortController();
  const options = { openWithinMs: 60_000, patienceSeconds, signal, unreached, lost };
  const shell = await RemoteShell.open(realIo.clock, running, options);
  return { running, shell, [Symbol.asyncDispose]: () => shell[Symbol.asyncDispose]() };
}

const sh = (shell: RemoteShell, script: string, ...args: readonly string[]) =>
  shell.run("sh", ["-c", script, "sh", ...args]);

const isAlive = async (pid: number) =>
  (await realIo.process.run("sh", ["-c", 'case $(ps -o stat= -p "$1") in "" | Z*) exit 1 ;; esac', "sh", `${pid}`]))
    .code === 0;

const eventually = (what: string, look: () => boolean | Promise<boolean>) =>
  pollUntil(realIo.clock, async () => await look() || undefined, { what, timeoutMs: 60_000, longestPauseMs: 25 });

/** Every byte that a word may have. */
const allBytes = String.fromCharCode(...Array.from({ length: 255 }, (_, at) => at + 1));

const hostile = [
  "'; touch ran; '",
  "$(touch ran)",
  "`touch ran`",
  "a\nb\n",
  "\n",
  "",
  " ",
  "*",
  "~",
  "-n",
  "\\",
  "\\0101\\c",
  "a\x1fb",
  "é漢🚀\u0081\u0085",
  "%s",
  allBytes,
];

/** A test that CI runs, and others where the program is there. */
function testWith(program: string, name: string, fn: () => Promise<void>): void {
  const ignore = !isInstalled(program) && !Deno.env.get("CI");
  if (ignore) realIo.terminal.err(`not tested: ${name}, which is not installed (CI installs it)\n`);
  Deno.test({ name, ignore, fn });
}

for (const login of logins) {
  testWith(login[0] ?? "", `the loop starts behind the login shell ${login.join(" ")}`, async () => {
    await using opened = await open(login);
    assertEquals((await sh(opened.shell, 'printf %s "$1"', "$x 'y'")).stdout, "$x 'y'");
  });
}

for (const program of loops) {
  testWith(program, `the loop takes words and bodies as data, and answers whole, where sh is ${program}`, async () => {
    const directory = await Deno.makeTempDir({ prefix: "muster-test-" });
    try {
      const { stdout: path } = await realIo.process.run("sh", ["-c", 'command -v "$1"', "sh", program]);
      await Deno.mkdir(`${directory}/bin`);
      await Deno.mkdir(`${directory}/tmp`);
      await Deno.symlink(path.trim(), `${directory}/bin/sh`);
      const env = { PATH: `${directory}/bin:${Deno.env.get("PATH")}`, TMPDIR: `${directory}/tmp`, LC_ALL: "C.UTF-8" };
      await using opened = await open(["/bin/sh"], env);
      const { shell } = opened;
      assertEquals([shell.hasTmux, await isAlive(shell.pid)], [true, true]);
      assert(Math.abs(shell.openedAt * 1000 - Date.now()) < 60_000);

      const print = 'for word; do printf "%s|" "$word"; done';
      const printed = await sh(shell, print, ...hostile);
      assertEquals(printed, { code: 0, stdout: hostile.map((word) => `${word}|`).join(""), stderr: "" });
      for (const text of [...hostile, "x".repeat(100_000), "🚀 \n".repeat(30_000)]) {
        const { stdout } = await shell.run("sh", ["-c", "cat"], { stdin: text });
        assert(stdout === text, JSON.stringify(text.slice(0, 50)));
      }
      const bytes = new Uint8Array(256).map((_, at) => at);
      const count = await shell.run("sh", ["-c", "od -An -v -tu1 | tr -s ' \\n' ' '"], { stdin: bytes });
      assertEquals(count.stdout.trim(), bytes.join(" "));

      assertEquals(await sh(shell, "echo out; echo err >&2; echo; exit 7"), {
        code: 7,
        stdout: "out\n\n",
        stderr: "err\n",
      });
      assertEquals(await sh(shell, "printf '%s\\n' muster-fake 1 a 0 3 >&2; kill -s KILL $$"), {
        code: 137,
        stdout: "",
        stderr: "muster-fake\n1\na\n0\n3\n",
      });
      // What the loop needs for itself is not what its programs get.
      const own = 'echo "$LC_ALL"; ls /proc/self/fd 2>/dev/null; cat';
      assertEquals(await sh(shell, own), await realIo.process.run("sh", ["-c", own], { env }));
      assert(Math.abs(await shell.now() * 1000 - Date.now()) < 60_000);
      assertEquals([...Deno.readDirSync(`${directory}/tmp`)], []);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

Deno.test("calls at one time are answered apart, though they are long", async () => {
  await using opened = await open();
  const script = 'printf "%s" "$1"; head -c 30000 /dev/zero | tr "\\0" "$1"';
  const answers = await Promise.all(Array.from({ length: 60 }, async (_, at) => {
    const letter = String.fromCharCode(65 + at % 26);
    const { stdout } = await sh(opened.shell, script, letter);
    return stdout === letter.repeat(30_001);
  }));
  assertEquals(answers, Array(60).fill(true));
});

Deno.test("without a place for its pipe the loop takes one call after another", async () => {
  await using opened = await open(["dash"], { TMPDIR: "/nowhere" });
  const answers = await Promise.all(["a", "b", "c"].map((text) => sh(opened.shell, 'printf %s "$1"', text)));
  assertEquals(answers.map(({ stdout }) => stdout), ["a", "b", "c"]);
});

Deno.test("a call that hangs holds up no other, and its abort ends all that it started", async () => {
  await using opened = await open();
  const { shell } = opened;
  const pipe = await Deno.makeTempDir({ prefix: "muster-test-" });
  try {
    await sh(shell, 'mkfifo "$1/p"', pipe);
    for (let round = 0; round < 40; round++) {
      const controller = new AbortController();
      const reason = new Error("stop");
      const script = 'trap "" TERM; sh -c \'trap "" TERM; echo $$ $PPID >"$1/p"; while :; do sleep 600; done\' sh "$1"';
      const hung = shell.run("sh", ["-c", script, "sh", pipe], { signal: controller.signal });
      const pids = (await Deno.readTextFile(`${pipe}/p`)).trim().split(" ").map(Number);
      assertEquals((await sh(shell, "echo beside")).stdout, "beside\n");
      controller.abort(reason);
      assertEquals(await assertRejects(() => hung), reason);
      assertEquals((await sh(shell, "echo after")).stdout, "after\n");
      // The loop has killed it before it looks at the next request; the kernel may take a moment to end it.
      for (const pid of pids) await eventually(`the end of ${pid}`, async () => !await isAlive(pid));
    }
  } finally {
    await Deno.remove(pipe, { recursive: true });
  }
});

Deno.test("an abort at any moment leaves the others their answers", async () => {
  await using opened = await open();
  const { shell } = opened;
  const results = await Promise.all(Array.from({ length: 120 }, async (_, at) => {
    const signal = at % 3 === 0 ? AbortSignal.timeout(at % 40) : undefined;
    try {
      const { stdout } = await shell.run("sh", ["-c", 'printf %s "$1"', "sh", `${at}`], { signal });
      return stdout === `${at}`;
    } catch (error) {
      return signal?.aborted === true && error === signal.reason;
    }
  }));
  assertEquals(results, Array(120).fill(true));
  assertEquals((await sh(shell, "echo still")).stdout, "still\n");
});

Deno.test("when the connection goes, the loop ends with all that it has running, and calls say what may have been done", async () => {
  await using opened = await open();
  const { shell } = opened;
  const pipe = await Deno.makeTempDir({ prefix: "muster-test-" });
  try {
    await sh(shell, 'mkfifo "$1/p"', pipe);
    const hung = sh(shell, 'echo $$ >"$1/p"; sleep 600', pipe).catch((error) => error);
    const pid = Number(await Deno.readTextFile(`${pipe}/p`));
    await shell[Symbol.asyncDispose]();
    const error = await hung;
    assert(error instanceof HostError);
    assertEquals([error.mayHaveRun, error.code], [true, "failed"]);
    for (const one of [shell.pid, pid]) await eventually(`the end of ${one}`, async () => !await isAlive(one));
    const unsent = await assertRejects(() => sh(shell, "true"), HostError);
    assertEquals(unsent.mayHaveRun, false);
  } finally {
    await Deno.remove(pipe, { recursive: true });
  }
});

Deno.test("a loop that hears nothing of its client for too long ends by itself", async () => {
  // The client of this one speaks every ten seconds.
  await using opened = await open(["dash"], {}, 1);
  const { shell } = opened;
  await eventually("the loop to end", async () => !await isAlive(shell.pid));
  await eventually("the connection to be lost", () => shell.isLost);
  await using patient = await open(["dash"], {}, 20);
  const heard = patient.shell.pid;
  const started = performance.now();
  await pollUntil(realIo.clock, () => Promise.resolve(performance.now() - started > 25_000 || undefined), {
    what: "25 seconds, in which it is spoken to twice",
    timeoutMs: 60_000,
    longestPauseMs: 500,
  });
  assertEquals([await isAlive(heard), patient.shell.isLost], [true, false]);
});

Deno.test("a loop that is killed is lost, and its program is not waited for", async () => {
  await using opened = await open();
  const { shell } = opened;
  const killed = await sh(shell, 'kill -s KILL "$1"', `${shell.pid}`).catch((error) => error);
  if (killed instanceof HostError) assertEquals(killed.mayHaveRun, true);
  await eventually("the connection to be lost", () => shell.isLost);
  await assertRejects(() => sh(shell, "true"), HostError);
  await eventually("the loop to be gone", async () => !await isAlive(shell.pid));
});

Deno.test("what is no shell is not reached, and says why", async () => {
  const { signal } = new AbortController();
  const options = { openWithinMs: 60_000, signal, unreached, lost };
  const refused = realIo.process.start("sh", ["-c", "echo no such account >&2; exit 5"]);
  const error = await assertRejects(() => RemoteShell.open(realIo.clock, refused, options), HostError);
  assertEquals([error.message, error.mayHaveRun], ["not reached: 5 no such account\n", false]);
  const silent = realIo.process.start("sleep", ["600"]);
  const late = { ...options, openWithinMs: 50 };
  const slow = await assertRejects(() => RemoteShell.open(realIo.clock, silent, late), HostError);
  assertEquals([slow.message, await silent.status], ["not reached: undefined ", 143]);
  const greeting = realIo.process.start("sh", ["-c", `echo "Welcome to muster-1"; ${bootstrap}`]);
  await using shell = await RemoteShell.open(realIo.clock, greeting, options);
  assertEquals((await sh(shell, "echo hi")).stdout, "hi\n");
});
