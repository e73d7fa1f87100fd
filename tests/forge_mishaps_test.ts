/**
 * What happens on a forge at the worst moment: between two pages, or after something was done and before it was looked at.
 * Each mishap on the forges that can have it, by the tasks themselves.
 *
 * @module
 */

import { assertEquals, assertMatch, assertRejects } from "../lib/deps/assert.ts";
import { githubPull, toPull } from "../lib/forge/_github_schemas.ts";
import { briefLane, openForge } from "../lib/forge/mod.ts";
import { type Io, MusterError } from "../lib/io/mod.ts";
import { callTask } from "../lib/task/call.ts";
import { issueClose } from "../tasks/issue/close.ts";
import { issueCreate } from "../tasks/issue/create.ts";
import { issueView } from "../tasks/issue/view.ts";
import { prCreate } from "../tasks/pr/create.ts";
import { prList } from "../tasks/pr/list.ts";
import { prMerge } from "../tasks/pr/merge.ts";
import { forgeVendors } from "./_vendor/forge_model.ts";
import { type OpenModel, openModel, secret } from "./_vendor/open_model.ts";

type Fetch = Io["network"]["fetch"];

/** The world of a forge, with something between it and the network. */
function between(place: OpenModel, fetch: (real: Fetch) => Fetch): Io {
  return { ...place.io, network: { fetch: fetch((url, options) => place.io.network.fetch(url, options)) } };
}

for (const vendor of ["gitea", "forgejo", "gitlab"] as const) {
  Deno.test(`a pull request deleted and another opened between two pages hide no third one: ${vendor}`, async () => {
    await using place = await openModel(vendor, (model) => {
      model.clamp = 50;
      model.issue({ title: "the issue" });
      for (let number = 2; number <= 121; number++) {
        model.pull({ title: number === 52 ? "Fix #1" : "other", head: "w", number });
      }
    });
    let isDone = false;
    const io = between(place, (real) => async (url, options) => {
      if (!isDone && /(pulls|merge_requests)$/.test(url.pathname) && url.searchParams.get("page") === "2") {
        isDone = true;
        place.model.items.delete(3);
        place.model.now += 5;
        place.model.pull({ title: "new", head: "w", number: 200, updatedAt: place.model.now });
      }
      return await real(url, options);
    });
    const { forge } = await openForge(io, { repo: `${place.server.url}/${place.model.repo}`, timeoutMs: 60_000 });
    const { candidates, underway } = await briefLane(forge, { labels: [] }, { heldLabels: [] });
    assertEquals([isDone, candidates.map(({ number }) => number), underway.map(({ issue }) => issue.number)], [
      true,
      [],
      [
        1,
      ],
    ]);
  });
}

for (const vendor of forgeVendors) {
  Deno.test(`of a server that does not tell its time, no change of a long reading is missed: ${vendor}`, async () => {
    await using place = await openModel(vendor, (model) => void model.issue());
    let passedMs = 0;
    const io = between(place, (real) => async (url, options) => {
      const answer = await real(url, options);
      passedMs += 300_000;
      const headers = new Headers(answer.headers);
      headers.delete("date");
      return { status: answer.status, headers, body: answer.body };
    });
    const begunMs = Date.now();
    const clock = { ...io.clock, now: () => begunMs + passedMs };
    const where = { repo: `${place.server.url}/${place.model.repo}`, timeoutMs: 60_000 };
    const { forge } = await openForge({ ...io, clock }, where);
    passedMs = 0;
    const { sinceMs } = await forge.laneLists({ labels: [] });
    assertEquals([passedMs > 0, sinceMs <= begunMs], [true, true]);
  });
}

Deno.test("a merge request deleted before it is asked what it closes is no reason to say that there is no repo", async () => {
  await using place = await openModel("gitlab", (model) => {
    model.issue();
    model.pull({ number: 9 });
  });
  const io = between(place, (real) => (url, options) => {
    if (url.pathname.endsWith("/closes_issues")) place.model.items.delete(9);
    return real(url, options);
  });
  const { forge } = await openForge(io, { repo: `${place.server.url}/${place.model.repo}`, timeoutMs: 60_000 });
  const { candidates } = await briefLane(forge, { labels: [] }, { heldLabels: [] });
  assertEquals(candidates.map(({ number }) => number), [1]);
});

