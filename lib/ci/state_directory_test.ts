import { assertEquals } from "../deps/assert.ts";
import { realIo, withEnvironment } from "../io/mod.ts";
import { boardDirectory } from "./state_directory.ts";

Deno.test("answers that nobody read for a day are removed, and what a writer left that was killed; others stay", async () => {
  const home = await Deno.makeTempDir({ prefix: "muster-test-" });
  try {
    const io = withEnvironment(realIo, { HOME: home, MUSTER_STATE: `${home}/state`, XDG_STATE_HOME: "" });
    const server = { url: "woodpecker http://ci", secret: "s3cret" };
    const directory = String(await boardDirectory(io, server));
    const [old, recent] = ["a".repeat(64), "b".repeat(64)];
    const names = ["marks", "stream.lock", old, `${old}.lock`, `.${old}.uuid`, ".marks.uuid", recent];
    for (const name of names) {
      await Deno.writeTextFile(`${directory}/${name}`, "{}");
      if (name !== recent) await Deno.utime(`${directory}/${name}`, 1, 1);
    }
    assertEquals(await boardDirectory(io, server), directory);
    const left = (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name).toSorted();
    assertEquals(left, [recent, "marks", "stream.lock"]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
