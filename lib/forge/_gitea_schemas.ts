/** What Gitea and Forgejo answer: of each, what muster reads. Go's nil comes as null. */
import { z } from "../deps/zod.ts";
import { utc } from "./_times.ts";
import { goneRepo, type Issue, type Milestone, type Pull } from "./model.ts";

const user = z.object({ login: z.string() }).nullish();
const labels = z.array(z.object({ name: z.string() })).nullish();
const milestoneTitle = z.object({ title: z.string() }).nullish();

/** An issue; one of a pull request has `pull_request`. */
export const giteaIssue = z.object({
  number: z.int().positive(),
  title: z.string().nullish(),
  body: z.string().nullish(),
  state: z.enum(["open", "closed"]),
  labels,
  milestone: milestoneTitle,
  assignees: z.array(z.object({ login: z.string() })).nullish(),
  user,
  html_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  pull_request: z.object({ merged: z.boolean().nullish() }).nullish(),
  repository: z.object({ full_name: z.string() }).nullish(),
});

/** A pull request. */
export const giteaPull = z.object({
  number: z.int().positive(),
  title: z.string().nullish(),
  body: z.string().nullish(),
  state: z.enum(["open", "closed"]),
  draft: z.boolean().nullish(),
  merged: z.boolean().nullish(),
  mergeable: z.boolean().nullish(),
  labels,
  milestone: milestoneTitle,
  assignees: z.array(z.object({ login: z.string() })).nullish(),
  requested_reviewers: z.array(z.object({ login: z.string() })).nullish(),
  user,
  html_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  head: z.object({
    ref: z.string(),
    sha: z.string(),
    repo: z.object({ full_name: z.string() }).nullish(),
  }),
  base: z.object({
    ref: z.string(),
    repo: z.object({
      full_name: z.string(),
      internal_tracker: z.object({ enable_issue_dependencies: z.boolean().nullish() }).nullish(),
    }).nullish(),
  }),
});

/** A milestone. */
export const giteaMilestone = z.object({
  id: z.int(),
  title: z.string(),
  state: z.enum(["open", "closed"]),
  description: z.string().nullish(),
  due_on: z.string().nullish(),
  open_issues: z.int().nullish(),
  closed_issues: z.int().nullish(),
});

/**
 * An issue that another one depends on. One that the token may not see comes without its number and its state (Gitea
 * `routers/api/v1/repo/issue_dependency.go`), or with little beside them.
 */
export const giteaBlocker = z.object({
  number: z.int().nonnegative().nullish(),
  state: z.string().nullish(),
  repository: z.object({ full_name: z.string() }).nullish(),
});

/** A label. */
export const giteaLabel = z.object({ id: z.int(), name: z.string() });

/** As every forge has it. */
export function toIssue(issue: z.output<typeof giteaIssue>): Issue {
  return {
    number: issue.number,
    title: issue.title ?? "",
    body: issue.body ?? "",
    state: issue.state,
    labels: (issue.labels ?? []).map(({ name }) => name),
    ...(issue.milestone ? { milestone: issue.milestone.title } : {}),
    assignees: (issue.assignees ?? []).map(({ login }) => login),
    author: issue.user?.login ?? "",
    url: issue.html_url,
    createdAt: utc(issue.created_at),
    updatedAt: utc(issue.updated_at),
  };
}

/** As every forge has it. */
export function toPull(pull: z.output<typeof giteaPull>): Pull {
  const headRepo = pull.head.repo === null ? goneRepo : pull.head.repo?.full_name;
  return {
    number: pull.number,
    title: pull.title ?? "",
    body: pull.body ?? "",
    state: pull.merged ? "merged" : pull.state,
    isDraft: pull.draft ?? false,
    head: pull.head.ref,
    headSha: pull.head.sha,
    ...(headRepo === undefined || headRepo === pull.base.repo?.full_name ? {} : { headRepo }),
    base: pull.base.ref,
    labels: (pull.labels ?? []).map(({ name }) => name),
    ...(pull.milestone ? { milestone: pull.milestone.title } : {}),
    assignees: (pull.assignees ?? []).map(({ login }) => login),
    reviewers: (pull.requested_reviewers ?? []).map(({ login }) => login),
    author: pull.user?.login ?? "",
    url: pull.html_url,
    createdAt: utc(pull.created_at),
    updatedAt: utc(pull.updated_at),
  };
}

/** As every forge has it. */
export function toMilestone(milestone: z.output<typeof giteaMilestone>): Milestone {
  return {
    id: milestone.id,
    title: milestone.title,
    state: milestone.state,
    description: milestone.description ?? "",
    ...(milestone.due_on ? { due: milestone.due_on.slice(0, 10) } : {}),
    counts: { open: milestone.open_issues ?? 0, closed: milestone.closed_issues ?? 0 },
  };
}