/** What a task is called with: the world and the repo of a forge. */
function call(place: OpenModel, io: Io = place.io) {
  return { repo: `${place.server.url}/${place.model.repo}`, options: { io, signal: new AbortController().signal } };
}

for (const vendor of forgeVendors) {
  Deno.test(`a branch that is not at what was merged is kept: ${vendor}`, async () => {
    await using place = await openModel(vendor, (model) => {
      model.pull({ head: "work" });
      model.tips.set("work", "beef".repeat(10));
    });
    const { repo, options } = call(place);
    const merged = await callTask(prMerge, { repo, number: 1, deleteBranch: true }, options);
    assertEquals([merged.outcome, merged.branch, place.model.branches.has("work")], ["merged", "kept", true]);
    assertEquals(merged.message, `its branch is now at ${"beef".repeat(10)}, and is kept: "work"`);
  });

  // GitLab names the fork by an id, which is null then; GitHub's description has no room for null, though it answers it.
  if (vendor === "gitlab" || vendor === "github") continue;
  Deno.test(`a branch of the same name as that of a fork that is gone is kept: ${vendor}`, async () => {
    await using place = await openModel(vendor, (model) => model.pull({ head: "work", isForkGone: true }));
    const { repo, options } = call(place);
    const merged = await callTask(prMerge, { repo, number: 1, deleteBranch: true }, options);
    assertEquals([merged.outcome, merged.branch, place.model.branches.has("work")], ["merged", "kept", true]);
    assertEquals(merged.message, 'its branch is not of this repo, and is kept: "work"');
  });
}

Deno.test("GitHub's fork that is gone is no branch of the repo itself", () => {
  const head = { ref: "work", sha: "c0ffee", repo: null };
  const base = { ref: "main", repo: { full_name: "ada/tool" } };
  const row = { number: 1, state: "open", html_url: "", created_at: "", updated_at: "", head, base } as const;
  assertEquals(toPull(githubPull.parse(row)).headRepo, "a repo that is gone");
});

/** An answer that is no answer of the forge. */
function gatewayAnswer(status: number) {
  return { status, headers: new Headers(), body: new Blob(["<html>gateway"]).stream() };
}

/** The error that a task ends with. */
async function errorOf(job: () => Promise<unknown>): Promise<MusterError> {
  return await assertRejects(job, MusterError);
}

/** Git of a checkout whose branch the remote does not have. */
function pushing(place: OpenModel, io: Io): Io {
  const answers: Readonly<Record<string, readonly [number, string]>> = {
    remote: [0, `${place.server.url}/${place.model.repo}.git\n`],
    "rev-parse": [0, "abc\n"],
    "ls-remote": [2, ""],
    push: [0, ""],
  };
  const run: Io["process"]["run"] = (_, words) => {
    const [code, stdout] = answers[words[0] ?? ""] ?? [1, ""];
    return Promise.resolve({ code, stdout, stderr: "" });
  };
  return { ...io, process: { ...io.process, pid: io.process.pid, run } };
}

for (const isPushed of [false, true]) {
  Deno.test(`a pull request that cannot be looked at is there, and that is said${isPushed ? ", pushed" : ""}`, async () => {
    await using place = await openModel("gitea", (model) => model.branches.add("work"));
    const io = between(
      place,
      (real) => async (url, options) =>
        (options?.method ?? "GET") === "GET" && /pulls\/\d+$/.test(url.pathname)
          ? gatewayAnswer(500)
          : await real(url, options),
    );
    const { repo, options } = call(place, isPushed ? pushing(place, io) : io);
    const error = await errorOf(() =>
      callTask(prCreate, { repo, title: "T", message: "b", head: "work", base: "main" }, options)
    );
    assertMatch(error.message, /^created pull request 1, but cannot look at it: refused with status 500/);
    assertEquals(place.model.list("pull").length, 1);
  });
}

