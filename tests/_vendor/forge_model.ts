/**
 * A repo on a forge, as the servers of the tests know it, and how each vendor tells of it: the same model behind the four
 * APIs, with what the real ones do that nobody expects. Gitea and Forgejo drop an unknown milestone or label from the query
 * and answer all issues; GitHub's issues have pull requests among them; GitLab takes some words for others.
 *
 * @module
 */

import { closingGrammars } from "../../lib/forge/closing_references.ts";
import { describe } from "./description.ts";
import type { Call, Given, Handler } from "./server.ts";

/** The forges of the tests. */
export type ForgeVendor = "gitea" | "forgejo" | "github" | "gitlab";

/** All four. */
export const forgeVendors: readonly ForgeVendor[] = ["gitea", "forgejo", "github", "gitlab"];

/** An issue or a pull request of the model. */
export interface ModelItem {
  readonly number: number;
  title: string | null;
  body: string;
  /** GitLab's is locked while it is being merged. */
  state: "open" | "closed" | "merged" | "locked";
  labels: string[];
  milestone?: string;
  assignees: string[];
  author: string;
  updatedAt: number;
  /** Open issues that block it, by number. */
  blockers: number[];
  /** How many issues block it that the token may not see. */
  hiddenBlockers?: number;
  /** Of a pull request. */
  pull?: {
    head: string;
    sha: string;
    base: string;
    draft: boolean;
    reviewers: string[];
    /** Whether its fork was deleted. */
    isForkGone: boolean;
    /** Issues that a person linked by hand. */
    linked: number[];
    /** What a merge is refused for. */
    refuses?: { status: number; message: string; mergeable?: boolean; detailed?: string };
    mergeSha?: string;
  };
}

/** A repo of the model. */
export class ForgeModel {
  repo = "ada/tool";
  url = "http://127.0.0.1";
  defaultBranch = "main";
  readonly items = new Map<number, ModelItem>();
  readonly milestones: { id: number; title: string; state: "open" | "closed"; description: string; due?: string }[] =
    [];
  readonly labels: string[] = [];
  /** Labels of the organisation, which Gitea's issues may have and its query does not know. */
  readonly sharedLabels: string[] = [];
  readonly users: string[] = ["ada", "bob", "eve"];
  readonly branches = new Set<string>(["main"]);
  /** Where branches are, other than their pull requests say. */
  readonly tips = new Map<string, string>();
  readonly comments: { number: number; body: string }[] = [];
  /** The most rows that a page has, whatever is asked for. */
  clamp = 1_000;
  /** Seconds since 1970 by the server's clock. */
  now = Date.parse("2026-03-01T00:00:00Z") / 1000;
  /** Whether issues keep dependencies. */
  keepsDependencies = true;
  /** Whether the owner is a person, who has no labels. */
  isOwnedByPerson = false;
  /** Whether the token may read what is the organisation's. */
  mayReadOrganization = true;
  /** The permission that the token lacks, for what is to be refused. */
  refusal: { method: string; ending: string; status: number; message: string } | undefined;
  #next = 1;

  /** Adds an issue; its number. */
  issue(values: Partial<Omit<ModelItem, "pull">> = {}): number {
    return this.#add(values);
  }

  /** Adds a pull request; its number. */
  pull(values: Partial<Omit<ModelItem, "pull">> & Partial<NonNullable<ModelItem["pull"]>> = {}): number {
    const {
      head = "work",
      sha,
      base = this.defaultBranch,
      draft = false,
      reviewers = [],
      linked = [],
      isForkGone = false,
      refuses,
      ...item
    } = values;
    const number = this.#add(item);
    const made = this.items.get(number) as ModelItem;
    made.pull = {
      head,
      sha: sha ?? `c0ffee${String(number).padStart(34, "0")}`,
      base,
      draft,
      reviewers,
      linked,
      isForkGone,
      refuses,
    };
    this.branches.add(head);
    return number;
  }

  #add(values: Partial<ModelItem>): number {
    const number = values.number ?? this.#next;
    this.#next = Math.max(this.#next, number + 1);
    const byDefault = {
      title: `Item ${number}`,
      body: "",
      state: "open",
      labels: [],
      assignees: [],
      author: "ada",
      updatedAt: this.now - 1_000_000 + number,
      blockers: [],
    } as const;
    this.items.set(number, { ...byDefault, labels: [], assignees: [], blockers: [], ...values, number });
    for (const label of values.labels ?? []) {
      if (!this.labels.includes(label) && !this.sharedLabels.includes(label)) this.labels.push(label);
    }
    if (values.milestone !== undefined) this.milestone(values.milestone);
    return number;
  }

  /** Adds a milestone, unless it is there. */
  milestone(title: string, state: "open" | "closed" = "open"): void {
    if (this.milestones.some((one) => one.title === title)) return;
    this.milestones.push({ id: 100 + this.milestones.length, title, state, description: "" });
  }

  /** Adds a milestone of a title that another one may have, as Gitea and Forgejo let be. */
  sameTitle(title: string): void {
    this.milestones.push({ id: 100 + this.milestones.length, title, state: "open", description: "" });
  }

  /** Changes an item, as someone does who works on the forge meanwhile. */
  change(number: number, values: Partial<ModelItem>): void {
    const item = this.items.get(number);
    if (!item) throw new Error(`no such item: ${number}`);
    Object.assign(item, values, { updatedAt: this.now });
  }

  /** The commit that a branch is at. */
  tip(branch: string): string | undefined {
    if (!this.branches.has(branch)) return undefined;
    const of = this.list("pull").filter(({ pull }) => pull?.head === branch).at(-1);
    return this.tips.get(branch) ?? of?.pull?.sha ?? "f00d".repeat(10);
  }

  /** Issues or pull requests, the oldest first. */
  list(kind: "issue" | "pull"): ModelItem[] {
    return [...this.items.values()].filter(({ pull }) => (pull !== undefined) === (kind === "pull"));
  }
}

