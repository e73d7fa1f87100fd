/**
 * The lane of every forge, by one suite: a server for each, held to its vendor's API description.
 *
 * @module
 */

import { assertEquals, assertMatch, assertRejects } from "../lib/deps/assert.ts";
import { briefLane, type Forge, type Lane, type LaneQuery, openForge } from "../lib/forge/mod.ts";
import { MusterError } from "../lib/io/mod.ts";
import { type ForgeModel, type ForgeVendor, forgeVendors } from "./_vendor/forge_model.ts";
import { openModel, secret } from "./_vendor/open_model.ts";

const all: LaneQuery = { labels: [] };

async function brief(forge: Forge, query: LaneQuery = all, heldLabels: readonly string[] = ["blocked"]): Promise<Lane> {
  return await briefLane(forge, query, { heldLabels });
}

/** A lane in short: numbers, and links as `pr class`. */
function inShort({ candidates, underway, held }: Lane) {
  return {
    candidates: candidates.map(({ number }) => number),
    underway: Object.fromEntries(underway.map(({ issue, links }) => [
      issue.number,
      links.map(({ pull, class: one }) => `${pull.number} ${one}`),
    ])),
    held: Object.fromEntries(held.map(({ issue, heldBy }) => [issue.number, heldBy])),
  };
}

/** A check of one forge. */
type Check = (vendor: ForgeVendor) => Promise<void>;

/** Which class a keyword towards the default branch is. */
const keywordClass = (vendor: ForgeVendor) => vendor === "github" || vendor === "gitlab" ? "forge" : "keyword";

