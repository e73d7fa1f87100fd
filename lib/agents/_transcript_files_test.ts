import { assertEquals } from "../deps/assert.ts";
import { type Io, localHost, realIo } from "../io/mod.ts";
import { TranscriptFiles } from "./_transcript_files.ts";

const process = { pid: Deno.pid, startTicks: 1, argv: [], cwd: "/", env: {}, files: [] };

/** Who may read no file: sh lists them. */
const bySh: Io = { ...realIo, permissions: { isGranted: ({ name }) => name !== "read" } };

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