const time = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000", "");

/** The page of a list that is asked for, and the headers that tell of the others. */
function paged<Row>(
  model: ForgeModel,
  vendor: ForgeVendor,
  call: Call,
  rows: readonly Row[],
  show: (row: Row) => unknown = (row) => row,
): Given {
  const page = Number(call.query.get("page") ?? 1);
  const [asked, most] = vendor === "gitea" || vendor === "forgejo"
    ? [Number(call.query.get("limit") ?? 30), 50]
    : [Number(call.query.get("per_page") ?? (vendor === "github" ? 30 : 20)), 100];
  const size = Math.min(asked, most, model.clamp);
  const last = Math.max(1, Math.ceil(rows.length / size));
  const address = (number: number) => {
    const url = new URL(call.url);
    url.searchParams.set("page", String(number));
    return url.href;
  };
  const links = [
    ...(page < last ? [`<${address(page + 1)}>; rel="next"`, `<${address(last)}>; rel="last"`] : []),
    ...(page > 1 ? [`<${address(1)}>; rel="first"`, `<${address(page - 1)}>; rel="prev"`] : []),
  ];
  const headers: Record<string, string> = { date: new Date(model.now * 1000).toUTCString() };
  if (links.length > 0) headers.link = links.join(", ");
  if (vendor === "gitea" || vendor === "forgejo") headers["x-total-count"] = String(rows.length);
  if (vendor === "gitlab") {
    headers["x-total"] = String(rows.length);
    headers["x-total-pages"] = String(last);
    headers["x-next-page"] = page < last ? String(page + 1) : "";
  }
  return { body: rows.slice((page - 1) * size, page * size).map((row) => show(row)), headers };
}

const notFound = (message = "Not Found"): Given => ({ status: 404, body: { message } });

/** The handlers of a vendor's API, each with its method and its described path. */
export function forgeHandlers(model: ForgeModel, vendor: ForgeVendor): readonly (readonly [string, string, Handler])[] {
  const all = vendor === "github"
    ? githubHandlers(model)
    : vendor === "gitlab"
    ? gitlabHandlers(model)
    : giteaHandlers(model, vendor);
  return all.map(([method, template, handler]) => [method, template, (call) => {
    const { refusal } = model;
    if (refusal && refusal.method === method && template.endsWith(refusal.ending)) {
      return { status: refusal.status, body: { message: refusal.message } };
    }
    return handler(call);
  }]);
}

function byMilestoneAndLabels(
  rows: readonly ModelItem[],
  titles: readonly string[],
  labels: readonly string[],
): ModelItem[] {
  return rows.filter((item) =>
    (titles.length === 0 || titles.includes(item.milestone ?? "")) &&
    labels.every((label) => item.labels.includes(label))
  );
}

type Handlers = (readonly [string, string, Handler])[];

// Gitea and Forgejo

