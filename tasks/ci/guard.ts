#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN,WOODPECKER_TOKEN --allow-net
/**
 * Waits until nothing runs on a branch, and says which commit may be pushed or merged.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN,WOODPECKER_TOKEN --allow-net tasks/ci/guard.ts --purpose push
 * ```
 *
 * @module
 */

import { guardBranch, guardPurposes, waitExits, waitOutcomes } from "../../lib/ci/mod.ts";
import { quoted } from "../../lib/config/quoted.ts";
import { MusterError, visible } from "../../lib/io/mod.ts";
import { defineTask, flag, runAsMain, z } from "../../lib/task/mod.ts";
import { Checkout } from "./_checkout.ts";
import { ciFields, ciOptional, ciPermissions, type OpenCi, openCi, pipelineRow, pipelineSchema } from "./_ci.ts";
import { waitFields } from "./_wait.ts";

const { strict: _strict, follow: _follow, ...fields } = waitFields;

/** `muster ci guard`. */
export const ciGuard = defineTask({
  name: "ci guard",
  tier: "write",
  summary: "Wait until nothing runs on a branch, and say which commit may be pushed or merged",
  description:
    "It vouches for one commit on one base: nothing was live on the branch, a merge's head was green, and neither had\n" +
    "moved when both were read again. What comes after that it cannot know: --push pushes exactly that commit, never by\n" +
    "force, and only while the base is where it was.",
  input: z.object({
    purpose: flag(z.enum(guardPurposes).describe("What it is for"), { placeholder: "PURPOSE" }),
    branch: flag(
      z.string().min(1).optional().describe(
        "The branch that is pushed to or merged into; else the checkout's, the pull request's",
      ),
      { short: "B", placeholder: "BRANCH" },
    ),
    pr: flag(z.int().min(1).optional().describe("The pull request to merge; else that of the checkout's branch"), {
      placeholder: "N",
    }),
    push: z.boolean().default(false).describe("Push that commit to the branch, from this checkout"),
    ...ciFields,
    ...fields,
  }),
  output: z.object({
    outcome: z.enum(waitOutcomes),
    repo: z.string(),
    purpose: z.enum(guardPurposes),
    branch: z.string(),
    pr: z.int().optional(),
    sha: z.string().describe("The commit; vouched for where the outcome is success"),
    base: z.string().describe("What the branch is at; empty where it is new"),
    pushed: z.boolean(),
    pipelines: z.array(pipelineSchema).describe("What stands in the way"),
    reason: z.string().optional(),
    restarts: z.int().describe("How often it began anew because a commit moved"),
    requests: z.int(),
    elapsedMs: z.number(),
  }),
  permissions: ciPermissions,
  optional: ciOptional,
  examples: [
    {
      run: "muster ci guard --purpose merge --pr 21 -r ada/tool --settle 1s -t 5m",
      does: "wait until main is quiet and the pull request green",
    },
  ],
  exit: ({ outcome }) => waitExits[outcome],
  render: ({ outcome, branch, sha, base, pushed, pipelines, reason }, { style }) => {
    const isGood = outcome === "success";
    const commit = `${sha.slice(0, 10)} on ${visible(branch)}${base === "" ? " (new)" : ` at ${base.slice(0, 10)}`}`;
    return [
      `${(isGood ? style.good : style.bad)(pushed ? "pushed" : isGood ? "clear" : outcome)}  ${commit}`,
      ...(reason === undefined ? [] : [`  ${visible(reason)}`]),
      ...pipelines.map(({ number, name, status, url }) =>
        `  ${visible([name, number].filter(Boolean).join(" "))}  ${visible(status)}  ${visible(url)}`
      ),
    ].join("\n");
  },
  run: async (input, io, { signal, say }) => {
    if (input.purpose === "merge" && input.push) {
      throw new MusterError("usage", "a merge is not pushed", { hint: "pr merge --guard merges" });
    }
    if (input.purpose === "push" && input.pr !== undefined) {
      throw new MusterError("usage", "--pr is of a merge", { hint: "--purpose merge --pr N" });
    }
    await using ci = await openCi(io, input, {
      timeoutMs: input.timeout + 60_000,
      retries: false,
      stream: input.timeout > 0,
      say,
      signal,
    });
    const checkout = new Checkout(io, signal);
    const place = input.purpose === "push"
      ? await pushPlace(ci, checkout, input)
      : await mergePlace(ci, checkout, input);
    const begunMs = io.clock.elapsed();
    const guarded = async () =>
      await guardBranch(io, {
        provider: ci.provider,
        board: ci.board,
        purpose: input.purpose,
        branch: place.branch,
        pull: place.pr,
        readHeads: place.readHeads,
        timeoutMs: Math.max(0, input.timeout - (io.clock.elapsed() - begunMs)),
        intervalMs: Math.max(1_000, input.interval),
        appearMs: input.appear,
        settleMs: input.settle,
        outageMs: input.outage,
        say,
        signal,
      });
    let report = await guarded();
    let pushed = false;
    while (input.push && report.outcome === "success" && !pushed) {
      pushed = await pushExactly(checkout, place.branch, report);
      if (pushed) break;
      say(`the base moved between the look and the push: beginning anew`);
      report = await guarded();
    }
    const { outcome, sha, base, pipelines, reason, restarts } = report;
    return {
      outcome,
      repo: ci.repo,
      purpose: input.purpose,
      branch: place.branch,
      ...(place.pr === undefined ? {} : { pr: place.pr }),
      sha,
      base,
      pushed,
      pipelines: outcome === "success" ? [] : pipelines.map(pipelineRow),
      ...(reason === undefined ? {} : { reason }),
      restarts,
      requests: ci.requests,
      elapsedMs: Math.round(io.clock.elapsed() - begunMs),
    };
  },
});

