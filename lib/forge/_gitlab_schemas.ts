/** What GitLab answers: of each, what muster reads. */
import { z } from "../deps/zod.ts";
import { utc } from "./_times.ts";
import type { Issue, Milestone, Pull } from "./model.ts";

const user = z.object({ username: z.string() }).nullish();
const milestoneTitle = z.object({ title: z.string() }).nullish();

/** An issue. */
export const gitlabIssue = z.object({
  iid: z.int().positive(),
  project_id: z.int(),
  title: z.string().nullish(),
  description: z.string().nullish(),
  state: z.enum(["opened", "closed"]),
  labels: z.array(z.string()),
  milestone: milestoneTitle,
  assignees: z.array(z.object({ username: z.string() })).nullish(),
  author: user,
  web_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});

/** A merge request. */
export const gitlabPull = z.object({
  iid: z.int().positive(),
  project_id: z.int(),
  title: z.string().nullish(),
  description: z.string().nullish(),
  // Locked is one that is being merged.
  state: z.enum(["opened", "closed", "merged", "locked"]),
  draft: z.boolean().nullish(),
  source_branch: z.string(),
  source_project_id: z.int().nullish(),
  target_branch: z.string(),
  sha: z.string().nullish(),
  labels: z.array(z.string()),
  milestone: milestoneTitle,
  assignees: z.array(z.object({ username: z.string() })).nullish(),
  reviewers: z.array(z.object({ username: z.string() })).nullish(),
  author: user,
  web_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  detailed_merge_status: z.string().nullish(),
  has_conflicts: z.boolean().nullish(),
  merge_commit_sha: z.string().nullish(),
  squash_commit_sha: z.string().nullish(),
});

/** An issue that a merge request closes; one of another tracker has no `iid`. */
export const gitlabClosed = z.object({
  iid: z.int().positive().nullish(),
  project_id: z.int().nullish(),
  references: z.object({ full: z.string() }).nullish(),
});

/** An issue that another one is linked to. */
export const gitlabLinked = z.object({
  iid: z.int().positive(),
  project_id: z.int(),
  state: z.string(),
  link_type: z.string(),
  references: z.object({ full: z.string() }).nullish(),
});

/** A milestone, of the project or of a group above it. */
export const gitlabMilestone = z.object({
  id: z.int(),
  title: z.string(),
  state: z.enum(["active", "closed"]),
  description: z.string().nullish(),
  due_date: z.string().nullish(),
  web_url: z.string().nullish(),
});

/** As every forge has it. */
export function toIssue(issue: z.output<typeof gitlabIssue>): Issue {
  return {
    number: issue.iid,
    title: issue.title ?? "",
    body: issue.description ?? "",
    state: issue.state === "opened" ? "open" : "closed",
    labels: issue.labels,
    ...(issue.milestone ? { milestone: issue.milestone.title } : {}),
    assignees: (issue.assignees ?? []).map(({ username }) => username),
    author: issue.author?.username ?? "",
    url: issue.web_url,
    createdAt: utc(issue.created_at),
    updatedAt: utc(issue.updated_at),
  };
}

/** As every forge has it. */
export function toPull(pull: z.output<typeof gitlabPull>): Pull {
  const isOpen = pull.state === "opened" || pull.state === "locked";
  const isForeign = pull.source_project_id !== undefined && pull.source_project_id !== pull.project_id;
  return {
    number: pull.iid,
    title: pull.title ?? "",
    body: pull.description ?? "",
    state: isOpen ? "open" : pull.state === "merged" ? "merged" : "closed",
    isDraft: pull.draft ?? false,
    head: pull.source_branch,
    headSha: pull.sha ?? "",
    ...(isForeign ? { headRepo: `project ${pull.source_project_id ?? "that is gone"}` } : {}),
    base: pull.target_branch,
    labels: pull.labels,
    ...(pull.milestone ? { milestone: pull.milestone.title } : {}),
    assignees: (pull.assignees ?? []).map(({ username }) => username),
    reviewers: (pull.reviewers ?? []).map(({ username }) => username),
    author: pull.author?.username ?? "",
    url: pull.web_url,
    createdAt: utc(pull.created_at),
    updatedAt: utc(pull.updated_at),
  };
}

/** As every forge has it. */
export function toMilestone(milestone: z.output<typeof gitlabMilestone>): Milestone {
  return {
    id: milestone.id,
    title: milestone.title,
    state: milestone.state === "active" ? "open" : "closed",
    description: milestone.description ?? "",
    ...(milestone.due_date ? { due: milestone.due_date } : {}),
    ...(milestone.web_url ? { url: milestone.web_url } : {}),
  };
}
