/**
 * A stamp of whole trees of files, by which thousands of inputs are known to be as they were without a look at each from here.
 *
 * @module
 */
import type { Files, Processes } from "../io/io.ts";
import { digestText, frame } from "./digest.ts";

/** So many programs look at once: git does the same with threads. */
const width = 2;

/** So many paths fit into any command line. */
const mostWords = 500;

/** Kind, mode, size, both times to the nanosecond, inode and name of all below its words. */
const script = `exec find "$@" -name .git -prune -o -printf "%y%m %s %T@ %C@ %i %p\\0" 2>/dev/null`;

/**
 * The digest of what the system says of everything below these paths; the same stamp means that nothing there has changed,
 * as far as size, times, inode, mode and names tell. `.git` and links are not gone into.
 *
 * @param roots Absolute paths.
 * @returns `undefined` where one of them is missing, and where `find` is not GNU's, which alone says all of this.
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
    if (!facts.isDirectory) continue;
    for (const { name } of await io.files.list(root) ?? []) {
      if (name !== ".git") groups[at++ % width]?.push(root === "/" ? `/${name}` : `${root}/${name}`);
    }
  }
  const said = await Promise.all(groups.map(async (group) => {
    const texts: string[] = [];
    for (let first = 0; first < group.length; first += mostWords) {
      const paths = group.slice(first, first + mostWords);
      const { code, stdout } = await io.process.run("sh", ["-c", script, "sh", ...paths], { signal });
      if (code !== 0) return undefined;
      texts.push(stdout);
    }
    return texts;
  }));
  if (said.includes(undefined)) return undefined;
  return await digestText(frame([...tops, ...said.flatMap((texts) => texts ?? [])]));
}
