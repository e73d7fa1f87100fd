/** What the guide to provisioning shows is so: its commands run, in their order, in an empty home, and print that. */

import { assert, assertEquals } from "../lib/deps/assert.ts";
import { writeExecutable } from "./_executable.ts";
import { root, World } from "./_world.ts";

/** Numbers and digests differ from run to run. */
function masked(text: string): string {
  return text.replace(/\b\d+(\.\d+)?m?s\b/g, "TIME").replace(/\b[0-9a-f]{12}\b/g, "PLAN").replace(
    /\b[0-9a-f]{8}\b/g,
    "DIGEST",
  )
    .replace(/\b[0-9a-f]{4}…/g, "PART").trim();
}

Deno.test("the story of the guide to provisioning is what happens", async () => {
  const guide = await Deno.readTextFile(new URL("docs/guides/provision.md", root));
  const story = guide.split(/^## /m).find((part) => part.startsWith("The story\n")) ?? "";
  const blocks = [...story.matchAll(/^```sh\n(.*?)^```\n\n```text\n(.*?)^```/gms)];
  assert(blocks.length >= 5, `${blocks.length} blocks`);
  await using world = await World.create();
  const bin = `${world.directory}/bin`;
  await Deno.mkdir(bin);
  const script = `#!/bin/sh\nexec "${Deno.execPath()}" run --allow-all "${new URL("cli.ts", root).pathname}" "$@"\n`;
  await writeExecutable(`${bin}/muster`, script);
  const env = { PATH: `${bin}:${Deno.env.get("PATH")}` };
  for (const [, commands = "", shown = ""] of blocks) {
    const { code, stdout } = await world.run("sh", ["-ec", `exec 2>&1\n${commands}`], { env });
    assertEquals([code, masked(stdout)], [0, masked(shown)], commands);
  }
});