const checks: Readonly<Record<string, Check>> = {
  "each class of link, the strongest of a pull request": async (vendor) => {
    await using place = await openModel(vendor, (model) => {
      for (let number = 1; number <= 8; number++) model.issue();
      model.pull({ number: 21, body: "Closes #1", head: "a" });
      model.pull({ number: 22, title: "Parser (#2)", head: "b" });
      model.pull({ number: 23, head: "feat/3-parser" });
      model.pull({ number: 24, title: "fixes #4 (#5)", body: "resolves #4", head: "fix-4", draft: true });
      model.pull({ number: 25, body: "also #6 and `Closed` things", head: "v7roadmap" });
      model.pull({ number: 26, body: "Closes #1", state: "closed", head: "c" });
      model.pull({ number: 27, body: "Closes #8", state: "merged", head: "d" });
      model.pull({ number: 28, title: "again (#1)", head: "e" });
    });
    const lane = await brief(place.forge);
    const keyword = keywordClass(vendor);
    assertEquals(inShort(lane), {
      candidates: [6, 7, 8],
      underway: {
        1: [`21 ${keyword}`, "28 title"],
        2: ["22 title"],
        3: ["23 branch"],
        4: [`24 ${keyword}`],
        5: ["24 title"],
      },
      held: {},
    });
    assertEquals(lane.underway.find(({ issue }) => issue.number === 4)?.links[0]?.pull.isDraft, true);
    assertEquals(lane.warnings.map(({ code, number }) => [code, number]), [["branch_only", 3]]);
  },

  "held: by label and by open blockers, and underway all the same where someone works on it": async (vendor) => {
    await using place = await openModel(vendor, (model) => {
      model.issue({ labels: ["blocked"] });
      model.issue({ labels: ["bug"] });
      model.issue({ blockers: [2] });
      model.issue({ blockers: [5] });
      model.issue({ state: "closed" });
      model.issue({ labels: ["blocked"] });
      model.pull({ body: "Closes #6" });
    });
    const lane = await brief(place.forge);
    const blocked = vendor === "github" ? "blocked by 1 open issue" : "blocked by #2";
    assertEquals(inShort(lane), {
      candidates: [2, 4],
      underway: { 6: [`7 ${keywordClass(vendor)}`] },
      held: { 1: ["label blocked"], 3: [blocked] },
    });
    assertEquals(lane.underway[0]?.heldBy, ["label blocked"]);
    assertEquals(inShort(await brief(await place.open(), all, [])).candidates, [1, 2, 4]);
  },

  "a milestone and labels, exactly, and all of them": async (vendor) => {
    const milestone = "Version 1.0, the first";
    await using place = await openModel(vendor, (model) => {
      model.milestone("Version 1.0");
      model.milestone("closed one", "closed");
      model.issue({ milestone });
      model.issue({ milestone, labels: ["bug", "good first"] });
      model.issue({ milestone: "Version 1.0", labels: ["bug", "good first"] });
      model.issue({ milestone, labels: ["bug"] });
      model.issue({ labels: ["bugs", "good"] });
      model.issue({ milestone, labels: ["bug", "good first"], state: "closed" });
      model.issue({ milestone: "closed one" });
      model.issue({ labels: ["a,b"] });
    });
    const numbers = async (query: LaneQuery) => inShort(await brief(await place.open(), query)).candidates;
    assertEquals(await numbers({ milestone, labels: [] }), [1, 2, 4]);
    assertEquals(await numbers({ milestone, labels: ["bug"] }), [2, 4]);
    assertEquals(await numbers({ milestone, labels: ["good first", "bug"] }), [2]);
    assertEquals(await numbers({ labels: ["bug", "good first"] }), [2, 3]);
    assertEquals(await numbers({ milestone: "closed one", labels: [] }), [7]);
    assertEquals(await numbers({ labels: ["a,b"] }), [8]);
  },

  "an unknown milestone or label is exit 5, with the nearest names": async (vendor) => {
    await using place = await openModel(vendor, (model) => {
      for (const title of ["v1.0", "v1.1", "v2.0", "later"]) {
        model.issue({ milestone: title, labels: ["bug", "wontfix"] });
      }
    });
    const cases: readonly (readonly [LaneQuery, string, string])[] = [
      [{ milestone: "v1.2", labels: [] }, 'no such milestone: "v1.2"', 'the nearest are "v1.0", "v1.1", "v2.0"'],
      [{ milestone: "V1.0", labels: [] }, 'no such milestone: "V1.0"', 'the nearest are "v1.0", "v1.1", "v2.0"'],
      [{ milestone: "none", labels: [] }, 'no such milestone: "none"', 'the nearest are "v1.0", "v1.1", "v2.0"'],
      [{ labels: ["bgu"] }, 'no such label: "bgu"', 'there are "bug", "wontfix"'],
      [{ labels: ["bug", "Bug"] }, 'no such label: "Bug"', 'there are "bug", "wontfix"'],
      [{ milestone: "v1.0", labels: ["x"] }, 'no such label: "x"', 'there are "wontfix", "bug"'],
    ];
    for (const [query, message, hint] of cases) {
      const error = await assertRejects(async () => brief(await place.open(), query), MusterError);
      assertEquals([error.code, error.message, error.hint], ["not_found", message, hint]);
    }
  },

  "a lane that is empty is empty, not unknown": async (vendor) => {
    await using place = await openModel(vendor, (model) => {
      model.issue({ milestone: "v1", labels: ["bug"], state: "closed" });
      model.issue();
    });
    assertEquals(inShort(await brief(place.forge, { milestone: "v1", labels: ["bug"] })), {
      candidates: [],
      underway: {},
      held: {},
    });
  },

  "many pages of both, each read once": async (vendor) => {
    await using place = await openModel(vendor, (model) => {
      for (let number = 1; number <= 260; number++) model.issue({ milestone: "m" });
      for (let number = 261; number <= 470; number++) {
        model.pull({ body: `Closes #${number - 260}`, head: `b${number}x` });
      }
      for (let number = 1; number <= 3; number++) model.issue();
    });
    const lane = await brief(place.forge, { milestone: "m", labels: [] });
    assertEquals([lane.candidates.length, lane.underway.length], [50, 210]);
    const pages = (rows: number, size: number) => Math.ceil(rows / size);
    const expected = {
      gitea: pages(260, 50) + pages(210, 50) + 2 + 50, // 50 candidates, whose blockers are asked one by one
      forgejo: pages(260, 50) + pages(210, 50) + 2 + 50,
      github: pages(260, 100) + pages(210, 100) + 1, // the milestone comes with the first page
      gitlab: pages(260, 100) + pages(210, 100) + 1 + 2 + 210 + 50, // a list of locked ones, and one call for each
    };
    assertEquals(place.server.calls.length, expected[vendor]);
    assertEquals(place.forge.client.requests, expected[vendor]);
  },

  "the token goes with every request, in its header": async (vendor) => {
    await using place = await openModel(vendor, (model) => model.issue());
    await brief(place.forge);
    const header = vendor === "gitlab" ? "private-token" : "authorization";
    const value =
      { gitlab: secret, github: `Bearer ${secret}`, gitea: `token ${secret}`, forgejo: `token ${secret}` }[vendor];
    assertEquals(new Set(place.server.calls.map(({ headers }) => headers.get(header))), new Set([value]));
    assertEquals(place.server.calls.some(({ url }) => url.href.includes(secret)), false);
  },

  "near misses are warnings, and no links": async (vendor) => {
    await using place = await openModel(vendor, (model) => {
      for (let number = 1; number <= 6; number++) model.issue();
      model.pull({ number: 21, body: "Closes #1, #2", head: "a" });
      model.pull({ number: 22, body: "Closes other/repo#3", head: "b" });
      model.pull({ number: 23, body: "Closes:\n\n#4", head: "c" });
      model.pull({ number: 24, body: "hotfix #5", head: "d" });
      model.pull({ number: 25, body: "Closes #6", base: "release", head: "e" });
    });
    const { defaultBranch } = place.model;
    assertEquals(defaultBranch, "main");
    const lane = await brief(place.forge);
    const list = vendor === "gitlab"; // which takes a list
    const strong = keywordClass(vendor);
    assertEquals(inShort(lane), {
      candidates: list ? [3, 4, 5] : [2, 3, 4, 5],
      underway: { 1: [`21 ${strong}`], ...(list ? { 2: [`21 ${strong}`] } : {}), 6: ["25 keyword"] },
      held: {},
    });
    assertEquals(
      lane.warnings.map(({ code, number, pr }) => `${code} #${number} by ${pr}`).toSorted(),
      [
        ...(list ? [] : ["near_miss #2 by 21"]),
        "foreign #3 by 22",
        "near_miss #4 by 23",
        ...(strong === "forge" ? ["not_recorded #6 by 25"] : []),
      ].toSorted(),
    );
    const near = lane.warnings.find(({ number }) => number === 2)?.message;
    if (!list) {
      assertEquals(near, `pull request 21: "Closes #1, #2" closes only #1 on ${vendor}: #2 needs a keyword of its own`);
    }
  },

  "a change while the pages are read is read again": async (vendor) => {
    await using place = await openModel(vendor, (model) => {
      model.clamp = 2;
      for (let number = 1; number <= 5; number++) model.issue();
      for (let number = 6; number <= 9; number++) model.pull({ body: `Closes #${number - 5}`, head: `b${number}x` });
    });
    const { model, server } = place;
    const pullPages = (method: string, url: URL) =>
      /\/pulls$|\/merge_requests$|\/graphql$/.test(url.pathname) && (method === "GET" || vendor === "github");
    let reads = 0;
    server.before = ({ method, url }) => {
      // After the first page of pull requests one of them is closed, so that the others move up.
      if (pullPages(method, url) && ++reads === 2) {
        model.now += 10;
        model.change(6, { state: "closed" });
      }
      return undefined;
    };
    const lane = await brief(place.forge);
    assertEquals(inShort(lane).candidates, [1, 5]);
    assertEquals(Object.keys(inShort(lane).underway), ["2", "3", "4"]);
  },

  "a lane that never rests is an error, and no half of it": async (vendor) => {
    await using place = await openModel(vendor, (model) => void model.issue());
    place.server.before = () => {
      place.model.now += 10;
      place.model.issue({ updatedAt: place.model.now });
      return undefined;
    };
    const error = await assertRejects(() => brief(place.forge), MusterError);
    assertEquals([error.code, error.message], [
      "failed",
      "the lane could not be read whole: it changed during each of 6 readings",
    ]);
  },

  "a repo that does not exist": async (vendor) => {
    await using place = await openModel(vendor);
    const error = await assertRejects(async () => brief(await place.open({ repo: "ada/none" })), MusterError);
    assertEquals(error.code, "not_found");
  },

  "an issue with no title, and titles with escape sequences, are read as they are": async (vendor) => {
    await using place = await openModel(vendor, (model) => {
      model.issue({ title: vendor === "github" ? "" : null });
      model.issue({ title: "\u001b]0;owned\u0007 \u001b[31mred" });
    });
    const { candidates } = await brief(place.forge);
    assertEquals(candidates.map(({ title }) => title), ["", "\u001b]0;owned\u0007 \u001b[31mred"]);
  },
};

