/**
 * Drift over many machines: those of this host, and those of another, by a real sshd on loopback.
 *
 * @module
 */

import { assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { writeExecutable } from "./_executable.ts";
import { fiveSteps, ProjectWorld } from "./_project.ts";
import { startSshd } from "./_loopback_sshd.ts";
import { root, show } from "./_world.ts";

interface All {
  readonly machines: readonly {
    readonly host: string;
    readonly name: string;
    readonly drift?: { readonly drifted: boolean };
    readonly steps?: readonly { readonly name: string; readonly state: string }[];
    readonly error?: string;
  }[];
}

Deno.test("drift --all is a table of machine and step, over the hosts of the fleet", async () => {
  await using project = await ProjectWorld.create({});
  const { world } = project;
  const none = await project.provision(["drift", "--all"]);
  assertEquals([none.code, none.stdout, none.stderr], [0, "no machine was provisioned from here\n", ""]);
  for (const name of ["one", "two"]) {
    for (const [file, text] of Object.entries(fiveSteps)) await project.write(`${name}/${file}`, text);
    assertEquals((await project.up([], { cwd: `${project.root}/${name}` })).code, 0);
  }
  await project.write("two/packs/deno.sh", "exit 1\n");
  assertEquals((await project.up([], { cwd: `${project.root}/two` })).code, 1);
  await project.write("one/Brewfile", "");

  // The other host is this machine by ssh, with a state of its own, and muster on its PATH.
  await using sshd = await startSshd(world);
  const bin = `${world.directory}/bin`;
  await Deno.mkdir(bin);
  const state = `MUSTER_STATE="${world.directory}/far-state" DENO_DIR="${world.env.DENO_DIR}"`;
  const muster = `exec "${Deno.execPath()}" run --quiet -A "${new URL("mod.ts", root).pathname}" "$@"`;
  await writeExecutable(`${bin}/muster`, `#!/bin/sh\nexport ${state}\n${muster}\n`);
  await writeExecutable(`${bin}/ssh`, `#!/bin/sh\nexec /usr/bin/ssh ${sshd.options.join(" ")} "$@"\n`);
  await Deno.writeTextFile(`${sshd.home}/.bashrc`, `export PATH="${bin}:$PATH"\n`);
  const env = { PATH: `${bin}:${world.env.PATH}` };
  for (const [file, text] of Object.entries(fiveSteps)) await project.write(`far/${file}`, text);
  const farEnv = { ...env, HOME: sshd.home };
  const far = await world.run("muster", ["provision", "up", "--project", `${project.root}/far`], { env: farEnv });
  assertEquals(far.code, 0, show(far));
  await world.roster('version = 1\n[[agents]]\nname = "a"\ncommand = ["cat"]\nhost = "127.0.0.1"\n');

  const { document, code } = await world.json<All>(["provision", "drift", "--all", "--exit-code"], { env });
  assertEquals(
    [code, document.machines.map(({ host, name, drift, error }) => [host, name, drift?.drifted, error])],
    [1, [["", "one", true, undefined], ["", "two", true, undefined], ["127.0.0.1", "far", false, undefined]]],
  );
  const table = await project.provision(["drift", "--all"], { env });
  assertEquals([table.code, table.stderr], [0, ""]);
  const [heading = "", ...rows] = table.stdout.trimEnd().split("\n");
  assertMatch(heading, /^HOST {7}MACHINE {2}PROVISIONED {2}NODE {2}DENO {4}POST_CREATE {2}POST_START {2}POST_ATTACH$/);
  assertMatch(rows[0] ?? "", /^here {7}one {6}[0-9a-f]{8} {5}ok {4}ok {6}changed {6}ok {10}due {10}out of date$/);
  assertMatch(rows[1] ?? "", /^here {7}two {6}[0-9a-f]{8} {5}ok {4}failed {2}ok {11}ok {10}due {10}out of date$/);
  assertMatch(rows[2] ?? "", /^127\.0\.0\.1 {2}far {6}[0-9a-f]{8} {5}ok {4}ok {6}ok {11}ok {10}ok$/);

  await Deno.remove(`${bin}/muster`);
  const lost = await world.json<All>(["provision", "drift", "--all"], { env });
  assertEquals(lost.code, 6);
  assertMatch(lost.document.machines.at(-1)?.error ?? "", /muster: (command )?not found/);
});
