/** What the tasks that wait for pipelines have in common: flags, output, progress, page. @module */

import {
  type FailedStep,
  isRest,
  type Look,
  type Pipeline,
  type PipelineJob,
  readFailedStep,
  waitExits,
  waitForPipelines,
  waitOutcomes,
  type WaitReport,
  type WaitTarget,
} from "../../lib/ci/mod.ts";
import { type Io, MusterError, visible } from "../../lib/io/mod.ts";
import { duration, type ExitStatus, flag, formatDuration, type Job, type Page, z } from "../../lib/task/mod.ts";
import { renderTable } from "../_table.ts";
import { classPaint, type OpenCi, pipelineRow, pipelineSchema } from "./_ci.ts";

/** How many lines of a failing step's log are shown. */
const logLines = 20;

/** The flags of a wait. */
export const waitFields = {
  interval: flag(
    duration("60s").describe(
      "The longest pause between two looks without a stream of events; half of it for short runs",
    ),
    { short: "i", placeholder: "DURATION" },
  ),
  timeout: flag(duration("1h").describe("How long to wait; 0 looks once"), { short: "t", placeholder: "DURATION" }),
  appear: flag(duration("60s").describe("How long anything may take to register for a commit"), {
    placeholder: "DURATION",
  }),
  settle: flag(duration("10s").describe("How long nothing new may register before success is said"), {
    placeholder: "DURATION",
  }),
  outage: flag(duration("5m").describe("How long the server may be out of reach"), { placeholder: "DURATION" }),
  strict: z.boolean().default(false).describe("Success only where all are success"),
  follow: z.boolean().default(false).describe("Follow a restart or a new push in place of ending"),
};

/** The values of {@linkcode waitFields}. */
export interface WaitInput {
  readonly interval: number;
  readonly timeout: number;
  readonly appear: number;
  readonly settle: number;
  readonly outage: number;
  readonly strict: boolean;
  readonly follow: boolean;
}

/** What a wait returns. */
export const waitSchema = z.object({
  outcome: z.enum(waitOutcomes),
  repo: z.string(),
  sha: z.string().optional().describe("The commit, where one was waited for"),
  pipelines: z.array(pipelineSchema.extend({
    vanished: z.literal(true).optional(),
    superseded: z.literal(true).optional(),
    supersededBy: z.int().optional().describe("The pipeline that stands in its place"),
    failed: z.object({
      step: z.string(),
      status: z.string(),
      log: z.array(z.string()).readonly().describe("The last lines"),
      reason: z.string().optional().describe("Why there are none"),
    }).optional().describe("Where it failed"),
  })),
  reason: z.string().optional(),
  after: z.array(z.object({ what: z.enum(["notify", "exec"]), ok: z.boolean(), detail: z.string() })).optional()
    .describe("What --notify and --exec came to"),
  requests: z.int().describe("How many requests this process made"),
  elapsedMs: z.number(),
});

/** What a wait returns. */
export type WaitOutput = z.output<typeof waitSchema>;

/** The exit status of a wait; what was to be done afterwards and was not spoils a success. */
export function waitExit({ outcome, after = [] }: WaitOutput): ExitStatus {
  const status = waitExits[outcome];
  return status === 0 && after.some(({ ok }) => !ok) ? 6 : status;
}

/** Waits, tells how it goes, and reads where what failed has failed. */
export async function waitAndTell(
  io: Io,
  ci: OpenCi,
  target: WaitTarget,
  input: WaitInput,
  { signal, say, live }: Pick<Job<never>, "signal" | "say" | "live">,
  progress: Progress,
): Promise<WaitOutput> {
  const over = new AbortController();
  const ticking = progress.tick(AbortSignal.any([signal, over.signal]));
  let report: WaitReport;
  try {
    report = await waitForPipelines(io, target, {
      provider: ci.provider,
      board: ci.board,
      timeoutMs: input.timeout,
      intervalMs: Math.max(1_000, input.interval),
      appearMs: input.appear,
      settleMs: input.settle,
      outageMs: input.outage,
      strict: input.strict,
      follow: input.follow,
      tellUsual: progress.isLive,
      onLook: (look) => progress.look(look),
      say,
      signal,
    });
  } finally {
    over.abort();
    await ticking;
    live("");
  }
  const pipelines = await Promise.all(report.watched.map(async ({ pipeline, vanished, superseded, supersededBy }) => {
    const failed = pipeline.class === "bad" && !superseded ? await readFailed(ci, pipeline, signal) : undefined;
    return {
      ...pipelineRow(pipeline),
      ...(vanished ? { vanished } : {}),
      ...(superseded ? { superseded } : {}),
      ...(supersededBy === undefined ? {} : { supersededBy }),
      ...(failed
        ? { failed: { step: failed.name, status: failed.status, log: failed.log, reason: failed.reason } }
        : {}),
    } as WaitOutput["pipelines"][number];
  }));
  return {
    outcome: report.outcome,
    repo: ci.repo,
    ...(report.sha === undefined ? {} : { sha: report.sha }),
    pipelines,
    ...(report.reason === undefined ? {} : { reason: report.reason }),
    requests: ci.requests,
    elapsedMs: Math.round(report.elapsedMs),
  };
}

/** The failing step. That a pipeline failed is known without it: what keeps it from being read is told in its place. */
async function readFailed(ci: OpenCi, pipeline: Pipeline, signal: AbortSignal): Promise<FailedStep | undefined> {
  try {
    return await readFailedStep(ci.provider, pipeline, logLines, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof MusterError)) throw error;
    return { name: "", status: pipeline.status, log: [], reason: error.message };
  }
}

