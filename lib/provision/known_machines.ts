/**
 * The projects whose machines muster has provisioned from here.
 *
 * @module
 */
import { musterState } from "../config/locate.ts";
import { z } from "../deps/zod.ts";
import { MusterError } from "../io/error.ts";
import type { Environment, Files } from "../io/io.ts";

const projectFile = z.object({ version: z.literal(1), name: z.string(), driver: z.string(), root: z.string() });

/** A project whose machine is known. */
export interface KnownProject {
  /** The machine's name. */
  readonly name: string;
  /** The project's directory. */
  readonly root: string;
}

/** The projects whose machines have state here, in the order of their names. */
export async function knownProjects(
  io: { readonly files: Pick<Files, "read" | "list">; readonly env: Environment },
): Promise<KnownProject[]> {
  const directory = `${musterState(io.env)}/provision`;
  const found: KnownProject[] = [];
  for (const { name } of await io.files.list(directory) ?? []) {
    const path = `${directory}/${name}/project.json`;
    const bytes = await io.files.read(path);
    if (bytes === undefined) continue;
    try {
      const project = projectFile.parse(JSON.parse(new TextDecoder().decode(bytes)));
      found.push({ name: project.name, root: project.root });
    } catch (cause) {
      throw new MusterError("failed", `not a project of muster's state: ${path}`, { hint: "remove it", cause });
    }
  }
  return found;
}
