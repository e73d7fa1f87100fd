/**
 * Provisioning a machine behind ssh: a real sshd on loopback.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { realIo } from "../lib/io/mod.ts";
import { writeExecutable } from "./_executable.ts";
import { fiveSteps, noted, ProjectWorld } from "./_project.ts";
import { type Sshd, startSshd } from "./_loopback_sshd.ts";
import { root, show } from "./_world.ts";

const all = ["node", "deno", "post_create", "post_start", "post_attach"];

/** A project whose machine is behind the ssh of these words; its steps write down that they ran in a directory there. */
async function writeProject(project: ProjectWorld, options: readonly string[], more = ""): Promise<void> {
  const machine = `[machine]\nname = "far"\ndriver = "ssh"\ndestination = "127.0.0.1"\noptions = ${
    JSON.stringify(options)
  }\n`;
  for (const [name, text] of Object.entries(fiveSteps)) await project.write(name, text);
  await project.write("muster.toml", `${machine}${more}\n${fiveSteps["muster.toml"]}`);
}

/** What steps wrote down there. */
async function ranThere({ home }: Sshd): Promise<string[]> {
  const path = `${home}/.local/share/muster/far/ran`;
  const text = await Deno.readTextFile(path).catch(() => "");
  await Deno.remove(path).catch(() => {});
  return text.split("\n").filter((line) => line !== "");
}

Deno.test("a machine behind ssh: create, nothing, drift, a failure, resume, exec", async () => {
  await using project = await ProjectWorld.create({});
  await using sshd = await startSshd(project.world);
  await writeProject(project, sshd.options);
  await project.write("scripts/create.sh", "echo post_create >>ran\ncp Brewfile applied\n");
  const first = await project.up();
  assertEquals([first.code, first.document.action, await ranThere(sshd)], [0, "create", all], show(first));
  const there = `${sshd.home}/.local/share/muster/far`;
  assertEquals(await Deno.readTextFile(`${there}/applied`), "brew 'jq'\n");
  const second = await project.up();
  assertEquals([second.code, second.document.steps, await ranThere(sshd)], [0, [], []]);
  // What the hook reads there is what was declared here, as it is now.
  await project.write("Brewfile", "brew 'fd'\n");
  assertEquals((await project.drift()).reruns, ["post_create", "post_attach"]);
  assertEquals((await project.up()).code, 0);
  assertEquals([await Deno.readTextFile(`${there}/applied`), await ranThere(sshd)], ["brew 'fd'\n", [
    "post_create",
    "post_attach",
  ]]);
  await project.write("packs/deno.sh", "exit 4\n");
  const failed = await project.up();
  assertEquals([failed.code, failed.document.steps.map(({ result }) => result)], [1, ["failed", "skipped"]]);
  await project.write("packs/deno.sh", "echo deno >>ran\n");
  assertEquals([(await project.up()).code, await ranThere(sshd)], [0, ["deno", "post_attach"]]);
  const said = await project.provision(["exec", "--", "printf", "%s|", "a b", "$HOME", "'\"\\"]);
  assertEquals([said.code, said.stdout, said.stderr], [0, "a b|$HOME|'\"\\|\n", ""]);
});

Deno.test("what is declared no more is gone from a machine behind ssh, and what steps made there stays", async () => {
  await using project = await ProjectWorld.create({
    "conf.d/a": "1",
    "conf.d/b c": "2",
    "conf.d/sub/d": "3",
    "place": "a file",
  });
  await using sshd = await startSshd(project.world);
  await writeProject(project, sshd.options);
  const inputs = async (list: string) => {
    const text = await Deno.readTextFile(`${project.root}/muster.toml`);
    await project.write("muster.toml", text.replace(/inputs = .*\]/, `inputs = [${list}]`));
  };
  await inputs('"conf.d", "place"');
  await project.write("scripts/create.sh", "echo made >conf.d/made\nfind conf.d place | sort >seen\n");
  const there = `${sshd.home}/.local/share/muster/far`;
  const seen = async () => (await Deno.readTextFile(`${there}/seen`)).trim().split("\n");
  const first = await project.up();
  assertEquals(first.code, 0, show(first));
  assertEquals(await seen(), [
    ...["conf.d", "conf.d/a", "conf.d/b c", "conf.d/made", "conf.d/sub", "conf.d/sub/d", "place"],
  ]);
  await Deno.remove(`${project.root}/conf.d/b c`);
  await Deno.remove(`${project.root}/conf.d/sub`, { recursive: true });
  await Deno.remove(`${project.root}/place`);
  await project.write("place/in", "a directory now");
  const second = await project.up();
  assertEquals(second.code, 0, show(second));
  assertEquals(await seen(), ["conf.d", "conf.d/a", "conf.d/made", "place", "place/in"]);
  assertEquals((await project.up()).document.steps, []);
});

