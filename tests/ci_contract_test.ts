/** Lives of pipelines, as each provider tells them, and what a wait makes of them. */

import {
  classify,
  type PipelineClass,
  type ProviderKind,
  providerKinds,
  statusTables,
  type WaitOutcome,
  type WaitTarget,
} from "../lib/ci/mod.ts";
import { assert, assertEquals, assertRejects } from "../lib/deps/assert.ts";
import { CommitStatuses } from "../lib/ci/commit_statuses.ts";
import { HttpClient, HttpError } from "../lib/http/mod.ts";
import { MusterError, realIo } from "../lib/io/mod.ts";
import { VendorServer } from "./_vendor/server.ts";
import { describe } from "./_vendor/description.ts";
import { type Life, live, openStage, otherSha, sha, type State, waitOn } from "./_ci/life.ts";

const outcomes: Readonly<Record<PipelineClass, WaitOutcome>> = {
  success: "success",
  neutral: "no_success",
  bad: "failed",
  needs_person: "needs_person",
  live: "timeout",
  unknown: "timeout",
};

const commit: WaitTarget = { kind: "commit", sha };
const number12: WaitTarget = { kind: "numbers", numbers: [12] };
const running: Readonly<Record<ProviderKind, string>> = {
  woodpecker: "running",
  github: "in_progress",
  gitlab: "running",
  gitea: "in_progress",
  forgejo: "running",
  statuses: "pending",
};
const failure: Readonly<Record<ProviderKind, string>> = {
  woodpecker: "failure",
  github: "failure",
  gitlab: "failed",
  gitea: "failure",
  forgejo: "failure",
  statuses: "failure",
};

const ignore = describe("woodpecker") === undefined; // said on standard error; in CI it is an error

/** What becomes a state of one pipeline after 30 s. */
function becomes(kind: ProviderKind, state: Partial<State>): Life {
  const first = { number: 12, status: running[kind], workflows: ["running"] };
  const then = { number: 12, status: "success", workflows: [state.status ?? "success"], ...state };
  return [{ at: 0, has: [first] }, { at: 30, has: [then] }];
}

for (const kind of providerKinds) {
  Deno.test({
    name: `${kind}: every status of the table, and one of no table, comes to what its class says`,
    ignore,
    fn: async (t) => {
      const targets = kind === "statuses" ? [commit] : [number12, commit];
      for (const status of [...Object.keys(statusTables[kind]), "flaky"]) {
        for (const target of targets) {
          await t.step(`${status}, by ${target.kind}`, async () => {
            if (kind === "woodpecker" && status === "flaky") return; // below: its description lists the statuses
            const told = status === "need_approval" ? { status: "waiting", needApproval: true } : { status };
            const report = await live(kind, becomes(kind, told), target, { timeoutMs: 300_000 });
            const one = classify(kind, status);
            assertEquals(report.outcome, outcomes[one]);
            assertEquals(report.watched.map((seen) => [seen.pipeline.number, seen.pipeline.status, seen.class]), [
              [12, status, one],
            ]);
            const isOver = outcomes[one] !== "timeout";
            assert(isOver ? report.elapsedMs < 60_000 : report.elapsedMs === 300_000, `${report.elapsedMs}`);
          });
        }
      }
    },
  });
}

const kinds = providerKinds.filter((kind) => kind !== "statuses");

Deno.test({
  name: "a status that Woodpecker's description does not list counts as live, and is named",
  ignore,
  fn: async () => {
    await using stage = openStage("woodpecker", [{ at: 0, has: [{ number: 12, status: "running" }] }]);
    stage.server.on(
      "GET",
      "/repos/{repo_id}/pipelines/{pipeline_number}",
      () => Response.json({ number: 12, status: "flaky", commit: sha }),
    );
    const report = await waitOn(stage, number12, { timeoutMs: 60_000 });
    assertEquals([report.outcome, report.watched[0]?.pipeline.status, report.watched[0]?.class], [
      "timeout",
      "flaky",
      "unknown",
    ]);
  },
});

Deno.test({
  name: "a number of no pipeline is not found at once",
  ignore,
  fn: async () => {
    for (const kind of kinds) {
      const error = await assertRejects(() => live(kind, [{ at: 0, has: [] }], number12), MusterError);
      assertEquals([error.code, error.message], ["not_found", "no such pipeline: 12"], kind);
    }
  },
});

Deno.test({
  name: "a pipeline that is deleted after its creation has vanished, by number and by commit",
  ignore,
  fn: async () => {
    for (const kind of kinds) {
      for (const target of [number12, commit]) {
        const life = [{ at: 0, has: [{ number: 12, status: running[kind] }] }, { at: 20, has: [] }];
        const report = await live(kind, life, target);
        assertEquals([report.outcome, report.watched.map(({ vanished }) => vanished)], ["vanished", [true]], kind);
      }
    }
  },
});

