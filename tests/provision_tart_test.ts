/**
 * Provisioning a virtual machine of tart, against a stand-in executable: there is no real one here. It knows the calls that
 * muster makes, and fails on every other.
 *
 * @module
 */

import { assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { writeExecutable } from "./_executable.ts";
import { fiveSteps, ProjectWorld } from "./_project.ts";
import { show } from "./_world.ts";

/** Keeps a machine's state in files: `machine` while it exists, `running` with the time of its start while it runs. */
const standIn = `#!/bin/sh
cd "$(dirname "$0")" || exit 9
echo "$*" >>calls
case $1 in
list) [ "$*" = "list --format json" ] || exit 9
  if [ ! -f machine ]; then echo "[]"
  elif [ -f running ]; then echo "[{\\"Name\\":\\"$(cat machine)\\",\\"State\\":\\"running\\"}]"
  else echo "[{\\"Name\\":\\"$(cat machine)\\",\\"State\\":\\"stopped\\"}]"; fi ;;
clone) if [ -f racer ]; then rm racer; echo "$3" >machine; echo 'VM already exists' >&2; exit 1; fi
  [ ! -f machine ] && [ "$2" = base ] && echo "$3" >machine || exit 1
  if [ -f killme ]; then rm killme; kill -9 $PPID; fi ;;
run) [ "$2" = "$(cat machine)" ] && [ ! -f running ] && date +%N >running ;;
stop) rm running ;;
delete) [ ! -f running ] && rm machine ;;
exec) shift; [ "$1" = -i ] && shift; [ -f running ] && [ "$1" = "$(cat machine)" ] || exit 1
  shift
  case $1 in
  sysctl) [ "$*" = "sysctl -n kern.bootsessionuuid" ] && cat running || exit 9 ;;
  sudo) ;;
  bash) cd "$PROJECT" && exec "$@" ;;
  *) exit 9 ;;
  esac ;;
*) exit 9 ;;
esac
`;

/** A project on the stand-in, which runs steps here: the machine's directory is the project's own. */
async function standInFor(project: ProjectWorld) {
  const bin = `${project.world.directory}/bin`;
  await Deno.mkdir(bin);
  await writeExecutable(`${bin}/tart`, standIn);
  await project.write(
    "muster.toml",
    `[machine]\ndriver = "tart"\nimage = "base"\ndirectory = "${project.root}"\n${fiveSteps["muster.toml"]}`,
  );
  return { bin, env: { PATH: `${bin}:${project.world.env.PATH}`, PROJECT: project.root } };
}

Deno.test("a virtual machine that was cloned right before muster was killed is brought up by the next up", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  const { bin, env } = await standInFor(project);
  await Deno.writeTextFile(`${bin}/killme`, "");
  const killed = await project.provision(["up"], { env });
  assertEquals([killed.code === 0, await project.ran()], [false, []], show(killed));
  const up = await project.up([], { env });
  assertEquals([up.code, up.document?.action, await project.ran()], [0, "start", [
    ...["node", "deno", "post_create", "post_start", "post_attach"],
  ]], show(up));
  assertEquals((await project.drift({ env })).drifted, false);
  assertEquals((await project.provision(["down", "--destroy"], { env })).stdout, "cwd: destroyed\n");
});

Deno.test("a virtual machine that muster did not make is neither used nor destroyed", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  const { bin, env } = await standInFor(project);
  assertEquals((await project.up([], { env })).code, 0);
  // The same name, and no record of it: to muster that is somebody else's.
  await Deno.remove(`${await project.machineState()}/journal.jsonl`);
  for (const words of [["down", "--destroy"], ["up"], ["up"], ["down"]]) {
    const ended = await project.provision(words, { env });
    assertEquals([ended.code, ended.stdout], [4, ""], show(ended));
    assertMatch(
      ended.stderr,
      /^muster: a virtual machine of this name is not muster's: muster-cwd-[0-9a-f]{8}\nhint: /,
    );
  }
  assertMatch(await Deno.readTextFile(`${bin}/machine`), /^muster-cwd-/);
});

Deno.test("a virtual machine of this name that somebody makes between muster's look and its clone is not muster's", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  const { bin, env } = await standInFor(project);
  await Deno.writeTextFile(`${bin}/racer`, "");
  for (const words of [["up"], ["up"], ["down", "--destroy"]]) {
    const ended = await project.provision(words, { env });
    assertEquals([ended.code, ended.stdout], [4, ""], show(ended));
    assertMatch(ended.stderr, /muster: a virtual machine of this name is not muster's: muster-cwd-[0-9a-f]{8}\nhint: /);
  }
  assertMatch(await Deno.readTextFile(`${bin}/machine`), /^muster-cwd-/);
});

Deno.test("a virtual machine of a stand-in for tart: create, nothing, stop, start, other mounts, destroy", async () => {
  await using project = await ProjectWorld.create(fiveSteps);
  const bin = `${project.world.directory}/bin`;
  await Deno.mkdir(bin);
  await writeExecutable(`${bin}/tart`, standIn);
  const env = { PATH: `${bin}:${project.world.env.PATH}`, PROJECT: project.root };
  // The stand-in runs steps here, so the machine's directory is the project's own.
  const declare = (mounts: string) =>
    project.write(
      "muster.toml",
      `[machine]\ndriver = "tart"\nimage = "base"\ndirectory = "${project.root}"\n${mounts}\n${
        fiveSteps["muster.toml"]
      }`,
    );
  const step = async (action: string, ran: readonly string[]) => {
    const up = await project.up([], { env });
    assertEquals([up.code, up.document?.action, await project.ran()], [0, action, [...ran]], show(up));
    assertEquals((await project.drift({ env })).drifted, false);
  };
  await declare("");
  await step("create", ["node", "deno", "post_create", "post_start", "post_attach"]);
  await step("none", []);
  assertEquals((await project.provision(["down"], { env })).stdout, "cwd: stopped\n");
  await step("start", ["post_start", "post_attach"]);
  await declare('mounts = [{ source = ".", target = "/app" }]');
  await step("update_mount_and_restart", ["post_start", "post_attach"]);
  await project.provision(["down"], { env });
  await declare("");
  await step("attach_mount_and_start", ["post_start", "post_attach"]);
  assertEquals((await project.provision(["down", "--destroy"], { env })).stdout, "cwd: destroyed\n");
  const calls = await Deno.readTextFile(`${bin}/calls`);
  assertEquals(calls.includes("--no-graphics --dir=m0:"), true, calls);
});
