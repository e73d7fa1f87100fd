/**
 * This machine: nothing is created or started. The first time is as if it were created, and a new boot as if it were started.
 *
 * @module
 */
import type { Io } from "../io/io.ts";
import { digestText, frame } from "../state/digest.ts";
import { sightProcesses } from "../state/owner.ts";
import { type Machine, readScript } from "./machine.ts";
import type { MachineDeclaration } from "./project.ts";

/** This machine. */
export function hostMachine(io: Io, declaration: MachineDeclaration): Machine {
  return {
    declaration,
    program: "bash",
    async observe(known, signal) {
      const { host, boot, user } = await sightProcesses(io, [], signal);
      const instance = (await digestText(frame([host, String(user), io.env.get("HOME") ?? ""]))).slice(0, 16);
      const exists = known?.instance === instance;
      return { exists, running: exists && known.boot === boot, mountsAsDeclared: true, instance, boot };
    },
    act: () => Promise.resolve(),
    bash: () => ["bash", "-c", readScript],
    terminal: (words) => ["bash", "-c", 'cd "$1" && shift && exec "$@"', "bash", declaration.directory, ...words],
    bring: () => Promise.resolve(),
    down: () => Promise.resolve(false),
  };
}