for (const [name, check] of Object.entries(checks)) {
  Deno.test(`a lane: ${name}`, async (t) => {
    for (const vendor of forgeVendors) await t.step(vendor, () => check(vendor));
  });
}

Deno.test("Gitea's unknown names: the server drops them and answers all issues, muster does not", async () => {
  for (const vendor of ["gitea", "forgejo"] as const) {
    const fill = (model: ForgeModel) => {
      model.sharedLabels.push("org/blocked");
      model.issue({ milestone: "v1", labels: ["org/blocked"] });
      model.issue({ labels: ["bug"] });
      model.issue();
    };
    await using place = await openModel(vendor, fill);
    const { client } = place.forge;
    const ask = async (query: string) => {
      const answer = await fetch(`${place.server.url}/api/v1/repos/ada/tool/issues?type=issues&${query}`);
      return (await answer.json()).length;
    };
    // What the real ones do: facts, on which the rest of this test rests.
    assertEquals([await ask("milestones=none"), await ask("labels=none"), await ask("labels=org%2Fblocked")], [
      3,
      3,
      3,
    ]);
    assertEquals(await ask("milestones=v1"), 1);
    assertEquals(client.requests, 0);
    const lane = await brief(place.forge, { labels: ["org/blocked"] }, []);
    assertEquals(inShort(lane).candidates, [1]);
  }
});

