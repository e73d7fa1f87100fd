#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net
/**
 * Lists issues, the newest first.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net tasks/issue/list.ts -r ada/tool
 * ```
 *
 * @module
 */

import { defineTask, runAsMain, z } from "../../lib/task/mod.ts";
import { forgeFields, forgeOptional, forgePermissions, laneFields, openNamedForge } from "../_forge.ts";
import { issueSchema, listFields, renderItems, toIssueOutput } from "../_items.ts";

/** `muster issue list`. */
export const issueList = defineTask({
  name: "issue list",
  tier: "read",
  summary: "List issues, the newest first",
  input: z.object({ ...forgeFields, ...laneFields, ...listFields }),
  output: z.object({ issues: z.array(issueSchema).readonly() }),
  permissions: forgePermissions,
  optional: forgeOptional,
  examples: [{
    run: "muster issue list -r ada/tool -m v1 -l bug",
    does: "list the open ones of a milestone with a label",
  }],
  render: ({ issues }, page) => renderItems(issues, page),
  run: async (input, io, job) => {
    const { state, limit, milestone, label: labels } = input;
    const { forge } = await openNamedForge(input, io, job);
    return { issues: (await forge.issues({ state, milestone, labels }, limit)).map(toIssueOutput) };
  },
});

if (import.meta.main) await runAsMain(issueList);