function giteaHandlers(model: ForgeModel, vendor: "gitea" | "forgejo"): Handlers {
  const base = "/repos/{owner}/{repo}";
  const isRepo = ({ params }: Call) => `${params.owner}/${params.repo}`.toLowerCase() === model.repo.toLowerCase();
  const user = (login: string) => ({ id: model.users.indexOf(login) + 1, login });
  const milestone = ({ id, title, state, description, due }: ForgeModel["milestones"][number]) => ({
    id,
    title,
    state,
    description,
    open_issues: 0,
    closed_issues: 0,
    due_on: due === undefined ? null : `${due}T00:00:00Z`,
  });
  const label = (name: string) => ({
    id: [...model.labels, ...model.sharedLabels].indexOf(name) + 1,
    name,
    color: "ff0000",
  });
  const common = (item: ModelItem) => {
    const own = model.milestones.find(({ title }) => title === item.milestone);
    return {
      id: 1000 + item.number,
      number: item.number,
      title: item.title,
      body: item.body,
      state: item.state === "open" ? "open" : "closed",
      labels: item.labels.map(label),
      milestone: own ? milestone(own) : null,
      assignee: item.assignees[0] === undefined ? null : user(item.assignees[0]),
      assignees: item.assignees.length === 0 ? null : item.assignees.map(user),
      user: user(item.author),
      html_url: `${model.url}/${model.repo}/${item.pull ? "pulls" : "issues"}/${item.number}`,
      created_at: time(model.now - 2_000_000),
      updated_at: time(item.updatedAt),
    };
  };
  const [owner = "", name = ""] = model.repo.split("/");
  const issue = (item: ModelItem) => ({
    ...common(item),
    repository: { id: 1, name, owner, full_name: model.repo },
    pull_request: item.pull ? { merged: item.state === "merged", draft: item.pull.draft } : null,
  });
  const repository = () => ({
    id: 1,
    name,
    full_name: model.repo,
    default_branch: model.defaultBranch,
    internal_tracker: {
      enable_time_tracker: true,
      allow_only_contributors_to_track_time: true,
      enable_issue_dependencies: model.keepsDependencies,
    },
  });
  // What the real ones answer of an issue that the token may not see: Go's zero values, of which the empty state is not in
  // the description, and so is left out here.
  const hidden = () => ({
    id: 0,
    number: 0,
    title: "",
    body: "",
    labels: null,
    milestone: null,
    assignees: null,
    user: null,
    html_url: "",
    created_at: "0001-01-01T00:00:00Z",
    updated_at: "0001-01-01T00:00:00Z",
    repository: null,
    pull_request: null,
  });
  const pull = (item: ModelItem) => ({
    ...common(item),
    draft: item.pull?.draft,
    merged: item.state === "merged",
    mergeable: item.pull?.refuses?.mergeable ?? true,
    merge_commit_sha: item.pull?.mergeSha ?? null,
    requested_reviewers: item.pull?.reviewers.map(user) ?? null,
    head: {
      label: item.pull?.head,
      ref: item.pull?.head,
      sha: item.pull?.sha,
      repo_id: 1,
      repo: item.pull?.isForkGone ? null : repository(),
    },
    base: { label: item.pull?.base, ref: item.pull?.base, sha: "ba5e", repo_id: 1, repo: repository() },
  });
  const one = (call: Call, show: (item: ModelItem) => unknown, kind?: "pull"): Given => {
    const item = model.items.get(Number(call.params.index));
    if (!isRepo(call) || !item || kind === "pull" && !item.pull) return notFound();
    return { body: show(item) };
  };
  const state = (call: Call, item: ModelItem) => {
    const wanted = call.query.get("state") ?? "open";
    return wanted === "all" || (item.state === "open") === (wanted === "open");
  };
  /** What the query leaves of names that are known: an unknown one is dropped, and with it the filter. */
  const known = (text: string | null, names: readonly string[]) =>
    (text ?? "").split(",").filter((one) => one !== "" && names.includes(one));
  const isDraft = (title: string) => /^(WIP:|\[WIP\])/i.test(title);
  return [
    ["GET", base, (call) => isRepo(call) ? { body: repository() } : notFound()],
    ["GET", `${base}/issues`, (call) => {
      if (!isRepo(call)) return notFound();
      const { query } = call;
      const type = query.get("type");
      const since = query.get("since");
      const rows = [...model.items.values()].toReversed().filter((item) =>
        state(call, item) && (type === null || (type === "pulls") === (item.pull !== undefined)) &&
        (since === null || item.updatedAt >= Date.parse(since) / 1000)
      );
      const titles = known(query.get("milestones"), model.milestones.map(({ title }) => title));
      const labels = known(query.get("labels"), model.labels);
      return paged(model, vendor, call, byMilestoneAndLabels(rows, titles, labels), issue);
    }],
    ["GET", `${base}/issues/{index}`, (call) => one(call, issue)],
    ["GET", `${base}/issues/{index}/dependencies`, (call) => {
      const item = model.items.get(Number(call.params.index));
      if (!item || !model.keepsDependencies) return notFound();
      return paged(
        model,
        vendor,
        call,
        [
          ...item.blockers.flatMap((number) => {
            const blocker = model.items.get(number);
            return blocker ? [issue(blocker)] : [];
          }),
          ...Array.from({ length: item.hiddenBlockers ?? 0 }, hidden),
        ],
      );
    }],
    ["POST", `${base}/issues`, ({ body }) => {
      const names = [...model.labels, ...model.sharedLabels];
      const number = model.issue({
        title: body.title,
        body: body.body,
        labels: (body.labels ?? []).map((id: number) => names[id - 1]),
        milestone: model.milestones.find(({ id }) => id === body.milestone)?.title,
        assignees: body.assignees ?? [],
      });
      return { status: 201, body: issue(model.items.get(number) as ModelItem) };
    }],
    ["PATCH", `${base}/issues/{index}`, (call) => {
      const item = model.items.get(Number(call.params.index));
      if (!item) return notFound();
      model.change(item.number, { state: call.body.state });
      return { status: 201, body: issue(item) };
    }],
    ["POST", `${base}/issues/{index}/comments`, ({ params, body }) => {
      model.comments.push({ number: Number(params.index), body: body.body });
      return { status: 201, body: { id: 1, body: body.body } };
    }],
    ["GET", `${base}/labels`, (call) => paged(model, vendor, call, model.labels.map(label))],
    [
      "GET",
      "/orgs/{org}/labels",
      (call) => {
        // The token's scope is looked at before anything else.
        if (!model.mayReadOrganization) {
          const message =
            "token does not have at least one of required scope(s), required=[read:organization], token scope=write:issue";
          return { status: 403, body: { message } };
        }
        return model.isOwnedByPerson ? notFound() : paged(model, vendor, call, model.sharedLabels.map(label));
      },
    ],
    ["GET", `${base}/milestones`, (call) => {
      const wanted = call.query.get("state") ?? "open";
      return paged(
        model,
        vendor,
        call,
        model.milestones.filter((one) => wanted === "all" || one.state === wanted).map(milestone),
      );
    }],
    ["POST", `${base}/milestones`, ({ body }) => {
      model.milestone(body.title);
      const made = model.milestones.at(-1) as ForgeModel["milestones"][number];
      Object.assign(made, { description: body.description, due: body.due_on?.slice(0, 10) });
      return { status: 201, body: milestone(made) };
    }],
    ["PATCH", `${base}/milestones/{id}`, ({ params, body }) => {
      const found = model.milestones.find(({ id }) => id === Number(params.id));
      if (!found) return notFound();
      found.state = body.state;
      return { body: milestone(found) };
    }],
    ["GET", `${base}/pulls`, (call) => {
      if (!isRepo(call)) return notFound();
      const rows = model.list("pull").filter((item) => state(call, item));
      return paged(model, vendor, call, call.query.get("sort") === "oldest" ? rows : rows.toReversed(), pull);
    }],
    ["GET", `${base}/pulls/{index}`, (call) => one(call, pull, "pull")],
    ["POST", `${base}/pulls`, ({ body }) => {
      if (!model.branches.has(body.head)) return notFound();
      if (model.list("pull").some((item) => item.state === "open" && item.pull?.head === body.head)) {
        return { status: 409, body: { message: `pull request already exists for these targets` } };
      }
      const names = [...model.labels, ...model.sharedLabels];
      const number = model.pull({
        title: body.title,
        body: body.body,
        head: body.head,
        base: body.base,
        draft: isDraft(body.title),
        labels: (body.labels ?? []).map((id: number) => names[id - 1]),
        milestone: model.milestones.find(({ id }) => id === body.milestone)?.title,
        assignees: body.assignees ?? [],
      });
      return { status: 201, body: pull(model.items.get(number) as ModelItem) };
    }],
    ["POST", `${base}/pulls/{index}/requested_reviewers`, ({ params, body }) => {
      const item = model.items.get(Number(params.index));
      if (!item?.pull) return notFound();
      const unknown = body.reviewers.find((one: string) => !model.users.includes(one));
      if (unknown !== undefined) return { status: 404, body: { message: `user does not exist [name: ${unknown}]` } };
      item.pull.reviewers = body.reviewers;
      return { status: 201, body: [] };
    }],
    ["POST", `${base}/pulls/{index}/merge`, ({ params, body }) => {
      const item = model.items.get(Number(params.index));
      if (!item?.pull) return notFound();
      const { refuses } = item.pull;
      if (refuses) return { status: refuses.status, body: { message: refuses.message } };
      if (body.head_commit_id !== item.pull.sha) return { status: 409, body: { message: "head out of date" } };
      return merged(model, item);
    }],
    ["GET", `${base}/branches/{branch}`, ({ params }) => {
      const tip = model.tip(params.branch ?? "");
      return tip === undefined ? notFound() : { body: { name: params.branch, commit: { id: tip } } };
    }],
    [
      "DELETE",
      `${base}/branches/{branch}`,
      ({ params }) => model.branches.delete(params.branch ?? "") ? { status: 204 } : notFound(),
    ],
  ];
}

