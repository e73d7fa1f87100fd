import { assertEquals, assertRejects, assertThrows } from "../deps/assert.ts";
import { MusterError } from "./error.ts";
import { fakeIo } from "./fake.ts";

Deno.test("fakeIo runs what it expects, in order", async () => {
  const io = fakeIo({
    runs: [
      { command: ["tmux", "-V"], result: { stdout: "tmux 3.5\n" } },
      { command: ["cat"], stdin: "in", result: { code: 2, stderr: "no" } },
      { command: ["ssh"], result: new MusterError("missing_program", "program not found: ssh") },
    ],
  });
  assertEquals(await io.process.run("tmux", ["-V"]), { code: 0, stdout: "tmux 3.5\n", stderr: "" });
  const stdin = new TextEncoder().encode("in");
  assertEquals(await io.process.run("cat", [], { stdin }), { code: 2, stdout: "", stderr: "no" });
  await assertRejects(() => io.process.run("ssh", []), MusterError, "program not found: ssh");
  io.verify();
});

Deno.test("fakeIo fails on a call that it did not expect", async () => {
  const expected = { command: ["tmux", "-L", "a"], stdin: "in" };
  const cases = [
    [[], "tmux", ["-V"], "", "Not expected to be run: tmux -V"],
    [[expected], "tmux", ["-L a"], "in", "Expected to be run: tmux -L a, got: tmux -L a"],
    [[expected], "tmux", ["-L", "b"], "in", "Expected to be run: tmux -L a, got: tmux -L b"],
    [[expected], "sh", ["-L", "a"], "in", "Expected to be run: tmux -L a, got: sh -L a"],
    [[expected], "tmux", ["-L", "a"], "out", 'Expected input "in", got "out"'],
  ] as const;
  for (const [runs, command, args, stdin, message] of cases) {
    const error = await assertRejects(() => fakeIo({ runs }).process.run(command, args, { stdin }), Error);
    assertEquals(error.message, message);
  }
});

Deno.test("fakeIo.verify fails on what it expected and did not get", async () => {
  const io = fakeIo({ runs: [{ command: ["true"] }, { command: ["tmux", "-V"] }, { command: ["sh"] }] });
  await io.process.run("true", []);
  assertEquals(assertThrows(() => io.verify(), Error).message, "Expected to be run: tmux -V; sh");
});

Deno.test("fakeIo runs nothing once the signal has aborted", async () => {
  const io = fakeIo({ runs: [{ command: ["true"] }] });
  const reason = new Error("stop");
  const signal = AbortSignal.abort(reason);
  assertEquals(await assertRejects(() => io.process.run("true", [], { signal })), reason);
  assertThrows(() => io.verify());
});

Deno.test("fakeIo grants all but what is denied", () => {
  const cases: readonly (readonly [denied: string, Deno.PermissionDescriptor, boolean])[] = [
    ["--allow-run=tmux", { name: "run", command: "tmux" }, false],
    ["--allow-run=tmux", { name: "run", command: "tmux2" }, true],
    ["--allow-run", { name: "run", command: "tmux" }, false],
    ["--allow-run", { name: "run" }, false],
    ["--allow-run", { name: "read", path: "/run" }, true],
    ["--allow-read=/a", { name: "read", path: "/a" }, false],
    ["--allow-read=/a", { name: "read", path: "/a/b" }, false],
    ["--allow-read=/a", { name: "read", path: "/ab" }, true],
    ["--allow-read=/a", { name: "write", path: "/a" }, true],
    ["--allow-env=HOME", { name: "env", variable: "HOME" }, false],
    ["--allow-net=a:1", { name: "net", host: "a:2" }, true],
  ];
  for (const [denied, descriptor, given] of cases) {
    const { permissions } = fakeIo({ denied: [denied] });
    assertEquals(permissions.isGranted(descriptor), given, `${denied} ${JSON.stringify(descriptor)}`);
  }
  for (const word of ["tmux", "--allow-all", "--allow-run=tmux,sh"]) {
    assertThrows(() => fakeIo({ denied: [word] }), Error, `Cannot deny "${word}"`);
  }
});

