/**
 * Hosts that a test reaches by ssh: for each a world of its own, and a real sshd on loopback with a key, a configuration and
 * a port of its own, whose sessions live in that world. The ssh client has nothing of the tester's either: a program `ssh`
 * that comes first on PATH gives it a configuration of the test's.
 *
 * @module
 */

import { type Io, pollUntil, realIo, withEnvironment } from "../lib/io/mod.ts";
import { writeExecutable } from "./_executable.ts";
import { type Ended, type MusterOptions, root, runProgram, show, World } from "./_world.ts";

/** How long anything may take before a test gives up on it. */
const deadlineMs = 60_000;

/** Options of {@linkcode SshHosts.open}. */
export interface SshHostsOptions {
  /** Lines for every sshd's configuration. */
  readonly sshd?: readonly string[];
  /** Variables of the sessions, on top of `HOME` and `TMUX_TMPDIR`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** One host that is reached by ssh. */
export class FarHost implements AsyncDisposable {
  private constructor(
    /** The ssh destination. */
    readonly name: string,
    /** What its sessions live in. */
    readonly world: World,
    readonly port: number,
    readonly hostKey: string,
    readonly server: Deno.ChildProcess,
  ) {}

  /** Starts its sshd. */
  static async start(name: string, publicKey: string, options: SshHostsOptions): Promise<FarHost> {
    const world = await World.create();
    try {
      const at = (file: string) => `${world.directory}/${file}`;
      await makeKey(at("host_key"));
      await Deno.writeTextFile(at("authorized_keys"), publicKey);
      const port = freePort();
      const variables = { HOME: world.home, TMUX_TMPDIR: world.sockets, ...options.env };
      const config = [
        "ListenAddress 127.0.0.1",
        `Port ${port}`,
        `HostKey ${at("host_key")}`,
        `AuthorizedKeysFile ${at("authorized_keys")}`,
        "PidFile none",
        "StrictModes no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin prohibit-password",
        `SetEnv ${Object.entries(variables).map(([key, value]) => `${key}=${value}`).join(" ")}`,
        ...options.sshd ?? [],
      ];
      await Deno.writeTextFile(at("sshd_config"), `${config.join("\n")}\n`);
      const server = await startSshd(at("sshd_config"), port);
      const hostKey = (await Deno.readTextFile(at("host_key.pub"))).split(" ").slice(0, 2).join(" ");
      return new FarHost(name, world, port, hostKey, server);
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The processes of its ssh sessions, those that sshd runs for them among them. */
  async sessions(): Promise<{ readonly pid: number; readonly command: string }[]> {
    return (await processes()).filter(({ pid, isBelow }) => pid !== this.server.pid && isBelow(this.server.pid));
  }

  /** Sends a signal to every process of sshd's own that serves a session. */
  async signal(name: Deno.Signal): Promise<void> {
    for (const { pid, command } of await this.sessions()) {
      if (/^sshd/.test(command)) sendSignal(pid, name);
    }
  }

  /** What a session of muster's would leave on this host: the loop, and what runs under it. */
  async loops(): Promise<string[]> {
    const marks = [`HOME=${this.world.home}\0`];
    const found: string[] = [];
    for (const { pid, command } of await processes()) {
      if (!command.includes("IFS= read -r s && eval")) continue;
      const variables = await Deno.readTextFile(`/proc/${pid}/environ`).catch(() => ""); // it has ended
      if (marks.every((mark) => variables.includes(mark))) found.push(`${pid} ${command}`);
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.signal("SIGKILL");
      sendSignal(this.server.pid, "SIGKILL");
      await this.server.status;
    } finally {
      await this.world[Symbol.asyncDispose]();
    }
  }
}

/** Hosts that are reached by ssh from a world; see the module. */
export class SshHosts implements AsyncDisposable {
  private constructor(
    /** Where muster is called. */
    readonly near: World,
    /** The others, in the order of their names. */
    readonly far: readonly FarHost[],
    /** What every program of the near world gets. */
    readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Starts hosts of these names, each known and open to the near world. */
  static async open(names: readonly string[], options: SshHostsOptions = {}): Promise<SshHosts> {
    const near = await World.create();
    const far: FarHost[] = [];
    try {
      const at = (file: string) => `${near.directory}/${file}`;
      await makeKey(at("id"));
      const publicKey = await Deno.readTextFile(at("id.pub"));
      for (const name of names) far.push(await FarHost.start(name, publicKey, options));
      const { stdout } = await runProgram("sh", ["-c", "id -un; command -v ssh"], { env: near.env, cwd: near.cwd });
      const [user = "", ssh = ""] = stdout.split("\n");
      await Deno.mkdir(at("bin"));
      await writeExecutable(at("bin/ssh"), `#!/bin/sh\nexec ${ssh} -F ${at("ssh_config")} "$@"\n`);
      const env = { ...near.env, PATH: `${at("bin")}:${near.env.PATH}`, MUSTER_STATE: at("s") };
      const hosts = new SshHosts(near, far, env);
      await hosts.configure(
        ["User", user],
        ["IdentityFile", at("id")],
        ["IdentitiesOnly", "yes"],
        ["UserKnownHostsFile", at("known_hosts")],
        ["GlobalKnownHostsFile", "none"],
      );
      await hosts.know(...far.map(({ port, hostKey }): [number, string] => [port, hostKey]));
      return hosts;
    } catch (error) {
      for (const host of far) await host[Symbol.asyncDispose]();
      await near[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The only or the first host. */
  get first(): FarHost {
    return this.far[0] as FarHost;
  }

  /** The real world, in the environment of the near one. */
  get io(): Io {
    return withEnvironment(realIo, this.env);
  }

  /** Writes the client's configuration: the hosts, and what holds for all. */
  async configure(...settings: readonly (readonly [string, string])[]): Promise<void> {
    const lines = this.far.map(({ name, port }) => `Host ${name}\n  HostName 127.0.0.1\n  Port ${port}\n`);
    const all = settings.map(([key, value]) => `  ${key} ${value}\n`).join("");
    await Deno.writeTextFile(`${this.near.directory}/ssh_config`, `${lines.join("")}Host *\n${all}`);
  }

  /** Writes the keys that the client knows, each with its port. */
  async know(...keys: readonly (readonly [number, string])[]): Promise<void> {
    const lines = keys.map(([port, key]) => `[127.0.0.1]:${port} ${key}\n`);
    await Deno.writeTextFile(`${this.near.directory}/known_hosts`, lines.join(""));
  }

  /** Runs the CLI with all permissions. */
  async muster(args: readonly string[], options: MusterOptions = {}): Promise<Ended> {
    return await this.near.muster(args, { ...options, env: { ...this.env, ...options.env } });
  }

  /** Runs the CLI with `--json`, and reads its one document. */
  async json<Document>(args: readonly string[], options: MusterOptions = {}): Promise<Ended & { document: Document }> {
    return await this.near.json<Document>(args, { ...options, env: { ...this.env, ...options.env } });
  }

  /** The sockets of connections that are kept for others. */
  async connections(): Promise<string[]> {
    try {
      const names: string[] = [];
      for await (const { name } of Deno.readDir(`${this.env.MUSTER_STATE}/ssh`)) names.push(name);
      return names;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  /** Ends the connections that are kept for others, as ssh does by itself after a while. */
  async endConnections(): Promise<void> {
    for (const name of await this.connections()) {
      const path = `${this.env.MUSTER_STATE}/ssh/${name}`;
      // One that has ended meanwhile is what is wanted.
      await runProgram("ssh", ["-O", "exit", "-o", `ControlPath=${path}`, "any"], {
        env: this.env,
        cwd: this.near.cwd,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      for (const host of this.far) await host.signal("SIGCONT");
      await this.endConnections();
    } finally {
      for (const host of this.far) await host[Symbol.asyncDispose]();
      await this.near[Symbol.asyncDispose]();
    }
  }
}

async function makeKey(path: string): Promise<void> {
  const args = ["-q", "-t", "ed25519", "-N", "", "-C", "muster-test", "-f", path];
  const { code, stderr } = await new Deno.Command("ssh-keygen", { args, stdin: "null" }).output();
  if (code !== 0) throw new Error(`Cannot make a key: ${new TextDecoder().decode(stderr)}`);
}

/** A port that nobody listens at. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function startSshd(config: string, port: number): Promise<Deno.ChildProcess> {
  // sshd wants to be called by its path, and as root a directory that its own service makes.
  const script = `[ "$(id -u)" != 0 ] || mkdir -p /run/sshd || exit 1
    sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd) && exec "$sshd" -D -e -f "$1"`;
  const server = new Deno.Command("sh", {
    args: ["-c", script, "sh", config],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let status: Deno.CommandStatus | undefined;
  server.status.then((ended) => status = ended);
  await pollUntil(realIo.clock, async () => {
    if (status) throw new Error(`sshd ended with ${status.code}`);
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return undefined;
      throw error;
    }
  }, { what: "sshd to listen", timeoutMs: deadlineMs, longestPauseMs: 25 });
  return server;
}

/** Every process, and whether it is below another. */
async function processes() {
  const { stdout, ...ended } = await new Deno.Command("ps", { args: ["-e", "-o", "pid=,ppid=,args="] }).output();
  if (ended.code !== 0) throw new Error(`Cannot list processes: ${show({ ...ended, stdout: "", stderr: "" })}`);
  const rows = new TextDecoder().decode(stdout).split("\n").flatMap((line) => {
    const [, pid, parent, command = ""] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
  const parents = new Map(rows.map(({ pid, parent }) => [pid, parent]));
  return rows.map(({ pid, command }) => ({
    pid,
    command,
    isBelow: (ancestor: number) => {
      for (let one: number | undefined = pid; one; one = parents.get(one)) if (one === ancestor) return true;
      return false;
    },
  }));
}

function sendSignal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // it has ended already
  }
}

const demoProgram = new URL("fixtures/agents/demo.ts", root).pathname;

/** A demo agent in a pane of a host. */
export interface FarAgent {
  /** The pane's id. */
  readonly paneId: string;
  /** The name that tmux gave its session. */
  readonly session: string;
  /** The messages that it took so far. */
  taken(): Promise<string[]>;
  /** What sends left in its tmux server: tickets, marks and buffers. */
  traces(): Promise<string>;
}

/** Starts a demo agent in a session of a host's tmux server, and waits until it takes text. */
export async function startFarAgent(
  { world }: FarHost,
  name: string,
  flags: readonly string[] = ["--busy", "0"],
): Promise<FarAgent> {
  const transcript = `${world.cwd}/transcript-${crypto.randomUUID()}.jsonl`;
  const agent = [Deno.execPath(), "run", "--quiet", "--no-config", `--allow-write=${transcript}`, demoProgram];
  const size = ["-x", "150", "-y", "50"];
  const format = "#{pane_id} #{session_name}";
  const made = await world.tmux(
    ["new-session", "-d", "-P", "-F", format, "-s", name, ...size, ...agent, "--transcript", transcript, ...flags],
  );
  const [, paneId = "", session = ""] = /^(%\d+) (.*)\n$/s.exec(made) ?? [];
  await world.eventually(`the agent in ${paneId} to take text`, async () => {
    return (await world.screen(paneId)).some((row) => row.includes("· ready")) || undefined;
  });
  return {
    paneId,
    session,
    async taken() {
      const lines = (await Deno.readTextFile(transcript)).split("\n").slice(0, -1);
      return lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "user").map(({ text }) => text);
    },
    async traces() {
      const left = ["display-message", "-p", "-t", paneId, "#{@muster_queue}#{@muster_message}"];
      return `${(await world.tmux(left)).trim()}${await world.tmux(["list-buffers"])}`;
    },
  };
}
