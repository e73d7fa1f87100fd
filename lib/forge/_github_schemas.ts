/** What GitHub answers: of each, what muster reads. */
import { z } from "../deps/zod.ts";
import { itemFields, itemOf, pullFields, pullOf } from "./_item_rows.ts";
import { MusterError } from "../io/mod.ts";
import { utc } from "./_times.ts";
import { goneRepo, type Issue, type Milestone, type Pull } from "./model.ts";

const label = z.union([z.string(), z.object({ name: z.string() })]);

/** An issue; one of a pull request has `pull_request`. */
export const githubIssue = z.object({
  ...itemFields,
  labels: z.array(label).nullish(),
  pull_request: z.object({}).nullish(),
  issue_dependencies_summary: z.object({ blocked_by: z.int() }).nullish(),
});

/** A pull request of the REST API. */
export const githubPull = z.object({
  ...itemFields,
  ...pullFields,
  merged_at: z.string().nullish(),
  mergeable_state: z.string().nullish(),
  labels: z.array(label).nullish(),
  head: z.object({ ref: z.string(), sha: z.string(), repo: z.object({ full_name: z.string() }).nullish() }),
  base: z.object({ ref: z.string(), repo: z.object({ full_name: z.string() }).nullish() }),
});

/** A milestone. */
export const githubMilestone = z.object({
  number: z.int(),
  title: z.string(),
  state: z.enum(["open", "closed"]),
  description: z.string().nullish(),
  due_on: z.string().nullish(),
  open_issues: z.int(),
  closed_issues: z.int(),
  html_url: z.string(),
});

/** A pull request of the GraphQL API, with the forge's own record of what it closes. */
const graphPull = z.object({
  number: z.int().positive(),
  title: z.string(),
  body: z.string(),
  isDraft: z.boolean(),
  headRefName: z.string(),
  headRefOid: z.string(),
  headRepository: z.object({ nameWithOwner: z.string() }).nullable(),
  baseRefName: z.string(),
  url: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  author: z.object({ login: z.string() }).nullable(),
  labels: z.object({ nodes: z.array(z.object({ name: z.string() })) }),
  milestone: z.object({ title: z.string() }).nullable(),
  // Its schema lets these be null; a record that is not there is no record of nothing.
  closingIssuesReferences: z.object({
    totalCount: z.int(),
    nodes: z.array(z.object({ number: z.int(), repository: z.object({ nameWithOwner: z.string() }) }).nullable()),
  }),
});

/** What GraphQL answers, before its shape is looked at: what is wrong comes with status 200. */
export const graphAnswer = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ type: z.string().nullish(), message: z.string() })).nullish(),
});

const count = z.object({ totalCount: z.int() });

/** Open pull requests, and their count and cursors. */
const graphPage = z.object({
  totalCount: z.int(),
  pageInfo: z.object({
    hasNextPage: z.boolean(),
    endCursor: z.string().nullable(),
    hasPreviousPage: z.boolean(),
    startCursor: z.string().nullable(),
  }),
  nodes: z.array(graphPull),
});

/** What GraphQL answers of a repo. */
function answerOf<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.object({ data: z.object({ repository: z.object(shape) }) });
}

/** The first page of open pull requests, how many open issues there are, and milestones like the one that is asked for. */
export const graphHead = answerOf({
  nameWithOwner: z.string(),
  issues: count,
  milestones: z.object({ nodes: z.array(z.object({ number: z.int(), title: z.string(), issues: count })) }).optional(),
  pullRequests: graphPage,
});

/** A page of open pull requests. */
export const graphPulls = answerOf({ nameWithOwner: z.string(), pullRequests: graphPage });

/** How many open issues there are. */
export const graphCount = answerOf({ issues: count });

const pageFields = `totalCount
      pageInfo { hasNextPage endCursor hasPreviousPage startCursor }
      nodes {
        number title body isDraft headRefName headRefOid baseRefName url createdAt updatedAt
        headRepository { nameWithOwner }
        author { login }
        labels(first: 100) { nodes { name } }
        milestone { title }
        closingIssuesReferences(first: 100) { totalCount nodes { number repository { nameWithOwner } } }
      }`;

