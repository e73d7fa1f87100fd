#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN,WOODPECKER_TOKEN --allow-net
/**
 * Starts a pipeline of a branch, and with `--wait` waits for it.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN,WOODPECKER_TOKEN --allow-net tasks/ci/trigger.ts -r owner/repo -B main
 * ```
 *
 * @module
 */

import { MusterError } from "../../lib/io/mod.ts";
import { defineTask, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { ciFields, ciOptional, ciPermissions, openCi, pipelineRow, pipelineSchema } from "./_ci.ts";
import { Progress, renderWait, waitAndTell, waitExit, waitFields, waitSchema } from "./_wait.ts";

const { appear: _appear, settle: _settle, ...fields } = waitFields;

/** `muster ci trigger`. */
export const ciTrigger = defineTask({
  name: "ci trigger",
  tier: "write",
  summary: "Start a pipeline of a branch",
  input: z.object({
    ...ciFields,
    branch: flag(z.string().min(1).describe("The branch"), { short: "B", placeholder: "BRANCH" }),
    workflow: flag(z.string().min(1).optional().describe("The workflow's file, where there is a pipeline for each"), {
      short: "w",
      placeholder: "FILE",
    }),
    wait: z.boolean().default(false).describe("Wait until it is at rest; without it -t is the time to start it"),
    ...fields,
  }),
  output: z.union([waitSchema, z.object({ repo: z.string(), started: pipelineSchema })]),
  permissions: ciPermissions,
  optional: ciOptional,
  examples: [
    { run: "muster ci trigger -r ada/tool -B main -w ci.yml", does: "start one" },
    { run: "muster ci trigger -r ada/tool -B main -w ci.yml --wait -t 20m --json", does: "start one and wait for it" },
  ],
  exit: (output) => "outcome" in output ? waitExit(output) : 0,
  render: (output, page) => {
    if ("outcome" in output) return renderWait(output, page);
    const { number, status, url } = output.started;
    return `${page.style.good("started")}  ${number}  ${status}  ${url}`;
  },
  run: async (input, io, job) => {
    const { signal, say } = job;
    const progress = new Progress(io, job);
    await using ci = await openCi(io, input, {
      timeoutMs: input.timeout + 60_000,
      retries: false,
      stream: input.wait,
      onEvent: ({ pipeline }) => progress.event(pipeline),
      say,
      signal,
    });
    const number = await ci.provider.trigger(input.branch, { workflow: input.workflow, signal });
    if (number === undefined) {
      throw new MusterError("failed", "started, but the server does not say which number it has");
    }
    if (!input.wait) {
      return { repo: ci.repo, started: pipelineRow(await ci.provider.pipeline(number, signal)) };
    }
    const never = { appear: 0, settle: 0 };
    return await waitAndTell(io, ci, { kind: "numbers", numbers: [number] }, { ...input, ...never }, job, progress);
  },
});

if (import.meta.main) await runAsMain(ciTrigger);
