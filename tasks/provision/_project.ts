/** What every verb of provisioning takes and may. */
import { readProject } from "../../lib/provision/read_project.ts";
import type { Io } from "../../lib/io/io.ts";
import type { Project } from "../../lib/provision/project.ts";
import { flag, type OptionalPermission, stateDirectory, stateVariables, z } from "../../lib/task/mod.ts";

/** The flag that names the project. */
export const projectField = {
  project: flag(z.string().min(1).default(".").describe("The project's directory, which has a muster.toml"), {
    placeholder: "DIR",
  }),
};

/** What looking at a project and its machine takes. */
export const lookPermissions = {
  run: ["sh", "bash"],
  read: [".", stateDirectory],
  env: stateVariables,
} as const;

/** What provisioning takes. */
export const upPermissions = { ...lookPermissions, write: [stateDirectory] } as const;

/** What machines other than the host take, and what hooks may name. */
export const driverPermissions: readonly OptionalPermission[] = [
  { permissions: { run: ["ssh"] }, buys: 'machines of driver = "ssh"' },
  { permissions: { run: ["podman"] }, buys: 'machines of driver = "podman"; docker and tart the same by their names' },
  { permissions: { read: ["DIR"] }, buys: "--project DIR, packs and inputs outside the project" },
  { permissions: { env: ["NAME"] }, buys: "secrets that hooks name in env" },
];

/** Reads the project, and tells what is old in its file. */
export async function openProject(io: Io, directory: string, say: (line: string) => void): Promise<Project> {
  const project = await readProject(io, directory);
  for (const note of project.notes) say(`hint: ${note}`);
  return project;
}
