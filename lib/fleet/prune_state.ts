import { type Io, localHost, MusterError } from "../io/mod.ts";
import { unitPlace } from "./units/place.ts";

/** What became of a file of records. */
export interface PrunedFile {
  /** Its path. */
  readonly path: string;
  /** What became of it. */
  readonly result: "removed" | "shortened";
  /** How much of it went, in bytes. */
  readonly bytes: number;
}

/** What a pruning did. */
export interface PruneReport {
  /** Files that are gone or shorter. */
  readonly files: readonly PrunedFile[];
  /** What is left of all records, in bytes. */
  readonly bytes: number;
}

/** Options of {@linkcode pruneState}. */
export interface PruneOptions {
  /** How old a record may be, in milliseconds. @default {2_592_000_000} */
  readonly maxAgeMs?: number;
  /** How much all records may take, in bytes. @default {1_073_741_824} */
  readonly maxBytes?: number;
  /** Say what would go, and remove nothing. @default {false} */
  readonly dryRun?: boolean;
  /** Stops it between two files. */
  readonly signal?: AbortSignal;
}

interface RecordFile {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: number;
}

/**
 * Removes records of the fleet that are too old, line by line, then the oldest files of records until all take less than they
 * may. A line without a time goes with the file's own.
 */
export async function pruneState(io: Io, options: PruneOptions = {}): Promise<PruneReport> {
  const { maxAgeMs = 30 * 86_400_000, maxBytes = 1024 ** 3, dryRun = false, signal } = options;
  const oldest = io.clock.now() - maxAgeMs;
  const files = await listRecords(io, signal);
  const pruned: PrunedFile[] = [];
  const left: RecordFile[] = [];
  for (const file of files) {
    signal?.throwIfAborted();
    const text = new TextDecoder().decode(await io.files.read(file.path));
    const kept = keepLines(text, oldest, file.modifiedAt);
    const bytes = new TextEncoder().encode(kept).length;
    if (bytes === file.bytes) {
      left.push(file);
      continue;
    }
    pruned.push({ path: file.path, result: kept === "" ? "removed" : "shortened", bytes: file.bytes - bytes });
    if (kept !== "") left.push({ ...file, bytes });
    if (dryRun) continue;
    if (kept === "") await io.files.remove(file.path);
    else await io.files.write(file.path, kept, { mode: 0o600 });
  }
  let total = left.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const file of left.toSorted((a, b) => a.modifiedAt - b.modifiedAt)) {
    if (total <= maxBytes) break;
    total -= file.bytes;
    pruned.push({ path: file.path, result: "removed", bytes: file.bytes });
    if (!dryRun) await io.files.remove(file.path);
  }
  return { files: pruned, bytes: total };
}

/** Lines that are young enough; all or none where they have no times of their own. */
function keepLines(text: string, oldest: number, modifiedAt: number): string {
  return text.split(/(?<=\n)/).filter((line) => {
    const [, at] = /^\{"at":(\d+)/.exec(line) ?? [];
    return (at === undefined ? modifiedAt : Number(at)) >= oldest;
  }).join("");
}

/** The files of records: how agents ended, and logs. */
async function listRecords(io: Io, signal?: AbortSignal): Promise<RecordFile[]> {
  const directory = `${unitPlace(io.env).fleet}/agents`;
  if (!(await io.files.facts(directory))?.isDirectory) return [];
  const script = `find "$1" -type f \\( -name '*.jsonl' -o -name '*.log' \\) -exec stat -c '%s %Y %n' {} +`;
  const { code, stdout, stderr } = await localHost(io).run("sh", ["-c", script, "sh", directory], { signal });
  if (code !== 0) throw new MusterError("failed", `cannot list records: ${stderr.trim().split("\n")[0]}`);
  return stdout.split("\n").flatMap((line) => {
    const [, bytes, modified, path] = /^(\d+) (\d+) (\/.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ path, bytes: Number(bytes), modifiedAt: Number(modified) * 1000 }];
  });
}