Deno.test("GitHub's record has what a person linked by hand", async () => {
  await using place = await openModel("github", (model) => {
    model.issue();
    model.pull({ linked: [1] });
  });
  assertEquals(inShort(await brief(place.forge)).underway, { 1: ["2 forge"] });
});

Deno.test("GitLab's words for no milestone and any are titles here", async () => {
  await using place = await openModel("gitlab", (model) => {
    model.issue({ milestone: "None" });
    model.issue();
    model.issue({ milestone: "Any", labels: ["none"] });
  });
  const numbers = async (query: LaneQuery) => inShort(await brief(await place.open(), query)).candidates;
  assertEquals(await numbers({ milestone: "None", labels: [] }), [1]);
  assertEquals(await numbers({ milestone: "Any", labels: [] }), [3]);
  assertEquals(await numbers({ labels: ["none"] }), [3]);
});

Deno.test("a Gitea repo that keeps no dependencies says so with its pull requests, or is asked twice at most", async () => {
  for (const [hasPull, asked] of [[true, 0], [false, 2]] as const) {
    await using place = await openModel("gitea", (model) => {
      model.keepsDependencies = false;
      for (let number = 1; number <= 9; number++) model.issue();
      if (hasPull) model.pull();
    });
    assertEquals(inShort(await brief(place.forge)).candidates.length, 9);
    assertEquals(place.server.callsOf("GET", "/repos/{owner}/{repo}/issues/{index}/dependencies").length, asked);
  }
});

Deno.test("what blocks them is asked for every candidate, however many there are", async () => {
  for (const vendor of ["gitea", "gitlab"] as const) {
    await using place = await openModel(vendor, (model) => {
      for (let number = 1; number <= 420; number++) model.issue(number > 410 ? { blockers: [1] } : {});
    });
    const { candidates, held, warnings } = await brief(place.forge);
    assertEquals([candidates.length, held.length, warnings], [410, 10, []]);
  }
});

