import { z } from "../deps/zod.ts";
import { type HttpClient, path } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import { allPages } from "./_all_pages.ts";
import { decodeText, splitLines } from "./_lines.ts";
import type { PipelineJob } from "./pipeline.ts";
import { classify } from "./statuses.ts";

/** How GitHub and Gitea tell how a run, a job or a step is: `status`, and `conclusion` once that is `completed`. */
export const ended = { status: z.string().nullish(), conclusion: z.string().nullish() };

const jobsSchema = z.object({
  jobs: z.array(z.object({
    id: z.int(),
    name: z.string(),
    steps: z.array(z.object({ name: z.string(), ...ended })).nullish(),
    ...ended,
  })).nullable(),
});

/** A status, or the conclusion once it is `completed`. */
export function statusOf(
  kind: "github" | "gitea",
  { status, conclusion }: { readonly status?: string | null; readonly conclusion?: string | null },
) {
  const word = status === "completed" ? conclusion || "completed" : status ?? "";
  return { status: word, class: classify(kind, word) };
}

/** The jobs of a run, each followed by its steps. */
export async function readActionsJobs(
  client: HttpClient,
  run: string,
  { kind, signal, ...page }: {
    readonly kind: "github" | "gitea";
    readonly sizeKey: string;
    readonly size: number;
    readonly signal?: AbortSignal;
  },
): Promise<readonly PipelineJob[]> {
  const options = { schema: jobsSchema, ...page, signal };
  const found = await allPages(client, `${run}/jobs`, options, ({ jobs }) => jobs ?? []);
  return found.flatMap(({ steps, ...job }) => [
    { ...statusOf(kind, job), name: job.name, logId: job.id },
    // A step's log is a part of its job's.
    ...(steps ?? []).map((step) => ({ ...statusOf(kind, step), name: `${job.name}/${step.name}`, logId: job.id })),
  ]);
}

/** The lines of a job's log, which both begin with the time; GitHub keeps it on another host. */
export async function openActionsLog(
  client: HttpClient,
  repo: string,
  job: PipelineJob,
  signal?: AbortSignal,
): Promise<AsyncIterable<string>> {
  if (job.logId === undefined) throw new MusterError("not_found", `no log: ${job.name}`);
  const where = `${repo}${path`/actions/jobs/${job.logId}/logs`}`;
  const { body } = await client.open(where, { signal });
  return withoutTimes(splitLines(decodeText(body, where)));
}

async function* withoutTimes(lines: AsyncIterable<string>): AsyncGenerator<string, void> {
  for await (const line of lines) yield line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}(?:Z|[+-]\d\d:\d\d) /, "");
}
