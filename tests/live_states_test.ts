/** What a program says of itself comes before what its screen shows, and what only the screen shows stays. */

import { assertEquals } from "../lib/deps/assert.ts";
import { fleetStatus, readRoster } from "../lib/fleet/mod.ts";
import { realIo, withEnvironment } from "../lib/io/mod.ts";
import { World } from "./_world.ts";

const golden = (name: string) => new URL(`../fixtures/screens/claude/2.1.331/${name}.txt`, import.meta.url).pathname;

Deno.test("fleet status reads Claude Code's own state file, and only that of the very process", async () => {
  await using world = await World.create(`
    version = 1
    [[agents]]
    name = "a"
    runtime = "claude"
    command = ["${Deno.env.get("SHELL") ?? "/bin/sh"}"]
    managed = false
  `);
  const io = withEnvironment(realIo, world.env);
  // A program that calls itself claude and shows one golden screen after the other.
  const show = 'tail -n +2 "$1"; while read -r next; do clear; tail -n +2 "$next"; done';
  await Deno.mkdir(`${world.home}/bin`);
  await Deno.symlink("/bin/bash", `${world.home}/bin/claude`);
  const words = [`${world.home}/bin/claude`, "-c", show, "x", golden("100x30-idle")];
  await world.tmux(["new-session", "-d", "-s", "a", "-x", "100", "-y", "31", ...words]);
  await world.eventually("the screen", async () => (await world.screen("=a:")).length > 20 || undefined);
  const [pid = "", started = ""] = await (async () => {
    const pid = (await world.tmux(["display-message", "-p", "-t", "=a:", "#{pane_pid}"])).trim();
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    return [pid, stat.slice(stat.lastIndexOf(") ") + 2).split(" ")[19]];
  })();
  const say = async (state: Readonly<Record<string, unknown>>) => {
    await Deno.mkdir(`${world.home}/.claude/sessions`, { recursive: true });
    await Deno.writeTextFile(`${world.home}/.claude/sessions/${pid}.json`, JSON.stringify(state));
  };
  const status = async () => {
    const [agent] = (await fleetStatus(io, await readRoster(io))).agents;
    return [agent?.state, agent?.source];
  };
  const screen = await status();
  assertEquals(screen[1] === "screen" || screen[1] === "none", true, `${screen}`);
  const own = { pid: Number(pid), procStart: started, sessionId: "aa", cwd: "/" };
  await say({ ...own, status: "busy" });
  assertEquals(await status(), ["busy", "program"]);
  await say({ ...own, status: "waiting", statusUpdatedAt: Date.now() - 5_000 });
  const [agent] = (await fleetStatus(io, await readRoster(io))).agents;
  assertEquals([agent?.state, agent?.source, (agent?.ageMs ?? 0) >= 5_000], ["dialog", "program", true]);
  await say({ ...own, procStart: "1", status: "busy" });
  assertEquals(await status(), screen, "the file of an earlier process with this number says nothing");
  await Deno.writeTextFile(`${world.home}/.claude/sessions/${pid}.json`, '{"pid":');
  assertEquals(await status(), screen, "half a file says nothing");
});
