#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net
/**
 * Merges a pull request, pinned to the head that was looked at.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN --allow-net tasks/pr/merge.ts 21 -r ada/tool
 * ```
 *
 * @module
 */

import { waitExits, waitOutcomes } from "../../lib/ci/mod.ts";
import { quoted } from "../../lib/config/quoted.ts";
import { type MergeRefusal, mergeRefusals } from "../../lib/forge/mod.ts";
import { type Io, MusterError, visible } from "../../lib/io/mod.ts";
import { callTask } from "../../lib/task/call.ts";
import { defineTask, duration, type ExitStatus, flag, type Job, runAsMain, z } from "../../lib/task/mod.ts";
import { forgeFields, forgeOptional, forgePermissions, openNamedForge } from "../_forge.ts";
import { numberField } from "../_items.ts";

/** What each refusal means to a script, and what to do about it. */
const refusals: Readonly<Record<MergeRefusal, readonly [ExitStatus, string]>> = {
  conflict: [1, "merge the base into its branch, and push"],
  checks: [1, "look at its checks: they are not green"],
  approvals: [4, "it wants an approval"],
  head_moved: [1, "look at what was pushed meanwhile, and merge that"],
  protected: [4, "the base is protected: someone who may merge there has to"],
  draft: [4, "its author says that it is not done"],
  closed: [1, "there is nothing to merge"],
  refused: [1, "the forge says no more than that"],
};

