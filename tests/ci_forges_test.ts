/** `muster ci …` of GitHub, GitLab, Gitea and Forgejo, on servers held to their vendors' descriptions. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "../lib/deps/assert.ts";
import { otherSha, sha } from "./_ci/life.ts";
import { describe } from "./_vendor/description.ts";
import { VendorServer } from "./_vendor/server.ts";
import { World } from "./_world.ts";

const ignore = describe("github") === undefined; // said on standard error; in CI it is an error

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

type Kind = "github" | "gitlab" | "forgejo";

const secret = "s3cret-t0ken";
const variables: Readonly<Record<Kind, string>> = {
  github: "GITHUB_TOKEN",
  gitlab: "GITLAB_TOKEN",
  forgejo: "FORGEJO_TOKEN",
};

/** A world whose forge is a server of a kind, whose CI is the forge's own; runs `muster ci … -r ada/tool` in it. */
async function worldOf(kind: Kind, server: VendorServer) {
  const world = await World.create();
  await Deno.mkdir(world.musterHome, { recursive: true });
  await Deno.writeTextFile(
    `${world.musterHome}/forges.toml`,
    `[[forge]]
host = "${server.host}"
kind = "${kind}"
url = "${server.url}"
owners = ["ada"]
token_env = "${variables[kind]}"
`,
  );
  const start = (...args: readonly string[]) =>
    world.muster(["ci", ...args, "-r", "ada/tool"], { env: { [variables[kind]]: secret } });
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await start(...args);
    assert(!(stdout + stderr).includes(secret));
    return [code, stdout, stderr] as const;
  };
  return { world, run, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

const lines = (from: string, count: number) => Array.from({ length: count }, (_, at) => `${from} ${at + 1}\n`).join("");

/** A GitHub that has run 12, of which the second job failed in its second step, and a host that keeps its logs. */
function openGithub(logs: { readonly url: string }): VendorServer {
  const known = describe("github");
  const run = {
    ...known?.sample("workflow-run"),
    id: 12,
    name: "ci",
    head_sha: sha,
    head_branch: "main",
    event: "push",
    run_attempt: 1,
    html_url: "https://github.example/runs/12",
    status: "completed",
    conclusion: "failure",
  };
  const job = (id: number, name: string, conclusion: string, steps: readonly (readonly [string, string])[]) => ({
    ...known?.sample("job"),
    id,
    run_id: 12,
    name,
    status: "completed",
    conclusion,
    steps: steps.map(([name, conclusion], at) => ({ name, status: "completed", conclusion, number: at + 1 })),
  });
  return VendorServer.open("github")
    .on(
      "GET",
      "/repos/{owner}/{repo}/actions/runs/{run_id}",
      ({ params }) => params.run_id === "12" ? { body: run } : new Response('{"message":"Not Found"}', { status: 404 }),
    )
    .on("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs", () => ({
      body: {
        total_count: 2,
        jobs: [
          job(101, "build", "success", [["Set up job", "success"], ["make", "success"]]),
          job(102, "test", "failure", [["Set up job", "success"], ["deno task ok", "failure"]]),
        ],
      },
    }))
    .on(
      "GET",
      "/repos/{owner}/{repo}/actions/jobs/{job_id}/logs",
      ({ params }) => new Response(null, { status: 302, headers: { location: `${logs.url}/${params.job_id}.txt` } }),
    );
}

test("GitHub: the log of a run, of a job, of a step, and the end of the one that failed, which another host keeps", async () => {
  const asked: (readonly [string, string | null])[] = [];
  await using logs = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    asked.push([pathname, request.headers.get("authorization")]);
    const text = lines(pathname === "/101.txt" ? "build" : "test", 30);
    return new Response("\ufeff" + text.replaceAll(/^(?=\w)/gm, "2026-01-01T00:00:00.1234567Z "));
  });
  await using github = openGithub({ url: `http://127.0.0.1:${logs.addr.port}` });
  await using place = await worldOf("github", github);
  const { run } = place;
  assertEquals(await run("log", "-n", "12", "--failed"), [0, lines("test", 30).slice(lines("test", 10).length), ""]);
  // The token stays with GitHub.
  assertEquals(asked.splice(0), [["/102.txt", null]]);
  assertEquals(await run("log", "-n", "12", "--step", "build", "--lines", "1"), [0, "build 30\n", ""]);
  assertEquals(await run("log", "-n", "12", "--step", "test/deno task ok", "--lines", "2"), [
    0,
    "test 29\ntest 30\n",
    "",
  ]);
  const [code, all, said] = await run("log", "-n", "12");
  assertEquals([code, all], [0, lines("build", 30) + lines("test", 30)]);
  assertEquals(said, "== build: success\n== test: failure\n");
  asked.length = 0;
  const [waitCode, report] = await run("wait", "-n", "12");
  assertEquals(waitCode, 1);
  assertStringIncludes(report, "  12 failed in test/deno task ok: failure\n  │ test 11\n");
  assertEquals(asked, [["/102.txt", null]]);
  assertEquals((await run("log", "-n", "13"))[0], 5);
});