/** The query of {@linkcode graphHead}. */
export const headQuery =
  `query ($owner: String!, $name: String!, $title: String, $hasTitle: Boolean!, $issues: IssueFilters) {
  repository(owner: $owner, name: $name) {
    nameWithOwner
    issues(states: OPEN, filterBy: $issues) { totalCount }
    milestones(first: 20, query: $title) @include(if: $hasTitle) {
      nodes { number title issues(states: OPEN, filterBy: $issues) { totalCount } }
    }
    pullRequests(states: OPEN, first: 100, orderBy: { field: CREATED_AT, direction: ASC }) {
      ${pageFields}
    }
  }
}`;

/** The query of {@linkcode graphPulls}: a page after a cursor, or before one. */
export const pullsQuery =
  `query ($owner: String!, $name: String!, $first: Int, $after: String, $last: Int, $before: String) {
  repository(owner: $owner, name: $name) {
    nameWithOwner
    pullRequests(
      states: OPEN, first: $first, after: $after, last: $last, before: $before
      orderBy: { field: CREATED_AT, direction: ASC }
    ) {
      ${pageFields}
    }
  }
}`;

/** The query of {@linkcode graphCount}. */
export const countQuery = `query ($owner: String!, $name: String!, $issues: IssueFilters) {
  repository(owner: $owner, name: $name) {
    issues(states: OPEN, filterBy: $issues) { totalCount }
  }
}`;

function names(labels: readonly z.output<typeof label>[] | null | undefined): string[] {
  return (labels ?? []).map((one) => typeof one === "string" ? one : one.name);
}

/** As every forge has it. */
export function toIssue(issue: z.output<typeof githubIssue>): Issue {
  const blockedBy = issue.issue_dependencies_summary?.blocked_by;
  return {
    ...itemOf(issue),
    labels: names(issue.labels),
    ...(blockedBy === undefined ? {} : { openBlockers: blockedBy }),
  };
}

/** As every forge has it. */
export function toPull(pull: z.output<typeof githubPull>): Pull {
  const headRepo = pull.head.repo === null ? goneRepo : pull.head.repo?.full_name;
  return {
    ...pullOf(pull),
    state: pull.merged_at ? "merged" : pull.state,
    head: pull.head.ref,
    headSha: pull.head.sha,
    ...(headRepo === undefined || headRepo === pull.base.repo?.full_name ? {} : { headRepo }),
    base: pull.base.ref,
    labels: names(pull.labels),
  };
}

/** As every forge has it. */
export function fromGraph(pull: z.output<typeof graphPull>, repo: string): Pull {
  const headRepo = pull.headRepository === null ? goneRepo : pull.headRepository.nameWithOwner;
  const { totalCount, nodes: closed } = pull.closingIssuesReferences;
  if (totalCount > closed.length) {
    throw new MusterError("failed", `pull request ${pull.number} closes more issues than can be read: ${totalCount}`);
  }
  return {
    number: pull.number,
    title: pull.title,
    body: pull.body,
    state: "open",
    isDraft: pull.isDraft,
    head: pull.headRefName,
    headSha: pull.headRefOid,
    ...(headRepo === repo ? {} : { headRepo }),
    base: pull.baseRefName,
    labels: pull.labels.nodes.map(({ name }) => name),
    ...(pull.milestone ? { milestone: pull.milestone.title } : {}),
    author: pull.author?.login ?? "",
    url: pull.url,
    createdAt: utc(pull.createdAt),
    updatedAt: utc(pull.updatedAt),
    closes: closed.flatMap((one) => {
      if (one === null) return []; // one that the token may not see is of another repo
      const { number, repository: { nameWithOwner } } = one;
      return [nameWithOwner.toLowerCase() === repo.toLowerCase() ? { number } : { number, repo: nameWithOwner }];
    }),
  };
}

/** As every forge has it. */
export function toMilestone(milestone: z.output<typeof githubMilestone>): Milestone {
  return {
    id: milestone.number,
    title: milestone.title,
    state: milestone.state,
    description: milestone.description ?? "",
    ...(milestone.due_on ? { due: milestone.due_on.slice(0, 10) } : {}),
    counts: { open: milestone.open_issues, closed: milestone.closed_issues },
    url: milestone.html_url,
  };
}
