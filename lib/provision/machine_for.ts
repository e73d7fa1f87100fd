/**
 * Which machine a project declares.
 *
 * @module
 */
import type { Io } from "../io/io.ts";
import { containerMachine } from "./container_machine.ts";
import { hostMachine } from "./host_machine.ts";
import type { Machine } from "./machine.ts";
import type { Project } from "./project.ts";
import { sshMachine } from "./ssh_machine.ts";
import { tartMachine } from "./tart_machine.ts";

/**
 * The machine of a project.
 *
 * @param key What tells it from machines of the same name of other projects.
 */
export function machineFor(io: Io, { machine }: Project, key: string): Machine {
  switch (machine.driver) {
    case "host":
      return hostMachine(io, machine);
    case "ssh":
      return sshMachine(io, machine);
    case "podman":
    case "docker":
      return containerMachine(io, machine, `muster-${key}`);
    case "tart":
      return tartMachine(io, machine, `muster-${key}`);
  }
}
