#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net
/**
 * Shows an issue.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net tasks/issue/view.ts 1 -r ada/tool
 * ```
 *
 * @module
 */

import { defineTask, runAsMain, z } from "../../lib/task/mod.ts";
import { forgeFields, forgeOptional, forgePermissions, openNamedForge } from "../_forge.ts";
import { issueSchema, numberField, renderItem, toIssueOutput } from "../_items.ts";

/** `muster issue view`. */
export const issueView = defineTask({
  name: "issue view",
  tier: "read",
  summary: "Show an issue",
  input: z.object({ number: numberField("issue"), ...forgeFields }),
  output: issueSchema,
  permissions: forgePermissions,
  optional: forgeOptional,
  examples: [{ run: "muster issue view 1 -r ada/tool", does: "show one" }],
  render: renderItem,
  run: async (input, io, job) => {
    const { forge } = await openNamedForge(input, io, job);
    return toIssueOutput(await forge.issue(input.number));
  },
});

if (import.meta.main) await runAsMain(issueView);
