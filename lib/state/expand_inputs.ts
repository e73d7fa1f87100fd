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
  const absolute = (name: string) => below(root, name);
  for (const input of new Set(declared)) {
    const path = plainPath(input);
    if (!globCharacters.test(path)) {
      found.set(path, absolute(path));
      const facts = await files.facts(absolute(path), { follow: false });
      if (!facts?.isDirectory) continue;
      for (const name of await namesBelow(files, path, absolute)) found.set(name, absolute(name));
      continue;
    }
    const { globToRegExp } = await import("../deps/glob.ts");
    const pattern = globToRegExp(path);
    const start = fixedDirectory(path);
    for (const name of await namesBelow(files, start, absolute)) {
      if (pattern.test(name)) found.set(name, absolute(name));
    }
  }
  return Object.fromEntries([...found.keys()].sort().map((name) => [name, found.get(name) ?? ""]));
}

/** Absolute paths below which all is that declared inputs name, and more where they are globs. */
export function inputRoots(root: string, declared: readonly string[]): string[] {
  const roots = declared.map((input) => {
    const path = plainPath(input);
    const start = globCharacters.test(path) ? fixedDirectory(path) : path;
    return start === "" ? root : below(root, start);
  });
  return [...new Set(roots)];
}

function plainPath(input: string): string {
  return input.replace(/^(\.\/)+/, "").replace(/(.)\/+$/, "$1");
}

function below(root: string, name: string): string {
  return name.startsWith("/") ? name : root === "/" ? `/${name}` : `${root}/${name}`;
}

/** The directory that a glob begins in; empty for the root of all. */
function fixedDirectory(glob: string): string {
  const fixed = glob.slice(0, glob.search(globCharacters));
  return fixed.slice(0, fixed.lastIndexOf("/") + 1).replace(/(.)\/$/, "$1");
}

/** The files and links below a directory: all at once, since there may be very many. */
async function namesBelow(
  files: Pick<Files, "list">,
  top: string,
  absolute: (name: string) => string,
): Promise<string[]> {
  const names: string[] = [];
  const directories = [top];
  for (let at = 0; at < directories.length; at++) {
    const directory = directories[at] ?? "";
    const before = directory === "" ? "" : directory === "/" ? "/" : `${directory}/`;
    for (const { name, kind } of await files.list(directory === "" ? absolute(".") : absolute(directory)) ?? []) {
      if (kind !== "directory") names.push(before + name);
      else if (name !== never) directories.push(before + name);
    }
  }
  return names;
}
