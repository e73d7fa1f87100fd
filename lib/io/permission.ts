/**
 * Permissions, looked at before they are used: Deno would ask a person on a terminal, where a tool that other programs
 * run must fail with the flag to add.
 *
 * @module
 */

import { MusterError } from "./error.ts";

/** The command-line word that grants what the descriptor describes, such as `--allow-run=tmux`. */
export function permissionFlag(descriptor: Deno.PermissionDescriptor): string {
  const scope = descriptor.name === "run"
    ? descriptor.command
    : descriptor.name === "read" || descriptor.name === "write"
    ? descriptor.path
    : descriptor.name === "env"
    ? descriptor.variable
    : descriptor.name === "net"
    ? descriptor.host
    : descriptor.name === "sys"
    ? descriptor.kind
    : undefined;
  return scope === undefined ? `--allow-${descriptor.name}` : `--allow-${descriptor.name}=${scope}`;
}

/** The error for a permission that was not given: exit 6, and a hint that names the flag. */
export function permissionError(flag: string, cause?: unknown): MusterError {
  return new MusterError("permission", `missing permission: ${flag}`, {
    hint: `add ${flag} to the deno run line`,
    cause,
  });
}

/** Whether the permission is given. Never asks. */
export function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}

/** Throws {@linkcode permissionError} unless the permission is given. Never asks. */
export function requirePermission(descriptor: Deno.PermissionDescriptor): void {
  if (!isGranted(descriptor)) throw permissionError(permissionFlag(descriptor));
}