Deno.test("what blocks them and cannot be asked in time is an error, and no list of candidates", async () => {
  await using place = await openModel("gitea", (model) => {
    for (let number = 1; number <= 40; number++) model.issue();
  });
  place.server.before = ({ template, params }) =>
    template.endsWith("/dependencies") && params.index === "7"
      ? Response.json({}, { status: 429, headers: { "retry-after": "600" } })
      : undefined;
  const error = await assertRejects(() => brief(place.forge), MusterError);
  assertEquals([error.code, error.hint], ["failed", "--timeout gives it longer, -m and -l narrow the lane"]);
  assertMatch(
    error.message,
    /^the lane could not be read whole: of 40 candidates \d+ could not be asked what blocks them: rate limit reached: .* in 600 s$/,
  );
});

Deno.test("a blocker that Gitea does not show holds its issue, and a warning says why", async () => {
  for (const vendor of ["gitea", "forgejo"] as const) {
    await using place = await openModel(vendor, (model) => {
      model.issue({ hiddenBlockers: 1 });
      model.issue({ blockers: [1], hiddenBlockers: 2 });
      model.issue();
    });
    const lane = await brief(place.forge);
    const unseen = "blocked by an issue that the token may not see";
    assertEquals(inShort(lane), {
      candidates: [3],
      underway: {},
      held: { 1: [unseen], 2: ["blocked by #1", unseen, unseen] },
    });
    assertEquals(
      lane.warnings,
      [1, 2].map((number) => ({
        code: "unseen_blocker",
        number,
        message: `#${number} depends on an issue that the token may not see: whether that one is closed is not known`,
      })),
    );
  }
});

Deno.test("a blocker with nothing but zero values holds its issue, and one that is closed does not", async () => {
  await using place = await openModel("gitea", (model) => {
    model.issue();
    model.issue();
  });
  const zero = { number: 0, state: "", title: "", repository: null, user: null };
  const rows: Readonly<Record<string, unknown>> = { 1: [zero], 2: [{ ...zero, number: 7, state: "closed" }] };
  place.server.before = ({ template, params }) =>
    template.endsWith("/dependencies") ? Response.json(rows[params.index ?? ""]) : undefined;
  const lane = await brief(place.forge);
  assertEquals(inShort(lane), {
    candidates: [2],
    underway: {},
    held: { 1: ["blocked by an issue that the token may not see"] },
  });
});

Deno.test("a merge request that is being merged links its issue still", async () => {
  await using place = await openModel("gitlab", (model) => {
    for (let number = 1; number <= 4; number++) model.issue();
    model.pull({ body: "Closes #1", state: "locked", head: "a" });
    model.pull({ title: "Parser (#2)", state: "locked", head: "b" });
    model.pull({ body: "Closes #3", head: "c" });
    model.pull({ body: "Closes #4", state: "merged", head: "d" });
  });
  assertEquals(inShort(await brief(place.forge)), {
    candidates: [4],
    underway: { 1: ["5 forge"], 2: ["6 title"], 3: ["7 forge"] },
    held: {},
  });
});

Deno.test("a merge request that is locked between the reading of the lists is in none of them, and not missed", async () => {
  await using place = await openModel("gitlab", (model) => {
    model.issue();
    model.pull({ body: "Closes #1" });
  });
  const { model, server } = place;
  const locked = Promise.withResolvers<void>();
  let isFirst = true;
  server.before = async ({ template, query }) => {
    if (!isFirst || !template.endsWith("/merge_requests")) return undefined;
    // The list of locked ones is read before, that of open ones after it was locked.
    if (query.get("state") === "opened") {
      await locked.promise;
      model.now += 10;
      model.change(2, { state: "locked" });
      isFirst = false;
    } else if (query.get("state") === "locked") locked.resolve();
    return undefined;
  };
  assertEquals(inShort(await brief(place.forge)).underway, { 1: ["2 forge"] });
});

