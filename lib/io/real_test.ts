import { assert, assertEquals, assertRejects } from "../deps/assert.ts";
import { MusterError } from "./error.ts";
import { realIo } from "./real.ts";

const { clock, files, process } = realIo;
const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

/** A directory that is gone after the test. */
async function temporaryDirectory() {
  const path = await Deno.makeTempDir({ prefix: "muster-io-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function namesIn(directory: string): string[] {
  return Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
}

async function assertFailure(call: () => Promise<unknown>, code: string, message: string): Promise<MusterError> {
  const error = await assertRejects(call, MusterError);
  assertEquals([error.code, error.message], [code, message]);
  return error;
}

Deno.test("process.run gives input and environment, and returns status and output", async () => {
  const cases = [
    ["cat", [], { stdin: "a\né" }, { code: 0, stdout: "a\né", stderr: "" }],
    ["cat", [], { stdin: new Uint8Array([65]) }, { code: 0, stdout: "A", stderr: "" }],
    ["cat", [], { stdin: "" }, { code: 0, stdout: "", stderr: "" }],
    ["cat", [], {}, { code: 0, stdout: "", stderr: "" }],
    ["sh", ["-c", 'printf %s "$A"'], { env: { A: "b c" } }, { code: 0, stdout: "b c", stderr: "" }],
    ["sh", ["-c", "pwd"], { cwd: "/" }, { code: 0, stdout: "/\n", stderr: "" }],
    ["sh", ["-c", "echo out; echo err >&2; exit 7"], {}, { code: 7, stdout: "out\n", stderr: "err\n" }],
    ["sh", ["-c", 'printf %s "$1"', "sh", "$(x) 'y'"], {}, { code: 0, stdout: "$(x) 'y'", stderr: "" }],
    ["sh", ["-c", "kill -s TERM $$"], {}, { code: 128 + 15, stdout: "", stderr: "" }],
    ["sh", ["-c", "kill -s KILL $$"], {}, { code: 128 + 9, stdout: "", stderr: "" }],
  ] as const;
  for (const [command, args, options, result] of cases) {
    assertEquals(await process.run(command, args, options), result, [command, ...args].join(" "));
  }
});

Deno.test("process.run reads and writes more than a pipe holds, both at a time", async () => {
  const stdin = "0123456789".repeat(100_000);
  assertEquals((await process.run("cat", [], { stdin })).stdout === stdin, true);
});

Deno.test("process.run forgives a program that does not read its input", async () => {
  const stdin = "x".repeat(1_000_000);
  for (const script of ["exit 3", "exec <&-; exit 3", "head -c 1 >/dev/null; exit 3"]) {
    assertEquals(await process.run("sh", ["-c", script], { stdin }), { code: 3, stdout: "", stderr: "" }, script);
  }
});

Deno.test("process.run names the program that is missing, and what else is in the way", async () => {
  await using directory = await temporaryDirectory();
  for (const options of [{}, { cwd: directory.path }]) {
    const error = await assertFailure(
      () => process.run("muster-no-such-program", [], options),
      "missing_program",
      "program not found: muster-no-such-program",
    );
    assertEquals([error.hint, error.command], [
      "install muster-no-such-program, or put it on PATH",
      "muster-no-such-program",
    ]);
  }
  const cwd = `${directory.path}/none`;
  const error = await assertRejects(() => process.run("cat", [], { cwd }), MusterError);
  assertEquals([error.code, error.message.startsWith("cannot run: cat: "), error.message.includes(cwd)], [
    "failed",
    true,
    true,
  ]);
  const refused = await assertRejects(() => process.run(directory.path, []), MusterError);
  assertEquals(refused.code, "failed");
});

Deno.test("process.run ends the program when the signal aborts, and rejects with its reason", async () => {
  await using directory = await temporaryDirectory();
  const reason = new MusterError("interrupted", "interrupted: SIGINT");
  const controller = new AbortController();
  const pipe = `${directory.path}/pipe`;
  await process.run("mkfifo", [pipe]);
  const script = 'trap "echo ended > ended; exit" TERM; echo > pipe; while :; do sleep 0.01; done';
  const run = process.run("sh", ["-c", script], { cwd: directory.path, signal: controller.signal });
  await Deno.readFile(pipe); // the trap is set
  controller.abort(reason);
  assertEquals(await assertRejects(() => run), reason);
  assertEquals(text(await files.read(`${directory.path}/ended`)), "ended\n");
});

Deno.test("process.run does not wait for what an ended program left running", async () => {
  await using directory = await temporaryDirectory();
  const reason = new Error("stop");
  const controller = new AbortController();
  const pipe = `${directory.path}/pipe`;
  await process.run("mkfifo", [pipe]);
  // The inner one keeps standard output until somebody writes to the pipe.
  const run = process.run("sh", ["-c", 'sh -c "echo > pipe; cat pipe" & wait'], {
    cwd: directory.path,
    signal: controller.signal,
  });
  await Deno.readFile(pipe);
  controller.abort(reason);
  assertEquals(await assertRejects(() => run), reason);
  await Deno.writeTextFile(pipe, "");
});

Deno.test("process.run runs nothing once the signal has aborted", async () => {
  await using directory = await temporaryDirectory();
  const reason = new Error("stop");
  const options = { cwd: directory.path, signal: AbortSignal.abort(reason) };
  assertEquals(await assertRejects(() => process.run("sh", ["-c", "echo > ran"], options)), reason);
  assertEquals(namesIn(directory.path), []);
});

Deno.test("files.write makes the directory, replaces what is there, and leaves nothing beside it", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/a/b/c`;
  await files.write(path, "one");
  await files.write(path, new TextEncoder().encode("two"));
  assertEquals([text(await files.read(path)), namesIn(`${directory.path}/a/b`)], ["two", ["c"]]);
});

Deno.test("files.write leaves a reader of the old file its text", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/a`;
  await files.write(path, "old");
  using old = await Deno.open(path);
  await files.write(path, "new");
  assertEquals(await new Response(old.readable).text(), "old");
});

Deno.test("files.write gives a new file its mode", async () => {
  await using directory = await temporaryDirectory();
  for (const [name, mode, expected] of [["a", undefined, 0o644], ["b", 0o600, 0o600], ["c", 0o700, 0o700]] as const) {
    await files.write(`${directory.path}/${name}`, "", { mode });
    assertEquals((await files.facts(`${directory.path}/${name}`))?.mode, expected & ~Deno.umask(), name);
  }
});

Deno.test("files.write with exclusive leaves what is there", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/a`;
  await files.write(path, "one", { exclusive: true });
  await assertFailure(() => files.write(path, "two", { exclusive: true }), "held", `already there: ${path}`);
  assertEquals([text(await files.read(path)), namesIn(directory.path)], ["one", ["a"]]);
});

Deno.test("files.write with exclusive has one winner", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/a`;
  const all = await Promise.allSettled(["0", "1", "2", "3"].map((one) => files.write(path, one, { exclusive: true })));
  const winners = all.flatMap(({ status }, at) => status === "fulfilled" ? [String(at)] : []);
  assertEquals([[text(await files.read(path))], namesIn(directory.path)], [winners, ["a"]]);
});

