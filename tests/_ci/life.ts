/**
 * Lives of pipelines, as servers tell them: what there is at which time. A life is told by a server held to its vendor's
 * description, on a clock that moves only when someone waits, so that hours pass in no time.
 *
 * @module
 */

import { Forgejo } from "../../lib/ci/forgejo.ts";
import { Gitea } from "../../lib/ci/gitea.ts";
import { Github } from "../../lib/ci/github.ts";
import { Gitlab } from "../../lib/ci/gitlab.ts";
import { CommitStatuses } from "../../lib/ci/commit_statuses.ts";
import {
  type CiProvider,
  isOutage,
  openBoard,
  type ProviderKind,
  waitForPipelines,
  type WaitOptions,
  type WaitReport,
  type WaitTarget,
} from "../../lib/ci/mod.ts";
import { Woodpecker } from "../../lib/ci/woodpecker.ts";
import { HttpClient } from "../../lib/http/mod.ts";
import { type Clock, type Io, realIo } from "../../lib/io/mod.ts";
import { describe, type Vendor } from "../_vendor/description.ts";
import { VendorServer } from "../_vendor/server.ts";

/** The commit that all is about. */
export const sha = "a".repeat(40);
/** Another one. */
export const otherSha = "b".repeat(40);

/** A pipeline at one time. */
export interface State {
  readonly number: number;
  /** The provider's word; of GitHub and Gitea a conclusion stands for `completed`. */
  readonly status: string;
  readonly sha?: string;
  /** The states of its workflows, where the provider tells them along. */
  readonly workflows?: readonly string[];
  readonly attempt?: number;
  readonly parent?: number;
  readonly supersededBy?: number;
  /** Forgejo's field beside the status. */
  readonly needApproval?: boolean;
  /** A check run of another app, where GitHub has both. */
  readonly isCheck?: boolean;
  readonly name?: string;
}

/** What there is from a time on, in seconds. */
export type Life = readonly { readonly at: number; readonly has: readonly State[] }[];

/** A clock that moves only when someone waits. */
export function movingClock(): Clock & { move(ms: number): void } {
  let elapsed = 0;
  return {
    now: () => Date.UTC(2026, 0, 1) + elapsed,
    elapsed: () => elapsed,
    move: (ms) => void (elapsed += ms),
    async delay(ms, signal) {
      signal?.throwIfAborted();
      await Promise.resolve();
      elapsed += Math.ceil(ms); // a pause too small for the sum would pass no time
    },
  };
}

/** The world with a clock of its own. */
export function worldWith(clock: Clock): Io {
  return { ...realIo, clock };
}

/** A provider whose server tells a life. */
export interface Stage extends AsyncDisposable {
  readonly server: VendorServer;
  readonly provider: CiProvider;
  readonly clock: ReturnType<typeof movingClock>;
  readonly io: Io;
}

const vendors: Readonly<Record<ProviderKind, Vendor>> = {
  woodpecker: "woodpecker",
  github: "github",
  gitlab: "gitlab",
  gitea: "gitea",
  forgejo: "forgejo",
  statuses: "gitea",
};

