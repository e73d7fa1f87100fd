import { assertEquals, assertNotEquals } from "../deps/assert.ts";
import { realIo } from "../io/mod.ts";
import { temporaryDirectory } from "./_temporary_directory.ts";
import { treeStamp } from "./tree_stamp.ts";

Deno.test("a stamp stays while nothing changes, and anything that changes gives another", async (t) => {
  await using directory = await temporaryDirectory();
  const path = (name: string) => `${directory.path}/${name}`;
  for (const name of ["a", "b/c", ".git"]) await Deno.mkdir(path(`tree/${name}`), { recursive: true });
  for (const name of ["a/1", "a/2", "b/c/3 4", "top"]) await Deno.writeTextFile(path(`tree/${name}`), "one\n");
  await Deno.writeTextFile(path("alone"), "x");
  const stamp = () => treeStamp(realIo, [path("tree"), path("alone")]);
  let last = await stamp();
  assertNotEquals(last, undefined);
  assertEquals(await stamp(), last);
  const old = new Date(0);
  const changes: readonly (readonly [string, () => Promise<void>])[] = [
    ["content of the same length, its time set back", async () => {
      const { mtime } = await Deno.stat(path("tree/a/1"));
      await Deno.writeTextFile(path("tree/a/1"), "two\n");
      await Deno.utime(path("tree/a/1"), mtime ?? old, mtime ?? old);
    }],
    ["a new file", () => Deno.writeTextFile(path("tree/b/c/new"), "")],
    ["a file that is gone", () => Deno.remove(path("tree/a/2"))],
    ["a mode", () => Deno.chmod(path("tree/top"), 0o755)],
    ["another name", () => Deno.rename(path("tree/top"), path("tree/tip"))],
    ["a directory that moved to another place of its depth", () => Deno.rename(path("tree/b/c"), path("tree/a/c"))],
    ["and back", () => Deno.rename(path("tree/a/c"), path("tree/b/c"))],
    ["a link in place of a file", async () => {
      await Deno.remove(path("tree/tip"));
      await Deno.symlink("a/1", path("tree/tip"));
    }],
    ["a file that is declared alone", () => Deno.writeTextFile(path("alone"), "yy")],
  ];
  for (const [title, change] of changes) {
    await t.step(title, async () => {
      await change();
      const now = await stamp();
      assertNotEquals(now, last);
      assertNotEquals(now, undefined);
      assertEquals(await stamp(), now);
      last = now;
    });
  }
  await t.step("what git keeps for itself is no change", async () => {
    await Deno.writeTextFile(path("tree/.git/index"), "");
    assertEquals(await stamp(), last);
  });
  await t.step("but a file .git, as of a worktree, is one like any other", async () => {
    await Deno.mkdir(path("tree/b/other"));
    await Deno.writeTextFile(path("tree/b/other/.git"), "gitdir: /one");
    const before = await stamp();
    await Deno.writeTextFile(path("tree/b/other/.git"), "gitdir: /two/three");
    assertNotEquals(await stamp(), before);
  });
  await t.step("below a root that is a link to a directory, a change is seen too", async () => {
    await Deno.symlink("tree", path("way"));
    const through = () => treeStamp(realIo, [path("way")]);
    const before = await through();
    assertEquals(await through(), before);
    await Deno.writeTextFile(path("tree/b/c/new"), "more");
    assertNotEquals(await through(), before);
    await Deno.symlink("circle", path("circle"));
    assertEquals(await treeStamp(realIo, [path("circle")]), undefined);
  });
  await t.step("a path that is missing has none", async () => {
    assertEquals(await treeStamp(realIo, [path("tree"), path("none")]), undefined);
  });
});