Deno.test("files.write that fails says so and leaves no sibling", async () => {
  await using directory = await temporaryDirectory();
  await files.makeDirectory(`${directory.path}/taken/inner`);
  await files.write(`${directory.path}/file`, "");
  const long = "n".repeat(300);
  const cases = [
    ["taken", "Is a directory"],
    ["file/below", "File exists"],
    ["file/far/below", "Not a directory"],
    [long, "File name too long"],
  ] as const;
  for (const [name, reason] of cases) {
    const path = `${directory.path}/${name}`;
    await assertFailure(() => files.write(path, "x"), "failed", `cannot write: ${path}: ${reason}`);
    assertEquals(namesIn(directory.path), ["file", "taken"], name);
  }
});

Deno.test("files.read and facts know nothing of what is not there", async () => {
  await using directory = await temporaryDirectory();
  await files.write(`${directory.path}/file`, "");
  for (const name of ["none", "none/below", "file/below"]) {
    const path = `${directory.path}/${name}`;
    assertEquals([await files.read(path), await files.facts(path)], [undefined, undefined], name);
  }
  const path = directory.path;
  await assertFailure(() => files.read(path), "failed", `cannot read: ${path}: Is a directory`);
});

Deno.test("files.readPart reads what is there of a part, and no more", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/file`;
  await files.write(path, "0123456789");
  const parts = [[0, 4], [8, 4], [10, 4], [20, 4], [3, 0]] as const;
  const read = await Promise.all(parts.map(async ([from, most]) => text(await files.readPart(path, from, most))));
  assertEquals(read, ["0123", "89", "", "", ""]);
  assertEquals(await files.readPart(`${directory.path}/none`, 0, 1), undefined);
});

Deno.test("files.facts tells files, directories and links apart", async () => {
  await using directory = await temporaryDirectory();
  const path = (name: string) => `${directory.path}/${name}`;
  await files.write(path("file"), "é", { mode: 0o600 });
  await Deno.symlink("file", path("link"));
  await Deno.symlink("none", path("broken"));
  const { mtime, ctime, ino } = await Deno.stat(path("file"));
  const times = { modifiedMs: mtime?.getTime() ?? 0, changedMs: ctime?.getTime() ?? 0, inode: ino ?? 0 };
  assert(times.modifiedMs > 0 && times.changedMs > 0 && times.inode > 0);
  const file = { isFile: true, isDirectory: false, isSymlink: false, size: 2, mode: 0o600, ...times };
  assertEquals(await files.facts(path("file")), file);
  assertEquals(await files.facts(path("link")), file);
  assertEquals((await files.facts(path("link"), { follow: false }))?.isSymlink, true);
  assertEquals(await files.facts(path("broken")), undefined);
  assertEquals((await files.facts(path("broken"), { follow: false }))?.isSymlink, true);
  assertEquals((await files.facts(directory.path))?.isDirectory, true);
});

Deno.test("files.contentsOf and linksOf leave out what is not there, or not theirs to read", async () => {
  await using directory = await temporaryDirectory();
  const path = (name: string) => `${directory.path}/${name}`;
  await Deno.writeTextFile(path("a"), "one");
  await Deno.symlink("elsewhere", path("b"));
  const contents = await files.contentsOf([path("a"), path("none"), path("b")]);
  assertEquals(contents.map((bytes) => bytes && new TextDecoder().decode(bytes)), ["one", undefined, undefined]);
  assertEquals(await files.linksOf([path("b"), path("a"), path("none")]), ["elsewhere", undefined, undefined]);
  await assertRejects(() => files.contentsOf([directory.path]), MusterError, `cannot read: ${directory.path}`);
});

Deno.test("files.factsOf, list and readLink follow no link", async () => {
  await using directory = await temporaryDirectory();
  const path = (name: string) => `${directory.path}/${name}`;
  await files.write(path("b"), "");
  await files.makeDirectory(path("a"));
  await Deno.symlink("none", path("c"));
  await process.run("mkfifo", [path("d")]);
  assertEquals(await files.list(directory.path), [
    { name: "a", kind: "directory" },
    { name: "b", kind: "file" },
    { name: "c", kind: "symlink" },
    { name: "d", kind: "other" },
  ]);
  for (const name of ["none", "b", "b/below"]) assertEquals(await files.list(path(name)), undefined, name);
  const facts = await files.factsOf(["a", "b", "c", "none", "b/below"].map(path));
  assertEquals(facts.map((one) => one && [one.isDirectory, one.isFile, one.isSymlink]), [
    [true, false, false],
    [false, true, false],
    [false, false, true],
    undefined,
    undefined,
  ]);
  assertEquals(await Promise.all(["c", "b", "a", "none"].map((name) => files.readLink(path(name)))), [
    "none",
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("files.digestsOf gives the SHA-256 that sha256sum gives, few or many, small or large", async () => {
  await using directory = await temporaryDirectory();
  const path = (name: string | number) => `${directory.path}/${name}`;
  const sizes = [0, 1, 100, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20];
  for (const [at, size] of sizes.entries()) await files.write(path(at), new Uint8Array(size).fill(at + 1));
  const paths = sizes.map((_, at) => path(at));
  const { stdout } = await process.run("sha256sum", paths);
  const expected = stdout.trim().split("\n").map((line) => line.split(" ")[0]);
  assertEquals(await files.digestsOf(paths), expected);
  const many = Array.from({ length: 100 }, () => paths[2] ?? "");
  assertEquals(new Set(await files.digestsOf([...many, path(3)])), new Set([expected[2], expected[3]]));
  assertEquals(await files.digestsOf([path("none")]), [undefined]);
  const refused = await assertRejects(() => files.digestsOf([directory.path]), MusterError);
  assertEquals(refused.code, "failed");
});

Deno.test("files.append writes behind what is there, and makes the file and its directory", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/a/b`;
  await files.append(path, "one\n", { mode: 0o600 });
  await files.append(path, new TextEncoder().encode("two\n"));
  assertEquals([text(await files.read(path)), (await files.facts(path))?.mode], ["one\ntwo\n", 0o600]);
  const taken = await assertRejects(() => files.append(directory.path, "x"), MusterError);
  assertEquals(taken.code, "failed");
});

