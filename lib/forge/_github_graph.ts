/** What GitHub's GraphQL is asked for a lane: all open pull requests, and how many open issues there are. */
import type { z } from "../deps/zod.ts";
import { checkShape, type HttpClient, showRequest, together } from "../http/mod.ts";
import { MusterError } from "../io/mod.ts";
import type { LaneQuery, Steadiness } from "./forge.ts";
import {
  countQuery,
  fromGraph,
  graphAnswer,
  graphCount,
  graphHead,
  graphPulls,
  headQuery,
  pullsQuery,
} from "./_github_schemas.ts";
import type { Pull } from "./model.ts";

/** One repo, by its owner and its name, on one GraphQL API. */
export interface GraphPlace {
  readonly client: HttpClient;
  readonly url: string;
  readonly owner: string;
  readonly name: string;
}

type Page = z.output<typeof graphPulls>["data"]["repository"]["pullRequests"];

/** The first look at a lane. */
export interface GraphHead {
  /** The repo's name now. */
  readonly repo: string;
  /** The number of the milestone, where there is one of exactly that title among those that are like it. */
  readonly milestone?: number;
  /** How many open issues the lane has; `undefined` where its milestone was not found. */
  readonly issueCount: number | undefined;
  /** The first page of open pull requests. */
  readonly page: Page;
  /** When it was answered, by GitHub's clock. */
  readonly dateMs: number | undefined;
}

/** Asks once, for all that one request can tell. */
export async function readHead(place: GraphPlace, query: LaneQuery, labels: readonly string[], signal?: AbortSignal) {
  const { milestone: title } = query;
  const variables = { title: title ?? null, hasTitle: title !== undefined, issues: byLabels(labels) };
  const { repository, dateMs } = await ask(place, headQuery, variables, graphHead, signal);
  const found = repository.milestones?.nodes.find((one) => one.title === title);
  const head: GraphHead = {
    repo: repository.nameWithOwner,
    ...(found ? { milestone: found.number } : {}),
    issueCount: title === undefined ? repository.issues.totalCount : found?.issues.totalCount,
    page: repository.pullRequests,
    dateMs,
  };
  return head;
}

/** How many open issues a lane has now. */
export async function countIssues(
  place: GraphPlace,
  milestone: number | undefined,
  labels: readonly string[],
  signal?: AbortSignal,
): Promise<number> {
  const issues = {
    ...byLabels(labels),
    ...(milestone === undefined ? {} : { milestoneNumber: String(milestone) }),
  };
  return (await ask(place, countQuery, { issues }, graphCount, signal)).repository.issues.totalCount;
}

/**
 * All open pull requests, from the first page on and from the last one back, side by side. A cursor keeps its place
 * whatever comes and goes: where both have read one and the same row, or one has come to the other end, none is missed.
 * Where they only stand side by side, the counts say whether there is room for one between them.
 */
export async function readPulls(
  place: GraphPlace,
  { page: first, repo }: Pick<GraphHead, "page" | "repo">,
  signal?: AbortSignal,
): Promise<{ readonly pulls: readonly Pull[]; readonly kept: Steadiness }> {
  const read = async (variables: Readonly<Record<string, unknown>>, stop?: AbortSignal) => {
    const { repository: { pullRequests } } = await ask(place, pullsQuery, variables, graphPulls, stop);
    if (pullRequests.nodes.length > 0 || !pullRequests.pageInfo.hasNextPage) return pullRequests;
    throw new MusterError("failed", "GitHub's list of pull requests goes on nowhere");
  };
  const next = (after: string, stop?: AbortSignal) => read({ first: 100, after }, stop);
  const previous = (before: string | null, stop: AbortSignal) => read({ last: 100, before }, stop);
  const forward = [first];
  const backward: Page[] = [];
  const planned = Math.ceil(first.totalCount / Math.max(1, first.nodes.length));
  if (first.pageInfo.hasNextPage) {
    await together([
      async (stop) => {
        for (let at = forward[0] as Page; at.pageInfo.hasNextPage && forward.length < Math.ceil(planned / 2);) {
          forward.push(at = await next(cursor(at, "endCursor"), stop));
        }
      },
      async (stop) => {
        for (let at: Page | undefined; backward.length < Math.floor(planned / 2);) {
          if (at?.pageInfo.hasPreviousPage === false) return;
          backward.push(at = await previous(at ? cursor(at, "startCursor") : null, stop));
        }
      },
    ], signal);
  }
  const seen = new Set(backward.flatMap(({ nodes }) => nodes.map(({ number }) => number)));
  const isWhole = () =>
    forward.at(-1)?.pageInfo.hasNextPage === false || backward.at(-1)?.pageInfo.hasPreviousPage === false ||
    forward.some(({ nodes }) => nodes.some(({ number }) => seen.has(number)));
  const all = () => [...forward, ...backward.toReversed()];
  const pulls = () => [
    ...new Map(all().flatMap(({ nodes }) => nodes).map((node) => [node.number, fromGraph(node, repo)])).values(),
  ];
  if (!isWhole() && all().every(({ totalCount }) => totalCount === pulls().length)) {
    return { pulls: pulls(), kept: "counted" };
  }
  while (!isWhole()) forward.push(await next(cursor(forward.at(-1) as Page, "endCursor"), signal));
  return { pulls: pulls(), kept: "proved" };
}

function cursor({ pageInfo }: Page, of: "endCursor" | "startCursor"): string {
  const at = pageInfo[of];
  if (at !== null) return at;
  throw new MusterError("failed", `GitHub's list of pull requests goes on nowhere: it gives no ${of}`);
}

function byLabels(labels: readonly string[]) {
  return labels.length === 0 ? {} : { labels };
}

/** Asks, waits where the limit is reached, and reads the answer: what GraphQL refuses comes with status 200. */
async function ask<Schema extends z.ZodType<{ data: { repository: unknown } }>>(
  { client, url, owner, name }: GraphPlace,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  schema: Schema,
  signal?: AbortSignal,
): Promise<{ repository: z.output<Schema>["data"]["repository"]; dateMs: number | undefined }> {
  const { data: answer, headers, url: asked } = await client.json(url, {
    schema: graphAnswer,
    method: "POST",
    isRead: true,
    isLimited: saysLimit,
    body: { query, variables: { owner, name, ...variables } },
    signal,
  });
  const [error] = answer.errors ?? [];
  const isMissing = error === undefined && (answer.data as { repository?: unknown } | null)?.repository === null;
  if (error?.type === "NOT_FOUND" || isMissing) {
    throw new MusterError("not_found", `no such repo: ${owner}/${name}`, {
      hint: "is it spelled right, and may the token's owner see it?",
    });
  }
  if (error) throw new MusterError("failed", `GitHub refused: ${error.message}`);
  const { data } = checkShape(answer, schema, showRequest("POST", asked));
  const date = Date.parse(headers.get("date") ?? "");
  return { repository: data.repository, dateMs: Number.isNaN(date) ? undefined : date };
}

/** GitHub says by an error that its limit is reached. */
function saysLimit(text: string): boolean {
  if (!text.includes("RATE_LIMIT")) return false; // most answers are long
  try {
    const { errors } = graphAnswer.parse(JSON.parse(text));
    return errors?.some(({ type }) => type === "RATE_LIMITED" || type === "RATE_LIMIT") ?? false;
  } catch {
    return false; // what it is then, its reader says
  }
}
