/**
 * What each provider's statuses mean: one closed table for each, as the vendor's sources have them. A status that is in no
 * table is `unknown`: it counts as live, is named, and is never success.
 *
 * @module
 */

/** What a pipeline's status means to someone who waits for it. */
export const pipelineClasses = ["success", "neutral", "bad", "needs_person", "live", "unknown"] as const;

/** What a pipeline's status means to someone who waits for it. */
export type PipelineClass = typeof pipelineClasses[number];

/** The classes that a table may give. */
export type KnownClass = Exclude<PipelineClass, "unknown">;

/** Where pipelines are read: CI servers, and the commit statuses of a forge. */
export const providerKinds = ["woodpecker", "github", "gitlab", "gitea", "forgejo", "statuses"] as const;

/** Where pipelines are read. */
export type ProviderKind = typeof providerKinds[number];

/** Woodpecker 3.17, `server/model/const.go`: of a pipeline, a workflow and a step. */
export type WoodpeckerStatus =
  | "created"
  | "pending"
  | "running"
  | "blocked"
  | "success"
  | "skipped"
  | "failure"
  | "killed"
  | "canceled"
  | "error"
  | "declined";

/** GitHub: the `status` of a run, job or check run, and its `conclusion` once that is `completed`. */
export type GithubStatus =
  | "queued"
  | "in_progress"
  | "requested"
  | "pending"
  | "waiting"
  | "action_required"
  | "success"
  | "neutral"
  | "skipped"
  | "failure"
  | "cancelled"
  | "timed_out"
  | "startup_failure"
  | "stale";

/** GitLab, `app/models/concerns/ci/has_status.rb`: of a pipeline and a job. */
export type GitlabStatus =
  | "created"
  | "waiting_for_resource"
  | "preparing"
  | "waiting_for_callback"
  | "pending"
  | "running"
  | "canceling"
  | "scheduled"
  | "manual"
  | "success"
  | "skipped"
  | "failed"
  | "canceled";

/** Gitea 1.26: `status`, and `conclusion` once that is `completed`. */
export type GiteaStatus =
  | "queued"
  | "in_progress"
  | "waiting"
  | "success"
  | "skipped"
  | "failure"
  | "cancelled";

/** Forgejo 15, one field; `need_approval` is a field of its own there, and is told as a status here. */
export type ForgejoStatus =
  | "unknown"
  | "waiting"
  | "running"
  | "blocked"
  | "need_approval"
  | "success"
  | "skipped"
  | "failure"
  | "cancelled";

/** Commit statuses; GitLab tells those of its jobs here too, in its own words. */
export type CommitStatus = "pending" | "success" | "skipped" | "warning" | "failure" | "error";

type Table<Status extends string> = Readonly<Record<Status, KnownClass>>;

const woodpecker: Table<WoodpeckerStatus> = {
  created: "live",
  pending: "live",
  running: "live",
  blocked: "needs_person",
  success: "success",
  skipped: "neutral",
  failure: "bad",
  killed: "bad",
  canceled: "bad",
  error: "bad",
  declined: "bad",
};

const github: Table<GithubStatus> = {
  queued: "live",
  in_progress: "live",
  requested: "live",
  pending: "live",
  waiting: "needs_person",
  action_required: "needs_person",
  success: "success",
  neutral: "neutral",
  skipped: "neutral",
  failure: "bad",
  cancelled: "bad",
  timed_out: "bad",
  startup_failure: "bad",
  stale: "bad",
};

const gitlab: Table<GitlabStatus> = {
  created: "live",
  waiting_for_resource: "live",
  preparing: "live",
  waiting_for_callback: "live",
  pending: "live",
  running: "live",
  canceling: "live",
  scheduled: "live",
  manual: "needs_person",
  success: "success",
  skipped: "neutral",
  failed: "bad",
  canceled: "bad",
};

const gitea: Table<GiteaStatus> = {
  queued: "live",
  in_progress: "live",
  waiting: "needs_person",
  success: "success",
  skipped: "neutral",
  failure: "bad",
  cancelled: "bad",
};

const forgejo: Table<ForgejoStatus> = {
  unknown: "live",
  waiting: "live",
  running: "live",
  blocked: "needs_person",
  need_approval: "needs_person",
  success: "success",
  skipped: "neutral",
  failure: "bad",
  cancelled: "bad",
};

const statuses: Table<CommitStatus> = {
  pending: "live",
  success: "success",
  skipped: "neutral",
  warning: "neutral",
  failure: "bad",
  error: "bad",
};

/** The table of each provider. */
export const statusTables: Readonly<Record<ProviderKind, Readonly<Record<string, KnownClass>>>> = {
  woodpecker,
  github,
  gitlab,
  gitea,
  forgejo,
  statuses,
};

/**
 * What a status of a provider means.
 *
 * @example
 * ```ts
 * import { classify } from "./statuses.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(classify("woodpecker", "killed"), "bad");
 * assertEquals(classify("woodpecker", "flaky"), "unknown");
 * ```
 */
export function classify(kind: ProviderKind, status: string): PipelineClass {
  const table = statusTables[kind];
  return Object.hasOwn(table, status) ? table[status] as KnownClass : "unknown";
}

/** Whether a class is one that nothing but a restart changes. */
export function isRest(one: PipelineClass): boolean {
  return one === "success" || one === "neutral" || one === "bad";
}