/** Opens a server that tells a life, and the provider that asks it. */
export function openStage(kind: ProviderKind, life: Life): Stage {
  const clock = movingClock();
  const io = worldWith(clock);
  const server = VendorServer.open(vendors[kind]);
  const now = () => life.filter(({ at }) => at * 1000 <= clock.elapsed()).at(-1)?.has ?? [];
  tellers[kind](server, now);
  const client = (path: string, header = "Authorization", prefix = "token ") =>
    new HttpClient(io, {
      baseUrl: `${server.url}${path}`,
      token: { header, prefix, secret: "s3cret" },
      timeoutMs: 86_400_000,
      retries: 0,
    });
  const repo = "ada/tool";
  const providers: Readonly<Record<ProviderKind, () => CiProvider>> = {
    woodpecker: () => new Woodpecker({ repo, url: server.url, client: client("/api", "Authorization", "Bearer ") }),
    github: () => new Github({ repo, client: client("/api/v3", "Authorization", "Bearer ") }),
    gitlab: () => new Gitlab({ repo, client: client("/api/v4", "PRIVATE-TOKEN", "") }),
    gitea: () => new Gitea({ repo, client: client("/api/v1") }),
    forgejo: () => new Forgejo({ repo, client: client("/api/v1") }),
    statuses: () => new CommitStatuses({ repo, forge: "gitea", client: client("/api/v1") }),
  };
  return { server, provider: providers[kind](), clock, io, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Waits on a stage, on its clock, without a stream. */
export async function waitOn(
  { io, provider }: Stage,
  target: WaitTarget,
  options: Partial<WaitOptions> = {},
): Promise<WaitReport> {
  await using board = openBoard(io, { timeoutMs: 60_000, isOutage });
  return await waitForPipelines(io, target, {
    provider,
    board,
    timeoutMs: 600_000,
    intervalMs: 10_000,
    random: () => 0,
    ...options,
  });
}

/** Waits through a life. */
export async function live(
  kind: ProviderKind,
  life: Life,
  target: WaitTarget,
  options: Partial<WaitOptions> = {},
): Promise<WaitReport> {
  await using stage = openStage(kind, life);
  return await waitOn(stage, target, options);
}

type Teller = (server: VendorServer, now: () => readonly State[]) => void;

const gone = () => new Response('{"message":"Not Found"}', { status: 404 });
const begun = "2026-01-01T00:00:00Z";
const zero = "0001-01-01T00:00:00Z";
const rest = [
  "success",
  "neutral",
  "skipped",
  "failure",
  "cancelled",
  "timed_out",
  "startup_failure",
  "stale",
  "action_required",
];

/** A conclusion is told beside `completed`. */
function ended(status: string) {
  const isConclusion = rest.includes(status);
  return { status: isConclusion ? "completed" : status, conclusion: isConclusion ? status : null };
}

const found = (now: () => readonly State[], number: string | undefined) =>
  now().find((one) => String(one.number) === number);

/** Woodpecker's pipeline; a row of its list has no workflows. */
export function woodpeckerPipeline(state: State, isRow = false) {
  const { number, status, parent = 0, supersededBy, workflows = [] } = state;
  return {
    id: number + 1000,
    number,
    status,
    parent,
    commit: state.sha ?? sha,
    branch: "main",
    event: "push",
    created: 1_767_225_600,
    started: 1_767_225_600,
    finished: status === "running" || status === "pending" ? 0 : 1_767_225_660,
    updated: 1_767_225_660,
    ...(supersededBy === undefined ? {} : { cancel_info: { superseded_by: supersededBy } }),
    ...(isRow ? {} : {
      workflows: workflows.map((state, at) => ({
        id: at + 1,
        pid: at + 1,
        name: `w${at + 1}`,
        state,
        children: [{ id: 10 + at, pid: 10 + at, ppid: at + 1, name: "test", state, type: "commands" }],
      })),
    }),
  };
}

const tellers: Readonly<Record<ProviderKind, Teller>> = {
  woodpecker: (server, now) =>
    void server
      .on("GET", "/repos/lookup/{repo_full_name}", () => ({ body: { id: 7, full_name: "ada/tool" } }))
      .on("GET", "/repos/{repo_id}/pipelines", () => ({ body: now().map((one) => woodpeckerPipeline(one, true)) }))
      .on("GET", "/repos/{repo_id}/pipelines/{pipeline_number}", ({ params }) => {
        const one = found(now, params.pipeline_number);
        return one ? { body: woodpeckerPipeline(one) } : gone();
      }),
  github: (server, now) => {
    const known = describe("github");
    const run = ({ number, status, name = "ci", attempt = 1, ...one }: State) => ({
      ...known?.sample("workflow-run"),
      id: number,
      name,
      head_sha: one.sha ?? sha,
      head_branch: "main",
      event: "push",
      run_attempt: attempt,
      html_url: `https://github.example/runs/${number}`,
      ...ended(status),
    });
    const check = ({ number, status, name = "lint", ...one }: State, slug: string) => ({
      ...known?.sample("check-run"),
      id: number,
      name,
      head_sha: one.sha ?? sha,
      app: {
        id: 1,
        node_id: "x",
        slug,
        name: slug,
        owner: known?.sample("simple-user"),
        description: null,
        external_url: "https://github.example",
        html_url: "https://github.example",
        created_at: begun,
        updated_at: begun,
        permissions: {},
        events: [],
      },
      ...ended(status),
    });
    server
      .on("GET", "/repos/{owner}/{repo}/actions/runs", ({ query }) => {
        const wanted = query.get("head_sha");
        const runs = now().filter((one) => !one.isCheck && (wanted === null || (one.sha ?? sha) === wanted)).map(run);
        return { body: { total_count: runs.length, workflow_runs: runs } };
      })
      .on("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}", ({ params }) => {
        const one = found(now, params.run_id);
        return one ? { body: run(one) } : gone();
      })
      .on("GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs", ({ params }) => {
        const all = now().filter((one) => (one.sha ?? sha) === params.ref);
        // Jobs of Actions are check runs too.
        const runs = all.map((one) => check(one, one.isCheck ? "linter" : "github-actions"));
        // The description lacks `stale`: see specs/README.md.
        const body = { total_count: runs.length, check_runs: runs };
        const undescribed = ["stale", "startup_failure", "flaky"];
        return runs.some(({ status, conclusion }) => undescribed.includes(conclusion ?? status))
          ? Response.json(body)
          : { body };
      });
  },
  gitlab: (server, now) => {
    const row = ({ number, status, ...one }: State) => ({
      id: number,
      iid: number,
      project_id: 1,
      sha: one.sha ?? sha,
      ref: "main",
      status,
      source: "push",
      created_at: begun,
      updated_at: begun,
      web_url: `https://gitlab.example/-/pipelines/${number}`,
    });
    server
      .on("GET", "/api/v4/projects/{id}/pipelines", ({ query }) => {
        const wanted = query.get("sha");
        return { body: now().map(row).filter((one) => wanted === null || one.sha === wanted) };
      })
      .on("GET", "/api/v4/projects/{id}/pipelines/{pipeline_id}", ({ params }) => {
        const one = found(now, params.pipeline_id);
        return one ? { body: row(one) } : gone();
      });
  },
  gitea: (server, now) => {
    const run = ({ number, status, attempt = 1, ...one }: State) => {
      const { conclusion, ...rest } = ended(status);
      return {
        id: number,
        path: "ci.yml@refs/heads/main",
        head_sha: one.sha ?? sha,
        head_branch: "main",
        event: "push",
        run_attempt: attempt,
        html_url: `https://gitea.example/runs/${number}`,
        started_at: begun,
        completed_at: zero,
        ...rest,
        ...(conclusion === null ? {} : { conclusion }),
      };
    };
    server
      .on("GET", "/repos/{owner}/{repo}/actions/runs", ({ query }) => {
        const wanted = query.get("head_sha");
        const runs = now().map(run).filter((one) => wanted === null || one.head_sha === wanted);
        return { body: { total_count: runs.length, workflow_runs: runs } };
      })
      .on("GET", "/repos/{owner}/{repo}/actions/runs/{run}", ({ params }) => {
        const one = found(now, params.run);
        return one ? { body: run(one) } : gone();
      });
  },
  forgejo: (server, now) => {
    const run = ({ number, status, needApproval = false, ...one }: State) => ({
      id: number,
      index_in_repo: number,
      workflow_id: "ci.yml",
      commit_sha: one.sha ?? sha,
      prettyref: "main",
      trigger_event: "push",
      html_url: `https://forgejo.example/runs/${number}`,
      need_approval: needApproval,
      status,
      created: begun,
      started: begun,
      stopped: zero,
    });
    server
      .on("GET", "/repos/{owner}/{repo}/actions/runs", ({ query }) => {
        const wanted = query.get("head_sha");
        const runs = now().map(run).filter((one) => wanted === null || one.commit_sha === wanted);
        return { body: { total_count: runs.length, workflow_runs: runs } };
      })
      .on("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}", ({ params }) => {
        const one = found(now, params.run_id);
        return one ? { body: run(one) } : gone();
      });
  },
  statuses: (server, now) =>
    void server.on("GET", "/repos/{owner}/{repo}/commits/{ref}/statuses", () => {
      const rows = now().map(({ number, status, name = "ci" }) => ({
        id: number,
        context: name,
        status,
        target_url: "https://ci.example/1",
        created_at: begun,
        updated_at: begun,
      }));
      // A status that no server knows is in no description.
      return rows.some(({ status }) => status === "flaky") ? Response.json(rows) : { body: rows };
    }),
};
