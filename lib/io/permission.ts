/**
 * Permissions, looked at before they are used: Deno would ask a person on a terminal, where a tool that other programs
 * run must fail with the flag to add.
 *
 * @module
 */

import { MusterError } from "./error.ts";
import type { Grants } from "./io.ts";

/**
 * The command-line word that grants what the descriptor describes.
 *
 * @example
 * ```ts
 * import { permissionFlag } from "./permission.ts";
 *
 * if (permissionFlag({ name: "run", command: "tmux" }) !== "--allow-run=tmux") throw new Error("unreachable");
 * ```
 */
export function permissionFlag(descriptor: Deno.PermissionDescriptor): string {
  const scope = scopeOf(descriptor);
  return scope === undefined ? `--allow-${descriptor.name}` : `--allow-${descriptor.name}=${scope}`;
}

function scopeOf(descriptor: Deno.PermissionDescriptor): string | URL | undefined {
  switch (descriptor.name) {
    case "run":
      return descriptor.command;
    case "read":
    case "write":
    case "ffi":
      return descriptor.path;
    case "env":
      return descriptor.variable;
    case "net":
    case "import":
      return descriptor.host;
    case "sys":
      return descriptor.kind;
  }
}

/** Options of {@linkcode permissionError}. */
export interface PermissionErrorOptions {
  /** All that is needed, where it is not known whether more is missing. */
  readonly all?: string;
  /** What failed for it. */
  readonly cause?: unknown;
}

/** The error for permissions that were not given: exit 6, and a hint that names the flags. */
export function permissionError(flag: string, { all, cause }: PermissionErrorOptions = {}): MusterError {
  const programs = /(?:^| )--allow-run=(\S+)/.exec(flag)?.[1];
  // Deno drops a grant of a program that it does not find, with a warning of its own.
  const orInstall = programs === undefined ? "" : `; if it is there, install what is not on PATH of ${programs}`;
  return new MusterError("permission", `missing permission: ${flag}`, {
    hint: `add ${flag} to the deno run line${
      all === undefined || all === flag ? "" : `, which needs ${all}`
    }${orInstall}`,
    cause,
  });
}

/** Throws {@linkcode permissionError} unless the permission is given. Never asks. */
export function requirePermission(descriptor: Deno.PermissionDescriptor, permissions: Grants): void {
  if (!permissions.isGranted(descriptor)) throw permissionError(permissionFlag(descriptor));
}
