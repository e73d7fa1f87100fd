import { byteLength, type Io, localHost, MusterError } from "../io/mod.ts";
import { receiptDirectory } from "../state/receipt_log.ts";
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
    const kept = await keptPart(io, file, oldest);
    const bytes = typeof kept === "string" ? byteLength(kept) : kept;
    if (bytes === file.bytes) {
      left.push(file);
      continue;
    }
    pruned.push({ path: file.path, result: bytes === 0 ? "removed" : "shortened", bytes: file.bytes - bytes });
    if (bytes > 0) left.push({ ...file, bytes });
    if (dryRun) continue;
    await shorten(io, file, oldest, signal);
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

/** Shortens a file, or removes it, while nobody writes how an agent ended. */
async function shorten(io: Io, file: RecordFile, oldest: number, signal?: AbortSignal): Promise<void> {
  await using _held = await holdDirectory(io, file.path.slice(0, file.path.lastIndexOf("/")), signal);
  const kept = await keptPart(io, file, oldest);
  if (typeof kept === "string" && kept !== "") await io.files.write(file.path, kept, { mode: 0o600 });
  else if (kept === "" || kept === 0) await io.files.remove(file.path);
}

/** What is young enough of a file of lines; of any other all of its bytes, or none. */
async function keptPart(io: Io, { path, bytes, modifiedAt }: RecordFile, oldest: number): Promise<string | number> {
  if (!path.endsWith(".jsonl")) return modifiedAt < oldest ? 0 : bytes;
  return keepLines(new TextDecoder().decode(await io.files.read(path)), oldest, modifiedAt);
}

/** Holds the lock that agent-end.sh takes to write how an agent ended: that on the directory. */
async function holdDirectory(io: Io, directory: string, signal?: AbortSignal): Promise<AsyncDisposable> {
  const child = io.process.start("sh", ["-c", 'exec 9<"$1" && flock 9 && echo held && exec cat', "sh", directory]);
  const stop = () => child.kill("SIGKILL");
  signal?.addEventListener("abort", stop, { once: true });
  const dispose = async () => {
    signal?.removeEventListener("abort", stop);
    await child.close();
    await child[Symbol.asyncDispose]();
  };
  const reader = child.stdout.getReader();
  const { done } = await reader.read();
  reader.releaseLock();
  if (!done) return { [Symbol.asyncDispose]: dispose };
  await dispose();
  signal?.throwIfAborted();
  throw new MusterError("failed", `cannot lock: ${directory}`, { command: "flock" });
}

/** Lines that are young enough; one without a time goes with the file's own. */
function keepLines(text: string, oldest: number, modifiedAt: number): string {
  return text.split(/(?<=\n)/).filter((line) => {
    const [, at] = /^\{"at":(\d+)/.exec(line) ?? [];
    return (at === undefined ? modifiedAt : Number(at)) >= oldest;
  }).join("");
}

/** The files of records: what became of messages, how agents ended, and logs. */
async function listRecords(io: Io, signal?: AbortSignal): Promise<RecordFile[]> {
  const places = [receiptDirectory(io.env), `${unitPlace(io.env).fleet}/agents`];
  return (await Promise.all(places.map((place) => listIn(io, place, signal)))).flat();
}

async function listIn(io: Io, directory: string, signal?: AbortSignal): Promise<RecordFile[]> {
  if (!(await io.files.facts(directory))?.isDirectory) return [];
  const script = `find "$1" -type f \\( -name '*.jsonl' -o -name '*.log' \\) -exec stat -c '%s %Y %n' {} +`;
  const { code, stdout, stderr } = await localHost(io).run("sh", ["-c", script, "sh", directory], { signal });
  if (code !== 0) throw new MusterError("failed", `cannot list records: ${stderr.trim().split("\n")[0]}`);
  return stdout.split("\n").flatMap((line) => {
    const [, bytes, modified, path] = /^(\d+) (\d+) (\/.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ path, bytes: Number(bytes), modifiedAt: Number(modified) * 1000 }];
  });
}
