/**
 * Reads a project's `muster.toml`. Every verb of provisioning starts here.
 *
 * @module
 */
import { musterState } from "../config/locate.ts";
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { visible } from "../io/visible.ts";
import { digestText, frame } from "../state/digest.ts";
import { noProject, type Project } from "./project.ts";

/**
 * What the file is read as is remembered by its digest, so that an `up` with nothing to do loads neither parser nor schema. To
 * be raised with every change of what the file may hold, and of what is made of it.
 */
const version = 1;

/**
 * The project in a directory.
 *
 * @param directory Absolute, or relative to where muster was called.
 * @throws {MusterError} of code `not_found` where there is no `muster.toml`, of code `config` for one that is none.
 */
export async function readProject(
  io: Pick<Io, "files" | "env" | "permissions">,
  directory: string,
): Promise<Project> {
  const root = await io.files.realPath(directory);
  if (root === undefined) throw new MusterError("not_found", `no such directory: ${visible(directory)}`);
  const bytes = await io.files.read(`${root}/muster.toml`);
  if (bytes === undefined) throw noProject(visible(root));
  const state = musterState(io.env);
  const path = `${state}/projects/${(await digestText(root)).slice(0, 16)}.json`;
  // Not by its text: what is no UTF-8 has to stay what it is.
  const key = await digestText(frame([String(version), root, io.env.get("HOME") ?? "", bytes.toHex()]));
  const mayLook = io.permissions.isGranted({ name: "read", path });
  const remembered = mayLook ? recalled(await io.files.read(path), key) : undefined;
  if (remembered) return remembered;
  const { parseProject } = await import("./resolve_project.ts");
  const project = parseProject(bytes, root, io.env);
  if (mayLook && io.permissions.isGranted({ name: "write", path })) {
    await remember(io, path, JSON.stringify({ key, project }));
  }
  return project;
}

/** Keeps what the file was read as; where that cannot be kept, as on a full disk, the file is as right as it was. */
async function remember({ files }: Pick<Io, "files">, path: string, text: string): Promise<void> {
  try {
    await files.write(path, text, { mode: 0o600 });
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
  }
}

/** The project that these bytes were read as before; `undefined` where they were others. */
function recalled(file: Uint8Array | undefined, key: string): Project | undefined {
  if (file === undefined) return undefined;
  try {
    const found = JSON.parse(new TextDecoder().decode(file));
    return found.key === key ? found.project : undefined;
  } catch {
    return undefined; // it will be written anew: only time is lost with it
  }
}
