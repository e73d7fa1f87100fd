/** The hosts that a task uses, and the permissions that it may have for them. @module */

import { musterState } from "../lib/config/locate.ts";
import { Hosts, type Io } from "../lib/io/mod.ts";
import { type OptionalPermission, stateDirectory, stateVariables } from "../lib/task/mod.ts";

/** What a task can do with ssh, as its definition says it. */
export function sshPermissions(buys: string): OptionalPermission[] {
  return [
    { permissions: { run: ["ssh"] }, buys },
    {
      permissions: { read: [stateDirectory], write: [stateDirectory], env: stateVariables },
      buys: "one ssh connection that several calls of muster share",
    },
  ];
}

/** What the tasks that act on agents of the roster can do with ssh. */
export const remoteAgentPermissions: readonly OptionalPermission[] = sshPermissions("agents on other hosts");

/** This host, and others by ssh, all of whose connections end when it is disposed of. */
export function openHosts(io: Io): Hosts {
  return new Hosts(io, { connections: () => connectionsDirectory(io) });
}

/** Where ssh keeps the sockets of shared connections; `undefined` without the permissions, or where others could reach them. */
async function connectionsDirectory(io: Io): Promise<string | undefined> {
  if (!stateVariables.every((variable) => io.permissions.isGranted({ name: "env", variable }))) return undefined;
  if (!io.env.get("MUSTER_STATE") && !io.env.get("XDG_STATE_HOME") && !io.env.get("HOME")) return undefined;
  const path = `${musterState(io.env)}/ssh`;
  if (!(["read", "write"] as const).every((name) => io.permissions.isGranted({ name, path }))) return undefined;
  await io.files.makeDirectory(path, { mode: 0o700 });
  const facts = await io.files.facts(path);
  return facts?.isDirectory && facts.mode !== null && (facts.mode & 0o077) === 0 ? path : undefined;
}
