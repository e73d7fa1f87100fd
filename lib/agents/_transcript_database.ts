/** Follows a transcript in an SQLite database, which only this host can read, and only where muster may. */
import { type Host, type Io, MusterError } from "../io/mod.ts";
import { type AgentProcess, findProcesses } from "./process.ts";
import type { LastAnswer, TranscriptSighting, TranscriptWatch } from "./transcript.ts";
import type { NoTranscript, TranscriptDatabase, TranscriptRow } from "./transcript_format.ts";

/** Notes what the database has. */
export async function noteDatabase(
  host: Host,
  io: Io,
  process: AgentProcess,
  database: TranscriptDatabase,
  message: string,
  signal?: AbortSignal,
): Promise<TranscriptWatch | NoTranscript> {
  const path = await placeOf(host, io, process, database, signal);
  if (typeof path !== "string") return path;
  let last = (await readRows(path, "select max(rowid) as row from part"))[0]?.row ?? 0;
  let sighting: TranscriptSighting = { isFinished: false };
  return {
    path,
    // What waits in the queue is in the database already.
    reckonWith() {},
    async look(signal) {
      if (sighting.isFinished) return sighting;
      // From the message on all is read again: a row of an answer grows while the agent speaks.
      const rows = await readRows(path, database.query, last);
      for (const [at, row] of rows.entries()) {
        if (sighting.seen !== undefined) break;
        const own = database.events(row).find(({ kind, ...event }) =>
          kind === "taken" && "text" in event && database.isKept(event.text, message)
        );
        // Another process may have come to write here since.
        const isOwn = own && typeof await placeOf(host, io, process, database, signal) === "string";
        if (isOwn) {
          sighting = { seen: "taken", path, ...("id" in own && own.id ? { entry: own.id } : {}), isFinished: false };
        }
        last = isOwn || at === rows.length - 1 ? row.row ?? last : last;
      }
      return sighting.seen === undefined
        ? sighting
        : sighting = since(sighting, rows.filter(({ row }) => (row ?? 0) > last), database);
    },
  };
}

/** What became of a message by what came after it. */
function since(
  sighting: TranscriptSighting,
  rows: readonly TranscriptRow[],
  database: TranscriptDatabase,
): TranscriptSighting {
  const events = rows.flatMap((row) => database.events(row));
  const answer = events.findLast((event) => event.kind === "answer");
  const isFinished = events.some(({ kind }) => kind === "finished");
  return { ...sighting, isFinished, ...(answer?.kind === "answer" ? { answer: answer.text } : {}) };
}

/** The last thing that the agent said. */
export async function lastInDatabase(
  host: Host,
  io: Io,
  process: AgentProcess,
  database: TranscriptDatabase,
  signal?: AbortSignal,
): Promise<LastAnswer | undefined> {
  const path = await placeOf(host, io, process, database, signal);
  if (typeof path !== "string") throw new MusterError("not_found", `no transcript: ${path.none}`);
  const answers = (await readRows(path, database.query, 0)).flatMap((row) => database.events(row))
    .filter(({ kind }) => kind === "answer");
  const last = answers.at(-1);
  return last?.kind === "answer" ? { text: last.text, atMs: last.atMs, isTied: false } : undefined;
}

/** The database, where it is this process's alone and may be read. */
async function placeOf(
  host: Host,
  io: Io,
  process: AgentProcess,
  { pathOf, command }: TranscriptDatabase,
  signal?: AbortSignal,
): Promise<string | NoTranscript> {
  const path = pathOf(process);
  if (path === undefined) return { none: "the process has no HOME" };
  if (host.destination !== "") return { none: "it is in a database on another host" };
  if (!io.permissions.isGranted({ name: "read", path })) return { none: `it may not be read: --allow-read=${path}` };
  if (!await io.files.facts(path)) return { none: `there is no such database: ${path}` };
  const others = (await findProcesses(host, command, signal)).filter(({ pid }) => pid !== process.pid);
  const rival = others.find((other) => pathOf(other) === path);
  return rival ? { none: `process ${rival.pid} may write to the same transcripts: ${path}` } : path;
}

async function readRows(
  path: string,
  query: string,
  ...parameters: readonly (string | number)[]
): Promise<TranscriptRow[]> {
  // Loaded where it is needed: no other runtime has a database.
  const { DatabaseSync } = await import("node:sqlite");
  let database: InstanceType<typeof DatabaseSync> | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    return database.prepare(query).all(...parameters) as TranscriptRow[];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MusterError("failed", `cannot read the transcript: ${path}: ${reason}`, { cause: error });
  } finally {
    database?.close();
  }
}
