import { assertEquals } from "../deps/assert.ts";
import { realIo } from "../io/mod.ts";
import { temporaryDirectory } from "./_temporary_directory.ts";
import { expandInputs } from "./expand_inputs.ts";

Deno.test("declared inputs name paths, directories and globs", async () => {
  await using directory = await temporaryDirectory();
  const root = directory.path;
  for (const name of ["Brewfile", ".env", "a.json", "b.json", "src/a.ts", "src/deep/b.ts", "src/.git/x", "[a]"]) {
    await realIo.files.write(`${root}/${name}`, "");
  }
  await Deno.symlink("src", `${root}/link`);
  await Deno.symlink("Brewfile", `${root}/c.json`);
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [[], []],
    [["Brewfile"], ["Brewfile"]],
    [["./Brewfile", "Brewfile"], ["Brewfile"]],
    [["none"], ["none"]],
    [["*.json"], ["a.json", "b.json", "c.json"]],
    [["{a,b}.json"], ["a.json", "b.json"]],
    [["[b-z].json"], ["b.json", "c.json"]],
    [["?env"], [".env"]],
    [["src"], ["src", "src/a.ts", "src/deep/b.ts"]],
    [["src/"], ["src", "src/a.ts", "src/deep/b.ts"]],
    [["src/*.ts"], ["src/a.ts"]],
    [["src/**"], ["src/a.ts", "src/deep/b.ts"]],
    [["**/*.ts"], ["src/a.ts", "src/deep/b.ts"]],
    [["s*/**/b.ts"], ["src/deep/b.ts"]],
    [["link"], ["link"]],
    [["none/*"], []],
    [[`${root}/*.json`], [`${root}/a.json`, `${root}/b.json`, `${root}/c.json`]],
    [["src/*.ts", "Brewfile"], ["Brewfile", "src/a.ts"]],
  ];
  for (const [declared, names] of cases) {
    const paths = await expandInputs(realIo.files, root, declared);
    const expected = names.map((name) => [name, name.startsWith("/") ? name : `${root}/${name}`]);
    assertEquals(Object.entries(paths), expected, declared.join(" "));
  }
});
