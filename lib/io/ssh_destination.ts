/**
 * An ssh destination that ssh cannot take for a flag: a host, or `user@host`, as in `~/.ssh/config`.
 *
 * @example
 * ```ts
 * import { sshDestination } from "./ssh_destination.ts";
 *
 * if (!sshDestination.test("ada@build1") || sshDestination.test("-oProxyCommand=x")) throw new Error("unreachable");
 * ```
 */
export const sshDestination: RegExp = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9_:[][A-Za-z0-9_.:%\]-]*$/;
