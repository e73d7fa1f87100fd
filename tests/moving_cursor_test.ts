/** A screen that is never twice the same: nothing is pressed blindly, and the send ends in time. */

import { assertEquals } from "../lib/deps/assert.ts";
import { World } from "./_world.ts";

Deno.test("a send to a program whose cursor never rests ends by its deadline, and says no more than was seen", async () => {
  await using world = await World.create();
  const restless = 'printf "ready\\n"; while :; do printf "\\033[2;%dH" $((1 + (i = (i + 1) % 60))); done';
  await world.tmux(["new-session", "-d", "-s", "a", "-x", "80", "-y", "24", "sh", "-c", restless]);
  await world.eventually("the program to run", async () => (await world.screen("=a:"))[0] === "ready" || undefined);
  const { code, document } = await world.json<{ readonly outcome: string; readonly elapsedMs: number }>(
    ["tmux", "send", "-t", "a", "-m", "hello", "--timeout", "1s"],
  );
  const honest = ["held", "unknown", "unsubmitted"];
  assertEquals([code !== 0, honest.includes(document.outcome)], [true, true], JSON.stringify(document));
  assertEquals(document.elapsedMs < 10_000, true);
});
