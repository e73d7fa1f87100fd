/**
 * A real `systemd --user` of its own for a world (see systemd_user.sh): what runs in it runs for that world alone, and
 * everything has ended when it is disposed of. Where none can run, a test is ignored with the reason printed, and in CI it
 * fails.
 *
 * @module
 */

import { type Ended, type MusterOptions, root, runProgram, show, World } from "./_world.ts";

const script = new URL("tests/systemd_user.sh", root).pathname;

/** A world with a systemd of its own. */
export class SystemdWorld implements AsyncDisposable {
  private constructor(
    readonly world: World,
    readonly child: Deno.ChildProcess,
    readonly pid: string,
    readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Starts one; a text where none can run here, which says why. */
  static async open(roster?: string): Promise<SystemdWorld | string> {
    const world = await World.create(roster);
    try {
      const child = new Deno.Command("bash", {
        args: [script],
        env: { ...world.env, SYSTEMD_LOG: `${world.directory}/systemd.log` },
        clearEnv: true,
        cwd: world.cwd,
        stdin: "piped",
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      const line = await firstLine(child.stdout);
      const [word, pid] = line.split(" ");
      if (word === "ready" && pid !== undefined) {
        const env = { ...world.env, XDG_RUNTIME_DIR: `/run/user/${Deno.uid()}` };
        return new SystemdWorld(world, child, pid, env);
      }
      await child.stdin.close();
      await child.status;
      await world[Symbol.asyncDispose]();
      return line;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a program beside the manager: in its namespaces, and outside of its units. */
  async run(command: string, args: readonly string[], options: MusterOptions = {}): Promise<Ended> {
    const given = Object.entries({ ...this.env, ...options.env });
    const env = Object.fromEntries(given.flatMap(([name, value]) => value === undefined ? [] : [[name, value]]));
    const words = [
      "--mount",
      "--cgroup",
      "--target",
      this.pid,
      "--wd=" + (options.cwd ?? this.world.cwd),
      "--",
      command,
    ];
    return await runProgram("nsenter", [...words, ...args], { ...options, env, cwd: this.world.cwd });
  }

  /** Runs the CLI with all permissions. */
  async muster(args: readonly string[], options: MusterOptions = {}): Promise<Ended> {
    const words = ["run", "--quiet", "-A", new URL("mod.ts", root).pathname, ...args];
    return await this.run(Deno.execPath(), words, options);
  }

  /** Runs the CLI with `--json`, and reads its one document. */
  async json<Document>(args: readonly string[], options: MusterOptions = {}): Promise<Ended & { document: Document }> {
    const ended = await this.muster([...args, "--json"], options);
    try {
      return { ...ended, document: JSON.parse(ended.stdout) };
    } catch {
      throw new Error(`muster ${args.join(" ")} --json printed no JSON document: ${show(ended)}`);
    }
  }

  /** Runs `systemctl --user`, and returns what it prints. */
  async systemctl(...args: readonly string[]): Promise<string> {
    return (await this.run("systemctl", ["--user", ...args])).stdout.trim();
  }

  /** What systemd says of an agent's unit: active, failed … */
  async unitState(name: string): Promise<string> {
    return await this.systemctl("show", "--property=ActiveState", "--value", `muster-agent@${name}.service`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.child.stdin.close();
      await this.child.stdout.cancel();
      const { code } = await this.child.status;
      if (code !== 0) throw new Error(`the systemd of ${this.world.directory} ended with status ${code}`);
    } finally {
      await this.world[Symbol.asyncDispose]();
    }
  }
}

let absence: Promise<string | undefined> | undefined;

/** Why no systemd can run here; asked once. */
async function whyAbsent(): Promise<string | undefined> {
  const opened = await SystemdWorld.open();
  if (typeof opened === "string") return opened;
  await opened[Symbol.asyncDispose]();
}

/** A test under a real `systemd --user`, in a world of its own. */
export function systemdTest(
  name: string,
  roster: string | undefined,
  job: (systemd: SystemdWorld, t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test(name, async (t) => {
    const reason = await (absence ??= whyAbsent());
    if (reason !== undefined) {
      if (Deno.env.get("CI") === "true") throw new Error(reason);
      await t.step({ name: reason, ignore: true, fn: () => {} });
      return;
    }
    const opened = await SystemdWorld.open(roster);
    if (typeof opened === "string") throw new Error(opened);
    await using systemd = opened;
    await job(systemd, t);
  });
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    reader.releaseLock();
  }
  return text.split("\n")[0] ?? "";
}
