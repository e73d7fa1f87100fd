/** Reads the processes of this host from /proc by muster itself, where it may: no program is started. */

import { type Files, MusterError } from "../io/mod.ts";
import { type Reader, readersNow } from "./_readers.ts";
import { type AgentProcess, type FoundProcesses, isReadVariable, type ProcessRoot } from "./process.ts";

const decoder = new TextDecoder();

/** What the kernel says of a process in one line. */
interface Stat {
  readonly state: string;
  readonly parent: string;
  readonly group: string;
  readonly terminal: string;
  /** The group that reads the terminal. */
  readonly foreground: string;
  readonly startTicks: number;
}

/** The processes below each root that read its terminal, or that go by its name; none where there is no /proc. */
export async function readByFiles(
  files: Files,
  roots: readonly ProcessRoot[],
  withFiles: boolean,
): Promise<FoundProcesses> {
  const proc = new Proc(files, withFiles);
  const found = new Map<ProcessRoot, readonly AgentProcess[]>();
  if (!await proc.stat("self")) return found;
  for (const root of roots) found.set(root, await (/^\d+$/.test(root) ? proc.tree(root) : proc.named(root)));
  return found;
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
    const found: Reader[] = [];
    for (let level = [root]; level.length > 0;) {
      const next: string[] = [];
      for (const pid of level) {
        const stat = await this.stat(pid);
        if (!stat) continue;
        if (stat.group === stat.foreground && stat.state !== "Z") {
          const { group, terminal } = stat;
          found.push({ group, terminal, process: await this.#show(pid, stat) });
        }
        next.push(...await this.#children(pid));
      }
      level = next;
    }
    return readersNow(found);
  }

  /** All processes that go by a name. */
  async named(name: string): Promise<AgentProcess[]> {
    const pids = await this.#all();
    const names = await this.#texts(pids.map((pid) => `/proc/${pid}/comm`));
    const found: AgentProcess[] = [];
    for (const pid of pids.filter((_, at) => names[at]?.split("\n")[0] === name)) {
      const stat = await this.stat(pid);
      if (stat) found.push(await this.#show(pid, stat));
    }
    return found;
  }

  async stat(pid: string): Promise<Stat | undefined> {
    return (await this.#stats([pid]))[0];
  }

  /** A program's name, in parentheses, may hold anything. */
  async #stats(pids: readonly string[]): Promise<(Stat | undefined)[]> {
    return (await this.#texts(pids.map((pid) => `/proc/${pid}/stat`))).map((text) => {
      if (text === undefined) return undefined;
      const values = text.slice(text.lastIndexOf(") ") + 2).split(" ");
      const [state = "", parent = "", group = "", , terminal = "", foreground = ""] = values;
      return { state, parent, group, terminal, foreground, startTicks: Number(values[19]) };
    });
  }

  async #children(pid: string): Promise<string[]> {
    const threads = await this.#names(`/proc/${pid}/task`);
    const lists = await this.#texts(threads.map((thread) => `/proc/${pid}/task/${thread}/children`));
    if (!lists.includes(undefined)) return lists.flatMap((list = "") => list.split(" ").filter((word) => word !== ""));
    // A thread has ended, or the kernel keeps no such lists.
    const all = await this.#all();
    const stats = await this.#stats(all);
    return all.filter((_, at) => stats[at]?.parent === pid);
  }

  async #show(pid: string, { startTicks, parent }: Stat): Promise<AgentProcess> {
    const [words = "", variables = ""] = await this.#texts([`/proc/${pid}/cmdline`, `/proc/${pid}/environ`]);
    const argv = words.split("\0");
    // A title is followed by what is left of the words.
    while (argv.at(-1) === "") argv.pop();
    const env: Record<string, string> = {};
    for (const entry of variables.split("\0")) {
      const equals = Math.max(0, entry.indexOf("="));
      if (isReadVariable(entry.slice(0, equals))) env[entry.slice(0, equals)] ??= entry.slice(equals + 1);
    }
    const [cwd = ""] = await this.#linked([`/proc/${pid}/cwd`], "isDirectory");
    const files = this.#withFiles ? { files: await this.#openFiles(`/proc/${pid}/fd`) } : {};
    return { pid: Number(pid), startTicks, parent: Number(parent), argv, cwd, env, ...files };
  }

  async #openFiles(directory: string): Promise<string[]> {
    const paths = await this.#linked((await this.#names(directory)).map((name) => `${directory}/${name}`), "isFile");
    // As by sh, which could not tell where such a name ends.
    return paths.some((path) => path.includes("\n")) ? [] : [...new Set(paths)];
  }

  /** Where links point, as far as that is there and of a kind; pipes and the like have no path. */
  async #linked(links: readonly string[], kind: "isFile" | "isDirectory"): Promise<string[]> {
    const targets = (await this.#files.linksOf(links)).filter((target) => target?.startsWith("/")) as string[];
    const facts = await attempt(() => this.#files.factsOf(targets)) ?? [];
    return targets.filter((_, at) => facts[at]?.[kind]);
  }

  async #all(): Promise<string[]> {
    return (await this.#names("/proc")).filter((name) => /^\d+$/.test(name));
  }

  async #names(directory: string): Promise<string[]> {
    return (await attempt(() => this.#files.list(directory)) ?? []).map(({ name }) => name);
  }

  async #texts(paths: readonly string[]): Promise<(string | undefined)[]> {
    return (await this.#files.contentsOf(paths)).map((bytes) => bytes && decoder.decode(bytes));
  }
}

/** A process may end while it is read, or be another person's: what cannot be looked into is not there. */
async function attempt<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof MusterError && error.code === "failed") return undefined;
    throw error;
  }
}
