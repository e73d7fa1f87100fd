#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net
/**
 * Lists pull requests, the newest first.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net tasks/pr/list.ts -r ada/tool
 * ```
 *
 * @module
 */

import { defineTask, runAsMain, z } from "../../lib/task/mod.ts";
import { forgeFields, forgeOptional, forgePermissions, laneFields, openNamedForge } from "../_forge.ts";
import { listFields, pullSchema, renderItems, toPullOutput } from "../_items.ts";

/** `muster pr list`. */
export const prList = defineTask({
  name: "pr list",
  tier: "read",
  summary: "List pull requests, the newest first",
  input: z.object({ ...forgeFields, ...laneFields, ...listFields }),
  output: z.object({ pulls: z.array(pullSchema).readonly() }),
  permissions: forgePermissions,
  optional: forgeOptional,
  examples: [{ run: "muster pr list -r ada/tool", does: "list the open ones" }],
  render: ({ pulls }, page) => renderItems(pulls, page),
  run: async (input, io, job) => {
    const { state, limit, milestone, label: labels } = input;
    const { forge } = await openNamedForge(input, io, job);
    return { pulls: (await forge.pulls({ state, milestone, labels }, limit)).map(toPullOutput) };
  },
});

if (import.meta.main) await runAsMain(prList);