function merged(model: ForgeModel, item: ModelItem): Given {
  model.change(item.number, { state: "merged" });
  if (item.pull) item.pull.mergeSha = "5ba5ed";
  return { status: 200 };
}

// GitHub

function githubHandlers(model: ForgeModel): Handlers {
  const base = "/repos/{owner}/{repo}";
  const description = describe("github");
  const samples = new Map<string, unknown>();
  const sample = (name: string): Record<string, unknown> => {
    if (!samples.has(name)) samples.set(name, description?.sample(name) ?? {});
    return structuredClone(samples.get(name)) as Record<string, unknown>;
  };
  const isRepo = ({ params }: Call) => `${params.owner}/${params.repo}`.toLowerCase() === model.repo.toLowerCase();
  const user = (login: string) => ({ ...sample("simple-user"), login, id: model.users.indexOf(login) + 1 });
  const label = (name: string) => ({ ...sample("label"), name, color: "ff0000", description: "" });
  const milestone = (one: ForgeModel["milestones"][number]) => ({
    ...sample("milestone"),
    number: one.id,
    title: one.title,
    state: one.state,
    description: one.description,
    due_on: one.due === undefined ? null : `${one.due}T00:00:00Z`,
    html_url: `${model.url}/${model.repo}/milestone/${one.id}`,
  });
  const common = (item: ModelItem) => {
    const own = model.milestones.find(({ title }) => title === item.milestone);
    return {
      number: item.number,
      title: item.title,
      body: item.body,
      state: item.state === "open" ? "open" : "closed",
      labels: item.labels.map(label),
      milestone: own ? milestone(own) : null,
      assignee: item.assignees[0] === undefined ? null : user(item.assignees[0]),
      assignees: item.assignees.map(user),
      user: user(item.author),
      html_url: `${model.url}/${model.repo}/${item.pull ? "pull" : "issues"}/${item.number}`,
      created_at: time(model.now - 2_000_000),
      updated_at: time(item.updatedAt),
    };
  };
  const issue = (item: ModelItem) => ({
    ...sample("issue"),
    ...common(item),
    ...(item.pull ? { pull_request: { url: null, html_url: null, diff_url: null, patch_url: null } } : {}),
    issue_dependencies_summary: {
      blocked_by: item.blockers.filter((number) => model.items.get(number)?.state === "open").length,
      blocking: 0,
      total_blocked_by: item.blockers.length,
      total_blocking: 0,
    },
  });
  const pull = (schema: string) => (item: ModelItem) => {
    const made = sample(schema);
    return {
      ...made,
      ...common(item),
      draft: item.pull?.draft,
      requested_reviewers: item.pull?.reviewers.map(user),
      merged_at: item.state === "merged" ? time(item.updatedAt) : null,
      head: {
        ...made.head as object,
        ref: item.pull?.head,
        sha: item.pull?.sha,
        ...(item.pull?.isForkGone ? { repo: null } : {}),
      },
      base: { ...made.base as object, ref: item.pull?.base },
      ...(schema === "pull-request"
        ? { mergeable: item.pull?.refuses?.mergeable ?? true, mergeable_state: item.pull?.refuses?.detailed ?? "clean" }
        : {}),
    };
  };
  const state = (call: Call, item: ModelItem) => {
    const wanted = call.query.get("state") ?? "open";
    return wanted === "all" || (item.state === "open") === (wanted === "open");
  };
  return [
    [
      "GET",
      base,
      (call) =>
        isRepo(call)
          ? { body: { ...sample("full-repository"), full_name: model.repo, default_branch: model.defaultBranch } }
          : notFound(),
    ],
    ["GET", `${base}/issues`, (call) => {
      if (!isRepo(call)) return notFound();
      const { query } = call;
      const since = query.get("since");
      const wanted = query.get("milestone");
      const titles = wanted === null
        ? []
        : model.milestones.filter(({ id }) => String(id) === wanted).map(({ title }) => title);
      if (wanted !== null && titles.length === 0) return { status: 422, body: { message: "Validation Failed" } };
      const labels = (query.get("labels") ?? "").split(",").filter((one) => one !== "");
      const rows = [...model.items.values()].filter((item) =>
        state(call, item) && (since === null || item.updatedAt >= Date.parse(since) / 1000)
      );
      const sorted = query.get("direction") === "asc" ? rows : rows.toReversed();
      return paged(model, "github", call, byMilestoneAndLabels(sorted, titles, labels), issue);
    }],
    ["GET", `${base}/issues/{issue_number}`, (call) => {
      const item = model.items.get(Number(call.params.issue_number));
      return item ? { body: issue(item) } : notFound();
    }],
    ["POST", `${base}/issues`, ({ body }) => {
      const number = model.issue({
        title: body.title,
        body: body.body,
        labels: body.labels ?? [],
        milestone: model.milestones.find(({ id }) => id === body.milestone)?.title,
        // One who may not be assigned is left out, without a word.
        assignees: (body.assignees ?? []).filter((one: string) => model.users.includes(one)),
      });
      return { status: 201, body: issue(model.items.get(number) as ModelItem) };
    }],
    ["PATCH", `${base}/issues/{issue_number}`, ({ params, body }) => {
      const item = model.items.get(Number(params.issue_number));
      if (!item) return notFound();
      const title = model.milestones.find(({ id }) => id === body.milestone)?.title;
      model.change(item.number, {
        ...(body.state ? { state: body.state } : {}),
        ...(body.labels ? { labels: body.labels } : {}),
        ...(body.assignees ? { assignees: body.assignees.filter((one: string) => model.users.includes(one)) } : {}),
        ...(title === undefined ? {} : { milestone: title }),
      });
      return { body: issue(item) };
    }],
    ["POST", `${base}/issues/{issue_number}/comments`, ({ params, body }) => {
      model.comments.push({ number: Number(params.issue_number), body: body.body });
      return { status: 201, body: { ...sample("issue-comment"), body: body.body } };
    }],
    ["GET", `${base}/labels`, (call) => paged(model, "github", call, model.labels.map(label))],
    ["GET", `${base}/milestones`, (call) => {
      const wanted = call.query.get("state") ?? "open";
      return paged(
        model,
        "github",
        call,
        model.milestones.filter((one) => wanted === "all" || one.state === wanted).map(milestone),
      );
    }],
    ["POST", `${base}/milestones`, ({ body }) => {
      model.milestone(body.title);
      const made = model.milestones.at(-1) as ForgeModel["milestones"][number];
      Object.assign(made, { description: body.description, due: body.due_on?.slice(0, 10) });
      return { status: 201, body: milestone(made) };
    }],
    ["PATCH", `${base}/milestones/{milestone_number}`, ({ params, body }) => {
      const found = model.milestones.find(({ id }) => id === Number(params.milestone_number));
      if (!found) return notFound();
      found.state = body.state;
      return { body: milestone(found) };
    }],
    ["GET", `${base}/pulls`, (call) => {
      if (!isRepo(call)) return notFound();
      const rows = model.list("pull").filter((item) => state(call, item)).toReversed();
      return paged(model, "github", call, rows, pull("pull-request-simple"));
    }],
    ["GET", `${base}/pulls/{pull_number}`, ({ params }) => {
      const item = model.items.get(Number(params.pull_number));
      return item?.pull ? { body: pull("pull-request")(item) } : notFound();
    }],
    ["POST", `${base}/pulls`, ({ body }) => {
      if (!model.branches.has(body.head)) {
        return { status: 422, body: { message: "Validation Failed", errors: [{ message: "head invalid" }] } };
      }
      const { title, head, base, draft } = body;
      const number = model.pull({ title, body: body.body, head, base, draft });
      return { status: 201, body: pull("pull-request")(model.items.get(number) as ModelItem) };
    }],
    ["PUT", `${base}/pulls/{pull_number}/merge`, ({ params, body }) => {
      const item = model.items.get(Number(params.pull_number));
      if (!item?.pull) return notFound();
      const { refuses } = item.pull;
      if (refuses) return { status: refuses.status, body: { message: refuses.message } };
      if (body.sha !== item.pull.sha) {
        return { status: 409, body: { message: "Head branch was modified. Review and try the merge again." } };
      }
      merged(model, item);
      return { body: { merged: true, sha: "5ba5ed", message: "Pull Request successfully merged" } };
    }],
  ];
}

