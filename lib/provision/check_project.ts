import { ConfigError, type ConfigProblem } from "../config/config_error.ts";
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { readProject } from "./read_project.ts";

/** A project's `muster.toml`. */
export interface ProjectReport {
  /** Its path. */
  readonly path: string;
  /** What it is to muster. */
  readonly kind: "project";
  /** Whether nothing is wrong with it. */
  readonly ok: boolean;
  /** All that is wrong. */
  readonly problems: readonly ConfigProblem[];
}

/** Checks the `muster.toml` of a directory; nothing where there is none, or the directory may not be read. */
export async function checkProject(io: Io, directory: string): Promise<ProjectReport[]> {
  if (!io.permissions.isGranted({ name: "read", path: directory })) return [];
  const path = `${await io.files.realPath(directory) ?? directory}/muster.toml`;
  if (!await io.files.facts(path)) return [];
  try {
    await readProject(io, directory);
    return [{ path, kind: "project", ok: true, problems: [] }];
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
    const { message, hint } = error;
    const problems = error instanceof ConfigError ? error.problems : [{ message, hint }];
    return [{ path, kind: "project", ok: false, problems }];
  }
}