/** How a wait goes: one live line for each pipeline on a terminal, else one line for each change. */
export class Progress {
  readonly #io: Io;
  readonly #job: Pick<Job<never>, "say" | "live">;
  /** Whether it is told on a terminal. */
  readonly isLive: boolean;
  readonly #told = new Map<string, string>();
  readonly #streamed = new Map<number, Pipeline>();
  #look: Look | undefined;

  /** Takes where to tell it. */
  constructor(io: Io, job: Pick<Job<never>, "say" | "live">) {
    this.#io = io;
    this.#job = job;
    this.isLive = io.terminal.isTerminal.err && !io.terminal.noColor;
  }

  /** What a stream says of a pipeline: enough for a line, and for nothing else. */
  event(pipeline: Pipeline | undefined): void {
    if (!pipeline || pipeline.jobs.length === 0) return;
    this.#streamed.set(pipeline.number, pipeline);
    this.#tell();
  }

  /** What a look saw. */
  look(look: Look): void {
    this.#look = look;
    for (const { pipeline } of look.watched) this.#streamed.delete(pipeline.number);
    this.#tell();
  }

  /** Keeps the time on the live lines moving. */
  async tick(signal: AbortSignal): Promise<void> {
    if (!this.isLive) return;
    while (!signal.aborted) {
      await this.#io.clock.delay(1_000, signal).catch(() => {}); // the loop sees that it was stopped
      if (!signal.aborted) this.#tell();
    }
  }

  #tell(): void {
    if (!this.#look) return;
    const { watched, usualMs } = this.#look;
    const lines = watched.map(({ pipeline, vanished }) => {
      const now = this.#streamed.get(pipeline.number) ?? pipeline;
      const running = runningJobs(now.jobs);
      const what = [pipeline.name, String(pipeline.number)].filter(Boolean).join(" ");
      const state = vanished
        ? "vanished"
        : [pipeline.status, ...(pipeline.class === "live" ? running : [])].join(" · ");
      const change = `${what}: ${state}`;
      // What is at rest when it is first seen has not changed.
      const isChange = this.#told.get(pipeline.key) !== change &&
        (this.#told.has(pipeline.key) || !isRest(pipeline.class));
      if (!this.isLive && isChange) this.#job.say(visible(change));
      this.#told.set(pipeline.key, change);
      const from = pipeline.startedMs ?? pipeline.createdMs;
      const runs = pipeline.class === "live" && from !== undefined
        ? ` · ${formatDuration(Math.max(0, Math.round((this.#io.clock.now() - from) / 1000)) * 1000)}`
        : "";
      return visible(change + runs + (usualMs && pipeline.class === "live" ? ` of ~${formatDuration(usualMs)}` : ""));
    });
    if (this.isLive) this.#job.live(lines.join("\n") || "nothing registered yet");
  }
}

/** The innermost jobs that run. */
function runningJobs(jobs: readonly PipelineJob[]): string[] {
  const running = jobs.filter(({ status }) => status === "running" || status === "in_progress");
  return running.filter(({ name }) => !running.some((one) => one.name.startsWith(`${name}/`))).map(({ name }) => name);
}

/** A wait's report as a person reads it. */
export function renderWait(output: WaitOutput, page: Page): string {
  const { style } = page;
  const status = waitExit(output);
  const color = status === 0 ? style.good : status === 4 || status === 3 ? style.warn : style.bad;
  const requests = output.requests === 1 ? "1 request" : `${output.requests} requests`;
  const facts = `${output.repo} · ${formatDuration(output.elapsedMs)} · ${requests}`;
  const paint = classPaint(style);
  const rows = output.pipelines.map((one) => [
    `  ${one.number}`,
    { text: one.vanished ? "vanished" : visible(one.status), paint: paint[one.class] },
    visible(one.name),
    one.sha.slice(0, 10),
    one.durationMs === undefined ? "" : formatDuration(one.durationMs),
    visible(one.url),
  ]);
  return [
    `${color(output.outcome)}  ${style.quiet(visible(facts))}`,
    ...(output.reason === undefined ? [] : [`  ${visible(output.reason)}`]),
    ...(output.sha !== undefined && rows.length === 0 ? [`  nothing is registered for ${visible(output.sha)}`] : []),
    ...(rows.length > 0 ? [renderTable(rows)] : []),
    ...output.pipelines.flatMap((one) => [
      ...(one.superseded
        ? [style.warn(`  ${one.number} is superseded${one.supersededBy ? ` by ${one.supersededBy}` : ""}`)]
        : []),
      ...(one.failed ? renderFailed(one.number, one.failed, page) : []),
    ]),
    ...(output.after ?? []).map(({ what, ok, detail }) =>
      `  ${ok ? style.good(what) : style.bad(`${what} failed`)}  ${visible(detail)}`
    ),
  ].join("\n");
}

function renderFailed(
  number: number,
  { step, status, log, reason }: NonNullable<WaitOutput["pipelines"][number]["failed"]>,
  { style }: Page,
): string[] {
  return [
    ...(step === "" ? [] : [style.bad(`  ${number} failed in ${visible(step)}: ${visible(status)}`)]),
    ...(reason === undefined ? [] : [style.quiet(`  no log: ${visible(reason)}`)]),
    ...log.map((line) => style.quiet(`  │ ${visible(line, { keep: "\t" })}`)),
  ];
}
