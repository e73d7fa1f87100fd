#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN,WOODPECKER_TOKEN --allow-net
/**
 * Lists the newest pipelines of a repo.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN,WOODPECKER_TOKEN --allow-net tasks/ci/list.ts -r owner/repo
 * ```
 *
 * @module
 */

import { defineTask, duration, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { ciFields, ciOptional, ciPermissions, openCi, pipelineRow, pipelineSchema } from "./_ci.ts";
import { renderPipelines } from "./_rows.ts";

/** `muster ci list`. */
export const ciList = defineTask({
  name: "ci list",
  tier: "read",
  summary: "List the newest pipelines of a repo",
  input: z.object({
    ...ciFields,
    branch: flag(z.string().min(1).optional().describe("Only of this branch"), { short: "B", placeholder: "BRANCH" }),
    number: flag(z.int().min(1).max(1000).default(20).describe("How many"), { short: "n", placeholder: "N" }),
    timeout: flag(duration("30s").describe("How long all of it may take"), { short: "t", placeholder: "DURATION" }),
  }),
  output: z.object({ repo: z.string(), pipelines: z.array(pipelineSchema) }),
  permissions: ciPermissions,
  optional: ciOptional,
  examples: [
    { run: "muster ci list -r ada/tool", does: "the newest 20" },
    { run: "muster ci list -r ada/tool -n 5 --json", does: "the newest 5, as JSON" },
  ],
  render: ({ pipelines, repo }, page) =>
    pipelines.length === 0 ? page.style.quiet(`no pipelines: ${repo}`) : renderPipelines(pipelines, page),
  run: async (input, io, { signal, say }) => {
    await using ci = await openCi(io, input, { timeoutMs: input.timeout, retries: true, say, signal });
    const pipelines = await ci.provider.recent({ branch: input.branch, limit: input.number }, signal);
    return { repo: ci.repo, pipelines: pipelines.map(pipelineRow) };
  },
});

if (import.meta.main) await runAsMain(ciList);
