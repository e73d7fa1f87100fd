/**
 * Provisioning a container of podman: a real one, of an image that debootstrap makes.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertNotEquals } from "../lib/deps/assert.ts";
import { realIo } from "../lib/io/mod.ts";
import { containerArgs, image, makeImage, whyNoContainers } from "./_image.ts";
import { fiveSteps, ProjectWorld } from "./_project.ts";
import { root, show } from "./_world.ts";

const all = ["node", "deno", "post_create", "post_start", "post_attach"];
const why = await whyNoContainers();
const ignore = why !== undefined;
// The reason for being left out is told once, where somebody looks.
if (why !== undefined) realIo.terminal.err(`containers are not tried: ${why}\n`);

/** A project in a container, and the container's name. Its containers and images are gone after it. */
class ContainerProject implements AsyncDisposable {
  private constructor(readonly project: ProjectWorld) {}

  static async create(): Promise<ContainerProject> {
    await makeImage();
    const project = await ProjectWorld.create(fiveSteps);
    const made = new ContainerProject(project);
    await made.declare("");
    return made;
  }

  /** Writes the project's file. */
  async declare(mounts: string, more: { readonly args?: readonly string[] } = {}): Promise<void> {
    const machine = `[machine]\nname = "box"\ndriver = "podman"\nimage = "${image}"\nargs = ${
      JSON.stringify([...containerArgs, ...more.args ?? []])
    }\n`;
    await this.project.write("muster.toml", `${machine}${mounts}\n${fiveSteps["muster.toml"]}`);
  }

  /** The container's name. */
  async name(): Promise<string> {
    const directory = await this.project.machineState();
    return `muster-${directory.slice(directory.lastIndexOf("/") + 1)}`;
  }

