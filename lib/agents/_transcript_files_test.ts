import { assertEquals, assertMatch } from "../deps/assert.ts";
import { type Files, type Io, localHost, pollUntil, realIo } from "../io/mod.ts";
import { findProcesses } from "./process.ts";
import { TranscriptFiles } from "./_transcript_files.ts";

const process = { pid: Deno.pid, startTicks: 1, argv: [], cwd: "/", env: {}, files: [] };

/** Who may read no file: sh lists them. */
const bySh: Io = { ...realIo, permissions: { isGranted: ({ name }) => name !== "read" } };

Deno.test("a process that the agent has just started is no rival, one that stays is, and so is another agent", async () => {
  const directory = await Deno.makeTempDir({ prefix: "muster-transcripts-" });
  const command = `rival${crypto.randomUUID().slice(0, 8)}`;
  const place = { tie: "alone", directory, name: /x/, command, directoryOf: () => directory } as const;
  const children: Deno.ChildProcess[] = [];
  /** A shell of a name of its own; with a child that is a copy of itself until it reads a line. */
  const start = (script: string) => {
    const words = ["-c", script];
    const child = new Deno.Command(`${directory}/${command}`, { args: words, stdin: "piped", stdout: "null" }).spawn();
    children.push(child);
    return child;
  };
  const found = (count: number) =>
    pollUntil(realIo.clock, async () => {
      const seen = await findProcesses(localHost(realIo), command);
      return seen.length === count ? seen : undefined;
    }, { what: `${count} processes`, timeoutMs: 60_000, longestPauseMs: 25 });
  try {
    // By cp: a file that this process writes could still be open in a child of another test when it is run.
    await realIo.process.run("sh", ["-c", 'cp "$(command -v bash)" "$1"', "sh", `${directory}/${command}`]);
    const agent = start("( read -r line ) <&0; read -r end");
    await found(2);
    for (const host of [localHost(realIo), localHost(bySh)]) {
      const files = new TranscriptFiles(host, realIo, { ...process, pid: agent.pid }, place);
      assertMatch((await files.rival())?.none ?? "", /^process \d+ may write to the same transcripts/, "it stays");
    }
    // Between the first look and the second the child is gone.
    const writer = agent.stdin.getWriter();
    let looks = 0;
    const list: Files["list"] = async (path) => {
      if (path === "/proc" && ++looks === 2) {
        await writer.write(new TextEncoder().encode("go on\n"));
        await found(1);
      }
      return await realIo.files.list(path);
    };
    const host = { ...localHost(realIo), files: { ...realIo.files, list } };
    const files = new TranscriptFiles(host, realIo, { ...process, pid: agent.pid }, place);
    assertEquals([await files.rival(), looks], [undefined, 2]);
    const other = start("read -r end");
    await found(2);
    assertMatch((await files.rival())?.none ?? "", new RegExp(`^process ${other.pid} may`));
    await writer.close();
    await other.stdin.close();
  } finally {
    await Promise.all(children.map((child) => child.status));
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a directory's files are the same by muster itself and by sh, those written to last first", async () => {
  const directory = await Deno.makeTempDir({ prefix: "muster-transcripts-" });
  try {
    const place = {
      tie: "alone",
      directory,
      name: /\.jsonl$/,
      command: "no such program",
      directoryOf: () => "",
    } as const;
    const list = async (io: Io) => {
      const sizes = await new TranscriptFiles(localHost(io), io, process, place).survey();
      return "none" in sizes ? sizes : [...sizes].map(([path, size]) => [path.slice(directory.length + 1), size]);
    };
    for (const io of [realIo, bySh]) assertEquals(await list(io), []);
    const names = ["b.jsonl", "a 'quoted' $(name).jsonl", "other.txt", "c.jsonl"];
    for (const [at, name] of names.entries()) {
      await Deno.writeTextFile(`${directory}/${name}`, "x".repeat(at));
      await Deno.utime(`${directory}/${name}`, 1_700_000_000 + at, 1_700_000_000 + at);
    }
    await Deno.mkdir(`${directory}/d.jsonl`);
    await Deno.symlink(`${directory}/c.jsonl`, `${directory}/e.jsonl`);
    const expected = [["c.jsonl", 3], ["a 'quoted' $(name).jsonl", 1], ["b.jsonl", 0]];
    assertEquals(await list(realIo), expected);
    assertEquals(await list(bySh), expected);
    await Deno.remove(directory, { recursive: true });
    for (const io of [realIo, bySh]) assertEquals(await list(io), []);
    await Deno.mkdir(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
