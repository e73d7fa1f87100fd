#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN,WOODPECKER_TOKEN --allow-net
/**
 * Prints the log of a pipeline, a workflow or a step.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN,WOODPECKER_TOKEN --allow-net tasks/ci/log.ts -r owner/repo -n 12 --failed
 * ```
 *
 * @module
 */

import { findFailed, lastLines, type PipelineJob } from "../../lib/ci/mod.ts";
import { didYouMean } from "../../lib/config/did_you_mean.ts";
import { quoted } from "../../lib/config/quoted.ts";
import { MusterError, visible } from "../../lib/io/mod.ts";
import { defineTask, duration, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { ciFields, ciOptional, ciPermissions, openCi } from "./_ci.ts";

/** How many lines are printed at a time: a log of any length passes through little memory. */
const batch = 500;

/** `muster ci log`. */
export const ciLog = defineTask({
  name: "ci log",
  tier: "read",
  summary: "Print the log of a pipeline, a workflow or a step",
  description: "Without --step and --failed it is all of them, one after the other, each below its name.",
  input: z.object({
    ...ciFields,
    number: flag(z.int().min(1).describe("The pipeline"), { short: "n", placeholder: "NUMBER" }),
    step: flag(z.string().optional().describe("Only this workflow, job or step, by its name: build, build/test"), {
      short: "s",
      placeholder: "NAME",
    }),
    failed: z.boolean().default(false).describe("Only the end of the step that failed"),
    lines: flag(z.int().min(1).max(100_000).optional().describe("Only the last lines of each; 20 with --failed"), {
      placeholder: "N",
    }),
    timeout: flag(duration("10m").describe("How long all of it may take"), { short: "t", placeholder: "DURATION" }),
  }),
  output: z.object({
    step: z.string(),
    status: z.string(),
    lines: z.array(z.string()).describe("Lines of its log; of a long one each document has those that follow"),
  }),
  permissions: ciPermissions,
  optional: ciOptional,
  examples: [
    { run: "muster ci log -r ada/tool -n 12 --failed", does: "the end of the step that failed" },
    { run: "muster ci log -r ada/tool -n 12 --step test --lines 5 --json", does: "the last 5 lines of a step" },
  ],
  render: ({ lines }) => lines.map((line) => `${visible(line, { keep: "\t" })}\n`).join(""),
  run: async (input, io, { signal, say, emit }) => {
    await using ci = await openCi(io, input, { timeoutMs: input.timeout, retries: true, say, signal });
    const pipeline = await ci.provider.pipeline(input.number, signal);
    const jobs = pipeline.jobs.length > 0 ? pipeline.jobs : await ci.provider.jobs(pipeline, signal);
    const chosen = choose(jobs, input);
    const count = input.lines ?? (input.failed ? 20 : undefined);
    for (const [at, job] of chosen.entries()) {
      const isLast = at === chosen.length - 1;
      const { name: step, status } = job;
      if (chosen.length > 1) say(`== ${visible(step)}: ${visible(status)}`);
      const log = await ci.provider.log(pipeline, job, signal);
      if (count !== undefined) {
        const document = { step, status, lines: await lastLines(log, count) };
        if (isLast) return document;
        emit(document);
        continue;
      }
      let lines: string[] = [];
      for await (const line of log) {
        if (lines.push(line) < batch) continue;
        emit({ step, status, lines });
        lines = [];
      }
      if (isLast) return { step, status, lines };
      emit({ step, status, lines });
    }
    throw new MusterError("not_found", `no log: ${input.number}`, { hint: `look at ${pipeline.url}` });
  },
});

/** The jobs and steps whose logs are wanted; those without one of their own are left out. */
function choose(
  jobs: readonly PipelineJob[],
  { step, failed, number }: { readonly step?: string; readonly failed: boolean; readonly number: number },
): readonly PipelineJob[] {
  if (failed) {
    const found = findFailed(jobs);
    if (found) return [found];
    throw new MusterError("not_found", `no step of ${number} failed`, {
      hint: "without --failed all logs are printed",
    });
  }
  const named = step === undefined
    ? jobs
    : jobs.filter(({ name }) => name === step || name.startsWith(`${step}/`) || name.endsWith(`/${step}`));
  if (step !== undefined && named.length === 0) {
    const names = jobs.map(({ name }) => name);
    throw new MusterError("not_found", `no such step: ${quoted(step)}`, {
      hint: didYouMean(step, names, (near) => near) ?? `one of ${names.join(", ")}`,
    });
  }
  // Steps of one job may share its log.
  const seen = new Set<number>();
  return named.filter(({ logId }) => {
    if (logId === undefined || seen.has(logId)) return false;
    seen.add(logId);
    return true;
  });
}

if (import.meta.main) await runAsMain(ciLog);
