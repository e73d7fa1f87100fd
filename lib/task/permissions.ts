/**
 * The permissions of a task: what it cannot do without, as the words of a `deno run` line.
 *
 * @module
 */

import { musterHome, musterState } from "../config/locate.ts";
import type { Environment, Io } from "../io/io.ts";
import { permissionError } from "../io/permission.ts";

/** Permissions by kind, each scoped: programs, paths, variables, hosts, kinds of system information. */
export interface Permissions {
  /** Programs, by name. */
  readonly run?: readonly string[];
  /** Paths to read. */
  readonly read?: readonly string[];
  /** Paths to write. */
  readonly write?: readonly string[];
  /** Environment variables. */
  readonly env?: readonly string[];
  /** Hosts, with their ports; or those that the configuration names, which only a run can tell. */
  readonly net?: readonly string[] | "configured";
  /** Kinds of system information, such as `hostname`. */
  readonly sys?: readonly NonNullable<Deno.SysPermissionDescriptor["kind"]>[];
}

/** A permission that a task can go without, and what it buys. */
export interface OptionalPermission {
  /** The permission. */
  readonly permissions: Permissions;
  /** What the task can do with it. */
  readonly buys: string;
}

/** Where muster's configuration is, as a permission word: the default place, since deno's task shell expands no more. */
export const homeDirectory = "$HOME/.config/muster";

/** Where muster's state is, as a permission word. */
export const stateDirectory = "$HOME/.local/state/muster";

/** Where systemd looks for a person's units, as a permission word. */
export const unitDirectory = "$HOME/.config/systemd/user";

/** The variables that say where configuration is. */
export const homeVariables = ["HOME", "MUSTER_HOME", "XDG_CONFIG_HOME"] as const;

/** The variables that say where state is. */
export const stateVariables = ["HOME", "MUSTER_STATE", "XDG_STATE_HOME"] as const;

const kinds = ["run", "read", "write", "env", "net", "sys"] as const;

/**
 * The `--allow-*` words that grant the permissions, in a fixed order. Hosts of the configuration are granted by
 * `--allow-net`, or each by its own word: what is missing is named when it is asked.
 */
export function permissionWords(permissions: Permissions): string[] {
  return kinds.flatMap((kind) => {
    const scope = permissions[kind];
    if (scope === "configured") return [`--allow-${kind}`];
    return scope && scope.length > 0 ? [`--allow-${kind}=${scope.join(",")}`] : [];
  });
}

/** All permissions of several tasks in one. */
export function unitePermissions(all: readonly Permissions[]): Permissions {
  return Object.fromEntries(
    kinds.map((kind) => {
      const scopes = all.map((one) => one[kind] ?? []);
      if (scopes.includes("configured")) return [kind, "configured"];
      return [kind, [...new Set(scopes.flat())].sort()];
    }),
  );
}

/**
 * Throws, naming every flag that is missing, unless all of the permissions are given. Never asks a person.
 *
 * Environment variables say where the paths are: without them these cannot be looked at, and the hint names all that the
 * task needs.
 *
 * @throws {MusterError} of code `permission`.
 */
export function requirePermissions(permissions: Permissions, io: Pick<Io, "permissions" | "env">): void {
  const { isGranted } = io.permissions;
  const hosts = permissions.net === "configured" ? [] : permissions.net ?? [];
  const hasEnvironment = (permissions.env ?? []).every((variable) => isGranted({ name: "env", variable }));
  const missingPaths = (name: "read" | "write") =>
    hasEnvironment
      ? (permissions[name] ?? []).map((word) => permissionPath(word, io.env)).filter((path) =>
        !isGranted({ name, path })
      )
      : [];
  const missing = permissionWords({
    run: (permissions.run ?? []).every((command) => isGranted({ name: "run", command })) ? [] : permissions.run,
    read: missingPaths("read"),
    write: missingPaths("write"),
    env: hasEnvironment ? [] : permissions.env,
    net: hosts.filter((host) => !isGranted({ name: "net", host })),
    sys: (permissions.sys ?? []).filter((kind) => !isGranted({ name: "sys", kind })),
  });
  if (missing.length === 0) return;
  const arePathsUnknown = !hasEnvironment && [permissions.read, permissions.write].some((paths) => paths?.length);
  throw permissionError(missing.join(" "), {
    all: arePathsUnknown ? permissionWords(permissions).join(" ") : undefined,
  });
}

/** The path that a permission word stands for, under the environment's own homes. */
export function permissionPath(word: string, env: Environment): string {
  if (word === homeDirectory) return musterHome(env);
  if (word === stateDirectory) return musterState(env);
  if (word === unitDirectory) {
    const config = env.get("XDG_CONFIG_HOME");
    if (config) return `${config}/systemd/user`;
  }
  return word.replace("$HOME", () => env.get("HOME") ?? "$HOME");
}
