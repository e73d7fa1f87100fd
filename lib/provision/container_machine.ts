/**
 * A long-lived container of podman or docker. Its labels say which instance it is and what it was made with, so that nothing
 * rests on what muster remembers.
 *
 * A container's mounts are fixed when it is made. To change them the container is committed to an image, and made anew from
 * it under the same instance: what is installed in it stays.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { visible } from "../io/visible.ts";
import { z } from "../deps/zod.ts";
import { type Machine, readScript } from "./machine.ts";
import type { MachineDeclaration, Mount } from "./project.ts";

const inspected = z.array(z.object({
  Id: z.string(),
  State: z.object({ Running: z.boolean(), StartedAt: z.string() }),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullable() }),
  Mounts: z.array(z.object({ Type: z.string(), Source: z.string(), Destination: z.string(), RW: z.boolean() })),
})).min(1);

type Inspected = z.output<typeof inspected>[number];

const instanceLabel = "muster.instance";
/** What was declared of its mounts: what else is mounted comes of `args` or of its image, and is none of them. */
const mountsLabel = "muster.mounts";

/**
 * A container.
 *
 * @param name The container's own name, which no other project's machine has.
 */
export function containerMachine(io: Io, declaration: MachineDeclaration, name: string): Machine {
  const { driver, image, args, mounts, directory } = declaration;
  const before = `${name}.before`;
  const run = async (words: readonly string[], signal: AbortSignal) => {
    const { code, stdout, stderr } = await io.process.run(driver, words, { signal });
    if (code === 0) return stdout.trim();
    throw new MusterError("failed", `${driver} ${words[0]} failed: ${lastLine(stderr) || `exit ${code}`}`, {
      command: [driver, ...words].join(" "),
    });
  };
  const inspect = async (of: string, signal: AbortSignal): Promise<Inspected | undefined> => {
    const { code, stdout, stderr } = await io.process.run(driver, ["container", "inspect", of], { signal });
    if (code === 0) return inspected.parse(JSON.parse(stdout))[0];
    if (/no such (container|object)/i.test(stderr)) return undefined;
    throw new MusterError("failed", `${driver} inspect failed: ${lastLine(stderr) || `exit ${code}`}`, {
      command: driver,
    });
  };
  const make = async (from: string, instance: string, signal: AbortSignal) => {
    const binds = mounts.flatMap((
      { source, target, readOnly },
    ) => ["-v", `${source}:${target}${readOnly ? ":ro" : ""}`]);
    const labels = [`${instanceLabel}=${instance}`, `${mountsLabel}=${JSON.stringify(mounts)}`]
      .flatMap((label) => ["--label", label]);
    await run(["create", "--name", name, ...labels, ...args, ...binds, from, "sleep", "infinity"], signal);
  };
  /** The container from before a change of mounts that was cut short, where the new one was never made. */
  const restore = async (signal: AbortSignal) => {
    const old = await inspect(before, signal);
    if (old === undefined) return;
    if (await inspect(name, signal)) await run(["rm", "-f", before], signal);
    else await run(["rename", before, name], signal);
  };
  /** Where what is committed for a change of mounts is kept. */
  const repository = `localhost/muster/${name.toLowerCase()}`;
  const removeImages = async (signal: AbortSignal) => {
    const list = ["images", "--filter", `reference=${repository}`, "--format", "{{.Repository}}:{{.Tag}}"];
    const images = (await run(list, signal)).split("\n").filter((one) => one.startsWith(`${repository}:`));
    // The newest first: the others are what it was made of.
    if (images.length > 0) await run(["rmi", ...images], signal);
  };
  const remount = async (signal: AbortSignal) => {
    const old = await inspect(name, signal);
    if (old === undefined) throw new MusterError("failed", `the container is gone: ${name}`);
    if (old.State.Running) await run(["stop", "-t", "5", name], signal);
    const kept = `${repository}:${Math.max(0, Date.parse(old.State.StartedAt.slice(0, 19) + "Z") || 0)}`;
    await run(["commit", name, kept], signal);
    await run(["rename", name, before], signal);
    await make(kept, old.Config.Labels?.[instanceLabel] ?? "", signal);
    await run(["rm", "-f", before], signal);
  };
  return {
    declaration,
    program: driver,
    async observe(_known, signal) {
      // Who looks has no lease, and puts nothing in order: without the new one, the container of before is the machine. It
      // is looked for last under its own name, which it may have got back meanwhile.
      const own = await inspect(name, signal);
      const old = own === undefined ? await inspect(before, signal) : undefined;
      const found = own ?? old ?? await inspect(name, signal);
      if (found === undefined) {
        return { exists: false, running: false, mountsAsDeclared: false, instance: "", boot: "" };
      }
      const instance = found.Config.Labels?.[instanceLabel];
      if (instance === undefined) {
        throw new MusterError("held", `a container of this name is not muster's: ${name}`, {
          hint: `rename it, or give the machine another name in muster.toml`,
        });
      }
      const running = found.State.Running && found !== old;
      return {
        exists: true,
        running,
        mountsAsDeclared: isSame(mounts, found),
        instance,
        boot: running ? found.State.StartedAt : "",
      };
    },
    async act(action, instance, signal) {
      for (const { source } of mounts) {
        if ((await io.files.facts(source))?.isDirectory) continue;
        throw new MusterError("config", `no such directory to mount: ${visible(source)}`);
      }
      await restore(signal);
      if (action === "create") await make(image, instance, signal);
      if (action === "update_mount_and_restart" || action === "attach_mount_and_start") await remount(signal);
      await run(["start", name], signal);
    },
    bash: () => [driver, "exec", "-i", name, "bash", "-c", readScript],
    terminal: (words) => [driver, "exec", "-it", "-w", directory, name, ...words],
    bring: () => Promise.resolve(),
    async down({ destroy, signal }) {
      await restore(signal);
      const found = await inspect(name, signal);
      if (destroy) {
        if (found) await run(["rm", "-f", name], signal);
        await removeImages(signal);
        return found !== undefined;
      }
      if (found === undefined) return false;
      if (found.State.Running) await run(["stop", "-t", "5", name], signal);
      else return false;
      return true;
    },
  };
}

function isSame(mounts: readonly Mount[], { Mounts, Config: { Labels } }: Inspected): boolean {
  const label = Labels?.[mountsLabel];
  if (label !== undefined) return label === JSON.stringify(mounts);
  const declared = mounts.map(({ source, target, readOnly }) => JSON.stringify([source, target, !readOnly]));
  const there = Mounts.filter(({ Type }) => Type === "bind").map(({ Source, Destination, RW }) =>
    JSON.stringify([Source, Destination, RW])
  );
  return declared.length === there.length && declared.every((mount) => there.includes(mount));
}

function lastLine(text: string): string {
  return visible(text.trim().split("\n").at(-1) ?? "");
}
