/** What Gitea and Forgejo answer: of each, what muster reads. Go's nil comes as null. */
import { z } from "../deps/zod.ts";
import { itemFields, itemOf, pullFields, pullOf } from "./_item_rows.ts";
import { goneRepo, type Issue, type Milestone, type Pull } from "./model.ts";

const labels = z.array(z.object({ name: z.string() })).nullish();

/** An issue; one of a pull request has `pull_request`. */
export const giteaIssue = z.object({
  ...itemFields,
  labels,
  pull_request: z.object({ merged: z.boolean().nullish() }).nullish(),
  repository: z.object({ full_name: z.string() }).nullish(),
});

/** A pull request. */
export const giteaPull = z.object({
  ...itemFields,
  ...pullFields,
  merged: z.boolean().nullish(),
  labels,
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
    ...itemOf(issue),
    labels: (issue.labels ?? []).map(({ name }) => name),
  };
}

/** As every forge has it. */
export function toPull(pull: z.output<typeof giteaPull>): Pull {
  const headRepo = pull.head.repo === null ? goneRepo : pull.head.repo?.full_name;
  return {
    ...pullOf(pull),
    state: pull.merged ? "merged" : pull.state,
    head: pull.head.ref,
    headSha: pull.head.sha,
    ...(headRepo === undefined || headRepo === pull.base.repo?.full_name ? {} : { headRepo }),
    base: pull.base.ref,
    labels: (pull.labels ?? []).map(({ name }) => name),
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
