import { assertEquals, assertRejects } from "../deps/assert.ts";
import { fakeIo } from "./fake.ts";
import type { Io, RunOptions } from "./io.ts";
import { realIo } from "./real.ts";
import { withEnvironment } from "./with_environment.ts";

Deno.test("withEnvironment answers its own variables, and the world's others", () => {
  const io = withEnvironment(fakeIo({ env: { HOME: "/home/ada", LANG: "C" } }), { HOME: "/tmp/a", EMPTY: "" });
  const cases = [["HOME", "/tmp/a"], ["LANG", "C"], ["EMPTY", ""], ["toString", undefined]] as const;
  for (const [name, value] of cases) assertEquals(io.env.get(name), value, name);
});

Deno.test("withEnvironment gives its variables to programs, under those of a run", async () => {
  const given: RunOptions[] = [];
  const run: Io["process"]["run"] = (_command, _args, options = {}) => {
    given.push(options);
    return Promise.resolve({ code: 0, stdout: "", stderr: "" });
  };
  const outer = fakeIo();
  const io = withEnvironment({ ...outer, process: { ...outer.process, deno: "/bin/deno", pid: 1, run } }, {
    A: "1",
    B: "1",
  });
  await io.process.run("x", [], { env: { B: "2", C: "2" }, cwd: "/" });
  await io.process.run("x", []);
  assertEquals(given, [{ env: { A: "1", B: "2", C: "2" }, cwd: "/" }, { env: { A: "1", B: "1" } }]);
  assertEquals(io.process.deno, "/bin/deno");
});

Deno.test("withEnvironment needs no permission for what it answers itself", async () => {
  const io = withEnvironment(fakeIo({ denied: ["--allow-env", "--allow-run=tmux"] }), { HOME: "/tmp/a" });
  const cases: readonly (readonly [Deno.PermissionDescriptor, boolean])[] = [
    [{ name: "env", variable: "HOME" }, true],
    [{ name: "env", variable: "LANG" }, false],
    [{ name: "env" }, false],
    [{ name: "run", command: "tmux" }, false],
    [{ name: "run", command: "sh" }, true],
  ];
  for (const [descriptor, given] of cases) assertEquals(io.permissions.isGranted(descriptor), given);
  assertEquals(io.env.get("HOME"), "/tmp/a");
  await assertRejects(() => io.process.run("tmux", []), Error, "missing permission: --allow-run=tmux");
});

Deno.test("withEnvironment sets what a real program reads", async () => {
  const io = withEnvironment(realIo, { MUSTER_TEST: "a b" });
  assertEquals((await io.process.run("sh", ["-c", 'printf %s "$MUSTER_TEST"'])).stdout, "a b");
});