test("GitHub: what cannot be started says how it can", async () => {
  await using github = VendorServer.open("github");
  await using place = await worldOf("github", github);
  const [code, stdout, stderr] = await place.run("trigger", "-B", "main", "-w", "ci.yml");
  assertEquals([code, stdout], [2, ""]);
  assertMatch(stderr, /^muster: runs of GitHub cannot be started from here: ci.yml\nhint: .*gh workflow run/);
  assertEquals(github.calls.length, 0);
});

const gitlabBase = "/api/v4/projects/{id}";

/** A GitLab whose pipelines a test changes. */
class LiveGitlab implements AsyncDisposable {
  readonly server = VendorServer.open("gitlab");
  pipelines: { readonly id: number; readonly status: string; readonly sha: string; readonly ref: string }[] = [];
  /** The pipelines that merge request 3 lists, newest first. */
  ofPull: number[] = [];
  /** What the branch main and merge request 3 are at. */
  readonly heads = { main: sha, pull: sha };
  /** The parents of commits. */
  readonly parents = new Map<string, readonly string[]>();

  constructor() {
    const row = (
      one: { readonly id: number; readonly status: string; readonly sha: string; readonly ref: string },
    ) => ({
      ...one,
      iid: one.id,
      project_id: 1,
      source: "push",
      created_at: "2026-01-01T00:00:00Z",
      updated_at: "2026-01-01T00:01:00Z",
      web_url: `${this.server.url}/ada/tool/-/pipelines/${one.id}`,
    });
    const gone = () => new Response('{"message":"404 Not found"}', { status: 404 });
    const job = (id: number, name: string, status: string, allow_failure = false) => ({
      id,
      name,
      stage: "check",
      status,
      allow_failure,
    });
    this.server
      .on("GET", `${gitlabBase}/pipelines`, ({ query }) => {
        const [wanted, ref] = [query.get("sha"), query.get("ref")];
        const all = this.pipelines.filter((one) => (wanted ?? one.sha) === one.sha && (ref ?? one.ref) === one.ref);
        return { body: all.map(row) };
      })
      .on("GET", `${gitlabBase}/pipelines/{pipeline_id}`, ({ params }) => {
        const one = this.pipelines.find(({ id }) => String(id) === params.pipeline_id);
        return one ? { body: row(one) } : gone();
      })
      .on("GET", `${gitlabBase}/pipelines/{pipeline_id}/jobs`, () => ({
        // The newest comes first.
        body: [job(23, "unit", "failed"), job(22, "lint", "failed", true), job(21, "build", "success")],
      }))
      .on("GET", `${gitlabBase}/jobs/{job_id}/trace`, ({ params }) => new Response(lines(`job ${params.job_id}`, 30)))
      .on("POST", `${gitlabBase}/pipeline`, ({ body }) => {
        const started = { id: 14, status: "pending", sha, ref: body.ref };
        this.pipelines.unshift(started);
        return { status: 201, body: row(started) };
      })
      .on(
        "GET",
        `${gitlabBase}/repository/branches/{branch}`,
        ({ params }) => params.branch === "main" ? { body: { name: "main", commit: { id: this.heads.main } } } : gone(),
      )
      .on(
        "GET",
        `${gitlabBase}/merge_requests/{merge_request_iid}`,
        ({ params }) =>
          params.merge_request_iid === "3"
            ? { body: { iid: 3, sha: this.heads.pull, source_branch: "topic", target_branch: "main" } }
            : gone(),
      )
      .on("GET", `${gitlabBase}/merge_requests/{merge_request_iid}/pipelines`, () => ({
        body: this.ofPull.flatMap((id) => this.pipelines.filter((one) => one.id === id)).map(row),
      }))
      .on("GET", `${gitlabBase}/repository/commits/{sha}`, ({ params }) => {
        const parents = this.parents.get(params.sha ?? "");
        return parents ? { body: { id: params.sha, parent_ids: parents } } : gone();
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

test("GitLab: the log of a pipeline, of a job, and the end of the one that failed, not of one that may", async () => {
  await using gitlab = new LiveGitlab();
  gitlab.pipelines = [{ id: 12, status: "failed", sha, ref: "main" }];
  await using place = await worldOf("gitlab", gitlab.server);
  const { run } = place;
  assertEquals(await run("log", "-n", "12", "--failed", "--lines", "2"), [0, "job 23 29\njob 23 30\n", ""]);
  assertEquals(await run("log", "-n", "12", "--step", "lint", "--lines", "1"), [0, "job 22 30\n", ""]);
  const [code, all, said] = await run("log", "-n", "12");
  assertEquals([code, all], [0, lines("job 21", 30) + lines("job 22", 30) + lines("job 23", 30)]);
  assertEquals(said, "== check/build: success\n== check/lint: failed\n== check/unit: failed\n");
  const [waitCode, report] = await run("wait", "-n", "12");
  assertEquals(waitCode, 1);
  assertStringIncludes(report, "  12 failed in check/unit: failed\n  │ job 23 11\n");
});

test("GitLab: a branch and a merge request are waited for by the commit that they are at", async () => {
  await using gitlab = new LiveGitlab();
  gitlab.pipelines = [
    { id: 13, status: "failed", sha: otherSha, ref: "topic" },
    { id: 12, status: "success", sha, ref: "main" },
  ];
  gitlab.heads.pull = otherSha;
  await using place = await worldOf("gitlab", gitlab.server);
  const wait = async (...args: readonly string[]) => {
    const [code, stdout] = await place.run("wait", ...args, "--settle", "0", "--appear", "0", "--json");
    const { outcome, sha, pipelines } = JSON.parse(stdout);
    return [code, outcome, sha, pipelines?.map(({ number }: { readonly number: number }) => number)];
  };
  assertEquals(await wait("--branch", "main"), [0, "success", sha, [12]]);
  assertEquals(await wait("--pr", "3"), [1, "failed", otherSha, [13]]);
  assertEquals((await place.run("wait", "--branch", "gone"))[0], 5);
  assertEquals((await place.run("wait", "--pr", "4"))[0], 5);
});

test("GitLab: pipelines of merged results, which run on a commit of their own, are those of the merge request's head", async () => {
  await using gitlab = new LiveGitlab();
  const [merged, older] = ["c".repeat(40), "d".repeat(40)];
  const ref = "refs/merge-requests/3/merge";
  gitlab.parents.set(merged, [otherSha, sha]).set(older, [otherSha, "e".repeat(40)]);
  gitlab.pipelines = [
    { id: 14, status: "running", sha: merged, ref },
    // Of the head before this one: it has no say.
    { id: 13, status: "failed", sha: older, ref },
  ];
  gitlab.ofPull = [14, 13];
  await using place = await worldOf("gitlab", gitlab.server);
  const waiting = place.run("wait", "--pr", "3", "--settle", "0", "-i", "1", "--json");
  await place.world.eventually("the pipeline of the merged result to be looked at", () => {
    const looks = gitlab.server.callsOf("GET", `${gitlabBase}/merge_requests/{merge_request_iid}/pipelines`).length;
    return Promise.resolve(looks >= 1 || undefined);
  });
  gitlab.pipelines = [{ id: 14, status: "failed", sha: merged, ref }, { id: 13, status: "failed", sha: older, ref }];
  const [code, stdout] = await waiting;
  const { outcome, pipelines } = JSON.parse(stdout);
  assertEquals([code, outcome, pipelines.map(({ number }: { readonly number: number }) => number)], [1, "failed", [
    14,
  ]]);
  assertEquals(pipelines[0].failed.step, "check/unit");
  const [guardCode, guarded] = await place.run("guard", "--purpose", "merge", "--pr", "3", "--settle", "0", "--json");
  assertEquals([guardCode, JSON.parse(guarded).outcome], [1, "failed"]);
});

test("GitLab: a started pipeline is told, and waited for with --wait", async () => {
  await using gitlab = new LiveGitlab();
  await using place = await worldOf("gitlab", gitlab.server);
  const [code, started] = await place.run("trigger", "-B", "main");
  assertEquals(code, 0);
  assertMatch(started, /^started {2}14 {2}pending {2}http.*\/pipelines\/14\n$/);
  gitlab.pipelines = [];
  const waiting = place.run("trigger", "-B", "main", "--wait", "-i", "1", "--json");
  await place.world.eventually("a second start", () => Promise.resolve(gitlab.pipelines.length === 1 || undefined));
  gitlab.pipelines = [{ id: 14, status: "success", sha, ref: "main" }];
  const [waitCode, stdout] = await waiting;
  assertEquals([waitCode, JSON.parse(stdout).pipelines[0].number], [0, 14]);
});

test("Forgejo: a workflow is started, and waited for with --wait; jobs and logs its API does not tell", async () => {
  let status = "waiting";
  const run = (id: number, url: string) => ({
    id,
    index_in_repo: id,
    workflow_id: "ci.yml",
    commit_sha: sha,
    prettyref: "main",
    trigger_event: "workflow_dispatch",
    html_url: `${url}/ada/tool/actions/runs/${id}`,
    need_approval: false,
    status,
    created: "2026-01-01T00:00:00Z",
    started: "2026-01-01T00:00:00Z",
    stopped: "0001-01-01T00:00:00Z",
  });
  await using forgejo = VendorServer.open("forgejo");
  forgejo
    .on("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}", ({ params }) => ({
      body: run(Number(params.run_id), forgejo.url),
    }))
    .on("GET", "/repos/{owner}/{repo}/actions/runs", () => ({
      body: { total_count: 1, workflow_runs: [run(14, forgejo.url)] },
    }))
    .on("POST", "/repos/{owner}/{repo}/actions/workflows/{workflowfilename}/dispatches", () => ({
      status: 201,
      body: { id: 14, run_number: 14, jobs: ["test"] },
    }));
  await using place = await worldOf("forgejo", forgejo);
  assertEquals(
    (await place.run("trigger", "-B", "main"))[2],
    "muster: no workflow named\nhint: name its file, such as --workflow ci.yml\n",
  );
  const [code, started] = await place.run("trigger", "-B", "main", "-w", "ci.yml");
  assertEquals(code, 0);
  assertMatch(started, /^started {2}14 {2}waiting {2}http.*\/actions\/runs\/14\n$/);
  const dispatches = "/repos/{owner}/{repo}/actions/workflows/{workflowfilename}/dispatches";
  const [call] = forgejo.callsOf("POST", dispatches);
  assertEquals([call?.params.workflowfilename, call?.body.ref], ["ci.yml", "main"]);
  const waiting = place.run("trigger", "-B", "main", "-w", "ci.yml", "--wait", "-i", "1");
  await place.world.eventually(
    "a second start",
    () => Promise.resolve(forgejo.callsOf("POST", dispatches).length === 2 || undefined),
  );
  status = "failure";
  const [waitCode, report] = await waiting;
  assertEquals(waitCode, 1);
  assertMatch(report, /^failed {2}ada\/tool .*\n {2}14 {2}failure {2}ci.yml .*\n/);
  assertStringIncludes(report, "  no log: Forgejo's API gives no jobs and no logs\n");
  for (const more of [[], ["--failed"]]) {
    const [logCode, , said] = await place.run("log", "-n", "14", ...more);
    assertEquals([logCode, said], [
      6,
      `muster: Forgejo's API gives no jobs and no logs\nhint: they are at ${forgejo.url}/ada/tool/actions/runs/14\n`,
    ]);
  }
});
