/**
 * Real agent programs under a real `systemd --user`, cut off: by SIGKILL of the program, then by SIGKILL of the whole tmux
 * server. What the model is told next is the truth: each agent has its own conversation and no other's, and its kickstart
 * is not said again.
 *
 * ```sh
 * deno task test:agents                     # Pi and Codex, as CI does
 * deno task test:agents --agent claude      # one of the others
 * ```
 *
 * @module
 */

import { runtimeOf } from "../../lib/agents/mod.ts";
import { assert, assertEquals } from "../../lib/deps/assert.ts";
import { stringifyToml } from "../../lib/deps/toml.ts";
import { systemdTest, type SystemdWorld } from "../_systemd_user.ts";
import { show } from "../_world.ts";
import { chosenPrograms } from "./chosen_programs.ts";
import { installProgram } from "./install.ts";
import { type Program, programs } from "./programs.ts";
import { startProvider } from "./provider.ts";

/** What `fleet status` says. */
interface Status {
  readonly servers: readonly { readonly pid: number }[];
  readonly agents: readonly {
    readonly name: string;
    readonly state: string;
    readonly pid: number;
    readonly note?: string;
    readonly unit?: { readonly state: string };
  }[];
  readonly warnings: readonly string[];
}

/** Two in one home and one directory: each other's conversation is what neither is to have. */
const names = ["one", "two"];

for (const program of chosenPrograms()) {
  const name = `${program.package} ${program.version}`;

  systemdTest(
    `${name}, cut off, goes on in its own session`,
    undefined,
    async (systemd) => {
      await using provider = startProvider();
      provider.answer = ({ fresh }) => ({ text: `Answer to ${fresh.at(-1)}` });
      await furnish(systemd, program, provider.url);
      const { world } = systemd;
      const installed = await systemd.muster(["fleet", "install"]);
      assertEquals([installed.code, installed.stderr], [0, ""], show(installed));
      const started = await systemd.muster(["fleet", "start", "--timeout", "60s"]);
      assertEquals([started.code, started.stderr], [0, ""], show(started));

      const status = async () => (await systemd.json<Status>(["fleet", "status"])).document;
      const one = async (agent: string) => (await status()).agents.find(({ name }) => name === agent);
      const said = () =>
        provider.log.flatMap(({ conversation }) => conversation).map((text) => program.unwrapped?.(text) ?? text);
      /** What the model was told in the latest request about a text: all that the person said, the program's own words left out. */
      const toldWith = (text: string) =>
        provider.log.map(({ conversation }) =>
          conversation.filter((one) => !program.ownWords?.test(one)).map((one) => program.unwrapped?.(one) ?? one)
        ).findLast((told) => told.some((one) => one.includes(text))) ?? [];
      const idle = (agent: string) =>
        world.eventually(`${agent} to be idle`, async () => (await one(agent))?.state === "idle" || undefined);
      const send = async (agent: string, text: string) => {
        const ended = await systemd.muster(["agent", "send", agent, "-m", text]);
        assertEquals(ended.code, 0, show(ended));
        await world.eventually(
          `the model to be told ${text}`,
          () => Promise.resolve(toldWith(text).length > 0 || undefined),
        );
        await idle(agent);
      };
      const again = async (agent: string, pid: number) => {
        await world.eventually(`${agent} to run again`, async () => {
          const now = await one(agent);
          return now !== undefined && now.pid > 0 && now.pid !== pid && now.unit?.state === "active" || undefined;
        });
        await idle(agent);
      };
      for (const agent of names) {
        await world.eventually(`the kickstart of ${agent}`, () => {
          return Promise.resolve(said().includes(`Begin, ${agent}.`) || undefined);
        }).catch(async (error) => {
          const script = 'cat "$HOME"/.local/state/muster/receipts/* "$XDG_RUNTIME_DIR"/muster/run/*/said';
          const { stdout } = await systemd.run("sh", ["-c", script]);
          throw new Error(`${stdout}\n${(await world.screen(`=${agent}:`)).join("\n")}`, { cause: error });
        });
        await idle(agent);
        await send(agent, `the secret of ${agent} is 41`);
      }
      assertEquals((await status()).warnings, [], "the version is one that the runtime was proved with");

      const check = (agent: string, text: string) => {
        const told = toldWith(text);
        const other = names.find((name) => name !== agent) ?? "";
        assert(!told.some((text) => text.includes(`secret of ${other}`)), `never a sibling's: ${JSON.stringify(told)}`);
        assert(told.some((text) => text.includes(`the secret of ${agent} is 41`)), JSON.stringify(told));
        assertEquals(told.filter((text) => text === `Begin, ${agent}.`).length, 1, "the kickstart, once");
      };
      const begun = () => provider.log.filter(({ fresh }) => fresh.some((text) => text.includes("Begin, "))).length;
      const kickstarts = begun();

      const { pid = 0 } = await one("one") ?? {};
      await systemd.run("kill", ["-s", "KILL", String(pid)]);
      await again("one", pid);
      await send("one", "after the first cut");
      check("one", "after the first cut");

      // Twice, the second time with nothing said since the first.
      for (let round = 1; round <= 2; round++) {
        const before = await status();
        await systemd.run("kill", ["-s", "KILL", String(before.servers[0]?.pid)]);
        for (const { name, pid } of before.agents) await again(name, pid);
      }
      for (const agent of names) {
        await send(agent, `after the server of ${agent}`);
        check(agent, `after the server of ${agent}`);
        assertEquals((await one(agent))?.note, undefined);
      }
      assertEquals(begun(), kickstarts, "no kickstart on a resume");

      // What it was made to forget does not come back.
      const reset = await systemd.muster(["agent", "reset", "one", "--timeout", "60s"]);
      assertEquals(reset.code, 0, show(reset));
      await idle("one");
      const { pid: last = 0 } = await one("one") ?? {};
      await systemd.run("kill", ["-s", "KILL", String(last)]);
      await again("one", last);
      await send("one", "after the reset");
      assert(!toldWith("after the reset").some((text) => text.includes("the secret of")));
      assertEquals(provider.strange, []);
    },
  );
}

Deno.test("each runtime was proved with the version that these tests install", () => {
  for (const { kind, version } of Object.values(programs)) assertEquals(runtimeOf(kind).provedVersions, [version]);
});

async function furnish({ world }: SystemdWorld, program: Program, url: string): Promise<void> {
  const command = await installProgram(program);
  for (const [path, text] of Object.entries(program.files(url, world.cwd))) {
    const file = `${world.home}/${path}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
  await world.roster(stringifyToml({
    version: 1,
    defaults: { runtime: program.kind, working_directory: world.cwd, env: program.env(url) },
    runtimes: { [program.kind]: { kind: program.kind, command: [command], args: program.rosterArgs ?? program.args } },
    agents: names.map((name) => ({ name, kickstart: "Begin, {{agent}}." })),
  }));
}
