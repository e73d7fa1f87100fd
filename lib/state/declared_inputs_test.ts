import { assertEquals, assertNotEquals } from "../deps/assert.ts";
import { type Files, type Io, realIo } from "../io/mod.ts";
import { temporaryDirectory } from "./_temporary_directory.ts";
import { declaredInputs } from "./declared_inputs.ts";
import { DigestCache } from "./digest_cache.ts";

/** A tree of 600 files, and looks at it that count what they list and read; by their clock an hour has gone by. */
async function makeTree() {
  const directory = await temporaryDirectory();
  const root = `${directory.path}/tree`;
  await Deno.mkdir(`${root}/in`, { recursive: true });
  for (let at = 0; at < 600; at++) await Deno.writeTextFile(`${root}/in/${at}`, `${at}`);
  const seen = { listed: 0, read: 0 };
  const files: Files = {
    ...realIo.files,
    list: (path) => (seen.listed++, realIo.files.list(path)),
    digestsOf: (paths, signal) => (seen.read += paths.length, realIo.files.digestsOf(paths, signal)),
  };
  const later: Io = { ...realIo, files, clock: { ...realIo.clock, now: () => Date.now() + 3_600_000 } };
  const memory = `${directory.path}/state`;
  const cache = DigestCache.empty();
  const look = async (declared: readonly string[] = ["in", "none"], { strict = false, io = later } = {}) => {
    Object.assign(seen, { listed: 0, read: 0 });
    const options = { memory, strict, cache: () => Promise.resolve(cache) };
    return { ...await declaredInputs(io, root, declared, options), ...seen };
  };
  // By this clock, every file is still to be changed.
  const now: Io = { ...later, clock: { ...realIo.clock, now: () => 0 } };
  return { root, look, now, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

Deno.test("of many files that are as they were, one look is enough", async () => {
  await using tree = await makeTree();
  const first = await tree.look();
  assertEquals([first.read, Object.keys(first.inputs).length, first.inputs.none], [600, 602, "missing"]);
  // The second look says that a third need only look at what `find` says.
  assertEquals((await tree.look()).digest, first.digest);
  const third = await tree.look();
  assertEquals([third.digest, third.inputs, third.listed, third.read], [first.digest, first.inputs, 0, 0]);
  const strict = await tree.look(undefined, { strict: true });
  assertEquals([strict.digest, strict.read], [first.digest, 600]);
});

Deno.test("a change of any of many files is seen", async () => {
  await using tree = await makeTree();
  const path = (name: string) => `${tree.root}/${name}`;
  for (const _ of [1, 2]) await tree.look();
  let { digest } = await tree.look();
  const changes: readonly (readonly [string, () => Promise<void>])[] = [
    ["content", () => Deno.writeTextFile(path("in/7"), "x")],
    ["a mode", () => Deno.chmod(path("in/8"), 0o755)],
    ["a new file", () => Deno.writeTextFile(path("in/new"), "")],
    ["a removed file", () => Deno.remove(path("in/9"))],
    ["a file of the same size and times, by another name", () => Deno.rename(path("in/10"), path("in/1000"))],
    ["what was missing", () => Deno.writeTextFile(path("none"), "")],
  ];
  for (const [title, change] of changes) {
    await change();
    const after = await tree.look();
    assertNotEquals(after.digest, digest, title);
    ({ digest } = after);
    for (const _ of [1, 2]) assertEquals((await tree.look()).digest, digest, title);
  }
});

Deno.test("files that changed just now are not taken by a look: their clock may stand still", async () => {
  await using tree = await makeTree();
  for (const _ of [1, 2, 3]) assertEquals((await tree.look(undefined, { io: tree.now })).read, 600);
});

Deno.test("what a link leads to is looked at each time", async () => {
  await using tree = await makeTree();
  await Deno.writeTextFile(`${tree.root}/target`, "a");
  await Deno.symlink("../target", `${tree.root}/in/link`);
  const first = await tree.look();
  for (const _ of [1, 2]) assertEquals((await tree.look()).digest, first.digest);
  await Deno.writeTextFile(`${tree.root}/target`, "b");
  assertNotEquals((await tree.look()).digest, first.digest);
});

Deno.test("each list of inputs is remembered for itself", async () => {
  await using tree = await makeTree();
  for (const _ of [1, 2, 3]) await tree.look(["in/**"]);
  const globbed = await tree.look(["in/**"]);
  for (const _ of [1, 2, 3]) await tree.look(["in"]);
  assertEquals(Object.keys(globbed.inputs).length, 600);
  assertEquals(Object.keys((await tree.look(["in"])).inputs).length, 601);
  assertEquals(Object.keys((await tree.look(["in/**", "in"])).inputs).length, 601);
});