Deno.test("a gateway that gave up on a pull request leaves open whether it was opened", async () => {
  await using place = await openModel("gitea", (model) => model.branches.add("work"));
  const io = between(place, (real) => async (url, options) => {
    const answer = await real(url, options);
    return options?.method === "POST" ? gatewayAnswer(504) : answer;
  });
  const { repo, options } = call(place, pushing(place, io));
  const error = await errorOf(() =>
    callTask(prCreate, { repo, title: "T", message: "b", head: "work", base: "main" }, options)
  );
  assertMatch(error.message, /^pushed work, but it is not known whether a pull request was opened: not known whether/);
  assertEquals(place.model.list("pull").length, 1);
});

for (const status of [502, 503, 504]) {
  Deno.test(`a change that a gateway answered with ${status} is not known to be refused, and is not tried again`, async () => {
    await using place = await openModel("gitea");
    const io = between(place, (real) => async (url, options) => {
      const answer = await real(url, options);
      return options?.method === "POST" ? gatewayAnswer(status) : answer;
    });
    const { repo, options } = call(place, io);
    const error = await errorOf(() => callTask(issueCreate, { repo, title: "T", message: "b" }, options));
    assertMatch(error.message, new RegExp(`^not known whether it was done: POST .*: status ${status}$`));
    assertEquals([error.hint, place.model.list("issue").length], ["look before trying again", 1]);
  });
}

Deno.test("what was merged and cannot be looked at is said to be merged", async () => {
  await using place = await openModel("gitea", (model) => model.pull({ title: "p" }));
  let isMerged = false;
  const io = between(place, (real) => async (url, options) => {
    if (options?.method === "POST" && url.pathname.endsWith("/merge")) isMerged = true;
    return isMerged && (options?.method ?? "GET") === "GET" ? gatewayAnswer(500) : await real(url, options);
  });
  const { repo, options } = call(place, io);
  const error = await errorOf(() => callTask(prMerge, { repo, number: 1 }, options));
  assertMatch(error.message, /^merged, and cannot be looked at: pull request 1: refused with status 500/);
  assertEquals(place.model.items.get(1)?.state, "merged");
});

for (const vendor of ["gitea", "forgejo", "github"] as const) {
  Deno.test(`a pull request is not closed, commented on or shown as an issue: ${vendor}`, async () => {
    await using place = await openModel(vendor, (model) => model.pull({ title: "p" }));
    const { repo, options } = call(place);
    for (
      const job of [
        () => callTask(issueClose, { repo, number: 1 }, options),
        () => callTask(issueClose, { repo, number: 1, message: "bye" }, options),
        () => callTask(issueView, { repo, number: 1 }, options),
      ]
    ) {
      const { code, message, hint } = await errorOf(job);
      assertEquals([code, message, hint], ["not_found", "not an issue: 1 is a pull request", "muster pr view 1"]);
    }
    assertEquals([place.model.items.get(1)?.state, place.model.comments], ["open", []]);
  });
}

for (const vendor of forgeVendors) {
  Deno.test(`a name that is not there is no empty list of pull requests: ${vendor}`, async () => {
    await using place = await openModel(vendor, (model) => {
      model.pull({ title: "p", labels: ["bug"], milestone: "v1" });
    });
    const { repo, options } = call(place);
    const label = await errorOf(() => callTask(prList, { repo, label: ["bgu"] }, options));
    assertEquals([label.code, label.message], ["not_found", 'no such label: "bgu"']);
    const milestone = await errorOf(() => callTask(prList, { repo, milestone: "v2" }, options));
    assertEquals([milestone.code, milestone.message], ["not_found", 'no such milestone: "v2"']);
    const { pulls } = await callTask(prList, { repo, label: ["bug"], milestone: "v1" }, options);
    assertEquals(pulls.map(({ number }) => number), [1]);
  });
}

for (const body of [`Authorization: token ${secret}`, `<pre>token ${secret}</pre>`, `${"x".repeat(54)}${secret}`]) {
  Deno.test(`an answer that repeats the token shows no part of it: ${body.slice(0, 6)}`, async () => {
    await using place = await openModel("gitea");
    const io = between(
      place,
      () => () => Promise.resolve({ status: 200, headers: new Headers(), body: new Blob([body]).stream() }),
    );
    const { repo, options } = call(place, io);
    const { message } = await errorOf(() => callTask(issueView, { repo, number: 1 }, options));
    assertMatch(message, /^(?:broken JSON|HTML in place of JSON): .*\*\*\*/);
    assertEquals(message.includes(secret.slice(0, 6)), false);
  });
}