  async podman(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await realIo.process.run("podman", words);
    if (code !== 0) throw new Error(`podman ${words.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** Has muster call podman through shell text, which finds the words in `"$@"` and the real one in `$podman`. */
  async wrap(text: string): Promise<Readonly<Record<string, string>>> {
    const bin = `${this.project.world.directory}/bin`;
    await Deno.mkdir(bin, { recursive: true });
    const real = (await realIo.process.run("sh", ["-c", "command -v podman"])).stdout.trim();
    await Deno.writeTextFile(`${bin}/podman`, `#!/bin/bash\npodman=${real}\n${text}\n`, { mode: 0o755 });
    return { PATH: `${bin}:${this.project.world.env.PATH}`, PROJECT: this.project.root };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const name = await this.name().catch(() => undefined);
    if (name !== undefined) {
      // One at a time: podman removes none where one is missing.
      for (const one of [name, `${name}.before`]) {
        if ((await realIo.process.run("podman", ["container", "exists", one])).code === 0) {
          await this.podman("rm", "-f", "-t", "0", one);
        }
      }
      const images = await realIo.process.run("podman", ["images", "-q", `localhost/muster/${name.toLowerCase()}`]);
      const ids = images.stdout.split("\n").filter((id) => id !== "");
      if (ids.length > 0) await realIo.process.run("podman", ["rmi", "-f", ...ids]);
    }
    await this.project[Symbol.asyncDispose]();
  }
}

Deno.test({
  name: "a container: create, nothing, stop and start, other mounts, removed and made anew, destroyed",
  ignore,
  async fn(t) {
    await using container = await ContainerProject.create();
    const { project } = container;
    const step = async (title: string, args: readonly string[], action: string, expected: readonly string[]) => {
      await t.step(title, async () => {
        const up = await project.up(args);
        assertEquals([up.code, up.document?.action, await project.ran()], [0, action, [...expected]], show(up));
        assertEquals((await project.drift()).drifted, false);
      });
    };
    await step("create", [], "create", all);
    const name = await container.name();
    const instance = () => container.podman("inspect", "--format", '{{index .Config.Labels "muster.instance"}}', name);
    const made = await instance();
    await step("nothing", [], "none", []);
    const inside = await project.provision([
      "exec",
      "--",
      "sh",
      "-c",
      "touch /installed; cat /etc/debian_version; pwd",
    ]);
    assertMatch(inside.stdout, /^12\.\d+\n\/workspace\n$/, show(inside));

    assertEquals((await project.provision(["down"])).stdout, "box: stopped\n");
    assertMatch(
      (await project.provision(["status"])).stdout,
      /^box: podman, stopped\nprovisioned: [0-9a-f]{8} \(out of date\)\n/,
    );
    await step("start", [], "start", ["post_start", "post_attach"]);
    await container.podman("restart", "-t", "0", name);
    await step("restarted by somebody else", [], "none", ["post_start", "post_attach"]);

    const data = `${project.world.directory}/data`;
    await Deno.mkdir(data);
    await Deno.writeTextFile(`${data}/hello`, "hi\n");
    const mounts =
      `mounts = [{ source = ".", target = "/workspace" }, { source = "${data}", target = "/data", read_only = true }]\n`;
    await container.declare(mounts);
    const drift = await project.provision(["drift"]);
    assertMatch(
      drift.stdout,
      /\n {2}machine\.mounts changed \(.*\) \(needs a restart\)\n {2}up will: update mount and restart, post_start, post_attach\n$/,
    );
    await step("other mounts", [], "update_mount_and_restart", ["post_start", "post_attach"]);
    const kept = await project.provision(["exec", "--", "sh", "-c", "ls /installed; cat /data/hello; touch /data/x"]);
    assertEquals([kept.code, kept.stdout.split("\n").slice(0, 2)], [1, ["/installed", "hi"]], show(kept));
    assertEquals(await instance(), made);

    await project.provision(["down"]);
    await container.declare("");
    await step("other mounts, stopped", [], "attach_mount_and_start", ["post_start", "post_attach"]);

    await container.podman("rm", "-f", "-t", "0", name);
    await project.write("scripts/create.sh", "exit 5\n");
    const failed = await project.up();
    assertEquals(
      [failed.code, failed.document.action, await project.ran()],
      [1, "create", ["node", "deno"]],
      show(failed),
    );
    assertNotEquals(await instance(), made);
    await project.write("scripts/create.sh", "echo post_create >>ran\n");
    await step("removed, made anew, failed once", [], "none", ["post_create", "post_start", "post_attach"]);

    const destroyed = await project.provision(["down", "--destroy"]);
    assertEquals(destroyed.stdout, "box: destroyed\n", show(destroyed));
    assertEquals((await realIo.process.run("podman", ["container", "exists", name])).code, 1);
    assertEquals(await container.podman("images", "-q", `localhost/muster/${name.toLowerCase()}`), "");
  },
});

Deno.test({
  name: "muster that is killed leaves nothing running in a container, and the next up resumes",
  ignore,
  async fn() {
    await using container = await ContainerProject.create();
    const { project } = container;
    await project.write("packs/deno.sh", "[ -f waited ] || { touch waited; sleep 987 & wait; }\necho deno >>ran\n");
    const pairs = Object.entries(project.world.env).map(([name, value]) => `${name}=${value}`);
    const words = [Deno.execPath(), "run", "--quiet", "-A", new URL("mod.ts", root).pathname, "provision", "up"];
    const child = realIo.process.start("env", ["-i", ...pairs, ...words], { cwd: project.root });
    void new Response(child.stdout).text();
    void new Response(child.stderr).text();
    await project.world.eventually("the pack to run", async () => {
      return await realIo.files.facts(`${project.root}/waited`) && true;
    });
    child.kill("SIGKILL");
    await child.status;
    await child[Symbol.asyncDispose]();
    const up = await project.provision(["up"]);
    assertEquals([up.code, await project.ran()], [0, all], show(up));
    const processes = await container.podman(
      "exec",
      await container.name(),
      "sh",
      "-c",
      "cat /proc/[0-9]*/cmdline | tr '\\0' ' '",
    );
    assert(!processes.includes("sleep 987"), processes);
  },
});

Deno.test({
  name: "a change of mounts that is killed at any instant is finished by the next up, and loses nothing",
  ignore,
  async fn(t) {
    await using container = await ContainerProject.create();
    const { project } = container;
    assertEquals((await project.up()).code, 0);
    const name = await container.name();
    await container.podman("exec", name, "touch", "/installed");
    const data = `${project.world.directory}/data`;
    await Deno.mkdir(data);
    const other = `mounts = [{ source = ".", target = "/workspace" }, { source = "${data}", target = "/data" }]\n`;
    // The moments between podman's own steps: after the stop, the commit, the renaming, the making.
    const moments = [
      ["stopped", [["stop", "-t", "0", name]]],
      ["renamed", [["stop", "-t", "0", name], ["rename", name, `${name}.before`]]],
      ["made anew", [["stop", "-t", "0", name], ["commit", name, `localhost/muster/${name.toLowerCase()}:x`], [
        "rename",
        name,
        `${name}.before`,
      ], [
        "create",
        "--name",
        name,
        "--label",
        `muster.instance=${await container.podman(
          "inspect",
          "--format",
          '{{index .Config.Labels "muster.instance"}}',
          name,
        )}`,
        ...containerArgs,
        "-v",
        `${project.root}:/workspace`,
        "-v",
        `${data}:/data`,
        `localhost/muster/${name.toLowerCase()}:x`,
        "sleep",
        "infinity",
      ]]],
    ] as const;
    for (const [title, commands] of moments) {
      await t.step(title, async () => {
        await container.declare("");
        assertEquals((await project.up()).code, 0);
        await container.declare(other);
        for (const words of commands) await container.podman(...words);
        const up = await project.up();
        assertEquals(up.code, 0, show(up));
        assertEquals((await project.drift()).drifted, false);
        await container.podman("exec", name, "ls", "/installed", "/data");
        assertEquals((await realIo.process.run("podman", ["container", "exists", `${name}.before`])).code, 1);
      });
    }
  },
});

/** Kills the muster that called podman, once, right after podman started the container. */
const killAfterStart = `"$podman" "$@" || exit
if [ "$1" = start ] && [ -f "$PROJECT/killme" ]; then rm "$PROJECT/killme"; kill -9 $PPID; fi`;

Deno.test({
  name: "a container that was started right before muster was killed keeps what it was made with",
  ignore,
  async fn() {
    await using container = await ContainerProject.create();
    const { project } = container;
    const env = await container.wrap(killAfterStart);
    await project.write("killme", "");
    const killed = await project.provision(["up"], { env });
    assertEquals([killed.code === 0, await project.ran()], [false, []], show(killed));
    // Changed before the next up: that is no setting of the container that is there.
    await container.declare("", { args: ["--hostname", "other"] });
    const isTold = async () => {
      const { changes } = await project.drift({ env });
      assertEquals(changes.map(({ input }) => input).filter((input) => input.startsWith("machine.")), ["machine.args"]);
    };
    await isTold();
    const up = await project.up([], { env });
    assertEquals([up.code, up.document.action, up.document.isCurrent, await project.ran()], [0, "none", false, all]);
    await isTold();
    await container.declare("");
    assertEquals((await project.up([], { env })).code, 0);
    assertEquals((await project.drift({ env })).drifted, false);
  },
});

Deno.test({
  name: "a change of mounts that was made right before muster was killed is known by the next up",
  ignore,
  async fn() {
    await using container = await ContainerProject.create();
    const { project } = container;
    const env = await container.wrap(killAfterStart);
    assertEquals((await project.up([], { env })).code, 0);
    await container.declare(
      `mounts = [{ source = ".", target = "/workspace" }, { source = ".", target = "/again" }]\n`,
    );
    await project.write("killme", "");
    assertEquals((await project.provision(["up"], { env })).code === 0, false);
    assertEquals((await project.up([], { env })).document.action, "none");
    assertEquals((await project.drift({ env })).changes, []);
  },
});

Deno.test({
  name: "who looks while mounts are changed breaks nothing, and sees the machine stopped",
  ignore,
  async fn() {
    await using container = await ContainerProject.create();
    const { project } = container;
    const env = await container.wrap(
      `if [ "$1" = create ] && [ -f "$PROJECT/gate" ]; then
  touch "$PROJECT/creating"
  while [ -f "$PROJECT/gate" ]; do sleep 0.05; done
fi
exec "$podman" "$@"`,
    );
    assertEquals((await project.up([], { env })).code, 0);
    await container.declare(
      `mounts = [{ source = ".", target = "/workspace" }, { source = ".", target = "/again" }]\n`,
    );
    await project.write("gate", "");
    const second = project.up([], { env });
    await project.world.eventually("the new container to be made", async () => {
      return await realIo.files.facts(`${project.root}/creating`) && true;
    });
    try {
      const status = await project.provision(["status"], { env });
      assertMatch(status.stdout, /^box: podman, stopped\n/, show(status));
    } finally {
      await Deno.remove(`${project.root}/gate`);
    }
    const ended = await second;
    assertEquals([ended.code, ended.document.action], [0, "update_mount_and_restart"], show(ended));
    assertEquals((await project.drift({ env })).drifted, false);
  },
});

Deno.test({
  name: "a mount that args make is none that is declared, and is no change of mounts",
  ignore,
  async fn() {
    await using container = await ContainerProject.create();
    const { project } = container;
    await container.declare("", { args: ["-v", `${project.world.home}:/home-of-mine`] });
    const first = await project.up();
    assertEquals([first.code, first.document.action], [0, "create"], show(first));
    assertEquals([(await project.up()).document.action, (await project.drift()).drifted], ["none", false]);
  },
});

Deno.test({
  name: "another directory in a container runs its steps there, and is drift until then",
  ignore,
  async fn() {
    await using container = await ContainerProject.create();
    const { project } = container;
    assertEquals((await project.up()).code, 0);
    const toml = await Deno.readTextFile(`${project.root}/muster.toml`);
    await Deno.mkdir(`${project.root}/below`);
    for (const one of ["packs", "scripts"]) await Deno.symlink(`../${one}`, `${project.root}/below/${one}`);
    await project.write("muster.toml", toml.replace("[machine]\n", '[machine]\ndirectory = "/workspace/below"\n'));
    const drift = await project.drift();
    assertEquals([drift.changes.map(({ step, input }) => [step, input]), drift.reruns], [
      [["machine", "machine.directory"]],
      all,
    ]);
    await project.ran();
    const up = await project.up();
    assertEquals([up.code, up.document.action], [0, "none"], show(up));
    assertEquals((await Deno.readTextFile(`${project.root}/below/ran`)).trim().split("\n"), all);
    assertEquals((await project.drift()).drifted, false);
  },
});
