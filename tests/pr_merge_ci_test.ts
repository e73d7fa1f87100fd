/**
 * `pr merge --wait` and `--guard`: what CI says of the head and of the base decides, and what was waited for is what is
 * merged. Gitea with its own Actions, and with a Woodpecker beside it, each held to its vendor's description.
 *
 * @module
 */

import { assertEquals, assertRejects } from "../lib/deps/assert.ts";
import { type Io, MusterError, withEnvironment } from "../lib/io/mod.ts";
import { callTask } from "../lib/task/call.ts";
import { prMerge } from "../tasks/pr/merge.ts";
import { movingClock, otherSha, sha } from "./_ci/life.ts";
import { LiveWoodpecker } from "./_ci/stream.ts";
import { describe } from "./_vendor/description.ts";
import type { ForgeModel } from "./_vendor/forge_model.ts";
import { openForgeServer } from "./_vendor/forge_server.ts";
import { ForgeModel as Model } from "./_vendor/forge_model.ts";
import { forgesToml, type OpenModel, openModel, secret } from "./_vendor/open_model.ts";
import { show, World } from "./_world.ts";

const ignore = describe("gitea") === undefined || describe("woodpecker") === undefined; // said; in CI it is an error

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

/** A run of Actions: of a commit on a branch, there from some time on, at rest once so many milliseconds are over. */
interface Run {
  readonly of: string;
  readonly branch: string;
  readonly fromMs?: number;
  readonly restMs: number;
  readonly conclusion?: "success" | "failure";
}

/** A forge with one pull request, runs that go by a clock, and what moves when they are asked for. */
interface Stage extends AsyncDisposable {
  readonly place: OpenModel;
  readonly clock: ReturnType<typeof movingClock>;
  merge(input?: Readonly<Record<string, unknown>>): Promise<Outcome>;
  /** Whether the forge was asked to merge. */
  merges(): number;
}

type Outcome = Awaited<ReturnType<typeof callTask<typeof prMerge.input, typeof prMerge.output>>>;