Deno.test("files.lock lets one in at a time, and names what it waited for", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/a/lock`;
  const options = { timeoutMs: 60_000 };
  const order: string[] = [];
  const work = async (name: string) => {
    await using _lock = await files.lock(path, options);
    order.push(`${name} in`);
    await clock.delay(1);
    order.push(`${name} out`);
  };
  await Promise.all(["a", "b", "c"].map(work));
  for (let at = 0; at < order.length; at += 2) assertEquals(order[at + 1], order[at]?.replace("in", "out"));
  assertEquals(order.length, 6);
  await using _held = await files.lock(path, options);
  await assertFailure(
    () => files.lock(path, { timeoutMs: 5 }),
    "timeout",
    `time ran out after 5 ms waiting for the lock on ${path}`,
  );
  const reason = new Error("stop");
  assertEquals(await assertRejects(() => files.lock(path, { ...options, signal: AbortSignal.abort(reason) })), reason);
});

Deno.test("files.lock is let go by the system when its process is killed", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/lock`;
  const script = `const { realIo } = await import(${JSON.stringify(new URL("real.ts", import.meta.url).href)});
    await realIo.files.lock(${JSON.stringify(path)}, { timeoutMs: 60_000 });
    console.log("locked");
    await new Promise(() => setInterval(() => {}, 1000));`;
  await using child = process.start(Deno.execPath(), ["eval", script]);
  const reader = child.stdout.getReader();
  assertEquals(new TextDecoder().decode((await reader.read()).value), "locked\n");
  await assertRejects(() => files.lock(path, { timeoutMs: 5 }), MusterError);
  child.kill("SIGKILL");
  await using lock = await files.lock(path, { timeoutMs: 60_000 });
  assertEquals(lock.path, path);
  reader.releaseLock();
});

