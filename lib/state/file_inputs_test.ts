import { assertEquals, assertMatch, assertRejects } from "../deps/assert.ts";
import { type Files, type Io, MusterError, pollUntil, realIo } from "../io/mod.ts";
import { temporaryDirectory } from "./_temporary_directory.ts";
import { DigestCache } from "./digest_cache.ts";
import { fileInputs } from "./file_inputs.ts";

const sha256OfA = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

/** The real world, which counts the files that it reads, and whose clock is an hour on: no file has changed just now. */
function countingIo(before: (path: string) => Promise<void> = () => Promise.resolve()) {
  const read: string[] = [];
  const files: Files = {
    ...realIo.files,
    async digestsOf(paths, signal) {
      read.push(...paths.map((path) => path.split("/").at(-1) ?? ""));
      for (const path of paths) await before(path);
      return await realIo.files.digestsOf(paths, signal);
    },
  };
  const clock = { ...realIo.clock, now: () => Date.now() + 3_600_000 };
  const io: Io = { ...realIo, files, clock };
  return { io, read };
}

Deno.test("files, modes, directories, links, pipes and what is missing are told apart", async () => {
  await using directory = await temporaryDirectory();
  const path = (name: string) => `${directory.path}/${name}`;
  for (const name of ["a", "same", "empty", "run"]) await Deno.writeTextFile(path(name), name === "empty" ? "" : "a");
  for (const name of ["a", "same", "empty"]) await Deno.chmod(path(name), 0o644);
  await Deno.chmod(path("run"), 0o755);
  await Deno.mkdir(path("dir"), { mode: 0o755 });
  const links = { toA: "a", toSame: "same", toRun: "run", toNone: "none", toDir: "dir", toLoop: "toLoop" };
  for (const [name, target] of Object.entries(links)) await Deno.symlink(target, path(name));
  await realIo.process.run("mkfifo", ["-m", "644", path("pipe")]);
  const names = ["a", "same", "empty", "run", "dir", "none", "pipe", ...Object.keys(links)];
  const inputs = await fileInputs(realIo, Object.fromEntries(names.map((name) => [name, path(name)])));
  assertEquals([inputs.a, inputs.run, inputs.dir, inputs.none, inputs.pipe], [
    `file:0644:${sha256OfA}`,
    `file:0755:${sha256OfA}`,
    "directory:0755",
    "missing",
    "other:0644",
  ]);
  assertEquals(inputs.a, inputs.same);
  assertMatch(inputs.toA ?? "", /^link:[0-9a-f]{64}$/);
  const distinct = names.filter((name) => name !== "same").map((name) => inputs[name]);
  assertEquals(new Set(distinct).size, distinct.length);
});

Deno.test("a link is another input when the file that it leads to changes", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/a`, "a");
  await Deno.symlink("a", `${directory.path}/link`);
  const look = async () => (await fileInputs(realIo, { link: `${directory.path}/link` })).link;
  const before = await look();
  assertEquals(await look(), before);
  await Deno.writeTextFile(`${directory.path}/a`, "b");
  assertEquals(await look() === before, false);
});

Deno.test("a file is read once, and again when size, times or inode say so, or with strict", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/a`;
  await Deno.writeTextFile(path, "a");
  const { io, read } = countingIo();
  const cache = DigestCache.empty();
  const look = async (strict = false) => (await fileInputs(io, { a: path }, { cache, strict })).a ?? "";
  const first = await look();
  assertEquals([await look(), read.length], [first, 1]);
  assertEquals([await look(true), read.length], [first, 2]);
  // The same size and time of change, as `cp -p` and `touch -r` leave them: the change of the file itself tells.
  const { mtime, atime, ctime } = await Deno.stat(path);
  const write = async () => {
    await Deno.writeTextFile(path, "b");
    await Deno.utime(path, atime ?? 0, mtime ?? 0);
    return (await Deno.stat(path)).ctime?.getTime() !== ctime?.getTime() || undefined;
  };
  await pollUntil(realIo.clock, write, { what: "a tick of the file system's clock", timeoutMs: 60_000 });
  assertEquals(await look() === first, false);
  assertEquals(read.length, 3);
  await Deno.writeTextFile(`${path}.new`, "a");
  await Deno.rename(`${path}.new`, path);
  assertEquals([(await look()).split(":").at(-1), read.length], [sha256OfA, 4]);
});

Deno.test("a file that changed just now is read again: its clock may stand still meanwhile", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/a`;
  await Deno.writeTextFile(path, "a");
  const { io, read } = countingIo();
  const cache = DigestCache.empty();
  for (const _ of [1, 2]) await fileInputs({ ...io, clock: realIo.clock }, { a: path }, { cache });
  assertEquals(read, ["a", "a"]);
});

Deno.test("a file that changes while it is read is read again, and refused when it goes on", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/a`;
  await Deno.writeTextFile(path, "bb");
  let changes = 1;
  const { io, read } = countingIo(async (at) => {
    // Each time of another size: two writes may meet one tick of the file system's clock.
    if (changes-- > 0) await Deno.writeTextFile(at, changes === 0 ? "a" : "a".repeat(changes + 2));
  });
  const inputs = await fileInputs(io, { a: path });
  assertEquals([inputs.a?.split(":").at(-1), read.length], [sha256OfA, 2]);
  changes = 1000;
  const error = await assertRejects(() => fileInputs(io, { a: path }), MusterError);
  assertEquals([error.code, error.message], ["failed", `changes while it is read: ${path}`]);
});

Deno.test("a cache outlives its process, forgets what is asked for no more, and one that is broken is empty", async () => {
  await using directory = await temporaryDirectory();
  const path = (name: string) => `${directory.path}/${name}`;
  for (const name of ["a", "b"]) await Deno.writeTextFile(path(name), name);
  const { io, read } = countingIo();
  const look = async (names: readonly string[]) => {
    const cache = await DigestCache.load(io.files, path("cache.json"));
    await fileInputs(io, Object.fromEntries(names.map((name) => [name, path(name)])), { cache });
    await cache.save(io.files, path("cache.json"));
  };
  await look(["a", "b"]);
  await look(["a", "b"]);
  assertEquals(read.splice(0), ["a", "b"]);
  await look(["a"]);
  await look(["b"]);
  assertEquals(read.splice(0), ["b"]);
  for (const broken of ["", "{", '{"version":2,"rows":{}}', '{"version":1,"rows":{"x":[1]}}']) {
    await Deno.writeTextFile(path("cache.json"), broken);
    await look(["a", "b"]);
    assertEquals(read.splice(0), ["a", "b"], broken);
  }
});