async function stage(runs: readonly Run[], onLook: (model: ForgeModel, elapsedMs: number) => void = () => {}) {
  const place = await openModel("gitea", (model) => model.pull({ head: "work", sha, title: "One" }));
  const clock = movingClock();
  place.server.on("GET", "/repos/{owner}/{repo}/actions/runs", ({ query }) => {
    onLook(place.model, clock.elapsed());
    const [of, branch] = [query.get("head_sha"), query.get("branch")];
    const rows = runs.filter((run) =>
      (of === null || run.of === of) && (branch === null || run.branch === branch) &&
      clock.elapsed() >= (run.fromMs ?? 0)
    );
    return {
      body: {
        total_count: rows.length,
        workflow_runs: rows.map(({ of, branch, restMs, conclusion = "success" }, at) => ({
          id: 12 + at,
          path: "ci.yml@refs/heads/main",
          head_sha: of,
          head_branch: branch,
          event: "push",
          run_attempt: 1,
          html_url: `${place.server.url}/ada/tool/actions/runs/${12 + at}`,
          started_at: "2026-01-01T00:00:00Z",
          ...(clock.elapsed() < restMs ? { status: "in_progress" } : { status: "completed", conclusion }),
        })),
      },
    };
  });
  // What a failure's own words are looked for in: there is nothing here.
  const none = { total_count: 0, jobs: [] };
  place.server.on("GET", "/repos/{owner}/{repo}/actions/runs/{run}/jobs", () => ({ body: none }));
  const io: Io = { ...withEnvironment(place.io, { MUSTER_STATE: `${place.io.env.get("HOME")}/state` }), clock };
  const repo = `${place.server.url}/${place.model.repo}`;
  const stage: Stage = {
    place,
    clock,
    merge: (input = {}) => callTask(prMerge, { repo, number: 1, ...input }, { io }),
    merges: () => place.server.callsOf("POST", "/repos/{owner}/{repo}/pulls/{index}/merge").length,
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
  return stage;
}

const minute = 60_000;
const exit = (output: Outcome) => prMerge.exit?.(output, {});
const head = { of: sha, branch: "work" };

test("--wait waits longer than --timeout, and then merges what was waited for", async () => {
  await using it = await stage([{ ...head, restMs: 20 * minute }]);
  const output = await it.merge({ wait: true, timeout: 30, deleteBranch: true });
  assertEquals([output.outcome, output.branch, output.ci, exit(output)], [
    "merged",
    "deleted",
    { outcome: "success", sha },
    0,
  ]);
  assertEquals([it.clock.elapsed() >= 20 * minute, it.merges(), it.place.model.items.get(1)?.state], [
    true,
    1,
    "merged",
  ]);
});

test("--wait on a head that is not green merges nothing, and says what CI says", async () => {
  await using it = await stage([{ ...head, restMs: minute, conclusion: "failure" }, { ...head, restMs: 0 }]);
  const output = await it.merge({ wait: true });
  assertEquals([output.outcome, output.reason, output.message, output.ci?.outcome], [
    "refused",
    "checks",
    "ci says failed",
    "failed",
  ]);
  assertEquals([exit(output), it.merges(), it.place.model.items.get(1)?.state], [1, 0, "open"]);
});

test("--wait that runs out of time, or for which nothing registers, merges nothing", async () => {
  await using late = await stage([{ ...head, restMs: 60 * minute }]);
  const timeout = await late.merge({ wait: true, ciTimeout: 600 });
  assertEquals([timeout.outcome, timeout.ci?.outcome, exit(timeout), late.merges()], ["refused", "timeout", 3, 0]);
  await using none = await stage([]);
  const absent = await none.merge({ wait: true, appear: 30 });
  assertEquals([absent.outcome, exit(absent), none.merges()], ["refused", 5, 0]);
});

test("a push while --wait waits is never merged in place of what was looked at", async () => {
  await using it = await stage(
    [{ ...head, restMs: 10 * minute }, { of: otherSha, branch: "work", restMs: 0 }],
    (model, at) => {
      const pull = model.items.get(1)?.pull;
      if (pull && at > 5 * minute) pull.sha = otherSha;
    },
  );
  const output = await it.merge({ wait: true });
  assertEquals([output.outcome, output.headSha, exit(output), it.merges()], ["refused", sha, 1, 0]);
  assertEquals(it.place.model.items.get(1)?.state, "open");
});

test("a push between the last look and the merge is refused by the forge, as the merge is pinned", async () => {
  await using it = await stage([{ ...head, restMs: minute }]);
  it.place.server.before = ({ template, method }) => {
    const pull = it.place.model.items.get(1)?.pull;
    if (pull && method === "POST" && template.endsWith("/merge")) pull.sha = otherSha;
    return undefined;
  };
  const output = await it.merge({ wait: true });
  assertEquals([output.outcome, output.reason, output.ci, exit(output)], [
    "refused",
    "head_moved",
    { outcome: "success", sha },
    1,
  ]);
  assertEquals([it.merges(), it.place.model.items.get(1)?.state], [1, "open"]);
});

test("--guard waits until nothing runs on the base, and merges then", async () => {
  const base = "f00d".repeat(10);
  await using it = await stage([{ ...head, restMs: minute }, { of: base, branch: "main", restMs: 15 * minute }]);
  const output = await it.merge({ guard: true, timeout: 30 });
  assertEquals([output.outcome, output.ci, exit(output)], ["merged", { outcome: "success", sha, base }, 0]);
  assertEquals([it.clock.elapsed() >= 15 * minute, it.merges()], [true, 1]);
});

test("--guard on a base that never rests, or a head that is not green, merges nothing", async () => {
  const base = { of: "f00d".repeat(10), branch: "main" };
  await using busy = await stage([{ ...head, restMs: 0 }, { ...base, restMs: 120 * minute }]);
  const timeout = await busy.merge({ guard: true });
  assertEquals([timeout.outcome, timeout.ci?.outcome, exit(timeout), busy.merges()], ["refused", "timeout", 3, 0]);
  await using red = await stage([{ ...head, restMs: 0, conclusion: "failure" }, { ...base, restMs: 0 }]);
  const failed = await red.merge({ guard: true });
  assertEquals([failed.outcome, failed.ci?.outcome, exit(failed), red.merges()], ["refused", "failed", 1, 0]);
});

test("a head that was green before --guard waited for the base is looked at again", async () => {
  const base = { of: "f00d".repeat(10), branch: "main", restMs: 15 * minute };
  const late = { ...head, fromMs: 5 * minute, restMs: 20 * minute };
  await using red = await stage([{ ...head, restMs: 0 }, base, { ...late, conclusion: "failure" }]);
  const failed = await red.merge({ guard: true });
  assertEquals([failed.outcome, failed.ci?.outcome, exit(failed), red.merges()], ["refused", "failed", 1, 0]);
  await using green = await stage([{ ...head, restMs: 0 }, base, late]);
  const merged = await green.merge({ guard: true });
  assertEquals([merged.outcome, green.clock.elapsed() >= 20 * minute], ["merged", true]);
});

test("a base that moves while --guard waits is guarded anew", async () => {
  const [before, after] = ["f00d".repeat(10), "beef".repeat(10)];
  await using it = await stage([
    { ...head, restMs: 0 },
    { of: before, branch: "main", restMs: 5 * minute },
    { of: after, branch: "main", restMs: 25 * minute },
  ], (model, at) => void (at > 2 * minute && model.tips.set("main", after)));
  const output = await it.merge({ guard: true });
  assertEquals([output.outcome, output.ci], ["merged", { outcome: "success", sha, base: after }]);
  assertEquals(it.clock.elapsed() >= 25 * minute, true);
});

test("a CI server that cannot be asked is an error, and nothing is merged", async () => {
  await using it = await stage([{ ...head, restMs: 0 }]);
  it.place.server.before = ({ template }) =>
    template.endsWith("/actions/runs") ? Response.json({ message: "no" }, { status: 403 }) : undefined;
  const error = await assertRejects(() => it.merge({ wait: true }), MusterError);
  assertEquals([error.code, it.merges(), it.place.model.items.get(1)?.state], ["failed", 0, "open"]);
});

test("muster pr merge --wait merges nothing while the pipeline runs, and says what became of it", async () => {
  const model = new Model();
  model.pull({ head: "work", sha, title: "One" });
  await using server = openForgeServer("gitea", model);
  await using woodpecker = new LiveWoodpecker();
  await using world = await World.create();
  await Deno.mkdir(world.musterHome, { recursive: true });
  const ci = `[forge.ci]\nkind = "woodpecker"\nurl = "${woodpecker.server.url}"\ntoken_env = "WOODPECKER_TOKEN"\n`;
  await Deno.writeTextFile(`${world.musterHome}/forges.toml`, forgesToml("gitea", server, ci));
  const env = { MUSTER_TEST_TOKEN: secret, WOODPECKER_TOKEN: secret };
  woodpecker.states = [{ number: 12, status: "running", sha, workflows: ["running"] }];
  const running = world.muster(["pr", "merge", "1", "-r", "ada/tool", "--wait", "--settle", "0"], { env });
  const looks = () => woodpecker.server.calls.filter(({ template }) => template.endsWith("/pipelines")).length;
  await world.eventually("the pipelines to be looked at", () => Promise.resolve(looks() > 0 || undefined));
  await world.eventually("the stream to open", () => Promise.resolve(woodpecker.streams === 1 || undefined));
  assertEquals(model.items.get(1)?.state, "open");
  woodpecker.states = [{ number: 12, status: "success", sha, workflows: ["success"] }];
  woodpecker.send({ number: 12, status: "success" });
  const ended = await running;
  assertEquals([ended.code, ended.stdout], [0, `merged  #1  ${sha.slice(0, 12)}\n`], show(ended));
  assertEquals(model.items.get(1)?.state, "merged");
});
