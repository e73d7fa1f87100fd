#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net
/**
 * Opens a milestone, unless there is one of that title.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net tasks/milestone/create.ts v2 -r ada/tool
 * ```
 *
 * @module
 */

import { MusterError } from "../../lib/io/mod.ts";
import { defineTask, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { forgeFields, forgeOptional, forgePermissions, openNamedForge } from "../_forge.ts";
import { milestoneSchema, renderMilestones, toMilestoneOutput } from "./_milestone.ts";

/** `muster milestone create`. */
export const milestoneCreate = defineTask({
  name: "milestone create",
  tier: "write",
  summary: "Open a milestone",
  input: z.object({
    title: flag(z.string().min(1).describe("Its title"), { positional: true, placeholder: "TITLE" }),
    ...forgeFields,
    message: flag(z.string().default("").describe("Its text"), { short: "m", placeholder: "TEXT" }),
    due: flag(z.iso.date().describe("The day it is due, YYYY-MM-DD").optional(), { placeholder: "DATE" }),
  }),
  output: milestoneSchema,
  permissions: forgePermissions,
  optional: forgeOptional,
  examples: [{ run: "muster milestone create v2 -r ada/tool --due 2026-12-01", does: "open one" }],
  render: (milestone, page) => renderMilestones([milestone], page),
  run: async ({ title, message, due, ...input }, io, job) => {
    const { forge } = await openNamedForge(input, io, job);
    const there = (await forge.milestones(job.signal)).find((one) => one.title === title);
    if (there) throw new MusterError("held", `there is such a milestone: ${title} (${there.state})`);
    return toMilestoneOutput(await forge.createMilestone({ title, description: message, due }));
  },
});

if (import.meta.main) await runAsMain(milestoneCreate);
