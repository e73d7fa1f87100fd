/** An image of Debian for containers, made by debootstrap once, and kept outside of the tree. */
import { realIo } from "../lib/io/mod.ts";

/** The image's name. */
export const image = "localhost/muster-test-debian:12";

/** What a container needs where this runs in a sandbox: no cgroups of its own, no network of its own, lower limits. */
export const containerArgs = [
  ...["--runtime", "runc", "--network", "host"],
  ...["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"],
];

const directory = "/var/tmp/muster-test-image";

/** The archive that the image is made of; made where it is missing, by one process at a time. */
export async function archive(): Promise<string> {
  const path = `${directory}/debian-12.tar`;
  await using _lock = await realIo.files.lock(`${directory}/lock`, { timeoutMs: 600_000 });
  if (await realIo.files.facts(path)) return path;
  const script = `set -e; scratch=$(mktemp -d "$1/root.XXXXXX"); trap 'rm -rf "$scratch"' EXIT
PATH=$PATH:/usr/sbin:/sbin
debootstrap --variant=minbase bookworm "$scratch" http://deb.debian.org/debian >"$1/log" 2>&1 || { tail -5 "$1/log" >&2; exit 1; }
rm -rf "$scratch"/var/cache/apt/archives/*.deb "$scratch"/var/lib/apt/lists/*
tar -C "$scratch" -cf "$1/new" . && mv "$1/new" "$2"`;
  const { code, stderr } = await realIo.process.run("sh", ["-c", script, "sh", directory, path]);
  if (code !== 0) throw new Error(`debootstrap: ${stderr}`);
  return path;
}

/** Makes the image where podman has none. */
export async function makeImage(): Promise<void> {
  if ((await realIo.process.run("podman", ["image", "exists", image])).code === 0) return;
  const path = await archive();
  const { code, stderr } = await realIo.process.run("podman", ["import", path, image]);
  if (code !== 0) throw new Error(`podman import: ${stderr}`);
}

/** Why containers cannot be tried here; `undefined` where they can, and in CI, where they have to be. */
export async function whyNoContainers(): Promise<string | undefined> {
  if (Deno.env.get("CI") === "true") return undefined;
  for (const program of ["podman", "runc", "debootstrap"]) {
    const { code } = await realIo.process.run("sh", [
      "-c",
      'PATH=$PATH:/usr/sbin:/sbin; command -v "$1"',
      "sh",
      program,
    ]);
    if (code !== 0) return `${program} is not there`;
  }
  return Deno.uid() === 0 ? undefined : "debootstrap needs root";
}
