/** One Ctrl-C in a terminal: `deno task` passes on the signal that the program has had already. */

import { assertEquals } from "../lib/deps/assert.ts";
import { root, World } from "./_world.ts";

Deno.test("one Ctrl-C on `deno task demo` in a terminal leaves nothing behind", async () => {
  await using world = await World.create();
  const socket = "terminal";
  const line = `trap : INT; cd "${root.pathname}" && "${Deno.execPath()}" task demo; echo "ended with $?"`;
  await world.tmux(["new-session", "-d", "-s", "t", "-x", "150", "-y", "60", "sh", "-c", `${line}; exec cat`], {
    socket,
  });
  const sees = (what: string, text: RegExp) =>
    world.eventually(what, async () => text.exec((await world.screen("=t:", { socket })).join("\n")) ?? undefined);
  const [, home = ""] = await sees("the demo to begin", /(\/tmp\/muster-demo-\w+)/);
  await sees("the demo to have agents", /submitted/);
  await world.tmux(["send-keys", "-t", "=t:", "C-c"], { socket });
  await sees("the demo to end", /ended with 130/);
  const { stdout } = await world.run("sh", ["-c", 'ls -d "$1" 2>/dev/null; pgrep -f "$1/agent.ts"; true', "sh", home]);
  assertEquals(stdout, "");
});