/** `muster pr merge`. */
export const prMerge = defineTask({
  name: "pr merge",
  tier: "write",
  summary: "Merge a pull request at the commit that was looked at, or say why not",
  input: z.object({
    number: numberField("pull request"),
    ...forgeFields,
    method: flag(z.enum(["squash", "merge", "rebase"]).default("squash").describe("What its commits become"), {
      placeholder: "METHOD",
    }),
    sha: flag(
      z.string().regex(/^[0-9a-f]{7,64}$/i, "expected a commit").optional().describe(
        "The head that was looked at; by default the one that it has now",
      ),
      { placeholder: "SHA" },
    ),
    title: flag(z.string().min(1).describe("The first line of the commit").optional(), {
      short: "t",
      placeholder: "TEXT",
    }),
    message: flag(z.string().describe("What comes after it").optional(), { short: "m", placeholder: "TEXT" }),
    deleteBranch: z.boolean().default(false).describe("Delete its branch afterwards"),
    wait: z.boolean().default(false).describe("Wait for the head's pipelines first, as ci wait --pr does"),
    guard: z.boolean().default(false).describe("Wait until nothing runs on the base as well, as ci guard does"),
    ciTimeout: flag(duration("1h").describe("How long --wait and --guard may take"), { placeholder: "DURATION" }),
    settle: flag(duration("10s").describe("How long nothing new may register before they say success"), {
      placeholder: "DURATION",
    }),
    appear: flag(duration("60s").describe("How long anything may take to register for the head"), {
      placeholder: "DURATION",
    }),
  }),
  output: z.object({
    outcome: z.enum(["merged", "refused"]),
    reason: z.enum(mergeRefusals).optional().describe("Why it was refused"),
    message: z.string().optional().describe("In the forge's words"),
    hint: z.string().optional(),
    number: z.int(),
    url: z.string(),
    headSha: z.string().describe("The head that was to be merged"),
    mergeSha: z.string().optional().describe("The commit that it became, where the forge says it"),
    branch: z.enum(["kept", "deleted", "failed"]).describe("What became of its branch"),
    ci: z.object({
      outcome: z.enum(waitOutcomes),
      sha: z.string().describe("The commit that it speaks of"),
      base: z.string().optional().describe("What the base was at, where it was guarded"),
    }).optional().describe("What was waited for first"),
  }),
  permissions: forgePermissions,
  optional: [...forgeOptional, { permissions: { env: ["WOODPECKER_TOKEN"] }, buys: "--wait and --guard" }],
  examples: [{ run: "muster pr merge 21 -r ada/tool --delete-branch", does: "squash it, and delete its branch" }],
  exit: ({ outcome, reason = "refused", branch, ci }) => {
    if (ci && ci.outcome !== "success") return waitExits[ci.outcome];
    return outcome === "merged" ? branch === "failed" ? 6 : 0 : refusals[reason][0];
  },
  render: ({ outcome, reason, message, hint, number, headSha, branch }, { style }) =>
    [
      `${outcome === "merged" ? style.good("merged") : style.bad(`refused (${reason})`)}  #${number}  ${
        style.quiet(headSha.slice(0, 12))
      }`,
      ...(branch === "kept"
        ? []
        : [branch === "deleted" ? "  branch deleted" : style.bad("  its branch is not deleted")]),
      ...(message === undefined ? [] : [`  ${visible(message)}`]),
      ...(hint === undefined ? [] : [`  hint: ${hint}`]),
    ].join("\n"),
  run: async (input, io, job) => {
    const { number, method, title, message, deleteBranch } = input;
    let { forge } = await openNamedForge(input, io, job);
    const pull = await forge.pull(number);
    const known = { number, url: pull.url, headSha: pull.headSha, branch: "kept" as const };
    const refused = (reason: MergeRefusal, words: string) =>
      ({ outcome: "refused", reason, message: words, hint: refusals[reason][1], ...known }) as const;
    if (pull.state !== "open") return refused("closed", `it is ${pull.state}`);
    if (input.sha !== undefined && !pull.headSha.startsWith(input.sha.toLowerCase())) {
      return refused("head_moved", `its head is now ${pull.headSha}`);
    }
    if (pull.headSha === "") throw new MusterError("failed", `the forge names no head commit: pull request ${number}`);
    const ci = await waitFirst(input, io, job);
    if (ci && ci.outcome !== "success") return { ...refused("checks", `ci says ${ci.outcome}`), ci };
    // What was waited for is what is merged, or nothing is.
    if (ci && ci.sha !== pull.headSha) {
      return { ...refused("head_moved", `it was looked at as ${pull.headSha}, and ci speaks of ${ci.sha}`), ci };
    }
    // The time that --timeout gives does not run while ci is waited for.
    if (ci) ({ forge } = await openNamedForge(input, io, job));
    const result = await forge.merge(pull, { method, sha: pull.headSha, title, message });
    if (result.outcome === "refused") return { ...refused(result.reason, result.message), ...(ci ? { ci } : {}) };
    const merged = {
      ...known,
      ...(ci ? { ci } : {}),
      outcome: "merged",
      ...(result.sha === undefined ? {} : { mergeSha: result.sha }),
    } as const;
    if (!deleteBranch) return merged;
    if (pull.headRepo !== undefined || pull.head === pull.base) {
      return { ...merged, message: `its branch is not of this repo, and is kept: ${quoted(pull.head)}` };
    }
    try {
      const tip = await forge.branchTip(pull.head);
      // Whoever pushed to it since, or made one of that name anew, still has need of it.
      if (tip !== undefined && tip !== pull.headSha) {
        return { ...merged, message: `its branch is now at ${tip}, and is kept: ${quoted(pull.head)}` };
      }
      await forge.deleteBranch(pull.head);
      return { ...merged, branch: "deleted" as const };
    } catch (error) {
      if (!(error instanceof MusterError)) throw error;
      return { ...merged, branch: "failed" as const, message: error.message };
    }
  },
});

/** What `--wait` or `--guard` waits for, by the task that does so. */
async function waitFirst(
  { number: pr, repo, login, wait, guard, ciTimeout, settle, appear }: {
    readonly number: number;
    readonly repo?: string;
    readonly login?: string;
    readonly wait: boolean;
    readonly guard: boolean;
    readonly ciTimeout: number;
    readonly settle: number;
    readonly appear: number;
  },
  io: Io,
  { signal, say }: Pick<Job<never>, "signal" | "say">,
): Promise<
  { readonly outcome: typeof waitOutcomes[number]; readonly sha: string; readonly base?: string } | undefined
> {
  if (!wait && !guard) return undefined;
  const input = { pr, repo, login, timeout: seconds(ciTimeout), settle: seconds(settle), appear: seconds(appear) };
  const options = { io, signal, say };
  if (guard) {
    const { ciGuard } = await import("../ci/guard.ts");
    const { outcome, sha, base } = await callTask(ciGuard, { purpose: "merge", ...input }, options);
    return { outcome, sha, base };
  }
  const { ciWait } = await import("../ci/wait.ts");
  const { outcome, sha = "" } = await callTask(ciWait, input, options);
  return { outcome, sha };
}

/** A duration as a task's function takes it. */
function seconds(ms: number): number {
  return ms / 1000;
}

if (import.meta.main) await runAsMain(prMerge);
