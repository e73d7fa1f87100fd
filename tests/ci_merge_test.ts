/** `pr merge` that waits for CI: what is merged is the commit that CI speaks of, or nothing is. */

import { assertEquals } from "../lib/deps/assert.ts";
import { LiveWoodpecker } from "./_ci/stream.ts";
import { describe } from "./_vendor/description.ts";
import { ForgeModel, type ForgeVendor } from "./_vendor/forge_model.ts";
import { openForgeServer } from "./_vendor/forge_server.ts";
import { forgesToml, secret } from "./_vendor/open_model.ts";
import { World } from "./_world.ts";

const ignore = describe("woodpecker") === undefined; // said on standard error; in CI it is an error
const vendors: readonly ForgeVendor[] = ["gitea", "github"];

for (const vendor of vendors) {
  for (const flag of ["--wait", "--guard"]) {
    Deno.test({
      name: `${vendor}: pr merge ${flag} merges exactly the commit that CI found green, and nothing red or moved`,
      ignore,
      fn: async () => {
        const model = new ForgeModel();
        for (const head of ["green", "red", "moved"]) model.pull({ head, body: "" });
        await using forge = openForgeServer(vendor, model);
        if (vendor === "github") {
          const branch = describe("github")?.sample("branch-with-protection");
          const commit = { ...branch?.commit, sha: "f00d".repeat(10) };
          forge.on("GET", "/repos/{owner}/{repo}/branches/{branch}", () => ({ body: { ...branch, commit } }));
        }
        await using woodpecker = new LiveWoodpecker();
        await using world = await World.create();
        await Deno.mkdir(world.musterHome, { recursive: true });
        const ci = `[forge.ci]\nkind = "woodpecker"\nurl = "${woodpecker.server.url}"`;
        await Deno.writeTextFile(`${world.musterHome}/forges.toml`, forgesToml(vendor, forge, ci));
        const merge = async (number: number) => {
          const args = ["pr", "merge", String(number), flag, "-r", model.repo, "--settle", "0", "--json"];
          const { code, stdout } = await world.muster(args, { env: { MUSTER_TEST_TOKEN: secret } });
          const { outcome, reason, ci } = JSON.parse(stdout);
          return [code, outcome, reason, ci?.outcome];
        };
        const headOf = (number: number) => model.items.get(number)?.pull?.sha ?? "";
        const merges = () =>
          forge.calls.filter(({ template, method }) => template.endsWith("/merge") && method !== "GET");
        const opens = (count: number) =>
          world.eventually(
            "the stream to open",
            () => Promise.resolve(woodpecker.streamsOpened === count || undefined),
          );

        const state = (status: string, number: number) => ({
          number: 12,
          status,
          sha: headOf(number),
          workflows: [status],
        });
        woodpecker.states = [state("running", 1)];
        const green = merge(1);
        await opens(1);
        assertEquals(merges(), []);
        woodpecker.states = [state("success", 1)];
        woodpecker.send(state("success", 1));
        assertEquals(await green, [0, "merged", undefined, "success"]);
        const [{ body } = { body: {} }] = merges();
        assertEquals(body.head_commit_id ?? body.sha, headOf(1));

        woodpecker.states = [state("failure", 2)];
        assertEquals(await merge(2), [1, "refused", "checks", "failed"]);

        woodpecker.states = [state("running", 3)];
        const moved = merge(3);
        await opens(3);
        const before = state("success", 3);
        const pull = model.items.get(3)?.pull;
        if (pull) pull.sha = "beef".repeat(10);
        woodpecker.states = [{ ...state("success", 3), number: 13 }, before];
        for (const one of woodpecker.states) woodpecker.send(one);
        const [code, outcome] = await moved;
        assertEquals([code === 0, outcome, merges().length], [false, "refused", 1]);
      },
    });
  }
}
