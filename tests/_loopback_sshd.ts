/** An sshd on loopback, with keys of its own, which runs commands as the tester in the world's home. */
import { realIo } from "../lib/io/mod.ts";
import type { World } from "./_world.ts";

/** What ssh needs to reach it. */
export interface Sshd extends AsyncDisposable {
  /** Words for ssh. */
  readonly options: readonly string[];
}

/** Starts one; its files are below the world's directory. */
export async function startSshd(world: World): Promise<Sshd> {
  const directory = `${world.directory}/sshd`;
  await Deno.mkdir(directory, { mode: 0o700 });
  for (const name of ["host", "user"]) {
    const made = await world.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", `${directory}/${name}`]);
    if (made.code !== 0) throw new Error(`ssh-keygen: ${made.stderr}`);
  }
  await Deno.copyFile(`${directory}/user.pub`, `${directory}/authorized_keys`);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  await Deno.writeTextFile(
    `${directory}/config`,
    [
      `ListenAddress 127.0.0.1`,
      `Port ${port}`,
      `HostKey ${directory}/host`,
      `AuthorizedKeysFile ${directory}/authorized_keys`,
      `PidFile none`,
      `StrictModes no`,
      `UsePAM no`,
      `PermitRootLogin yes`,
      `SetEnv HOME=${world.home} PATH=${world.env.PATH} DENO_DIR=${world.env.DENO_DIR}`,
    ].join("\n"),
  );
  const { stdout } = await realIo.process.run("sh", [
    "-c",
    "PATH=$PATH:/usr/sbin:/sbin; mkdir -p /run/sshd; command -v sshd",
  ]);
  const child = realIo.process.start(stdout.trim(), ["-D", "-e", "-f", `${directory}/config`]);
  const said = new Response(child.stderr).text();
  void new Response(child.stdout).text();
  const options = [
    "-F",
    "/dev/null",
    "-p",
    String(port),
    "-i",
    `${directory}/user`,
    "-o",
    `UserKnownHostsFile=${directory}/known`,
    "-o",
    "StrictHostKeyChecking=accept-new",
    "-o",
    "LogLevel=ERROR",
  ];
  try {
    await world.eventually("sshd to answer", async () => {
      const { code } = await world.run("ssh", [...options, "127.0.0.1", "true"]);
      return code === 0 || undefined;
    });
  } catch (error) {
    child.kill("SIGTERM");
    throw new Error(`sshd: ${await said}`, { cause: error });
  }
  return { options, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}
