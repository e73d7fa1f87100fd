/**
 * The starter set: what each pack runs, against stand-ins for the programs that install, since nothing may be downloaded here.
 *
 * @module
 */

import { assert, assertEquals } from "../lib/deps/assert.ts";
import { starterPacks } from "../lib/provision/mod.ts";
import { writeExecutable } from "./_executable.ts";
import { ProjectWorld } from "./_project.ts";
import { show } from "./_world.ts";

/** What each pack has to have run, and the programs that are there afterwards. */
const packs: Readonly<Record<string, { readonly runs: string; readonly programs: readonly string[] }>> = {
  apt: { runs: "apt-get install", programs: [] },
  node: { runs: "apt-get install -y -qq --no-install-recommends nodejs npm", programs: ["node", "npm"] },
  uv: { runs: "curl -fsSL https://astral.sh/uv/install.sh", programs: ["uv"] },
  mise: { runs: "curl -fsSL https://mise.run", programs: ["mise"] },
  deno: { runs: "--no-audit --no-fund deno", programs: ["deno"] },
  claude: { runs: "--no-audit --no-fund @anthropic-ai/claude-code", programs: ["claude"] },
  codex: { runs: "--no-audit --no-fund @openai/codex", programs: ["codex"] },
  pi: { runs: "--no-audit --no-fund @mariozechner/pi-coding-agent", programs: ["pi"] },
};

/** The programs that packs need and that change nothing: a PATH without those that they install. */
const tools = [
  "bash",
  "sh",
  "env",
  "id",
  "cat",
  "mkdir",
  "chmod",
  "grep",
  "setsid",
  "mktemp",
  "rm",
  "wc",
  "sleep",
  "readlink",
  "uname",
  "touch",
  "dirname",
];

Deno.test("every pack of the starter set installs what is missing, and its check then finds nothing to do", async (t) => {
  assertEquals(Object.keys(starterPacks), Object.keys(packs));
  for (const [name, { runs, programs }] of Object.entries(packs)) {
    await t.step(name, async () => {
      await using project = await ProjectWorld.create({ "muster.toml": `[packs]\nenabled = ["${name}"]\n` });
      const { world } = project;
      const bin = `${world.directory}/bin`;
      await Deno.mkdir(bin);
      const where = await world.run("sh", ["-c", 'for p; do command -v "$p"; done', "sh", ...tools]);
      for (const path of where.stdout.trim().split("\n")) await Deno.symlink(path, `${bin}/${path.split("/").at(-1)}`);
      const script = (text: string) => `#!/bin/sh\n${text}\n`;
      const install = programs.map((one) => `printf '#!/bin/sh\\n' >"${bin}/${one}"; chmod 755 "${bin}/${one}"`).join(
        "; ",
      );
      const touch = `touch "${world.directory}/installed"`;
      for (const program of ["apt-get", "curl", ...(programs.includes("npm") ? [] : ["npm"])]) {
        await writeExecutable(
          `${bin}/${program}`,
          script(`echo "\${0##*/} $*" >>"${world.directory}/calls"; ${install || touch}`),
        );
      }
      await writeExecutable(
        `${bin}/dpkg-query`,
        script(`[ ! -f "${world.directory}/installed" ] || echo installed`),
      );
      const env = { PATH: bin };
      const muster = async () => {
        const ended = await project.up([], { env });
        return [ended.code, ended.document?.steps.map(({ result }) => result), show(ended)] as const;
      };
      const [code, results, shown] = await muster();
      assertEquals([code, results], [0, ["ok"]], shown);
      const calls = await Deno.readTextFile(`${world.directory}/calls`);
      assert(calls.includes(runs), calls);
      // On a new machine where all is there already, nothing is installed.
      await project.provision(["down", "--destroy"], { env });
      const [again, unneeded, said] = await muster();
      assertEquals([again, unneeded], [0, ["unneeded"]], said);
      assertEquals(await Deno.readTextFile(`${world.directory}/calls`), calls);
    });
  }
});
