#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net
/**
 * Lists milestones.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net tasks/milestone/list.ts -r ada/tool
 * ```
 *
 * @module
 */

import { defineTask, runAsMain, z } from "../../lib/task/mod.ts";
import { forgeFields, forgeOptional, forgePermissions, openNamedForge } from "../_forge.ts";
import { listFields } from "../_items.ts";
import { milestoneSchema, renderMilestones, toMilestoneOutput } from "./_milestone.ts";

/** `muster milestone list`. */
export const milestoneList = defineTask({
  name: "milestone list",
  tier: "read",
  summary: "List milestones",
  input: z.object({ ...forgeFields, state: listFields.state }),
  output: z.object({ milestones: z.array(milestoneSchema).readonly() }),
  permissions: forgePermissions,
  optional: forgeOptional,
  examples: [{ run: "muster milestone list -r ada/tool --state all", does: "list all, the closed ones too" }],
  render: ({ milestones }, page) => renderMilestones(milestones, page),
  run: async (input, io, job) => {
    const { forge } = await openNamedForge(input, io, job);
    const all = await forge.milestones(job.signal);
    return {
      milestones: all.filter(({ state }) => input.state === "all" || state === input.state).map(toMilestoneOutput),
    };
  },
});

if (import.meta.main) await runAsMain(milestoneList);