/** What the handlers of paths that are not described do: GitHub's, by their exact addresses. */
export function otherHandlers(model: ForgeModel, vendor: ForgeVendor, call: Call): Given | undefined {
  const path = call.url.pathname;
  if (vendor === "github") {
    const branch = /^\/api\/v3\/repos\/[^/]+\/[^/]+\/git\/refs\/heads\/(.+)$/.exec(path)?.[1];
    if (call.method === "DELETE" && branch !== undefined) {
      return model.branches.delete(decodeURIComponent(branch))
        ? { status: 204 }
        : { status: 422, body: { message: "Reference does not exist" } };
    }
    const looked = /^\/api\/v3\/repos\/[^/]+\/[^/]+\/git\/ref\/heads\/(.+)$/.exec(path)?.[1];
    if (call.method === "GET" && looked !== undefined) {
      const sha = model.tip(decodeURIComponent(looked));
      return sha === undefined
        ? notFound()
        : { body: { ref: `refs/heads/${decodeURIComponent(looked)}`, object: { sha } } };
    }
    const reviewed = /\/pulls\/(\d+)\/requested_reviewers$/.exec(path)?.[1];
    const item = model.items.get(Number(reviewed));
    if (call.method === "POST" && item?.pull) {
      const unknown = call.body.reviewers.find((one: string) => !model.users.includes(one));
      if (unknown !== undefined) {
        return { status: 422, body: { message: "Reviews may only be requested from collaborators." } };
      }
      item.pull.reviewers = call.body.reviewers;
      return { status: 201, body: {} };
    }
  }
  if (vendor === "gitlab") {
    if (path === "/api/v4/users") {
      const name = call.query.get("username") ?? "";
      return { body: model.users.includes(name) ? [{ id: model.users.indexOf(name) + 1, username: name }] : [] };
    }
    const linked = /\/issues\/(\d+)\/links$/.exec(path)?.[1];
    if (linked !== undefined) {
      const blockers = model.items.get(Number(linked))?.blockers ?? [];
      return paged(
        model,
        "gitlab",
        call,
        blockers.flatMap((number) => {
          const item = model.items.get(number);
          if (!item) return [];
          const full = `${model.repo}#${number}`;
          return [{
            iid: number,
            project_id: 1,
            state: item.state === "open" ? "opened" : "closed",
            link_type: "is_blocked_by",
            references: { full },
          }];
        }),
      );
    }
  }
  return undefined;
}

