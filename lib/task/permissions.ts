/**
 * The permissions of a task: what it cannot do without, as the words of a `deno run` line.
 *
 * @module
 */

import { musterHome, musterState } from "../config/locate.ts";
import { type Environment, type Io, permissionError, requirePermission } from "../io/mod.ts";

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
 * Throws, naming the flag, unless every one of the permissions is given. Never asks a person.
 *
 * Environment variables come first, since they say where the paths are.
 *
 * @throws {MusterError} of code `permission`.
 */
export function requirePermissions(permissions: Permissions, io: Pick<Io, "permissions" | "env">): void {
  const requireAll = (kind: "env" | "run", descriptors: readonly Deno.PermissionDescriptor[]) => {
    if (descriptors.every(io.permissions.isGranted)) return;
    throw permissionError(permissionWords({ [kind]: permissions[kind] }).join(" "));
  };
  requireAll("env", (permissions.env ?? []).map((variable) => ({ name: "env", variable })));
  requireAll("run", (permissions.run ?? []).map((command) => ({ name: "run", command })));
  for (const kind of permissions.sys ?? []) requirePermission({ name: "sys", kind }, io.permissions);
  const hosts = permissions.net === "configured" ? [] : permissions.net ?? [];
  for (const host of hosts) requirePermission({ name: "net", host }, io.permissions);
  for (const name of ["read", "write"] as const) {
    const paths = (permissions[name] ?? []).map((word) => permissionPath(word, io.env));
    const missing = paths.filter((path) => !io.permissions.isGranted({ name, path }));
    if (missing.length > 0) throw permissionError(`--allow-${name}=${missing.join(",")}`);
  }
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
