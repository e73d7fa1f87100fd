/**
 * From the inputs that a person declares to the paths that they name.
 *
 * @module
 */
import type { Files } from "../io/io.ts";

const globCharacters = /[*?[{]/;
/** What git keeps for itself changes with every look that git takes. */
const never = ".git";

/**
 * The paths that declared inputs name, by their names: a path as it is, whether or not it is there; of a directory all that
 * is below it; of a glob (`*`, `?`, `[a-z]`, `{a,b}`, `**`) every file and link that matches, dot files too. `.git` and
 * links to directories are not gone into.
 *
 * @param root Where relative inputs begin: an absolute directory.
 * @returns Absolute paths by the names that a person knows them by: relative below the root.
 */
export async function expandInputs(
  files: Pick<Files, "facts" | "list">,
  root: string,
  declared: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const found = new Map<string, string>();
  for (const input of new Set(declared)) {
    const path = input.replace(/^(\.\/)+/, "").replace(/(.)\/+$/, "$1");
    const absolute = (name: string) => name.startsWith("/") ? name : root === "/" ? `/${name}` : `${root}/${name}`;
    if (!globCharacters.test(path)) {
      found.set(path, absolute(path));
      const facts = await files.facts(absolute(path), { follow: false });
      if (!facts?.isDirectory) continue;
      for await (const name of walk(files, path, absolute)) found.set(name, absolute(name));
      continue;
    }
    const { globToRegExp } = await import("../deps/glob.ts");
    const pattern = globToRegExp(path);
    const fixed = path.slice(0, path.search(globCharacters));
    const start = fixed.slice(0, fixed.lastIndexOf("/") + 1).replace(/(.)\/$/, "$1");
    for await (const name of walk(files, start, absolute)) if (pattern.test(name)) found.set(name, absolute(name));
  }
  return Object.fromEntries([...found].sort(([one], [other]) => one < other ? -1 : 1));
}

/** The files and links below a directory. */
async function* walk(
  files: Pick<Files, "list">,
  directory: string,
  absolute: (name: string) => string,
): AsyncGenerator<string> {
  const entries = await files.list(directory === "" ? absolute(".") : absolute(directory));
  for (const { name, kind } of entries ?? []) {
    const below = directory === "" ? name : directory === "/" ? `/${name}` : `${directory}/${name}`;
    if (kind !== "directory") yield below;
    else if (name !== never) yield* walk(files, below, absolute);
  }
}
