/**
 * A stamp of whole trees of files, by which thousands of inputs are known to be as they were without a look at each from here.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { Files, Processes } from "../io/io.ts";
import { digestText, frame } from "./digest.ts";

/** So many programs look at once: git does the same with threads. */
const width = 2;

/** So many paths fit into any command line. */
const mostWords = 500;

/**
 * Kind, mode, size, time of change to the nanosecond, inode, depth and name of all below its words, in the order of a walk
 * down. Whatever sets another time of a file sets that of its change, and each field costs more than the look at the file.
 */
const script = `exec find "$@" -type d -name .git -prune -o -printf "%y%m %s %C@ %i %d %f\\0" 2>/dev/null`;

/**
 * The digest of what the system says of everything below these paths; the same stamp means that nothing there has changed,
 * as far as size, time of change, inode, mode and names tell. A directory `.git` and links below a root are not gone
 * into; a root that is a link, as a glob may begin in one, is stamped as the directory that it leads to.
 *
 * @param roots Absolute paths.
 * @returns `undefined` where one of them is missing or cannot be listed, and where `find` is not GNU's, which alone says all of this.
 */
export async function treeStamp(
  io: { readonly process: Pick<Processes, "run">; readonly files: Pick<Files, "facts" | "list"> },
  roots: readonly string[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const groups: string[][] = Array.from({ length: width }, () => []);
  const tops: string[] = [];
  let at = 0;
  for (const root of roots) {
    const facts = await io.files.facts(root, { follow: false });
    if (facts === undefined) return undefined;
    tops.push(root, JSON.stringify(facts));
    if (!facts.isDirectory && !facts.isSymlink) continue;
    const entries = await listIfAble(io.files, root);
    if (entries === "unable") return undefined;
    for (const { name, kind } of entries) {
      if (name !== ".git" || kind !== "directory") {
        groups[at++ % width]?.push(root === "/" ? `/${name}` : `${root}/${name}`);
      }
    }
  }
  const said = await Promise.all(groups.map(async (group) => {
    const texts: string[] = [];
    for (let first = 0; first < group.length; first += mostWords) {
      const paths = group.slice(first, first + mostWords);
      const { code, stdout } = await io.process.run("sh", ["-c", script, "sh", ...paths], { signal });
      if (code !== 0) return undefined;
      texts.push(...paths, stdout);
    }
    return texts;
  }));
  if (said.includes(undefined)) return undefined;
  return await digestText(frame([...tops, ...said.flatMap((texts) => texts ?? [])]));
}

/** What a directory has, or the one that a link leads to; a link may lead in a circle. */
async function listIfAble(files: Pick<Files, "list">, path: string) {
  try {
    return await files.list(path) ?? [];
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
    return "unable"; // whoever then looks at the files themselves says what is wrong
  }
}