Deno.test("another directory behind ssh is drift until the steps ran there", async () => {
  await using project = await ProjectWorld.create({});
  await using sshd = await startSshd(project.world);
  await writeProject(project, sshd.options);
  assertEquals((await project.up()).code, 0);
  await writeProject(project, sshd.options, 'directory = "elsewhere"\n');
  const drift = await project.drift();
  assertEquals([drift.changes.map(({ input }) => input), drift.reruns], [["machine.directory"], all]);
  const up = await project.up();
  assertEquals([up.code, up.document.action], [0, "none"], show(up));
  assertEquals((await Deno.readTextFile(`${sshd.home}/elsewhere/ran`)).trim().split("\n"), all);
  assertEquals((await project.drift()).drifted, false);
});

Deno.test("a machine behind ssh whose home was emptied is another machine, and all runs again", async () => {
  await using project = await ProjectWorld.create({});
  await using sshd = await startSshd(project.world);
  await writeProject(project, sshd.options);
  assertEquals([(await project.up()).document.action, await ranThere(sshd)], ["create", all]);
  assertEquals([(await project.up()).document.action, await ranThere(sshd)], ["none", []]);
  await Deno.remove(`${sshd.home}/.local`, { recursive: true });
  await project.write("scripts/create.sh", "exit 7\n");
  const failed = await project.up();
  assertEquals([failed.code, failed.document.action, await ranThere(sshd)], [1, "create", ["node", "deno"]]);
  await project.write("scripts/create.sh", noted("post_create"));
  assertEquals([(await project.up()).document.action, await ranThere(sshd)], ["none", all.slice(2)]);
  assertEquals((await project.drift()).drifted, false);
});

Deno.test("a declared file that cannot be read is told, and the step does not run without it", async () => {
  await using project = await ProjectWorld.create({});
  await using sshd = await startSshd(project.world);
  await writeProject(project, sshd.options);
  // A tar that does not find one of the files, as where somebody removes it meanwhile.
  const bin = `${project.world.directory}/bin`;
  await Deno.mkdir(bin);
  const tar = (await realIo.process.run("sh", ["-c", "command -v tar"])).stdout.trim();
  const script = `#!/bin/sh
case "$*" in *-cf*) cat >"$0.names"; grep -aq Brewfile "$0.names" && rm -f "$2/Brewfile"; exec ${tar} "$@" <"$0.names";; esac
exec ${tar} "$@"
`;
  await writeExecutable(`${bin}/tar`, script);
  const up = await project.provision(["up"], { env: { PATH: `${bin}:${project.world.env.PATH}` } });
  assertEquals([up.code, (await ranThere(sshd)).includes("post_create")], [6, false], show(up));
  assertMatch(up.stderr, /muster: cannot copy to 127\.0\.0\.1: \S*tar: Brewfile: .*No such file or directory\n/);
});

Deno.test("muster that is killed leaves nothing running behind ssh, and the next up resumes", async () => {
  await using project = await ProjectWorld.create({});
  await using sshd = await startSshd(project.world);
  await writeProject(project, sshd.options);
  await project.write(
    "packs/deno.sh",
    `[ -f waited ] || { touch waited; sleep 1000 & echo "$$ $!" >pids; wait; }\necho deno >>ran\n`,
  );
  const pairs = Object.entries(project.world.env).map(([name, value]) => `${name}=${value}`);
  const words = [Deno.execPath(), "run", "--quiet", "-A", new URL("mod.ts", root).pathname, "provision", "up"];
  const child = realIo.process.start("env", ["-i", ...pairs, ...words], { cwd: project.root });
  void new Response(child.stdout).text();
  void new Response(child.stderr).text();
  const there = `${sshd.home}/.local/share/muster/far`;
  const pids = await project.world.eventually("the pack to run", async () => {
    const text = await Deno.readTextFile(`${there}/pids`).catch(() => "");
    return text.endsWith("\n") ? text.trim().split(" ") : undefined;
  });
  child.kill("SIGKILL");
  await child.status;
  await child[Symbol.asyncDispose]();
  const up = await project.provision(["up"]);
  assertEquals([up.code, await ranThere(sshd)], [0, all], show(up));
  for (const pid of pids) assertEquals((await project.world.run("sh", ["-c", 'kill -0 "$1"', "sh", pid])).code, 1);
});

Deno.test("a machine behind ssh that cannot be reached is told, and is not taken for absent", async () => {
  await using project = await ProjectWorld.create({});
  await writeProject(project, ["-F", "/dev/null", "-p", "1"]);
  for (const verb of ["up", "drift"]) {
    const ended = await project.provision([verb]);
    assertEquals([ended.code, ended.stdout], [6, ""]);
    assertMatch(
      ended.stderr,
      /^muster: cannot reach 127\.0\.0\.1: .*Connection refused.*\nhint: ssh 127\.0\.0\.1 true must work without a question\n$/,
    );
  }
  const doctor = await project.provision(["doctor"]);
  assertEquals(doctor.code, 1);
  assert(doctor.stdout.includes("issue  far: cannot reach 127.0.0.1"), show(doctor));
});
