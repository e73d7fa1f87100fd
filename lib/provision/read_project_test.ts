import { assertEquals, assertRejects } from "../deps/assert.ts";
import { MusterError, realIo } from "../io/mod.ts";
import { withEnvironment } from "../io/with_environment.ts";
import { digestText, frame } from "../state/digest.ts";
import { temporaryDirectory } from "../state/_temporary_directory.ts";
import { checkProject } from "./check_project.ts";
import { readProject } from "./read_project.ts";
import { parseProject } from "./resolve_project.ts";

const first = '[hooks]\npost_create = { run = "one", env = { A = "1" }, timeout = "5m" }\n';

/** The real world, with a home and a state of its own. */
const worldOf = (home: string, state: string) =>
  withEnvironment(realIo, { HOME: home, MUSTER_STATE: state, XDG_STATE_HOME: "" });

Deno.test("a project that is remembered is as one that is parsed, until a byte of its file or the home is another", async () => {
  await using directory = await temporaryDirectory();
  const root = await Deno.realPath(directory.path);
  const [file, state] = [`${root}/muster.toml`, `${root}/state`];
  const io = worldOf("/home/ada", state);
  const isAsParsed = async (env = io.env) => {
    const found = await readProject({ ...io, env }, root);
    const parsed = parseProject(await Deno.readFile(file), root, env);
    assertEquals(JSON.stringify(found), JSON.stringify(parsed));
  };
  await Deno.writeTextFile(file, first);
  await isAsParsed();
  const [{ name } = { name: "" }] = [...Deno.readDirSync(`${state}/projects`)];
  const kept = `${state}/projects/${name}`;
  assertEquals(Deno.statSync(kept).mode! & 0o777, 0o600);
  await Deno.writeTextFile(kept, (await Deno.readTextFile(kept)).replace('"one"', '"from memory"'));
  assertEquals((await readProject(io, root)).hooks.post_create?.run, "from memory");
  await Deno.writeTextFile(file, first.replace("one", "two"));
  await isAsParsed();
  await Deno.writeTextFile(file, `${first}[packs]\ndirectory = "~/packs"\n`);
  await isAsParsed();
  await isAsParsed(worldOf("/home/bob", state).env);
  await Deno.writeTextFile(kept, "{");
  await isAsParsed();
  await Deno.writeFile(file, new Uint8Array([0x23, 0xff]));
  await assertRejects(() => readProject(io, root), MusterError, "not UTF-8");
});

Deno.test("a project is read, and nothing is wrong with it, where muster's state cannot be written", async () => {
  await using directory = await temporaryDirectory();
  const root = await Deno.realPath(directory.path);
  await Deno.writeTextFile(`${root}/muster.toml`, first);
  const io = worldOf("/home/ada", "/dev/null/state");
  assertEquals((await readProject(io, root)).hooks.post_create?.run, "one");
  assertEquals((await checkProject(io, root)).map(({ ok, problems }) => [ok, problems]), [[true, []]]);
});

Deno.test("what a project is remembered as has another version when it is made otherwise", async () => {
  const source = async (name: string) => await Deno.readTextFile(new URL(name, import.meta.url));
  const [, version] = /^const version = (\d+);$/m.exec(await source("./read_project.ts")) ?? [];
  const made = await digestText(frame(await Promise.all(["./project_schema.ts", "./resolve_project.ts"].map(source))));
  // Raise `version` in read_project.ts if what the file may hold has changed, or what is made of it; then note both here.
  assertEquals([version, made.slice(0, 16)], ["1", "78e139fd65da74fc"]);
});
