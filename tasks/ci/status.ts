#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN,WOODPECKER_TOKEN --allow-net
/**
 * Looks once at the newest pipelines of a branch, or of the repo.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN,WOODPECKER_TOKEN --allow-net tasks/ci/status.ts -r owner/repo
 * ```
 *
 * @module
 */

import { judge, waitExits } from "../../lib/ci/mod.ts";
import { MusterError } from "../../lib/io/mod.ts";
import { defineTask, duration, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { ciFields, ciOptional, ciPermissions, openCi, pipelineRow, pipelineSchema } from "./_ci.ts";
import { renderPipelines } from "./_rows.ts";

/** How many pipelines are looked at for those of the newest commit. */
const rows = 50;

/** `muster ci status`. */
export const ciStatus = defineTask({
  name: "ci status",
  tier: "read",
  summary: "Look once at what CI says of the newest commit",
  description:
    "The newest commit is that of the newest pipeline. Exit: 0 where all its pipelines are at rest and none is bad, 1 where\n" +
    "one is bad or none is success, 3 where one is live, 4 where one waits for a person, 5 where there is none.",
  input: z.object({
    ...ciFields,
    branch: flag(z.string().min(1).optional().describe("Only of this branch"), { short: "B", placeholder: "BRANCH" }),
    timeout: flag(duration("30s").describe("How long all of it may take"), { short: "t", placeholder: "DURATION" }),
  }),
  output: z.object({ repo: z.string(), sha: z.string(), pipelines: z.array(pipelineSchema) }),
  permissions: ciPermissions,
  optional: ciOptional,
  examples: [
    { run: "muster ci status -r ada/tool", does: "the newest commit of any branch" },
    { run: "muster ci status -r ada/tool --branch main --json", does: "of a branch, as JSON" },
  ],
  exit: ({ pipelines }) => waitExits[judge(pipelines, { isLate: true }) ?? "timeout"],
  render: ({ pipelines }, page) => renderPipelines(pipelines, page),
  run: async (input, io, { signal, say }) => {
    await using ci = await openCi(io, input, { timeoutMs: input.timeout, retries: true, say, signal });
    const recent = await ci.provider.recent({ branch: input.branch, limit: rows }, signal);
    const [newest] = recent;
    if (!newest) {
      const where = input.branch === undefined ? ci.repo : `${ci.repo} ${input.branch}`;
      throw new MusterError("not_found", `no pipelines: ${where}`, { hint: "is CI switched on for it?" });
    }
    const replaced = new Set(recent.flatMap(({ parent }) => parent === undefined ? [] : [parent]));
    const all = await ci.provider.ofCommit(newest.sha, signal);
    const current = (all.length > 0 ? all : [newest]).filter(({ number }) => !replaced.has(number));
    return { repo: ci.repo, sha: newest.sha, pipelines: current.map(pipelineRow) };
  },
});

if (import.meta.main) await runAsMain(ciStatus);
