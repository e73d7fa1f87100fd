/** How words are written in the files that systemd and sh read. @module */

/**
 * A word as sh reads it.
 *
 * @example
 * ```ts
 * import { shellWord } from "./quote.ts";
 *
 * if (shellWord("it's") !== `'it'\\''s'`) throw new Error("unreachable");
 * ```
 */
export function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A path or word of a unit file, in which `%` begins a specifier and `$` a variable. */
export function unitWord(word: string): string {
  return `"${word.replace(/["\\]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
}

/** A path that stands alone after `EnvironmentFile=`, which takes no quotes, and is a pattern to glob(3). */
export function unitPath(path: string): string {
  return path.replace(/[\\*?[]/g, "\\$&").replaceAll("%", "%%");
}

/** A line of a file that `EnvironmentFile=` names; within its quotes these four are escaped (systemd.exec(5)). */
export function environmentLine(name: string, value: string): string {
  return `${name}="${value.replace(/["\\$`]/g, "\\$&")}"`;
}
