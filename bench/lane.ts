/**
 * What a lane costs: 5,000 open issues and 800 pull requests on a loopback forge that takes 20 ms for each answer, against
 * reading the same pages one after the other; how many requests; how much memory.
 *
 * The forge runs in a process of its own, so that what is measured is the reading. Calls that are made one for each row are
 * counted apart: what blocks a candidate on Gitea, against asking for one after the other.
 *
 * @module
 */

import { z } from "../lib/deps/zod.ts";
import { briefLane, openForge } from "../lib/forge/mod.ts";
import { HttpClient, readLinks } from "../lib/http/mod.ts";
import { type Io, realIo, withEnvironment } from "../lib/io/mod.ts";
import { interleave, type Section, timed } from "./harness.ts";

const issues = 5_000;
const pulls = 800;
const forges = ["gitea", "github"] as const;

/** The forge's process: it prints its address, answers each request after 20 ms, and ends with its input. */
class Server implements AsyncDisposable {
  private constructor(
    readonly url: string,
    readonly child: Deno.ChildProcess,
    readonly output: ReadableStreamDefaultReader<string>,
  ) {}

  static async open(...words: readonly (string | number)[]): Promise<Server> {
    const script = new URL("_forge_process.ts", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", script, ...words.map(String)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await reader.read();
    return new Server(value.trim(), child, reader);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child.stdin.close();
    await this.output.cancel();
    await this.child.status;
  }
}

/** Measures lanes. */
export async function benchLane(signal: AbortSignal): Promise<readonly Section[]> {
  const sections: Section[] = [];
  for (const vendor of forges) {
    await using server = await Server.open(vendor, issues, pulls);
    const directory = await Deno.makeTempDir({ prefix: "muster-bench-" });
    try {
      const io = await worldOf(directory, vendor, server.url);
      let requests = 0;
      const brief = async () => {
        const { forge } = await openForge(io, {
          repo: `${server.url}/ada/tool`,
          cwd: directory,
          timeoutMs: 120_000,
          signal,
        });
        const lane = await briefLane(forge, { milestone: "m", labels: [] }, { heldLabels: ["blocked"], signal });
        if (lane.candidates.length !== issues - pulls) {
          throw new Error(`The lane is wrong: ${lane.candidates.length} candidates`);
        }
        requests = forge.client.requests;
      };
      let pages = 0;
      const took = await interleave({
        plain: () => timed(async () => void (pages = await oneByOne(io, vendor, server.url, signal))),
        brief: () => timed(brief),
      }, { rounds: 7, warmups: 1, signal });
      const before = Deno.memoryUsage().rss;
      await brief();
      const grown = Math.max(0, Deno.memoryUsage().rss - before) / 1024 / 1024;
      const extra = requests - pages;
      sections.push({
        title:
          `A lane of ${issues} issues and ${pulls} pull requests on ${vendor}: ${requests} requests, ${extra} more than pages ` +
          `(goal: 2); ${grown.toFixed(0)} MiB grown, ${(Deno.memoryUsage().rss / 1024 / 1024).toFixed(0)} MiB in all`,
        reference: { what: `its ${pages} pages, one after the other`, sample: took.plain },
        subjects: [{ what: "lane brief, called", sample: took.brief, goal: 0.25 }],
      });
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  }
  return [...sections, await benchBlockers(signal)];
}

/** What blocks each of some candidates, of which the forge has to be asked one by one. */
async function benchBlockers(signal: AbortSignal): Promise<Section> {
  const candidates = 200;
  await using server = await Server.open("gitea", candidates, 0, "dependencies");
  const directory = await Deno.makeTempDir({ prefix: "muster-bench-" });
  try {
    const io = await worldOf(directory, "gitea", server.url);
    const open = async () =>
      (await openForge(io, { repo: `${server.url}/ada/tool`, cwd: directory, timeoutMs: 120_000, signal })).forge;
    const oneByOne = async () => {
      const forge = await open();
      const { issues } = await forge.laneLists({ labels: [] }, signal);
      for (const { number } of issues) await forge.openBlockers?.(number, signal);
    };
    const brief = async () => {
      const lane = await briefLane(await open(), { labels: [] }, { heldLabels: [], signal });
      if (lane.candidates.length !== candidates) throw new Error("The lane is wrong");
    };
    const took = await interleave({ plain: () => timed(oneByOne), brief: () => timed(brief) }, {
      rounds: 3,
      warmups: 1,
      signal,
    });
    return {
      title: `What blocks each of ${candidates} candidates on gitea`,
      reference: { what: "asked for one after the other", sample: took.plain },
      subjects: [{ what: "lane brief, called", sample: took.brief, goal: 0.25 }],
    };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function worldOf(directory: string, vendor: string, url: string): Promise<Io> {
  const toml = `[[forge]]\nhost = "${
    new URL(url).host
  }"\nkind = "${vendor}"\nurl = "${url}"\ntoken_env = "BENCH_TOKEN"\n`;
  await Deno.writeTextFile(`${directory}/forges.toml`, toml);
  return withEnvironment(realIo, {
    HOME: directory,
    MUSTER_HOME: directory,
    BENCH_TOKEN: "bench-token",
    GITEA_LOGIN: "",
    GITHUB_LOGIN: "",
  });
}

/** Reads the pages that a brief reads, one after the other; how many there were. */
async function oneByOne(io: Io, vendor: typeof forges[number], url: string, signal: AbortSignal): Promise<number> {
  const api = vendor === "github" ? "/api/v3" : "/api/v1";
  const client = new HttpClient(io, { baseUrl: `${url}${api}`, timeoutMs: 300_000, signal });
  const rows = z.array(z.looseObject({ number: z.int() }));
  const size = vendor === "github" ? { per_page: 100 } : { limit: 50 };
  let read = 0;
  for (const list of ["/repos/ada/tool/issues", "/repos/ada/tool/pulls"]) {
    // The milestone's issues, as a brief asks for them: by title, and by number.
    const lane = list.endsWith("/pulls")
      ? {}
      : vendor === "github"
      ? { milestone: 100 }
      : { type: "issues", milestones: "m" };
    for (let page = 1;; page++) {
      const { headers } = await client.json(list, {
        schema: rows,
        query: { state: "open", ...lane, ...size, page },
        signal,
      });
      read++;
      if (readLinks(headers.get("link")).next === undefined) break;
    }
  }
  return read;
}