Deno.test("process.start is talked to while it runs", async () => {
  await using child = process.start("cat", []);
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (const line of ["one\n", "two\n"]) {
    await child.write(line);
    assertEquals((await reader.read()).value, line);
  }
  await child.close();
  await child.close();
  assertEquals([await child.status, (await reader.read()).done], [0, true]);
  await child.write("to nobody");
  child.kill("SIGTERM");
});

Deno.test("process.start ends its program when it is disposed of", async () => {
  const child = process.start("sh", ["-c", "exec sleep 1000"]);
  assert(child.pid > 0);
  await child[Symbol.asyncDispose]();
  assertEquals(await child.status, 128 + 9);
  await assertFailure(
    () => Promise.try(() => process.start("muster-no-such-program", [])),
    "missing_program",
    "program not found: muster-no-such-program",
  );
});

Deno.test("files makes and removes directories, and does nothing where nothing is to be done", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/a/b`;
  for (const _ of [1, 2]) await files.makeDirectory(path, { mode: 0o700 });
  assertEquals((await files.facts(path))?.mode, 0o700);
  const made = await files.makeTemporaryDirectory(path, "x-");
  assertEquals([made.startsWith(`${path}/x-`), (await files.facts(made))?.mode], [true, 0o700]);
  for (const _ of [1, 2]) await files.remove(`${directory.path}/a`);
  assertEquals(namesIn(directory.path), []);
});

Deno.test("clock.delay waits, and stops waiting with the signal's reason", async () => {
  const started = clock.elapsed();
  await clock.delay(5);
  assert(clock.elapsed() - started >= 4);
  const reason = new Error("stop");
  assertEquals(await assertRejects(() => clock.delay(60_000, AbortSignal.abort(reason))), reason);
  const controller = new AbortController();
  const waiting = clock.delay(60_000, controller.signal);
  controller.abort(reason);
  assertEquals(await assertRejects(() => waiting), reason);
});

Deno.test("process.start puts a detached program into a session of its own", async () => {
  for (const detached of [true, false]) {
    await using child = process.start("sh", ["-c", "ps -o sid= -p $$; exec sleep 1000"], { detached });
    const printed = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await printed.read();
    assertEquals(Number(value) === child.pid, detached);
    child.kill("SIGTERM");
    assertEquals(await child.status, 128 + 15);
    await printed.cancel();
  }
});
