/**
 * Which machine a project declares.
 *
 * @module
 */
import type { Io } from "../io/io.ts";
import type { Machine } from "./machine.ts";
import type { Project } from "./project.ts";

/**
 * The machine of a project.
 *
 * @param key What tells it from machines of the same name of other projects.
 */
export async function machineFor(io: Io, { machine }: Project, key: string): Promise<Machine> {
  // Each kind is loaded when there is one: what nobody has costs nothing.
  switch (machine.driver) {
    case "host":
      return (await import("./host_machine.ts")).hostMachine(io, machine);
    case "ssh":
      return (await import("./ssh_machine.ts")).sshMachine(io, machine);
    case "podman":
    case "docker":
      return (await import("./container_machine.ts")).containerMachine(io, machine, `muster-${key}`);
    case "tart":
      return (await import("./tart_machine.ts")).tartMachine(io, machine, `muster-${key}`);
  }
}
