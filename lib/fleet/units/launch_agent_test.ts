import { assertEquals } from "../../deps/assert.ts";
import { realIo, withEnvironment } from "../../io/mod.ts";
import type { ResolvedAgent } from "../resolve_roster.ts";
import { endsPath } from "./ends.ts";
import { pastSession } from "./launch_agent.ts";
import { noteResume, noteResumed } from "./sessions.ts";

const session = "0aaaaaaa-0000-4000-8000-000000000001";

Deno.test("a session is given up where the program ended soon instead of going on, not where it failed after long work", async () => {
  const state = await Deno.makeTempDir({ prefix: "muster-test-" });
  try {
    const io = withEnvironment(realIo, { HOME: state, MUSTER_STATE: state, PATH: Deno.env.get("PATH") ?? "" });
    await Deno.writeTextFile(`${state}/t.jsonl`, `{"type":"session","id":"${session}"}\n`);
    const agent: ResolvedAgent = {
      name: "a",
      runtime: "demo",
      kind: "demo",
      workingDirectory: state,
      command: ["demo"],
      args: ["--transcript", "t.jsonl"],
      env: {},
      persistentPersona: false,
      resetBetweenTasks: false,
      unattended: false,
      restart: "always",
      restartLimit: 5,
      log: false,
      socket: "s",
      managed: true,
    };
    const path = endsPath(io.env, "a");
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    const ended = async (ranMs: number, cause: string) => {
      const end = { at: Date.now(), cause, status: 1, pid: 7, ranMs, lines: [] };
      await Deno.writeTextFile(path, `${JSON.stringify(end)}\n`);
      return await pastSession(io, agent);
    };
    await noteResume(io, "a", session);
    assertEquals(await ended(5_000, "failed"), { none: "its program ended when it was to go on in its session" });
    assertEquals(await pastSession(io, agent, "resume"), session, "a person may ask for it again");
    // It was not ready within the time of its launch, went on, and failed hours later.
    assertEquals(await ended(7_200_000, "failed"), session);
    assertEquals(await ended(5_000, "server"), session, "what took it down was not its own");
    await noteResumed(io, "a");
    assertEquals(await ended(5_000, "failed"), session);
  } finally {
    await Deno.remove(state, { recursive: true });
  }
});
