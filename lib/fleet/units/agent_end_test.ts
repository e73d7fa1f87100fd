import { assertEquals, assertMatch } from "../../deps/assert.ts";

const script = new URL("../../../units/agent-end.sh", import.meta.url).pathname;

Deno.test("agent-end.sh leaves nothing of a run behind, and writes its end where the agent's records are", async () => {
  const top = await Deno.makeTempDir({ prefix: "muster-test-" });
  try {
    for (const hasRecords of [true, false]) {
      const run = `${top}/muster/run/a`;
      const state = `${top}/state/fleet/agents/a`;
      await Deno.mkdir(run, { recursive: true });
      for (const [name, text] of [["program", "7"], ["status", "1"], ["lines", 'so "it" ended']] as const) {
        await Deno.writeTextFile(`${run}/${name}`, `${text}\n`);
      }
      if (hasRecords) await Deno.mkdir(state, { recursive: true });
      // A person may remove the records of an agent that runs.
      else await Deno.remove(`${top}/state`, { recursive: true });
      const env = {
        PATH: Deno.env.get("PATH") ?? "",
        XDG_RUNTIME_DIR: top,
        MUSTER_STATE: `${top}/state`,
        MUSTER_SOCKET: `${top}/none`,
        MUSTER_RESTART_WINDOW: "600",
        SERVICE_RESULT: "exit-code",
        INVOCATION_ID: "4f",
      };
      const command = new Deno.Command("sh", { args: [script, "a"], env, clearEnv: true, stderr: "null" });
      const { stdout } = await command.output();
      assertMatch(new TextDecoder().decode(stdout), /^ended: failed, status 1, process 7, after \d+ s\n$/);
      assertEquals(await Deno.lstat(run).catch(() => undefined), undefined, `records: ${hasRecords}`);
      if (!hasRecords) continue;
      const { at: _at, ranMs: _ranMs, ...end } = JSON.parse(await Deno.readTextFile(`${state}/ends.jsonl`));
      assertEquals(end, { run: "4f", cause: "failed", status: 1, pid: 7, lines: ['so "it" ended'] });
    }
  } finally {
    await Deno.remove(top, { recursive: true });
  }
});
