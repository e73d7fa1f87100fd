/**
 * A virtual machine of tart, by its command line. Nobody could try it on a real one here: it is proved against a stand-in
 * executable only.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { pollUntil } from "../io/poll.ts";
import { visible } from "../io/visible.ts";
import { z } from "../deps/zod.ts";
import { type Machine, readScript } from "./machine.ts";
import type { MachineDeclaration } from "./project.ts";

const listed = z.array(z.object({ Name: z.string(), State: z.string() }));

/** How long a virtual machine may take to answer. */
const startMs = 300_000;

/** tart puts shared directories there, by their names. */
const shared = "/Volumes/My Shared Files";

/**
 * A virtual machine.
 *
 * @param name Its own name, which no other project's machine has.
 */
export function tartMachine(io: Io, declaration: MachineDeclaration, name: string): Machine {
  const { image, args, mounts, directory } = declaration;
  const run = async (words: readonly string[], signal: AbortSignal) => {
    const { code, stdout, stderr } = await io.process.run("tart", words, { signal });
    if (code === 0) return stdout;
    const last = visible(stderr.trim().split("\n").at(-1) ?? "");
    throw new MusterError("failed", `tart ${words[0]} failed: ${last || `exit ${code}`}`, {
      command: ["tart", ...words].join(" "),
    });
  };
  const state = async (signal: AbortSignal) =>
    listed.parse(JSON.parse(await run(["list", "--format", "json"], signal))).find(({ Name }) => Name === name)?.State;
  const notOurs = () =>
    new MusterError("held", `a virtual machine of this name is not muster's: ${name}`, {
      hint: "rename it, or give the machine another name in muster.toml",
    });
  const clone = async (signal: AbortSignal) => {
    if (await state(signal) !== undefined) throw notOurs();
    try {
      await run(["clone", image, name], signal);
    } catch (error) {
      // tart makes a machine whole or not at all: one that is there now was made by somebody else meanwhile.
      if (!signal.aborted && await state(signal) !== undefined) throw notOurs();
      throw error;
    }
  };
  const stop = async (signal: AbortSignal) => {
    await run(["stop", name], signal);
  };
  const boot = async (signal: AbortSignal) => {
    const words = ["exec", name, "sysctl", "-n", "kern.bootsessionuuid"];
    const { code, stdout } = await io.process.run("tart", words, { signal });
    return code === 0 ? stdout.trim() : undefined;
  };
  /** `tart run` is the machine: it has to outlive muster. */
  const start = async (signal: AbortSignal) => {
    const directories = mounts.map(({ source, readOnly }, at) => `--dir=m${at}:${source}${readOnly ? ":ro" : ""}`);
    const script = 'nohup "$@" >/dev/null 2>&1 </dev/null &';
    await io.process.run("sh", ["-c", script, "sh", "tart", "run", name, "--no-graphics", ...args, ...directories], {
      signal,
    });
    await pollUntil(io.clock, () => boot(signal), {
      what: `${name} to answer`,
      timeoutMs: startMs,
      longestPauseMs: 1000,
      signal,
    });
    for (const [at, { target }] of mounts.entries()) {
      const link = 'mkdir -p "$(dirname "$2")" && { [ ! -L "$2" ] || rm "$2"; } && ln -s "$1" "$2"';
      await run(["exec", name, "sudo", "sh", "-c", link, "sh", `${shared}/m${at}`, target], signal);
    }
  };
  return {
    declaration,
    program: "tart",
    async observe(reading, signal) {
      const [found, known] = await Promise.all([state(signal), reading]);
      if (found === undefined) {
        return { exists: false, running: false, mountsAsDeclared: false, instance: "", boot: "" };
      }
      // tart keeps no labels: a machine of this name is muster's where muster's record says that it made it. The record of
      // a creation is written when there is none of that name, so it counts whatever became of it.
      if (known === undefined) throw notOurs();
      const running = found === "running";
      // tart does not say what a machine was run with: what it was last run with is known from muster's record.
      const declared = JSON.stringify(mounts);
      return {
        exists: true,
        running,
        // One without a boot was left to a kill on its way: running or not, its directories may not be where they belong.
        mountsAsDeclared: known.settings["machine.mounts"] === `text:${declared}` && (known.boot !== "" || !running),
        instance: known.instance,
        boot: running ? await boot(signal) ?? "" : "",
      };
    },
    async act(action, _instance, signal) {
      if (action === "create") await clone(signal);
      if (action === "update_mount_and_restart") await stop(signal);
      await start(signal);
    },
    bash: () => ["tart", "exec", "-i", name, "bash", "-c", readScript],
    terminal: (words) => [
      ...["tart", "exec", "-i", "-t", name, "bash", "-c", 'cd "$1" && shift && exec "$@"', "bash", directory],
      ...words,
    ],
    bring: () => Promise.resolve(),
    async down({ destroy, signal }) {
      const found = await state(signal);
      if (found === undefined) return false;
      if (found === "running") await stop(signal);
      else if (!destroy) return false;
      if (destroy) await run(["delete", name], signal);
      return true;
    },
  };
}