/** Arguments of a connection of GraphQL's. */
interface GraphArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** What GitHub's GraphQL knows of the model: values, and functions where there are arguments. */
export function graphRoot(model: ForgeModel) {
  const labels = (item: ModelItem) => ({ nodes: item.labels.map((name) => ({ name })) });
  const openIssues = (titles: readonly string[], names: readonly string[] | null = []) => {
    const rows = model.list("issue").filter(({ state }) => state === "open");
    // Of several labels any will do here, other than in the list.
    return byMilestoneAndLabels(rows, titles, []).filter((item) =>
      !names?.length || names.some((name) => item.labels.includes(name))
    );
  };
  return {
    repository: ({ owner, name }: { owner: string; name: string }) => {
      if (`${owner}/${name}`.toLowerCase() !== model.repo.toLowerCase()) return null;
      return {
        nameWithOwner: model.repo,
        issues: ({ filterBy }: { filterBy?: { milestoneNumber?: string; labels?: string[] } }) => {
          const number = filterBy?.milestoneNumber;
          const titles = number === undefined
            ? []
            : model.milestones.filter(({ id }) => String(id) === number).map(({ title }) => title);
          return { totalCount: openIssues(titles, filterBy?.labels).length };
        },
        milestones: ({ first, query }: { first: number; query: string }) => {
          // Words of a title, in any case: what else it takes, GitHub does not say.
          const isLike = ({ title }: { title: string }) => title.toLowerCase().includes(query.toLowerCase());
          return {
            nodes: model.milestones.filter(isLike).slice(0, first).map(({ id, title }) => ({
              number: id,
              title,
              issues: ({ filterBy }: { filterBy?: { labels?: string[] } }) => ({
                totalCount: openIssues([title], filterBy?.labels).length,
              }),
            })),
          };
        },
        pullRequests: ({ first, after, last, before }: GraphArguments) => {
          if (typeof first === typeof last) throw new Error("You must provide a `first` or `last` value");
          // A cursor keeps its place by what it points at, not by how many are before it.
          const open = model.list("pull").filter(({ state }) => state === "open");
          const rows = open.filter(({ number }) =>
            (!after || number > Number(atob(after))) && (!before || number < Number(atob(before)))
          );
          const size = Math.min(first ?? last ?? 0, model.clamp);
          const page = typeof first === "number" ? rows.slice(0, size) : rows.slice(-size);
          const at = (item: ModelItem | undefined) => item === undefined ? null : btoa(String(item.number));
          return {
            totalCount: open.length,
            pageInfo: {
              hasNextPage: typeof first === "number" ? rows.length > page.length : Boolean(before),
              endCursor: at(page.at(-1)),
              hasPreviousPage: typeof last === "number" ? rows.length > page.length : Boolean(after),
              startCursor: at(page[0]),
            },
            nodes: page.map((item) => graphPull(model, item, labels(item))),
          };
        },
      };
    },
  };
}

