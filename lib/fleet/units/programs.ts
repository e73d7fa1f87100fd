/**
 * The programs that the fleet runs, as they are found: under systemd the PATH of a login is not there, so each is looked up
 * when the units are installed, and known again by its file.
 *
 * @module
 */

import type { Host } from "../../io/mod.ts";

/** A program's file. */
export interface ProgramFile {
  /** As it was asked for: a name, or a path. */
  readonly name: string;
  /** Its absolute path; empty where there is none. */
  readonly path: string;
  /** Bytes, of the file behind all links. */
  readonly size: number;
  /** When it was last changed, in seconds since 1970. */
  readonly modifiedAt: number;
}

/**
 * Prints, for each program after a PATH, its path, or an empty line; then one line of what stat says of each that was found.
 * `command -v` may name a function or a builtin, which no unit could run: only a path counts. macOS has another stat.
 */
export const findProgramsScript = `find_programs() {
  where=$1; shift; found=$#
  for p; do
    at=$(PATH=$where; command -v -- "$p") || at=
    case $at in /*) [ -f "$at" ] && [ -x "$at" ] || at= ;; *) at= ;; esac
    printf '%s\\n' "$at"
    [ -z "$at" ] || set -- "$@" "$at"
  done
  shift "$found"
  [ $# -eq 0 ] || stat -L -c '%s %Y' -- "$@" 2>/dev/null || stat -L -f '%z %m' -- "$@"
}`;

/** Where programs are on a PATH, in their order, in one call. */
export async function findPrograms(
  host: Host,
  path: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<ProgramFile[]> {
  if (names.length === 0) return [];
  const { stdout } = await host.run("sh", ["-c", `${findProgramsScript}; find_programs "$@"`, "sh", path, ...names], {
    signal,
  });
  return parsePrograms(stdout, names);
}

/** Reads what {@linkcode findProgramsScript} prints. */
export function parsePrograms(printed: string, names: readonly string[]): ProgramFile[] {
  const lines = printed.split("\n");
  const facts = lines.slice(names.length);
  return names.map((name, at) => {
    const path = lines[at] ?? "";
    const [size, modifiedAt] = path === "" ? [] : (facts.shift() ?? "").split(" ").map(Number);
    return { name, path, size: size ?? 0, modifiedAt: modifiedAt ?? 0 };
  });
}
