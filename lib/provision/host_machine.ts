/**
 * This machine: nothing is created or started. The first time is as if it were created, and a new boot as if it were started.
 *
 * @module
 */
import type { Io } from "../io/io.ts";
import { type Machine, readScript } from "./machine.ts";
import { identityScript, readIdentity } from "./machine_identity.ts";
import type { MachineDeclaration } from "./project.ts";

/** This machine. */
export function hostMachine(io: Io, declaration: MachineDeclaration): Machine {
  return {
    declaration,
    program: "bash",
    async observe(reading, signal) {
      // A mark would be lost and kept together with muster's state, which is on this machine itself.
      const { stdout } = await io.process.run("sh", ["-c", identityScript(false)], { signal });
      const { instance, boot } = await readIdentity(stdout, [io.env.get("HOME") ?? ""]);
      const known = await reading;
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