Deno.test({
  name: "a pipeline that Woodpecker calls killed is live while a workflow of it runs",
  ignore,
  fn: async () => {
    for (const target of [number12, commit]) {
      const life = [
        { at: 0, has: [{ number: 12, status: "running", workflows: ["running", "running"] }] },
        { at: 20, has: [{ number: 12, status: "killed", workflows: ["killed", "running"] }] },
        { at: 90, has: [{ number: 12, status: "killed", workflows: ["killed", "killed"] }] },
      ];
      const report = await live("woodpecker", life, target);
      assertEquals(report.outcome, "failed");
      assert(report.elapsedMs >= 90_000, `${report.elapsedMs}`);
    }
  },
});

Deno.test({
  name: "success of a pipeline whose workflow still runs is no success yet",
  ignore,
  fn: async () => {
    const life = [
      { at: 0, has: [{ number: 12, status: "success", workflows: ["success", "pending"] }] },
      { at: 60, has: [{ number: 12, status: "success", workflows: ["success", "success"] }] },
    ];
    const report = await live("woodpecker", life, number12);
    assert(report.outcome === "success" && report.elapsedMs >= 60_000, `${report.outcome} ${report.elapsedMs}`);
  },
});

/** Woodpecker: 12 fails, and is restarted as 13. */
const restarted: Life = [
  { at: 0, has: [{ number: 12, status: "running" }] },
  {
    at: 20,
    has: [{ number: 13, status: "running", parent: 12 }, { number: 12, status: "killed", workflows: ["killed"] }],
  },
  { at: 60, has: [{ number: 13, status: "success", parent: 12 }, { number: 12, status: "killed" }] },
];

Deno.test({
  name: "a restart with parent is superseded, and with --follow the restart is what is waited for",
  ignore,
  fn: async () => {
    for (const target of [number12, commit]) {
      const report = await live("woodpecker", restarted, target);
      assertEquals(report.outcome, "superseded");
      assertEquals(report.watched.find(({ superseded }) => superseded)?.supersededBy, 13);
      const said: string[] = [];
      const followed = await live("woodpecker", restarted, target, { follow: true, say: (line) => said.push(line) });
      assertEquals([followed.outcome, followed.watched.map(({ pipeline }) => pipeline.number)], ["success", [13]]);
      assert(said.includes("pipeline 12 is superseded by 13: following that"), said.join("\n"));
    }
  },
});

Deno.test({
  name: "what was restarted before the wait began is not waited for",
  ignore,
  fn: async () => {
    const life = [{ at: 0, has: [{ number: 13, status: "success", parent: 12 }, { number: 12, status: "failure" }] }];
    const report = await live("woodpecker", life, commit);
    assertEquals([report.outcome, report.watched.map(({ pipeline }) => pipeline.number)], ["success", [13]]);
  },
});

Deno.test({
  name: "a pipeline that was cancelled because of a newer push is superseded by that one's pipeline",
  ignore,
  fn: async () => {
    const report = await live("woodpecker", becomes("woodpecker", { status: "killed", supersededBy: 15 }), number12);
    assertEquals([report.outcome, report.watched[0]?.supersededBy], ["superseded", 15]);
  },
});

Deno.test({
  name: "a second try of the same run is superseded, never silently the same",
  ignore,
  fn: async () => {
    for (const kind of ["github", "gitea"] as const) {
      const life: Life = [
        { at: 0, has: [{ number: 12, status: running[kind] }] },
        { at: 20, has: [{ number: 12, status: running[kind], attempt: 2 }] },
        { at: 60, has: [{ number: 12, status: "success", attempt: 2 }] },
      ];
      assertEquals((await live(kind, life, number12)).outcome, "superseded", kind);
      assertEquals((await live(kind, life, number12, { follow: true })).outcome, "success", kind);
    }
  },
});

Deno.test({
  name: "a pipeline at rest that runs again while others run is superseded",
  ignore,
  fn: async () => {
    const other = (status: string): State => ({ number: 13, status });
    const life: Life = [
      { at: 0, has: [{ number: 12, status: "running" }, other("running")] },
      { at: 20, has: [{ number: 12, status: "failed" }, other("running")] },
      { at: 60, has: [{ number: 12, status: "running" }, other("running")] },
    ];
    assertEquals((await live("gitlab", life, commit)).outcome, "superseded");
  },
});

