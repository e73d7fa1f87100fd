#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net
/**
 * Opens a pull request; its branch is pushed where the forge does not have it yet.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net tasks/pr/create.ts -r ada/tool -t "Keep the last line" -m "Closes #1" --head fix-line
 * ```
 *
 * @module
 */

import { quoted } from "../../lib/config/quoted.ts";
import { checkCreated, type Forge, type NewPull, type Pull } from "../../lib/forge/mod.ts";
import { MusterError } from "../../lib/io/mod.ts";
import { defineTask, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { bodyFields, readText } from "../_body.ts";
import { forgeFields, forgeOptional, forgePermissions, openNamedForge } from "../_forge.ts";
import { createFields, pullSchema, renderItem, toPullOutput } from "../_items.ts";
import { pushHead } from "./_push_head.ts";

/** `muster pr create`. */
export const prCreate = defineTask({
  name: "pr create",
  tier: "write",
  summary: "Open a pull request, and push its branch where that is not done",
  input: z.object({
    ...forgeFields,
    ...createFields,
    ...bodyFields("The text"),
    head: flag(z.string().min(1).describe("The branch it is from, by default the one that is checked out").optional(), {
      placeholder: "BRANCH",
    }),
    base: flag(z.string().min(1).describe("The branch it goes to, by default the repo's own default").optional(), {
      placeholder: "BRANCH",
    }),
    draft: z.boolean().default(false).describe("It is not done yet"),
    reviewer: flag(z.array(z.string()).default([]).describe("Who is asked to look at it"), { placeholder: "LOGIN" }),
  }),
  output: z.object({ ...pullSchema.shape, pushed: z.boolean().describe("Whether its branch was pushed for it") }),
  permissions: forgePermissions,
  optional: [{ permissions: { read: ["FILE"] }, buys: "-F FILE" }, ...forgeOptional],
  examples: [
    { run: 'muster pr create -r ada/tool -t "Keep the last line" -m "Closes #1" --head fix-line', does: "open one" },
  ],
  render: (pull, page) => `${pull.pushed ? `pushed ${pull.head}\n` : ""}${renderItem(pull, page)}`,
  run: async (input, io, job) => {
    const { title, label: labels, milestone, assignee: assignees, draft: isDraft, reviewer: reviewers } = input;
    const body = await readText(input, io, job.signal);
    const { forge, entry } = await openNamedForge(input, io, job);
    const base = input.base ?? await forge.defaultBranch(job.signal);
    const { head, pushed } = await pushHead(io, { forge: entry, repo: forge.repo }, input.head, base, {
      timeoutMs: input.timeout,
      signal: job.signal,
    });
    for (const [branch, flag] of [[head, "--head"], [input.base, "--base"]] as const) {
      // One of a fork is named with its owner; of such a one the forge itself says whether it is there.
      if (branch === undefined || branch.includes(":") || pushed && branch === head) continue;
      if (await forge.branchTip(branch) !== undefined) continue;
      throw new MusterError("not_found", `no such branch in ${forge.repo}: ${quoted(branch)}`, {
        hint: flag === "--head" ? "push it first, or check it out here" : "is --base spelled right?",
      });
    }
    const wanted = { title, body, labels, milestone, assignees, head, base, isDraft, reviewers };
    const made = await open(forge, wanted, pushed);
    const seen = await lookAt(forge, made);
    checkCreated("pull request", wanted, seen);
    return { ...toPullOutput(seen), pushed };
  },
});

/** Opens it; where that fails, the error names what was pushed for it. */
async function open(forge: Forge, wanted: NewPull, pushed: boolean): Promise<Pull> {
  try {
    return await forge.createPull(wanted);
  } catch (error) {
    if (!pushed || !(error instanceof MusterError) || error.message.startsWith("created ")) throw error;
    const told = error.message.startsWith("not known whether") || error.code === "timeout"
      ? "it is not known whether a pull request was opened"
      : "opened no pull request";
    throw new MusterError(error.code, `pushed ${wanted.head}, but ${told}: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
  }
}

/** The pull request as the forge shows it now; where it does not, the error says that it is there. */
async function lookAt(forge: Forge, made: Pull): Promise<Pull> {
  try {
    return await forge.pull(made.number);
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
    throw new MusterError(error.code, `created pull request ${made.number}, but cannot look at it: ${error.message}`, {
      hint: `it is there: ${made.url}`,
      cause: error,
    });
  }
}

if (import.meta.main) await runAsMain(prCreate);
