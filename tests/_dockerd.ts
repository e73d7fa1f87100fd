/** A docker daemon of a test's own, by Debian's packages, which are unpacked outside of the tree and not installed. */
import { pollUntil, realIo } from "../lib/io/mod.ts";
import { archive, image, whyNoContainers } from "./_image.ts";

const directory = "/var/tmp/muster-test-docker";

/** A daemon that runs. */
export interface Dockerd extends AsyncDisposable {
  /** What its client, and the programs that it needs, are found by. */
  readonly env: Readonly<Record<string, string>>;
}

/** Why docker cannot be tried here. */
export async function whyNoDocker(): Promise<string | undefined> {
  const why = await whyNoContainers();
  if (why !== undefined) return why;
  const { code } = await realIo.process.run("sh", ["-c", "command -v apt-get"]);
  return code === 0 ? undefined : "apt-get is not there";
}

/** The directory of docker's programs; unpacked where it is missing, by one process at a time. */
async function programs(): Promise<string> {
  const path = `${directory}/root`;
  await using _lock = await realIo.files.lock(`${directory}/lock`, { timeoutMs: 600_000 });
  if (await realIo.files.facts(path)) return path;
  const script = `set -e; cd "$1"; rm -rf new; mkdir new
apt-get update -qq >log 2>&1 || :
apt-get download docker.io containerd libdevmapper1.02.1 >>log 2>&1 || { tail -5 log >&2; exit 1; }
for file in ./*.deb; do dpkg -x "$file" new; done; rm ./*.deb; mv new root`;
  const { code, stderr } = await realIo.process.run("sh", ["-c", script, "sh", directory]);
  if (code !== 0) throw new Error(`apt-get download: ${stderr}`);
  return path;
}

/** Starts a daemon that changes nothing of this machine's network, with the test's image in it. */
export async function startDockerd(): Promise<Dockerd> {
  const root = await programs();
  const scratch = await Deno.makeTempDir({ prefix: "muster-dockerd-" });
  const socket = `unix://${scratch}/docker.sock`;
  const env = {
    PATH: `${root}/usr/sbin:${root}/usr/bin:${Deno.env.get("PATH")}:/usr/sbin`,
    LD_LIBRARY_PATH: `${root}/lib/x86_64-linux-gnu:${root}/lib/aarch64-linux-gnu`,
    DOCKER_HOST: socket,
    DOCKER_CONFIG: `${scratch}/config`,
  };
  const child = new Deno.Command("dockerd", {
    args: [
      ...["--host", socket, "--data-root", `${scratch}/data`, "--exec-root", `${scratch}/exec`],
      ...["--pidfile", `${scratch}/pid`, "--bridge=none", "--iptables=false", "--ip6tables=false"],
      ...["--ip-forward=false", "--ip-masq=false"],
    ],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const said = new Response(child.stderr).text();
  let ended = false;
  void child.status.then(() => ended = true);
  const end = async () => {
    // It ends its containers and containerd before itself.
    if (!ended) child.kill("SIGTERM");
    await child.status;
    await said;
    // The network that containers share with the host stays mounted where dockerd put it.
    const unmount =
      `while read -r _ _ _ _ at _; do case $at in "$1"/*) umount "$at" ;; esac; done </proc/self/mountinfo`;
    await realIo.process.run("sh", ["-c", unmount, "sh", scratch]);
    await Deno.remove(scratch, { recursive: true });
  };
  try {
    await pollUntil(realIo.clock, async () => {
      if (ended) throw new Error(`dockerd: ${(await said).trim().split("\n").at(-1)}`);
      return (await realIo.process.run("docker", ["version"], { env })).code === 0 || undefined;
    }, { what: "dockerd to answer", timeoutMs: 120_000, longestPauseMs: 200 });
    const { code, stderr } = await realIo.process.run("docker", ["import", await archive(), image], { env });
    if (code !== 0) throw new Error(`docker import: ${stderr}`);
  } catch (error) {
    await end();
    throw error;
  }
  return { env, [Symbol.asyncDispose]: end };
}
