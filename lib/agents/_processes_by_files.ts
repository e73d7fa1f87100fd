/** Reads the processes of this host from /proc by muster itself, where it may: no program is started. */

import { type Files, MusterError } from "../io/mod.ts";
import { type AgentProcess, type FoundProcesses, isReadVariable, type ProcessRoot } from "./process.ts";

const decoder = new TextDecoder();

/** What the kernel says of a process in one line. */
interface Stat {
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  /** The group that reads the terminal. */
  readonly foreground: number;
  readonly startTicks: number;
}

/** The processes below each root that read its terminal, or that go by its name; none where there is no /proc. */
export async function readByFiles(
  files: Files,
  roots: readonly ProcessRoot[],
  withFiles: boolean,
): Promise<FoundProcesses> {
  const proc = new Proc(files, withFiles);
  if (!await proc.stat("self")) return new Map();
  const found = roots.map(async (root) => [root, await (/^\d+$/.test(root) ? proc.tree(root) : proc.named(root))]);
  return new Map(await Promise.all(found as Promise<[string, AgentProcess[]]>[]));
}

class Proc {
  readonly #files: Files;
  readonly #withFiles: boolean;

  constructor(files: Files, withFiles: boolean) {
    this.#files = files;
    this.#withFiles = withFiles;
  }

  /** A process and its descendants, those in the terminal's foreground; each generation after the one before. */
  async tree(root: string): Promise<AgentProcess[]> {
    const found: AgentProcess[] = [];
    for (let level = [root]; level.length > 0;) {
      const next = await Promise.all(level.map(async (pid) => {
        const stat = await this.stat(pid);
        if (!stat) return [];
        const isReading = stat.group === stat.foreground && stat.state !== "Z";
        const [shown, children] = await Promise.all([isReading ? this.#show(pid, stat) : [], this.#children(pid)]);
        return [{ shown, children }];
      }));
      found.push(...next.flat().flatMap(({ shown }) => shown));
      level = next.flat().flatMap(({ children }) => children);
    }
    return found;
  }

  /** All processes that go by a name. */
  async named(name: string): Promise<AgentProcess[]> {
    const found = await Promise.all((await this.#all()).map(async (pid) => {
      if ((await this.#text(`/proc/${pid}/comm`))?.split("\n")[0] !== name) return [];
      const stat = await this.stat(pid);
      return stat ? await this.#show(pid, stat) : [];
    }));
    return found.flat();
  }

  /** A program's name, in parentheses, may hold anything. */
  async stat(pid: string): Promise<Stat | undefined> {
    const text = await this.#text(`/proc/${pid}/stat`);
    if (text === undefined) return undefined;
    const [state = "", parent, group, , , foreground, ...rest] = text.slice(text.lastIndexOf(") ") + 2).split(" ");
    const startTicks = Number(rest[13]);
    return { state, parent: Number(parent), group: Number(group), foreground: Number(foreground), startTicks };
  }

  async #children(pid: string): Promise<string[]> {
    const threads = (await this.#names(`/proc/${pid}/task`)).map((thread) => `/proc/${pid}/task/${thread}/children`);
    const lists = await Promise.all(threads.map((path) => this.#text(path)));
    if (!lists.includes(undefined)) return lists.flatMap((list = "") => list.split(" ").filter((word) => word !== ""));
    // A thread has ended, or the kernel keeps no such lists.
    if (!await this.stat(pid)) return [];
    const all = await this.#all();
    const stats = await Promise.all(all.map((one) => this.stat(one)));
    return all.filter((_, at) => stats[at]?.parent === Number(pid));
  }

  async #show(pid: string, { startTicks }: Stat): Promise<AgentProcess[]> {
    const [words = "", variables = "", cwd, files] = await Promise.all([
      this.#text(`/proc/${pid}/cmdline`),
      this.#text(`/proc/${pid}/environ`),
      this.#directory(`/proc/${pid}/cwd`),
      this.#withFiles ? this.#openFiles(`/proc/${pid}/fd`) : undefined,
    ]);
    const argv = words.split("\0");
    // A title is followed by what is left of the words.
    while (argv.at(-1) === "") argv.pop();
    const env: Record<string, string> = {};
    for (const entry of variables.split("\0")) {
      const equals = entry.indexOf("=");
      if (isReadVariable(entry.slice(0, Math.max(0, equals)))) env[entry.slice(0, equals)] ??= entry.slice(equals + 1);
    }
    return [{ pid: Number(pid), startTicks, argv, cwd, env, ...(files ? { files } : {}) }];
  }

  async #directory(link: string): Promise<string> {
    return await attempt(async () => (await this.#files.facts(link))?.isDirectory)
      ? await attempt(() => this.#files.readLink(link)) ?? ""
      : "";
  }

  async #openFiles(directory: string): Promise<string[]> {
    const targets = await Promise.all((await this.#names(directory)).map(async (name) => {
      const link = `${directory}/${name}`;
      if (!await attempt(async () => (await this.#files.facts(link))?.isFile)) return [];
      return await attempt(() => this.#files.readLink(link)) ?? [];
    }));
    // As by sh, which could not tell where such a name ends.
    return targets.flat().some((target) => target.includes("\n")) ? [] : [...new Set(targets.flat())];
  }

  async #all(): Promise<string[]> {
    return (await this.#names("/proc")).filter((name) => /^\d+$/.test(name));
  }

  async #names(directory: string): Promise<string[]> {
    return (await attempt(() => this.#files.list(directory)) ?? []).map(({ name }) => name);
  }

  async #text(path: string): Promise<string | undefined> {
    const bytes = await attempt(() => this.#files.read(path));
    return bytes && decoder.decode(bytes);
  }
}

/** A process may end while it is read, or be another person's: what cannot be read of it is not there. */
async function attempt<T>(job: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await job();
  } catch (error) {
    if (error instanceof MusterError && error.code === "failed") return undefined;
    throw error;
  }
}
