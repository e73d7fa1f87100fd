/** What a container has to do, by whatever engine: of an image that debootstrap makes. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "../lib/deps/assert.ts";
import { realIo } from "../lib/io/mod.ts";
import { writeExecutable } from "./_executable.ts";
import { containerArgs, image } from "./_image.ts";
import { fiveSteps, ProjectWorld } from "./_project.ts";
import { root, show } from "./_world.ts";

/** What makes and runs containers, with the image in it. */
export interface Engine {
  /** The driver, and the program. */
  readonly driver: "podman" | "docker";
  /** What the program needs in its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** One thing that a container has to do. */
export interface Scenario {
  readonly name: string;
  readonly fn: (engine: Engine, t: Deno.TestContext) => Promise<void>;
}

const all = ["node", "deno", "post_create", "post_start", "post_attach"];

/** All of it. */
export const scenarios: Scenario[] = [];

function scenario(one: Scenario): void {
  scenarios.push(one);
}

/** A project in a container, and the container's name. Its containers and images are gone after it. */
export class ContainerProject implements AsyncDisposable {
  private constructor(readonly project: ProjectWorld, readonly engine: Engine) {}

  static async create(engine: Engine): Promise<ContainerProject> {
    const project = await ProjectWorld.create(fiveSteps, engine.env);
    const made = new ContainerProject(project, engine);
    await made.declare("");
    return made;
  }

  /** Writes the project's file. */
  async declare(
    mounts: string,
    more: { readonly args?: readonly string[]; readonly image?: string } = {},
  ): Promise<void> {
    const machine = `[machine]\nname = "box"\ndriver = "${this.engine.driver}"\nimage = "${
      more.image ?? image
    }"\nargs = ${JSON.stringify([...containerArgs, ...more.args ?? []])}\n`;
    await this.project.write("muster.toml", `${machine}${mounts}\n${fiveSteps["muster.toml"]}`);
  }

  /** The container's name. */
  async name(): Promise<string> {
    const directory = await this.project.machineState();
    return `muster-${directory.slice(directory.lastIndexOf("/") + 1)}`;
  }