Deno.test({
  name: "what waits for a person is told once all else is at rest, and goes on when they moved it on",
  ignore,
  fn: async () => {
    const other = (status: string): State => ({ number: 13, status });
    const both: WaitTarget = { kind: "numbers", numbers: [12, 13] };
    const blocked: Life = [
      { at: 0, has: [{ number: 12, status: "blocked" }, other("running")] },
      { at: 50, has: [{ number: 12, status: "blocked" }, other("success")] },
    ];
    const report = await live("woodpecker", blocked, both);
    assert(report.outcome === "needs_person" && report.elapsedMs >= 50_000);
    const approved: Life = [
      { at: 0, has: [{ number: 12, status: "blocked" }, other("running")] },
      { at: 30, has: [{ number: 12, status: "running" }, other("success")] },
      { at: 60, has: [{ number: 12, status: "success" }, other("success")] },
    ];
    assertEquals((await live("woodpecker", approved, both)).outcome, "success");
  },
});

Deno.test({
  name: "GitLab: canceling is live until it is canceled",
  ignore,
  fn: async () => {
    const life: Life = [
      { at: 0, has: [{ number: 12, status: "running" }] },
      { at: 20, has: [{ number: 12, status: "canceling" }] },
      { at: 80, has: [{ number: 12, status: "canceled" }] },
    ];
    const report = await live("gitlab", life, number12);
    assert(report.outcome === "failed" && report.elapsedMs >= 80_000);
  },
});

Deno.test({
  name: "a run that registers after 20 s is waited for, and none at all is told as that",
  ignore,
  fn: async () => {
    for (const kind of providerKinds) {
      const life: Life = [
        { at: 0, has: [] },
        { at: 20, has: [{ number: 12, status: running[kind] }] },
        { at: 60, has: [{ number: 12, status: "success" }] },
      ];
      assertEquals((await live(kind, life, commit)).outcome, "success", kind);
      const none = await live(kind, [{ at: 0, has: [] }], commit);
      assertEquals(none.outcome, "none_registered", kind);
      assert(none.elapsedMs >= 60_000 && none.elapsedMs < 75_000, `${kind}: ${none.elapsedMs}`);
      const early = await live(kind, life, commit, { appearMs: 10_000 });
      assertEquals(early.outcome, "none_registered", kind);
    }
  },
});

Deno.test({
  name: "the checks of a second event, which start when those of the first end, are waited for",
  ignore,
  fn: async () => {
    for (const kind of providerKinds) {
      const first = (status: string): State => ({ number: 12, status, name: "push" });
      const second = (status: string): State => ({ number: 13, status, name: "pull_request" });
      const life: Life = [
        { at: 0, has: [first(running[kind])] },
        { at: 30, has: [first("success")] },
        { at: 35, has: [second(running[kind]), first("success")] },
        { at: 90, has: [second(failure[kind]), first("success")] },
      ];
      const report = await live(kind, life, commit, { settleMs: 15_000 });
      assertEquals([report.outcome, report.watched.length], ["failed", 2], kind);
      // Without settling it would have been success.
      assertEquals((await live(kind, life, commit, { settleMs: 0 })).outcome, "success", kind);
    }
  },
});

Deno.test({
  name: "GitHub: a check run of another app counts, one of Actions is told by its run, one that is stale is bad",
  ignore,
  fn: async () => {
    const lint = (status: string): State => ({ number: 13, status, isCheck: true });
    const run: State = { number: 12, status: "success" };
    const good = await live("github", [{ at: 0, has: [run, lint("success")] }], commit);
    assertEquals([good.outcome, good.watched.map(({ pipeline }) => pipeline.key)], [
      "success",
      ["run 12", "check linter/lint"],
    ]);
    assertEquals((await live("github", [{ at: 0, has: [run, lint("stale")] }], commit)).outcome, "failed");
    assertEquals(
      (await live("github", [{ at: 0, has: [run, lint("action_required")] }], commit)).outcome,
      "needs_person",
    );
  },
});

Deno.test({
  name: "GitHub is asked for what changed only, which costs nothing where nothing has",
  ignore,
  fn: async () => {
    await using stage = openStage("github", [{ at: 0, has: [{ number: 12, status: "in_progress" }] }]);
    let unchanged = 0;
    stage.server.before = ({ headers }) => {
      if (headers.get("if-none-match") !== '"1"') return undefined;
      unchanged++;
      return new Response(null, { status: 304 });
    };
    const known = describe("github");
    stage.server.on("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}", () => ({
      body: { ...known?.sample("workflow-run"), id: 12, head_sha: sha, status: "in_progress", conclusion: null },
      headers: { etag: '"1"' },
    }));
    const report = await waitOn(stage, number12, { timeoutMs: 120_000 });
    assertEquals(report.outcome, "timeout");
    assertEquals(unchanged, stage.server.callsOf("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}").length - 1);
    assert(unchanged > 5);
  },
});