Deno.test("two milestones of one title on Gitea: a lane has the issues of both, and that is said; no other verb guesses", async () => {
  for (const vendor of ["gitea", "forgejo"] as const) {
    await using place = await openModel(vendor, (model) => {
      model.issue({ milestone: "v1" });
      model.issue();
      model.sameTitle("v1");
    });
    const lane = await brief(place.forge, { milestone: "v1", labels: [] });
    assertEquals(inShort(lane).candidates, [1]);
    assertEquals(lane.warnings, [{ code: "same_title", message: '2 milestones have the title "v1": all are read' }]);
    const asked = place.server.callsOf("GET", "/repos/{owner}/{repo}/issues").map(({ query }) =>
      query.get("milestones")
    );
    assertEquals(asked[0], null); // by its title only one of them is meant
    const issue = { title: "t", body: "", labels: [], assignees: [], milestone: "v1" };
    const error = await assertRejects(() => place.forge.createIssue(issue), MusterError);
    assertEquals([error.code, error.message], ["usage", '2 milestones have this title: "v1"']);
    assertEquals(place.model.items.size, 2);
  }
});

Deno.test("labels of an organisation are asked for where the repo lacks one, and a scope that is missing is named", async () => {
  await using place = await openModel("gitea", (model) => {
    model.issue({ labels: ["bug"], state: "closed" });
    model.mayReadOrganization = false;
  });
  const shared = () => place.server.callsOf("GET", "/orgs/{org}/labels").length;
  // The repo's own: nothing of the organisation's is needed.
  assertEquals(inShort(await brief(place.forge, { labels: ["bug"] })).candidates, []);
  const issue = { title: "t", body: "", labels: ["bug"], assignees: [] };
  assertEquals((await place.forge.createIssue(issue)).labels, ["bug"]);
  assertEquals((await place.forge.issues({ labels: ["bug"], state: "all" }, 30)).length, 2);
  assertEquals(shared(), 0);
  const error = await assertRejects(() => brief(place.forge, { labels: ["bgu"] }), MusterError);
  assertEquals(error.code, "failed");
  assertMatch(
    error.message,
    /^the repo has no label "bgu", and those of ada may not be read: token does not have .*read:organization/,
  );
  assertEquals(
    error.hint,
    'if it is a label of the organisation, its token needs the scope read:organization; else there is "bug"',
  );
  assertEquals(shared(), 1);
});

Deno.test("GitHub's limit, which GraphQL tells with status 200, is waited for within the deadline", async () => {
  for (const type of ["RATE_LIMITED", "RATE_LIMIT"]) {
    await using place = await openModel("github", (model) => {
      model.issue();
      model.pull({ body: "Closes #1 RATE_LIMITED" });
    });
    let isFirst = true;
    const errors = [{ type, message: "API rate limit exceeded for user ID 1." }];
    place.server.before = ({ url }) => {
      if (!url.pathname.endsWith("/graphql") || !isFirst) return undefined;
      isFirst = false;
      return Response.json({ errors }, { headers: { "retry-after": "1" } });
    };
    const said: string[] = [];
    const { forge } = await openForge(place.io, {
      repo: `${place.server.url}/${place.model.repo}`,
      timeoutMs: 60_000,
      say: (line) => said.push(line),
    });
    assertEquals(Object.keys(inShort(await brief(forge)).underway), ["1"]);
    assertEquals(said, [`${place.server.host} said that its rate limit is reached: asking again in 1 s`]);
    // Past the deadline it is an error, and nothing is waited for.
    place.server.before = () => Response.json({ errors }, { headers: { "retry-after": "600" } });
    const error = await assertRejects(async () => brief(await place.open({ timeoutMs: 60_000 })), MusterError);
    assertEquals(error.code, "failed");
    assertMatch(
      error.message,
      /rate limit reached: .* said that its rate limit is reached, and may be asked again in 600 s$/,
    );
  }
});

