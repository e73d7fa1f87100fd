/**
 * What muster keeps of one machine: a directory of its state, which belongs to driver, machine name and project.
 *
 * @module
 */
import { musterState } from "../config/locate.ts";
import { z } from "../deps/zod.ts";
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { digestText, frame } from "../state/digest.ts";
import { DigestCache } from "../state/digest_cache.ts";
import type { Fingerprint, Inputs } from "../state/fingerprint.ts";
import { Journal } from "../state/journal.ts";
import { secretKey } from "../state/secret_key.ts";
import { knownMachine } from "./history.ts";
import type { Project } from "./project.ts";
import { type JournalRecord, recordSchema, recordVersion } from "./record.ts";

/** So many runs' logs are kept. */
const keptRuns = 50;

/** A journal that is longer is cut down to what counts. */
const longJournal = 4_000;

/** The state of one machine. */
export class MachineState {
  readonly #io: Io;
  /** What tells the machine from every other: its name, and eight digits of the digest of what it belongs to. */
  readonly key: string;
  /** All of it is below this directory. */
  readonly directory: string;
  /** Its journal. */
  readonly journal: Journal<typeof recordSchema>;

  private constructor(io: Io, key: string) {
    this.#io = io;
    this.key = key;
    this.directory = `${musterState(io.env)}/provision/${key}`;
    this.journal = new Journal(io.files, `${this.directory}/journal.jsonl`, {
      version: recordVersion,
      schema: recordSchema,
    });
  }

  /** The state of a project's machine, which need not be there. */
  static async of(io: Io, { machine, root }: Project): Promise<MachineState> {
    const digest = await digestText(frame([machine.driver, machine.name, root]));
    return new MachineState(io, `${machine.name}-${digest.slice(0, 8)}`);
  }

  /** The file of the machine's lease. */
  get lease(): string {
    return `${this.directory}/lease.json`;
  }

  /** Where a run's logs are. */
  logs(run: string): string {
    return `${this.directory}/runs/${run}`;
  }

  /** The key of secrets' digests. */
  readonly secretKey = (): Promise<Uint8Array<ArrayBuffer>> =>
    secretKey(this.#io.files, `${musterState(this.#io.env)}/secret.key`);

  /** What is remembered of files' digests. */
  async loadCache(): Promise<DigestCache> {
    return await DigestCache.load(this.#io.files, `${this.directory}/digests.json`);
  }

  /** Remembers files' digests. */
  async saveCache(cache: DigestCache): Promise<void> {
    // Who may only look does without: the next look reads the files again.
    if (!this.#io.permissions.isGranted({ name: "write", path: this.directory })) return;
    await cache.save(this.#io.files, `${this.directory}/digests.json`);
  }

  /** The file of what is remembered of steps with very many inputs. */
  get stampsFile(): string {
    return `${this.directory}/stamps.json`;
  }

  /** Keeps a fingerprint's inputs, so that drift can name them later. */
  async saveInputs({ digest, inputs }: Fingerprint): Promise<void> {
    const path = `${this.directory}/fingerprints/${digest}.json`;
    if (await this.#io.files.facts(path)) return;
    await this.#io.files.write(path, JSON.stringify(inputs), { mode: 0o600 });
  }

  /** The inputs of a fingerprint, or `undefined` where they were not kept. */
  async loadInputs(digest: string): Promise<Inputs | undefined> {
    const path = `${this.directory}/fingerprints/${digest}.json`;
    const bytes = await this.#io.files.read(path);
    if (bytes === undefined) return undefined;
    try {
      return z.record(z.string(), z.string()).parse(JSON.parse(new TextDecoder().decode(bytes)));
    } catch (cause) {
      throw new MusterError("failed", `not a fingerprint: ${path}`, { hint: "remove it", cause });
    }
  }

  /** Remembers whose state this is, for those who look at all machines. */
  async saveProject({ machine, root }: Project): Promise<void> {
    const path = `${this.directory}/project.json`;
    const text = `${JSON.stringify({ version: 1, name: machine.name, driver: machine.driver, root })}\n`;
    const bytes = await this.#io.files.read(path);
    if (bytes === undefined || new TextDecoder().decode(bytes) !== text) {
      await this.#io.files.write(path, text, { mode: 0o600 });
    }
  }

  /** Forgets what happened to the machine: the next run is as the first. Its logs stay. */
  async forget(): Promise<void> {
    await this.journal.rewrite([]);
    await this.#io.files.remove(`${this.directory}/fingerprints`);
    await this.#io.files.remove(`${this.directory}/project.json`);
  }

  /** Removes what nothing refers to any more: old logs, old fingerprints, records that others replaced. */
  async prune(records: readonly JournalRecord[]): Promise<void> {
    const runs = (await this.#io.files.list(`${this.directory}/runs`) ?? []).map(({ name }) => name);
    for (const run of runs.slice(0, Math.max(0, runs.length - keptRuns))) await this.#io.files.remove(this.logs(run));
    const current = records.length > longJournal ? livingRecords(records) : records;
    if (current.length < records.length) await this.journal.rewrite(current);
    const used = new Set(
      livingRecords(current).flatMap((record) => {
        if (record.kind === "step") return [record.fingerprint];
        return record.kind === "applied" ? Object.values(record.steps) : [];
      }),
    );
    for (const { name } of await this.#io.files.list(`${this.directory}/fingerprints`) ?? []) {
      if (name.endsWith(".json") && !used.has(name.slice(0, -5))) {
        await this.#io.files.remove(`${this.directory}/fingerprints/${name}`);
      }
    }
  }
}

/** Of each step of the last instance the last record, the last good ones, and what says where the machine stands. */
function livingRecords(records: readonly JournalRecord[]): JournalRecord[] {
  const instance = knownMachine(records)?.instance;
  const seen = new Map<string, number>();
  return records.toReversed().filter((record) => {
    if (record.instance !== instance) return false;
    const key = record.kind === "applied" ? record.kind : [
      record.kind,
      record.kind === "step" ? record.step : "",
      record.result,
    ].join(" ");
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count <= 5;
  }).reverse();
}