Deno.test({
  name: "a commit status of a context that failed is not the end of the others",
  ignore,
  fn: async () => {
    const life: Life = [
      { at: 0, has: [{ number: 1, status: "failure", name: "a" }, { number: 2, status: "pending", name: "b" }] },
      { at: 40, has: [{ number: 1, status: "failure", name: "a" }, { number: 3, status: "success", name: "b" }] },
    ];
    const report = await live("statuses", life, commit);
    assert(report.outcome === "failed" && report.elapsedMs >= 40_000);
  },
});

Deno.test({
  name: "commit statuses are read of every forge, each context by its newest",
  ignore,
  fn: async () => {
    const known = describe("github");
    const rows = (stateKey: string, nameKey: string, bad: string) => [
      { id: 3, [nameKey]: "a", [stateKey]: "success" },
      { id: 1, [nameKey]: "a", [stateKey]: bad },
      { id: 2, [nameKey]: "b", [stateKey]: bad },
    ];
    const forges = {
      gitea: ["/api/v1", "/repos/{owner}/{repo}/commits/{ref}/statuses", rows("status", "context", "error")],
      forgejo: ["/api/v1", "/repos/{owner}/{repo}/commits/{ref}/statuses", rows("status", "context", "error")],
      github: [
        "/api/v3",
        "/repos/{owner}/{repo}/commits/{ref}/statuses",
        rows("state", "context", "error").map((row) => ({ ...known?.sample("status"), ...row })),
      ],
      gitlab: [
        "/api/v4",
        "/api/v4/projects/{id}/repository/commits/{sha}/statuses",
        rows("status", "name", "failed"),
      ],
    } as const;
    for (const [forge, [base, template, body]] of Object.entries(forges)) {
      await using server = VendorServer.open(forge as keyof typeof forges);
      server.on("GET", template, () => ({ body }));
      const client = new HttpClient(realIo, { baseUrl: `${server.url}${base}`, timeoutMs: 60_000 });
      const statuses = new CommitStatuses({ repo: "ada/tool", forge: forge as keyof typeof forges, client });
      const told = (await statuses.ofCommit(sha)).map((one) => [one.name, one.class]);
      assertEquals(told, [["a", "success"], ["b", "bad"]], forge);
    }
  },
});

Deno.test({
  name: "a new push ends the wait for a branch as superseded, and with --follow the new commit is waited for",
  ignore,
  fn: async () => {
    const life: Life = [
      { at: 0, has: [{ number: 12, status: "running" }] },
      { at: 30, has: [{ number: 13, status: "running", sha: otherSha }, { number: 12, status: "success" }] },
      { at: 90, has: [{ number: 13, status: "success", sha: otherSha }, { number: 12, status: "success" }] },
    ];
    for (const kind of ["woodpecker", "gitlab"] as const) {
      for (const follow of [false, true]) {
        await using stage = openStage(kind, life);
        const readHead = () => Promise.resolve(stage.clock.elapsed() >= 25_000 ? otherSha : sha);
        const report = await waitOn(stage, { kind: "commit", sha, readHead }, { follow });
        const expected = follow ? ["success", otherSha, [13]] : ["superseded", sha, [12]];
        assertEquals([report.outcome, report.sha, report.watched.map(({ pipeline }) => pipeline.number)], expected);
      }
    }
  },
});

Deno.test({
  name: "a number that is given twice counts once",
  ignore,
  fn: async () => {
    await using stage = openStage("woodpecker", [{ at: 0, has: [{ number: 12, status: "success" }] }]);
    const report = await waitOn(stage, { kind: "numbers", numbers: [12, 12, 12] });
    assertEquals([report.outcome, report.watched.length], ["success", 1]);
    assertEquals(stage.server.callsOf("GET", "/repos/{repo_id}/pipelines/{pipeline_number}").length, 1);
  },
});

Deno.test({
  name: "a token that is wrong, or is revoked halfway, fails at once",
  ignore,
  fn: async () => {
    for (const kind of kinds) {
      for (const fromMs of [0, 60_000]) {
        await using stage = openStage(kind, [{ at: 0, has: [{ number: 12, status: running[kind] }] }]);
        stage.server.before = () =>
          stage.clock.elapsed() >= fromMs ? Response.json({ message: "no" }, { status: 401 }) : undefined;
        const error = await assertRejects(() => waitOn(stage, number12), HttpError);
        assertEquals([error.status, error.code], [401, "failed"], kind);
        assert(stage.clock.elapsed() <= fromMs + 10_000, `${kind}: ${stage.clock.elapsed()}`);
      }
    }
  },
});
