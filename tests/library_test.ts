/** muster as a library: each task is a typed function of mod.ts. */

import { assertEquals, assertRejects } from "../lib/deps/assert.ts";
import { MusterError, realIo, withEnvironment } from "../lib/io/mod.ts";
import * as muster from "../mod.ts";
import { tasks } from "../tasks/index.ts";
import { World } from "./_world.ts";

Deno.test("mod.ts has a function for every task", () => {
  const names = tasks.map(({ command }) => command.replace(/ (\w)/, (_all, letter) => letter.toUpperCase()));
  assertEquals(Object.keys(muster).sort(), names.sort());
});

Deno.test("a fleet is started, sent to, looked at and stopped by functions", async () => {
  await using world = await World.create('version = 1\n[[agents]]\nname = "coder0"\ncommand = ["cat"]\n');
  const options = { io: withEnvironment(realIo, { ...world.env, TMUX: "", TMUX_PANE: "" }) };
  const started = await muster.fleetStart({}, options);
  assertEquals(started.agents.map(({ name, result }) => ({ name, result })), [{ name: "coder0", result: "started" }]);
  const receipt = await muster.tmuxSend({ target: "coder0", message: "hello", timeout: "20s" }, options);
  if (!("outcome" in receipt)) throw new Error("unreachable");
  assertEquals([receipt.outcome, receipt.evidence, receipt.bytes], ["submitted", "screen", 5]);
  const { agents } = await muster.fleetStatus({}, options);
  assertEquals(agents.map(({ name, pane }) => [name, pane]), [["coder0", receipt.target.pane]]);
  assertEquals((await muster.agentTail({ agent: "coder0", lines: 2 }, options)).rows, ["hello", "hello"]);
  assertEquals((await muster.fleetStop({}, options)).server?.result, "stopped");
});

Deno.test("a function refuses what its flags would refuse, with the same error", async () => {
  const error = await assertRejects(() => muster.tmuxSend({ target: "a", message: "", timeout: "1s" }), MusterError);
  assertEquals([error.code, error.message], ["usage", "empty message"]);
  const late = await assertRejects(() => muster.tmuxSend({ target: "a", message: "x", timeout: "soon" }), MusterError);
  assertEquals(late.message, 'invalid value: --timeout: expected a duration such as 30s, got "soon"');
});
