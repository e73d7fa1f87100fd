/** What Gitea, Forgejo and GitHub answer alike of issues and pull requests: the former took the shape of the latter. */
import { z } from "../deps/zod.ts";
import type { Change } from "./forge.ts";
import type { Issue } from "./model.ts";
import { utc } from "./_times.ts";

const user = z.object({ login: z.string() });

/** The fields that both kinds of rows have. */
export const itemFields = {
  number: z.int().positive(),
  title: z.string().nullish(),
  body: z.string().nullish(),
  state: z.enum(["open", "closed"]),
  milestone: z.object({ title: z.string() }).nullish(),
  assignees: z.array(user).nullish(),
  user: user.nullish(),
  html_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
};

/** The fields that only pull requests have. */
export const pullFields = {
  draft: z.boolean().nullish(),
  mergeable: z.boolean().nullish(),
  requested_reviewers: z.array(user).nullish(),
};

const itemRow = z.object(itemFields);
const pullRow = z.object({ ...itemFields, ...pullFields });

/** As every forge has it, but for what is told otherwise by each. */
export function itemOf(row: z.output<typeof itemRow>) {
  return {
    number: row.number,
    title: row.title ?? "",
    body: row.body ?? "",
    state: row.state,
    ...(row.milestone ? { milestone: row.milestone.title } : {}),
    assignees: (row.assignees ?? []).map(({ login }) => login),
    author: row.user?.login ?? "",
    url: row.html_url,
    createdAt: utc(row.created_at),
    updatedAt: utc(row.updated_at),
  };
}

/** The same of a pull request. */
export function pullOf(row: z.output<typeof pullRow>) {
  return {
    ...itemOf(row),
    isDraft: row.draft ?? false,
    reviewers: (row.requested_reviewers ?? []).map(({ login }) => login),
  };
}

/** A row of the issues' list, which has pull requests among them, as a change. */
export function changeOf<Row extends z.output<typeof itemRow> & { readonly pull_request?: object | null }>(
  row: Row,
  toIssue: (row: Row) => Issue,
): Change {
  if (!row.pull_request) return { kind: "issue", issue: toIssue(row) };
  const { number, title, body, state, updatedAt } = itemOf(row);
  return { kind: "pull", number, isOpen: state === "open", title, body, updatedAt };
}
