/** A host behind ssh for a project: a real sshd on loopback, whose sessions live in a world of their own. */
import { FarHost } from "./_sshd.ts";
import type { World } from "./_world.ts";

/** What ssh needs to reach it, and where its sessions live. */
export interface Sshd extends AsyncDisposable {
  /** Words for ssh. */
  readonly options: readonly string[];
  /** `HOME` there. */
  readonly home: string;
}

/** Starts one, with a key that the world has. */
export async function startSshd(world: World): Promise<Sshd> {
  const at = (name: string) => `${world.directory}/${name}`;
  const made = await world.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at("id")]);
  if (made.code !== 0) throw new Error(`ssh-keygen: ${made.stderr}`);
  const env = { PATH: world.env.PATH ?? "", DENO_DIR: world.env.DENO_DIR ?? "" };
  const host = await FarHost.start("far", await Deno.readTextFile(at("id.pub")), { env });
  await Deno.writeTextFile(at("known"), `[127.0.0.1]:${host.port} ${host.hostKey}\n`);
  const settings = [`UserKnownHostsFile=${at("known")}`, "GlobalKnownHostsFile=none", "LogLevel=ERROR"];
  return {
    options: ["-F", "/dev/null", "-p", String(host.port), "-i", at("id"), ...settings.flatMap((one) => ["-o", one])],
    home: host.world.home,
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