function graphPull(model: ForgeModel, item: ModelItem, labels: unknown) {
  const { pull } = item;
  const url = `${model.url}/${model.repo}/pull/${item.number}`;
  const place = { repo: model.repo, url: model.url };
  const text = { title: item.title ?? "", body: item.body };
  const closed = pull?.base === model.defaultBranch ? closingGrammars.github(text, place) : [];
  const own = [...closed, ...(pull?.linked ?? []).map((number) => ({ number, repo: undefined }))];
  const nodes = own.map(({ number, repo }) => ({ number, repository: { nameWithOwner: repo ?? model.repo } }));
  return {
    number: item.number,
    title: item.title ?? "",
    body: item.body,
    isDraft: pull?.draft,
    headRefName: pull?.head,
    headRefOid: pull?.sha,
    headRepository: { nameWithOwner: model.repo },
    baseRefName: pull?.base,
    url,
    createdAt: time(model.now - 2_000_000),
    updatedAt: time(item.updatedAt),
    author: { __typename: "User", login: item.author },
    labels: () => labels,
    milestone: item.milestone === undefined ? null : { title: item.milestone },
    closingIssuesReferences: () => ({ totalCount: nodes.length, nodes }),
  };
}

// GitLab

function gitlabHandlers(model: ForgeModel): Handlers {
  const base = "/api/v4/projects/{id}";
  const isRepo = ({ params }: Call) => params.id?.toLowerCase() === model.repo.toLowerCase();
  const user = (username: string) => ({ id: model.users.indexOf(username) + 1, username });
  const milestone = ({ id, title, state, description, due }: ForgeModel["milestones"][number]) => ({
    id,
    iid: id,
    title,
    state: state === "open" ? "active" : "closed",
    description,
    due_date: due ?? null,
    web_url: `${model.url}/${model.repo}/-/milestones/${id}`,
  });
  const common = (item: ModelItem) => {
    const own = model.milestones.find(({ title }) => title === item.milestone);
    return {
      id: 1000 + item.number,
      iid: item.number,
      project_id: 1,
      title: item.title,
      description: item.body,
      state: item.state === "open" ? "opened" : item.state,
      labels: item.labels,
      milestone: own ? milestone(own) : null,
      assignees: item.assignees.map(user),
      author: user(item.author),
      web_url: `${model.url}/${model.repo}/-/${item.pull ? "merge_requests" : "issues"}/${item.number}`,
      created_at: time(model.now - 2_000_000),
      updated_at: time(item.updatedAt),
    };
  };
  const issue = common;
  const pull = (item: ModelItem) => ({
    ...common(item),
    draft: item.pull?.draft,
    reviewers: item.pull?.reviewers.map(user),
    source_branch: item.pull?.head,
    source_project_id: 1,
    target_branch: item.pull?.base,
    target_project_id: 1,
    sha: item.pull?.sha,
    detailed_merge_status: item.pull?.refuses?.detailed ?? "mergeable",
    has_conflicts: item.pull?.refuses?.mergeable === false,
    merge_commit_sha: item.pull?.mergeSha ?? null,
  });
  const state = (call: Call, item: ModelItem) => {
    const wanted = call.query.get("state") ?? "all";
    return wanted === "all" || (item.state === "open" ? "opened" : item.state) === wanted;
  };
  const listed = (call: Call, kind: "issue" | "pull", show: (item: ModelItem) => unknown): Given => {
    if (!isRepo(call)) return notFound("404 Project Not Found");
    const { query } = call;
    const after = query.get("updated_after");
    const wanted = query.get("milestone");
    const labels = (query.get("labels") ?? "").split(",").filter((one) => one !== "");
    const rows = model.list(kind).filter((item) =>
      state(call, item) && (after === null || item.updatedAt >= Date.parse(after) / 1000)
    );
    // What it does not know is no issue's, and some words are special.
    const titles = wanted === null || wanted.toLowerCase() === "any"
      ? []
      : wanted.toLowerCase() === "none"
      ? [""]
      : [wanted];
    const sorted = query.get("sort") === "asc" ? rows : rows.toReversed();
    return paged(model, "gitlab", call, byMilestoneAndLabels(sorted, titles, labels), show);
  };
  const one = (
    call: Call,
    number: string | undefined,
    kind: "issue" | "pull",
    show: (item: ModelItem) => unknown,
  ): Given => {
    const item = model.items.get(Number(number));
    if (!isRepo(call) || !item || (item.pull !== undefined) !== (kind === "pull")) return notFound("404 Not found");
    return { body: show(item) };
  };
  const names = (ids: number[] | undefined) => (ids ?? []).map((id) => model.users[id - 1] as string);
  return [
    [
      "GET",
      base,
      (call) =>
        isRepo(call)
          ? { body: { id: 1, path_with_namespace: model.repo, default_branch: model.defaultBranch } }
          : notFound(),
    ],
    ["GET", `${base}/issues`, (call) => listed(call, "issue", issue)],
    ["GET", `${base}/issues/{issue_iid}`, (call) => one(call, call.params.issue_iid, "issue", issue)],
    ["POST", `${base}/issues`, ({ body }) => {
      const number = model.issue({
        title: body.title,
        body: body.description,
        labels: body.labels ?? [],
        milestone: model.milestones.find(({ id }) => id === body.milestone_id)?.title,
        assignees: names(body.assignee_ids),
      });
      return { status: 201, body: issue(model.items.get(number) as ModelItem) };
    }],
    ["PUT", `${base}/issues/{issue_iid}`, (call) => {
      const item = model.items.get(Number(call.params.issue_iid));
      if (!item) return notFound();
      model.change(item.number, { state: call.body.state_event === "close" ? "closed" : "open" });
      return { body: issue(item) };
    }],
    ["POST", `${base}/issues/{noteable_id}/notes`, ({ params, body }) => {
      model.comments.push({ number: Number(params.noteable_id), body: body.body });
      return { status: 201, body: { id: 1, body: body.body } };
    }],
    [
      "GET",
      `${base}/labels`,
      (call) =>
        paged(model, "gitlab", call, [...model.labels, ...model.sharedLabels].map((name, id) => ({ id, name }))),
    ],
    ["GET", `${base}/milestones`, (call) => paged(model, "gitlab", call, model.milestones.map(milestone))],
    ["POST", `${base}/milestones`, ({ body }) => {
      model.milestone(body.title);
      const made = model.milestones.at(-1) as ForgeModel["milestones"][number];
      Object.assign(made, { description: body.description, due: body.due_date });
      return { status: 201, body: milestone(made) };
    }],
    ["PUT", `${base}/milestones/{milestone_id}`, ({ params, body }) => {
      const found = model.milestones.find(({ id }) => id === Number(params.milestone_id));
      if (!found) return notFound();
      found.state = body.state_event === "close" ? "closed" : "open";
      return { body: milestone(found) };
    }],
    ["GET", `${base}/merge_requests`, (call) => listed(call, "pull", pull)],
    [
      "GET",
      `${base}/merge_requests/{merge_request_iid}`,
      (call) => one(call, call.params.merge_request_iid, "pull", pull),
    ],
    ["GET", `${base}/merge_requests/{merge_request_iid}/closes_issues`, (call) => {
      const item = model.items.get(Number(call.params.merge_request_iid));
      if (!item?.pull) return notFound();
      const text = { title: item.title ?? "", body: item.body };
      const closed = item.pull.base === model.defaultBranch
        ? closingGrammars.gitlab(text, { repo: model.repo, url: model.url }).filter(({ repo }) => repo === undefined)
        : [];
      const numbers = [...closed.map(({ number }) => number), ...item.pull.linked];
      const rows = [...new Set(numbers)].flatMap((number) => model.items.get(number) ?? []).filter(({ pull }) => !pull);
      return paged(model, "gitlab", call, rows.map(issue));
    }],
    ["POST", `${base}/merge_requests`, ({ body }) => {
      if (!model.branches.has(body.source_branch)) {
        return { status: 422, body: { message: ["Source branch does not exist"] } };
      }
      const number = model.pull({
        title: body.title,
        body: body.description,
        head: body.source_branch,
        base: body.target_branch,
        draft: /^draft:/i.test(body.title),
        labels: body.labels ?? [],
        milestone: model.milestones.find(({ id }) => id === body.milestone_id)?.title,
        assignees: names(body.assignee_ids),
        reviewers: names(body.reviewer_ids),
      });
      return { status: 201, body: pull(model.items.get(number) as ModelItem) };
    }],
    ["PUT", `${base}/merge_requests/{merge_request_iid}/merge`, ({ params, body }) => {
      const item = model.items.get(Number(params.merge_request_iid));
      if (!item?.pull) return notFound();
      const { refuses } = item.pull;
      if (refuses) return { status: refuses.status, body: { message: refuses.message } };
      if (body.sha !== item.pull.sha) {
        return { status: 409, body: { message: "SHA does not match HEAD of source branch" } };
      }
      merged(model, item);
      return { body: pull(item) };
    }],
    ["GET", `${base}/repository/branches/{branch}`, ({ params }) => {
      const tip = model.tip(params.branch ?? "");
      return tip === undefined ? notFound() : { body: { name: params.branch, commit: { id: tip } } };
    }],
    [
      "DELETE",
      `${base}/repository/branches/{branch}`,
      ({ params }) => model.branches.delete(params.branch ?? "") ? { status: 204 } : notFound("404 Branch Not Found"),
    ],
  ];
}