  /** Runs the engine, and returns what it prints. */
  async run(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#try(words);
    if (code !== 0) throw new Error(`${this.engine.driver} ${words.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** Whether there is a container. */
  async exists(name: string): Promise<boolean> {
    return (await this.#try(["container", "inspect", name])).code === 0;
  }

  /** Removes a container, whatever it does. */
  async remove(name: string): Promise<void> {
    await this.run("kill", name).catch(() => {}); // it does not run
    await this.run("rm", "-f", name);
  }

  async #try(words: readonly string[]) {
    return await realIo.process.run(this.engine.driver, words, { env: this.engine.env });
  }

  /** Has muster call the engine through shell text, which finds the words in `"$@"` and the real one in `$engine`. */
  async wrap(text: string): Promise<Readonly<Record<string, string>>> {
    const bin = `${this.project.world.directory}/bin`;
    await Deno.mkdir(bin, { recursive: true });
    const real = (await realIo.process.run("sh", ["-c", 'command -v "$1"', "sh", this.engine.driver])).stdout.trim();
    await writeExecutable(`${bin}/${this.engine.driver}`, `#!/bin/bash\nengine=${real}\n${text}\n`);
    return { PATH: `${bin}:${this.project.env.PATH}`, PROJECT: this.project.root };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const name = await this.name().catch(() => undefined);
    if (name !== undefined) {
      for (const one of [name, `${name}.before`]) if (await this.exists(one)) await this.remove(one);
      const { stdout } = await this.#try(["images", "-q", `localhost/muster/${name.toLowerCase()}`]);
      const ids = stdout.split("\n").filter((id) => id !== "");
      if (ids.length > 0) await this.#try(["rmi", "-f", ...ids]);
    }
    await this.project[Symbol.asyncDispose]();
  }
}

scenario({
  name: "a container: create, nothing, stop and start, other mounts, removed and made anew, destroyed",
  async fn(engine, t) {
    await using container = await ContainerProject.create(engine);
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
    const instance = () => container.run("inspect", "--format", '{{index .Config.Labels "muster.instance"}}', name);
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
      /^box: \w+, stopped\nprovisioned: [0-9a-f]{8} \(out of date\)\n/,
    );
    await step("start", [], "start", ["post_start", "post_attach"]);
    await container.run("restart", "-t", "0", name);
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

    await container.remove(name);
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
    assertEquals(await container.exists(name), false);
    assertEquals(await container.run("images", "-q", `localhost/muster/${name.toLowerCase()}`), "");
  },
});

scenario({
  name: "muster that is killed leaves nothing running in a container, and the next up resumes",
  async fn(engine) {
    await using container = await ContainerProject.create(engine);
    const { project } = container;
    await project.write("packs/deno.sh", "[ -f waited ] || { touch waited; sleep 987 & wait; }\necho deno >>ran\n");
    const pairs = Object.entries(project.env).map(([name, value]) => `${name}=${value}`);
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
    const processes = await container.run(
      "exec",
      await container.name(),
      "sh",
      "-c",
      "cat /proc/[0-9]*/cmdline | tr '\\0' ' '",
    );
    assert(!processes.includes("sleep 987"), processes);
  },
});

scenario({
  name: "a change of mounts that is killed at any instant is finished by the next up, and loses nothing",
  async fn(engine, t) {
    await using container = await ContainerProject.create(engine);
    const { project } = container;
    assertEquals((await project.up()).code, 0);
    const name = await container.name();
    await container.run("exec", name, "touch", "/installed");
    const data = `${project.world.directory}/data`;
    await Deno.mkdir(data);
    const other = `mounts = [{ source = ".", target = "/workspace" }, { source = "${data}", target = "/data" }]\n`;
    // The moments between the engine's own steps: after the stop, the commit, the renaming, the making.
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
        `muster.instance=${await container.run(
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
        for (const words of commands) await container.run(...words);
        const up = await project.up();
        assertEquals(up.code, 0, show(up));
        assertEquals((await project.drift()).drifted, false);
        await container.run("exec", name, "ls", "/installed", "/data");
        assertEquals(await container.exists(`${name}.before`), false);
      });
    }
  },
});

/** Kills the muster that called the engine, once, right after the engine started the container. */
const killAfterStart = `"$engine" "$@" || exit
if [ "$1" = start ] && [ -f "$PROJECT/killme" ]; then rm "$PROJECT/killme"; kill -9 $PPID; fi`;

scenario({
  name: "a container that was started right before muster was killed keeps what it was made with",
  async fn(engine) {
    await using container = await ContainerProject.create(engine);
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

scenario({
  name: "a change of mounts that was made right before muster was killed is known by the next up",
  async fn(engine) {
    await using container = await ContainerProject.create(engine);
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

scenario({
  name: "who looks while mounts are changed breaks nothing, and sees the machine stopped",
  async fn(engine) {
    await using container = await ContainerProject.create(engine);
    const { project } = container;
    const env = await container.wrap(
      `if [ "$1" = create ] && [ -f "$PROJECT/gate" ]; then
  touch "$PROJECT/creating"
  while [ -f "$PROJECT/gate" ]; do sleep 0.05; done
fi
exec "$engine" "$@"`,
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
      assertMatch(status.stdout, /^box: \w+, stopped\n/, show(status));
    } finally {
      await Deno.remove(`${project.root}/gate`);
    }
    const ended = await second;
    assertEquals([ended.code, ended.document.action], [0, "update_mount_and_restart"], show(ended));
    assertEquals((await project.drift({ env })).drifted, false);
  },
});

scenario({
  name: "a mount that args make is none that is declared, and is no change of mounts",
  async fn(engine) {
    await using container = await ContainerProject.create(engine);
    const { project } = container;
    await container.declare("", { args: ["-v", `${project.world.home}:/home-of-mine`] });
    const first = await project.up();
    assertEquals([first.code, first.document.action], [0, "create"], show(first));
    assertEquals([(await project.up()).document.action, (await project.drift()).drifted], ["none", false]);
  },
});

scenario({
  name: "another directory in a container runs its steps there, and is drift until then",
  async fn(engine) {
    await using container = await ContainerProject.create(engine);
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

scenario({
  name: "an image that is gone is told in one line, and costs a container that is there nothing",
  async fn(engine) {
    await using container = await ContainerProject.create(engine);
    const { project } = container;
    const gone = "localhost/muster-test-gone:1";
    await container.run("tag", image, gone);
    await container.declare("", { image: gone });
    assertEquals((await project.up()).document.action, "create");
    await container.run("rmi", gone);
    const up = await project.up();
    assertEquals([up.code, up.document.action, up.document.steps], [0, "none", []], show(up));
    await container.remove(await container.name());
    const failed = await project.provision(["up"]);
    assertEquals([failed.code, failed.stdout, await project.ran()], [6, "", all], show(failed));
    assertMatch(failed.stderr, /^create\nmuster: (podman|docker) create failed: [^\n]+\n(hint: [^\n]+\n)?$/);
    await container.declare("");
    assertEquals([(await project.up()).document.action, await project.ran()], ["create", all]);
  },
});
