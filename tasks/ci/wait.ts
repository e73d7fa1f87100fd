#!/usr/bin/env -S deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN,WOODPECKER_TOKEN --allow-net
/**
 * Waits until CI is at rest, and says how it ended.
 *
 * ```sh
 * deno run --allow-run=git,sh --allow-read=$HOME/.config/muster --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,GITEA_LOGIN,FORGEJO_LOGIN,GITHUB_LOGIN,GITLAB_LOGIN,GITEA_TOKEN,FORGEJO_TOKEN,GITHUB_TOKEN,GH_TOKEN,GITLAB_TOKEN,WOODPECKER_TOKEN --allow-net tasks/ci/wait.ts -r owner/repo -n 12
 * ```
 *
 * @module
 */

import { isOutage, type WaitTarget } from "../../lib/ci/mod.ts";
import { quoted } from "../../lib/config/quoted.ts";
import { type Io, MusterError, visible } from "../../lib/io/mod.ts";
import { defineTask, flag, type Job, runAsMain, z } from "../../lib/task/mod.ts";
import { remoteAgentPermissions } from "../_hosts.ts";
import { receiptOnRecord } from "../_receipt.ts";
import { checkAgents, doAfter, endingOf, failedEnding } from "./_after.ts";
import { ciFields, type CiInput, ciOptional, ciPermissions, type OpenCi, openCi } from "./_ci.ts";
import {
  Progress,
  renderWait,
  waitAndTell,
  waitExit,
  waitFields,
  type WaitInput,
  type WaitOutput,
  waitSchema,
} from "./_wait.ts";

/** `muster ci wait`. */
export const ciWait = defineTask({
  name: "ci wait",
  tier: "read",
  summary: "Wait until CI is at rest, and say how it ended",
  description:
    "What is waited for is pinned at the start: pipelines by number, or all that registers for a commit. A restart or a\n" +
    "new push ends the wait as superseded, unless --follow. Exit: 0 success, 1 failed or superseded, 3 time ran out,\n" +
    "4 only a person can move it on, 5 nothing registered or a pipeline vanished, 6 the server cannot be asked.",
  input: z.object({
    ...ciFields,
    number: flag(z.array(z.int().min(1)).default([]).describe("A pipeline, by its number; again for more"), {
      short: "n",
      placeholder: "NUMBER",
    }),
    sha: flag(z.string().optional().describe("All that registers for a commit"), { placeholder: "SHA" }),
    branch: flag(z.string().min(1).optional().describe("The same for the commit that a branch is at now"), {
      short: "B",
      placeholder: "BRANCH",
    }),
    pr: flag(z.int().min(1).optional().describe("The same for the commit that a pull request is at now"), {
      placeholder: "N",
    }),
    ...waitFields,
    notify: flag(
      z.array(z.string()).default([]).describe("Send the outcome to an agent of the roster, that the wait failed too"),
      {
        placeholder: "AGENT",
        complete: "agents",
      },
    ),
    exec: flag(
      z.string().min(1).optional().describe("Run a command with the outcome in its environment, as MUSTER_CI_*"),
      {
        placeholder: "COMMAND",
      },
    ),
  }),
  output: waitSchema,
  permissions: ciPermissions,
  optional: [
    ...ciOptional,
    { permissions: { run: ["tmux"], env: ["TMUX", "TMUX_PANE"] }, buys: "--notify" },
    receiptOnRecord,
    ...remoteAgentPermissions,
  ],
  examples: [
    { run: "muster ci wait -r ada/tool -n 12", does: "wait for a pipeline" },
    {
      run: "muster ci wait -r ada/tool --branch main --settle 1s -t 20m --json",
      does: "wait for all of a branch's commit",
    },
  ],
  exit: waitExit,
  render: renderWait,
  run: async (input, io, job) => {
    requireOneTarget(input);
    await checkAgents(io, input.notify);
    let output: WaitOutput;
    try {
      output = await waitFor(io, input, job);
    } catch (error) {
      job.signal.throwIfAborted();
      const ending = failedEnding(error, input);
      // A command line that cannot be right is told to whoever wrote it, at once.
      const done = ending.exit === 2 ? [] : await doAfter(io, ending, input, job.signal);
      for (const { what, ok, detail } of done) job.say(`${what}${ok ? "" : " failed"}: ${visible(detail)}`);
      throw error;
    }
    if (input.notify.length === 0 && input.exec === undefined) return output;
    return { ...output, after: await doAfter(io, endingOf(output), input, job.signal) };
  },
});

/** Opens the CI server, pins what is waited for, and waits. */
async function waitFor(io: Io, input: CiInput & WaitInput & Named, job: Job<never>): Promise<WaitOutput> {
  const progress = new Progress(io, job);
  await using ci = await openCi(io, input, {
    // The last look is at the deadline.
    timeoutMs: input.timeout + 60_000,
    retries: false,
    stream: input.timeout > 0,
    onEvent: ({ pipeline }) => progress.event(pipeline),
    say: job.say,
    signal: job.signal,
  });
  return await waitAndTell(io, ci, await targetOf(ci, input), input, job, progress);
}

interface Named {
  readonly number: readonly number[];
  readonly sha?: string;
  readonly branch?: string;
  readonly pr?: number;
}

function requireOneTarget({ number, sha, branch, pr }: Named): void {
  const given = [number.length > 0, sha !== undefined, branch !== undefined, pr !== undefined].filter(Boolean).length;
  const hint = "one of -n NUMBER, --sha SHA, --branch BRANCH, --pr N";
  if (given === 0) throw new MusterError("usage", "nothing to wait for", { hint });
  if (given > 1) throw new MusterError("usage", "more than one thing to wait for", { hint });
  if (sha !== undefined && !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(sha)) {
    throw new MusterError("usage", `not a whole commit: ${quoted(sha)}`, { hint: "git rev-parse prints it whole" });
  }
}

/** What is waited for, pinned to a commit where it is a branch or a pull request. */
async function targetOf(ci: OpenCi, { number, sha, branch, pr }: Named): Promise<WaitTarget> {
  if (number.length > 0) return { kind: "numbers", numbers: number };
  if (sha !== undefined) return { kind: "commit", sha };
  const heads = await ci.heads();
  const readHead = async () => {
    if (pr !== undefined) return (await heads.pull(pr)).sha;
    return await heads.branch(branch as string);
  };
  const head = await readHead();
  if (head === undefined) throw new MusterError("not_found", `no such branch: ${quoted(branch ?? "")}`);
  const readAgain = async () => {
    try {
      return await readHead();
    } catch (error) {
      if (error instanceof MusterError && error.code === "not_found" && !isOutage(error)) return undefined;
      throw error;
    }
  };
  return { kind: "commit", sha: head, pull: pr, readHead: readAgain };
}

if (import.meta.main) await runAsMain(ciWait);