/** Pushes while the base is where it was; `false` where it has moved, and nothing was pushed. */
async function pushExactly(
  checkout: Checkout,
  branch: string,
  { sha, base }: { readonly sha: string; readonly base: string },
): Promise<boolean> {
  if (await checkout.remoteCommitOf(branch) !== base) return false;
  try {
    await checkout.push(sha, branch);
    return true;
  } catch (error) {
    // Refused because of a commit that came between the look and the push: that is a new wait.
    if (await checkout.remoteCommitOf(branch) !== base) return false;
    throw error;
  }
}

interface Place {
  readonly branch: string;
  readonly pr?: number;
  readonly readHeads: () => Promise<{ readonly sha: string; readonly base: string }>;
}

/** A push is from a checkout: its commit, and what the remote has. */
async function pushPlace(ci: OpenCi, checkout: Checkout, input: { readonly branch?: string }): Promise<Place> {
  await checkout.requireRepo(ci.repo);
  const branch = input.branch ?? await checkout.branch();
  return {
    branch,
    readHeads: async () => ({ sha: await checkout.commitOf(branch), base: await checkout.remoteCommitOf(branch) }),
  };
}

/** A merge is on the forge: the pull request's head, and the branch that it goes to. */
async function mergePlace(
  ci: OpenCi,
  checkout: Checkout,
  input: { readonly branch?: string; readonly pr?: number },
): Promise<Place> {
  const heads = await ci.heads();
  let { pr } = input;
  if (pr === undefined) {
    await checkout.requireRepo(ci.repo);
    pr = (await heads.pullOf(await checkout.branch())).number;
  }
  const number = pr;
  const branch = input.branch ?? (await heads.pull(number)).base;
  const readHeads = async () => {
    const [pull, base] = await Promise.all([heads.pull(number), heads.branch(branch)]);
    if (pull.base !== branch) {
      throw new MusterError("usage", `pull request ${number} goes to ${quoted(pull.base)}, not to ${quoted(branch)}`);
    }
    if (base === undefined) throw new MusterError("not_found", `no such branch: ${quoted(branch)}`);
    return { sha: pull.sha, base };
  };
  return { branch, pr: number, readHeads };
}

if (import.meta.main) await runAsMain(ciGuard);