Deno.test("what GraphQL leaves out is an error that names the field, never an empty list", async () => {
  await using place = await openModel("github", (model) => {
    model.issue();
    model.pull({ body: "Closes #1" });
  });
  const cases: readonly (readonly [string, string])[] = [
    ['"nodes":[{"number":2', '"nodes":null,"x":[{"number":2'],
    ['"closingIssuesReferences":{', '"closingIssuesReferences":null,"x":{'],
    ['"nodes":[{"number":1,"repository"', '"nodes":null,"x":[{"number":1,"repository"'],
    ['"totalCount":1,"pageInfo"', '"pageInfo"'],
    ['"issues":{', '"x":{'],
  ];
  const fields = [
    "data.repository.pullRequests.nodes",
    "data.repository.pullRequests.nodes[0].closingIssuesReferences",
    "data.repository.pullRequests.nodes[0].closingIssuesReferences.nodes",
    "data.repository.pullRequests.totalCount",
    "data.repository.issues",
  ];
  for (const [at, [found, instead]] of cases.entries()) {
    const real = place.io.network;
    const io = {
      ...place.io,
      network: {
        fetch: async (...words: Parameters<typeof real.fetch>) => {
          const answer = await real.fetch(...words);
          if (!words[0].pathname.endsWith("/graphql")) return answer;
          const text = await new Response(answer.body).text();
          assertEquals(text.includes(found), true, text);
          return { ...answer, body: new Blob([text.replace(found, instead)]).stream() };
        },
      },
    };
    const { forge } = await openForge(io, { repo: `${place.server.url}/${place.model.repo}`, timeoutMs: 60_000 });
    const error = await assertRejects(() => brief(forge), MusterError);
    assertEquals(error.code, "failed");
    assertMatch(
      error.message,
      new RegExp(`^answer of another shape: POST .*/graphql: ${fields[at]?.replace(/[[\]]/g, "\\$&")}: `),
    );
  }
});

Deno.test("GitHub's pull requests are read from both ends, each page once", async () => {
  for (const [count, requests] of [[100, 1], [101, 2], [250, 3], [400, 4], [810, 9]] as const) {
    await using place = await openModel("github", (model) => {
      model.issue();
      for (let number = 2; number <= count + 1; number++) model.pull({ title: number === 60 ? "Fix #1" : "other" });
    });
    const lane = await brief(place.forge);
    assertEquals(Object.keys(inShort(lane).underway), ["1"]);
    const asked = place.server.calls.filter(({ body }) => body?.query?.includes("pullRequests("));
    assertEquals(asked.length, requests, JSON.stringify(asked.map(({ body }) => body.variables)));
  }
});

Deno.test("pull requests that come and go between GitHub's two ends hide no other one", async () => {
  await using place = await openModel("github", (model) => {
    model.clamp = 2;
    model.issue();
    for (let number = 2; number <= 13; number++) model.pull({ title: number === 7 ? "Fix #1" : "other", number });
  });
  const { model, server } = place;
  let asked = 0;
  server.before = ({ url }) => {
    if (!url.pathname.endsWith("/graphql") || ++asked !== 2) return undefined;
    model.now += 5;
    // The one is deleted, which shows nowhere; others come back among those that were read already.
    model.items.delete(3);
    model.change(2, { state: "closed" });
    return undefined;
  };
  assertEquals(Object.keys(inShort(await brief(place.forge)).underway), ["1"]);
});

Deno.test("an issue deleted between two pages of GitHub's list hides no other one", async () => {
  await using place = await openModel("github", (model) => {
    model.clamp = 2;
    for (let number = 1; number <= 6; number++) model.issue({ milestone: "m" });
  });
  const { model, server } = place;
  let isDone = false;
  server.before = ({ template, query }) => {
    if (isDone || !template.endsWith("/issues") || query.get("page") !== "2") return undefined;
    isDone = true;
    model.items.delete(1); // so that 3 is on the first page now, which was read
    return undefined;
  };
  const { candidates } = await brief(place.forge, { milestone: "m", labels: [] });
  assertEquals([isDone, candidates.map(({ number }) => number)], [true, [2, 3, 4, 5, 6]]);
});
