#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net
/**
 * Closes a milestone.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net tasks/milestone/close.ts v1 -r ada/tool
 * ```
 *
 * @module
 */

import { findMilestone } from "../../lib/forge/mod.ts";
import { MusterError } from "../../lib/io/mod.ts";
import { defineTask, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { forgeFields, forgeOptional, forgePermissions, openNamedForge } from "../_forge.ts";
import { milestoneSchema, renderMilestones, toMilestoneOutput } from "./_milestone.ts";

/** `muster milestone close`. */
export const milestoneClose = defineTask({
  name: "milestone close",
  tier: "write",
  summary: "Close a milestone",
  input: z.object({
    title: flag(z.string().min(1).describe("Its title, exactly"), { positional: true, placeholder: "TITLE" }),
    ...forgeFields,
  }),
  output: milestoneSchema,
  permissions: forgePermissions,
  optional: forgeOptional,
  examples: [{ run: "muster milestone close v1 -r ada/tool", does: "close one" }],
  render: (milestone, page) => renderMilestones([milestone], page),
  run: async ({ title, ...input }, io, job) => {
    const { forge } = await openNamedForge(input, io, job);
    const milestone = await forge.closeMilestone(findMilestone(await forge.milestones(job.signal), title));
    if (milestone.state === "closed") return toMilestoneOutput(milestone);
    throw new MusterError("failed", `the forge took it, and still shows milestone ${title} as open`);
  },
});

if (import.meta.main) await runAsMain(milestoneClose);