Deno.test("fakeIo does nothing that is denied", async () => {
  const io = fakeIo({
    denied: ["--allow-run=tmux", "--allow-read=/a", "--allow-write=/a", "--allow-env=HOME"],
    env: { HOME: "/home/ada" },
    files: { "/a/b": "" },
    runs: [{ command: ["tmux"] }],
  });
  const calls: readonly (readonly [call: () => Promise<unknown>, flag: string])[] = [
    [() => io.process.run("tmux", []), "--allow-run=tmux"],
    [() => io.files.read("/a/b"), "--allow-read=/a/b"],
    [() => io.files.facts("/a/b"), "--allow-read=/a/b"],
    [() => io.files.write("/a/b", "x"), "--allow-write=/a/b"],
    [() => fakeIo({ denied: ["--allow-read=/a"] }).files.write("/a/b", "x"), "--allow-read=/a/b"],
    [() => io.files.remove("/a/b"), "--allow-write=/a/b"],
    [() => io.files.makeDirectory("/a/c"), "--allow-write=/a/c"],
    [() => io.files.makeTemporaryDirectory("/a", "x"), "--allow-write=/a"],
    [() => Promise.try(() => io.env.get("HOME")), "--allow-env=HOME"],
  ];
  for (const [call, flag] of calls) {
    const error = await assertRejects(call, MusterError);
    assertEquals([error.code, error.message], ["permission", `missing permission: ${flag}`]);
  }
  assertEquals(io.contents, new Map([["/a/b", ""]]));
  assertThrows(() => io.verify());
});

Deno.test("fakeIo keeps files in memory", async () => {
  const { files, contents } = fakeIo({ files: { "/a/b": "é" } });
  assertEquals(await files.read("/a/b"), new TextEncoder().encode("é"));
  assertEquals(await files.read("/a/c"), undefined);
  assertEquals(await files.readPart("/a/b", 1, 9), new TextEncoder().encode("é").subarray(1));
  assertEquals(await files.readPart("/a/c", 0, 9), undefined);
  assertEquals(await files.facts("/a/c"), undefined);
  assertEquals((await files.facts("/a"))?.isDirectory, true);
  const times = { modifiedMs: 0, changedMs: 0, inode: 0 };
  const facts = { isFile: true, isDirectory: false, isSymlink: false, mode: 0o644, size: 2, ...times };
  assertEquals(await files.facts("/a/b"), facts);
  const error = await assertRejects(() => files.write("/a/b", "x", { exclusive: true }), MusterError);
  assertEquals([error.code, error.message], ["held", "already there: /a/b"]);
  await files.write("/a/c", new TextEncoder().encode("x"));
  assertEquals(contents, new Map([["/a/b", "é"], ["/a/c", "x"]]));
  await files.remove("/a");
  assertEquals(contents, new Map());
});

Deno.test("fakeIo has a terminal that keeps what is printed, and an input that has an end", async () => {
  const { terminal } = fakeIo();
  assertEquals(terminal.isTerminal, { in: true, out: false, err: false });
  const io = fakeIo({ input: "12345", isTerminal: true });
  assertEquals(io.terminal.isTerminal, { in: false, out: true, err: true });
  io.terminal.out("a");
  io.terminal.out("b");
  io.terminal.err("c");
  assertEquals([io.stdout, io.stderr], ["ab", "c"]);
  assertEquals(await io.terminal.readInput(5), new TextEncoder().encode("12345"));
  await assertRejects(() => io.terminal.readInput(4), MusterError, "standard input is too long: more than 4 bytes");
});

Deno.test("fakeIo starts what it expects, and fails on what it does not", () => {
  const refused = new MusterError("missing_program", "program not found: ssh");
  const io = fakeIo({ starts: [{ command: ["ssh", "a"], program: refused }] });
  assertThrows(() => io.verify(), Error, "Expected to be run: ssh a");
  assertThrows(() => io.process.start("ssh", ["a"]), MusterError, "program not found: ssh");
  io.verify();
  assertThrows(() => io.process.start("ssh", []), Error, "Not expected to be run: ssh");
  const denied = fakeIo({ denied: ["--allow-run=ssh"] });
  assertThrows(() => denied.process.start("ssh", []), MusterError, "missing permission: --allow-run=ssh");
});
