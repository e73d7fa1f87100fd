/**
 * The daily verbs on every forge, by one suite: the real muster against a server for each, held to its vendor's API
 * description, and a real git with a real remote.
 *
 * @module
 */

import { assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { writeExecutable } from "./_executable.ts";
import { type ForgeModel, ForgeModel as Model, type ForgeVendor, forgeVendors } from "./_vendor/forge_model.ts";
import { openForgeServer } from "./_vendor/forge_server.ts";
import { forgesToml, secret } from "./_vendor/open_model.ts";
import type { VendorServer } from "./_vendor/server.ts";
import { type Ended, show, World } from "./_world.ts";

/** A world with a forge in it. */
interface Place extends AsyncDisposable {
  readonly world: World;
  readonly model: ForgeModel;
  readonly server: VendorServer;
  readonly repo: string;
  run(...args: readonly string[]): Promise<Ended>;
  // deno-lint-ignore no-explicit-any -- what a verb prints
  json(...args: readonly string[]): Promise<{ readonly code: number; readonly document: any }>;
}

async function open(vendor: ForgeVendor, fill: (model: ForgeModel) => void = () => {}): Promise<Place> {
  const model = new Model();
  if (vendor === "gitlab") model.repo = "group/sub/tool";
  fill(model);
  const server = openForgeServer(vendor, model);
  const world = await World.create();
  await Deno.mkdir(world.musterHome, { recursive: true });
  await Deno.writeTextFile(`${world.musterHome}/forges.toml`, forgesToml(vendor, server));
  const env = { MUSTER_TEST_TOKEN: secret, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  const run = (...args: readonly string[]) => world.muster(args, { env, stdin: "" });
  return {
    world,
    model,
    server,
    repo: model.repo,
    run,
    json: async (...args) => {
      const ended = await run(...args, "--json");
      if (ended.stderr !== "") throw new Error(show(ended));
      return { code: ended.code, document: JSON.parse(ended.stdout) };
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

type Check = (vendor: ForgeVendor) => Promise<void>;

const checks: Readonly<Record<string, Check>> = {
  "issues are opened, shown, listed and closed": async (vendor) => {
    await using place = await open(vendor, (model) => {
      model.labels.push("bug", "good first");
      model.milestone("v1, the first");
      model.issue({ title: "Older", labels: ["bug"], state: "closed" });
    });
    const { repo, json, model } = place;
    const made = await json(
      ...["issue", "create", "-r", repo, "-t", "Title", "-m", "Text\n- more", "-l", "bug", "-l", "good first"],
      ...["--milestone", "v1, the first", "-a", "bob"],
    );
    assertEquals([made.code, made.document.number, made.document.title, made.document.body], [
      0,
      2,
      "Title",
      "Text\n- more",
    ]);
    assertEquals([made.document.labels, made.document.milestone, made.document.assignees], [
      ["bug", "good first"],
      "v1, the first",
      ["bob"],
    ]);
    assertEquals((await json("issue", "view", "2", "-r", repo)).document, made.document);
    const listed = async (...args: string[]) =>
      (await json("issue", "list", "-r", repo, ...args)).document.issues.map(({ number }: { number: number }) =>
        number
      );
    assertEquals(await listed(), [2]);
    assertEquals(await listed("--state", "all"), [2, 1]);
    assertEquals(await listed("--state", "closed", "-l", "bug"), [1]);
    assertEquals(await listed("--state", "all", "-m", "v1, the first", "-n", "1"), [2]);
    const closed = await json("issue", "close", "2", "-r", repo, "-m", "Done.");
    assertEquals([closed.code, closed.document.state, model.items.get(2)?.state], [0, "closed", "closed"]);
    assertEquals(model.comments, [{ number: 2, body: "Done." }]);
  },

  "a name that is not there is told before anything is made": async (vendor) => {
    await using place = await open(vendor, (model) => {
      model.labels.push("bug");
      model.milestone("v1");
      model.pull({ head: "work" });
    });
    const { repo, run, model } = place;
    const issue = ["issue", "create", "-r", repo, "-t", "Title", "-m", ""];
    const pull = ["pr", "create", "-r", repo, "-t", "Title", "-m", "", "--head", "work"];
    for (const words of [issue, pull]) {
      const label = await run(...words, "-l", "bgu");
      assertEquals(label, { code: 5, stdout: "", stderr: 'muster: no such label: "bgu"\nhint: there is "bug"\n' });
      const milestone = await run(...words, "--milestone", "v2");
      assertEquals(milestone, {
        code: 5,
        stdout: "",
        stderr: 'muster: no such milestone: "v2"\nhint: there is "v1"\n',
      });
    }
    assertEquals(model.items.size, 1);
  },

  "milestones are opened, listed and closed": async (vendor) => {
    await using place = await open(vendor, (model) => model.milestone("v0", "closed"));
    const { repo, json, run } = place;
    const made = await json("milestone", "create", "v1", "-r", repo, "-m", "First", "--due", "2026-12-01");
    assertEquals([made.code, made.document.title, made.document.state, made.document.due, made.document.description], [
      0,
      "v1",
      "open",
      "2026-12-01",
      "First",
    ]);
    const again = await run("milestone", "create", "v1", "-r", repo);
    assertEquals([again.code, again.stderr], [4, "muster: there is such a milestone: v1 (open)\n"]);
    const titles = async (...args: string[]) =>
      (await json("milestone", "list", "-r", repo, ...args)).document.milestones.map(({ title }: { title: string }) =>
        title
      );
    assertEquals([await titles(), await titles("--state", "all"), await titles("--state", "closed")], [["v1"], [
      "v0",
      "v1",
    ], ["v0"]]);
    assertEquals((await json("milestone", "close", "v1", "-r", repo)).document.state, "closed");
    assertEquals((await run("milestone", "close", "v9", "-r", repo)).code, 5);
  },

  "pull requests are opened, with all that belongs to them, shown and listed": async (vendor) => {
    await using place = await open(vendor, (model) => {
      model.labels.push("bug");
      model.milestone("v1");
      model.branches.add("feat/a b");
      model.branches.add("release");
      model.issue();
    });
    const { repo, json, run, model } = place;
    const made = await json(
      ...["pr", "create", "-r", repo, "-t", "Title", "-m", "Closes #1", "--head", "feat/a b", "--base", "release"],
      ...["-l", "bug", "--milestone", "v1", "-a", "bob", "--reviewer", "eve", "--draft"],
    );
    const { document } = made;
    assertEquals([made.code, document.number, document.head, document.base, document.draft], [
      0,
      2,
      "feat/a b",
      "release",
      true,
    ]);
    assertEquals([document.labels, document.milestone, document.pushed], [["bug"], "v1", false]);
    const item = model.items.get(2);
    assertEquals([item?.assignees, item?.pull?.reviewers, item?.body], [["bob"], ["eve"], "Closes #1"]);
    const { pushed: _, ...seen } = document;
    assertEquals((await json("pr", "view", "2", "-r", repo)).document, seen);
    assertEquals((await json("pr", "list", "-r", repo, "-l", "bug")).document.pulls, [seen]);
    assertEquals((await json("pr", "list", "-r", repo, "--state", "closed")).document.pulls, []);
    const create = ["pr", "create", "-r", repo, "-t", "x", "-m", ""];
    for (
      const [words, hint] of [[["--head", "none"], "push it first"], [
        ["--head", "work2", "--base", "none"],
        "is --base",
      ]]
    ) {
      model.branches.add("work2");
      const missing = await run(...create, ...words as string[]);
      assertEquals([missing.code, missing.stdout, model.items.size], [5, "", 2]);
      assertEquals(
        missing.stderr.startsWith(`muster: no such branch in ${repo}: "none"\nhint: ${hint}`),
        true,
        missing.stderr,
      );
    }
    const one = vendor === "gitlab" ? "merge request" : "pull request";
    for (const [noun, what] of [["issue", "issue"], ["pr", one]]) {
      const unknown = await run(noun as string, "view", "99", "-r", repo);
      assertEquals([unknown.code, unknown.stderr.split("\n")[0]], [5, `muster: no such ${what} in ${repo}: 99`]);
      const elsewhere = await run(noun as string, "list", "-r", "ada/none");
      assertEquals([elsewhere.code, elsewhere.stderr.split("\n")[0]], [5, "muster: no such repo: ada/none"]);
    }
  },

  "a failure halfway names what is there": async (vendor) => {
    await using place = await open(vendor, (model) => model.branches.add("work"));
    const { repo, run, model } = place;
    const ended = await run(
      "pr",
      "create",
      "-r",
      repo,
      "-t",
      "Title",
      "-m",
      "",
      "--head",
      "work",
      "--reviewer",
      "nobody",
    );
    if (vendor === "gitlab") {
      // It takes reviewers by their ids, which are looked for first.
      assertEquals([ended.code, ended.stderr, model.items.size], [5, 'muster: no such user: "nobody"\n', 0]);
      return;
    }
    assertEquals([ended.code, ended.stdout, model.items.size], [vendor === "github" ? 6 : 5, "", 1]);
    assertMatch(
      ended.stderr,
      /^muster: created pull request 1, but not its reviewers: .*\nhint: it is there: http:.*\/1\n$/,
    );
    model.refusal = {
      method: vendor === "github" ? "PATCH" : "PATCH",
      ending: vendor === "github" ? "{issue_number}" : "{index}",
      status: 403,
      message: "no",
    };
    model.issue({ title: "to close" });
    const closing = await run("issue", "close", "2", "-r", repo, "-m", "why");
    assertEquals([closing.code, closing.stderr.split(": forbidden")[0]], [
      6,
      "muster: commented on issue 2, but it is not closed",
    ]);
  },

  "a merge is squashed, pinned to the head, and deletes the branch on request": async (vendor) => {
    await using place = await open(vendor, (model) => {
      model.pull({ head: "feat/x", body: "" });
      model.pull({ head: "keep" });
    });
    const { repo, json, server, model } = place;
    const merged = await json("pr", "merge", "1", "-r", repo, "--delete-branch", "-t", "Subject", "-m", "Why.");
    const headSha = model.items.get(1)?.pull?.sha;
    assertEquals([merged.code, merged.document.outcome, merged.document.branch, merged.document.headSha], [
      0,
      "merged",
      "deleted",
      headSha,
    ]);
    assertEquals([model.items.get(1)?.state, model.branches.has("feat/x")], ["merged", false]);
    const body = server.calls.find(({ template, method }) => template.endsWith("/merge") && method !== "GET")?.body;
    const expected = {
      gitea: { Do: "squash", head_commit_id: headSha, MergeTitleField: "Subject", MergeMessageField: "Why." },
      forgejo: { Do: "squash", head_commit_id: headSha, MergeTitleField: "Subject", MergeMessageField: "Why." },
      github: { merge_method: "squash", sha: headSha, commit_title: "Subject", commit_message: "Why." },
      gitlab: { squash: true, sha: headSha, squash_commit_message: "Subject\n\nWhy." },
    };
    assertEquals(body, expected[vendor]);
    const kept = await json("pr", "merge", "2", "-r", repo, "--method", "merge");
    assertEquals([kept.document.outcome, kept.document.branch, model.branches.has("keep")], ["merged", "kept", true]);
    const again = await json("pr", "merge", "2", "-r", repo);
    assertEquals([again.code, again.document.outcome, again.document.reason], [1, "refused", "closed"]);
  },

  "a merge that is refused says why, as a typed outcome, and merges nothing": async (vendor) => {
    const cases = {
      gitea: {
        conflict: { status: 405, message: "", mergeable: false },
        checks: { status: 405, message: "Not all required status checks successful" },
        approvals: { status: 405, message: "Does not have enough approvals" },
        protected: { status: 403, message: "User is not allowed to merge to this branch" },
      },
      github: {
        conflict: { status: 405, message: "Pull Request is not mergeable", mergeable: false, detailed: "dirty" },
        checks: { status: 405, message: 'Required status check "ci" is failing.', detailed: "blocked" },
        approvals: {
          status: 405,
          message: "At least 1 approving review is required by reviewers with write access.",
          detailed: "blocked",
        },
        protected: { status: 403, message: "Resource not accessible", detailed: "blocked" },
      },
      gitlab: {
        conflict: { status: 422, message: "Branch cannot be merged", mergeable: false, detailed: "conflict" },
        checks: { status: 405, message: "405 Method Not Allowed", detailed: "ci_must_pass" },
        approvals: { status: 405, message: "405 Method Not Allowed", detailed: "not_approved" },
        protected: { status: 401, message: "401 Unauthorized", detailed: "mergeable" },
      },
    } as const;
    const table = cases[vendor === "forgejo" ? "gitea" : vendor];
    await using place = await open(vendor, (model) => {
      for (const refuses of Object.values(table)) model.pull({ refuses, head: `h${model.items.size}x` });
      model.pull({ draft: true, refuses: { status: 405, message: "Pull Request is still a draft" }, head: "draft" });
      model.pull({ head: "moved" });
    });
    const { repo, json, model } = place;
    const statuses = { conflict: 1, checks: 1, approvals: 4, protected: 4 };
    for (const [at, reason] of Object.keys(table).entries()) {
      const { code, document } = await json("pr", "merge", String(at + 1), "-r", repo, "--delete-branch");
      assertEquals([document.outcome, document.reason, code, document.branch], [
        "refused",
        reason,
        statuses[reason as keyof typeof statuses],
        "kept",
      ]);
      assertEquals(typeof document.hint, "string");
    }
    const draft = await json("pr", "merge", "5", "-r", repo);
    assertEquals([draft.code, draft.document.reason], [4, "draft"]);
    const other = await json("pr", "merge", "6", "-r", repo, "--sha", "0123456789");
    assertEquals([other.code, other.document.reason], [1, "head_moved"]);
    // It moves between the look and the merge.
    place.server.before = ({ template, method }) => {
      const pull = model.items.get(6)?.pull;
      if (pull && template.endsWith("/merge") && method !== "GET") pull.sha = "beef".repeat(10);
      return undefined;
    };
    const moved = await json("pr", "merge", "6", "-r", repo);
    assertEquals([moved.code, moved.document.reason, model.items.get(6)?.state], [1, "head_moved", "open"]);
  },
};

for (const [name, check] of Object.entries(checks)) {
  Deno.test(`verbs: ${name}`, async (t) => {
    for (const vendor of forgeVendors) await t.step(vendor, () => check(vendor));
  });
}

Deno.test("who may not be assigned is told, with what was created", async () => {
  await using place = await open("github");
  const ended = await place.run("issue", "create", "-r", place.repo, "-t", "Title", "-m", "", "-a", "stranger");
  assertEquals([ended.code, ended.stdout], [6, ""]);
  assertMatch(
    ended.stderr,
    /^muster: created issue 1, but without: assignee stranger\nhint: it is there: http:.*\/issues\/1\n$/,
  );
});

Deno.test("what a forge leaves out of a pull request without a word is told, with what was created", async () => {
  await using place = await open("github", (model) => model.branches.add("work"));
  const { model, server, repo, run } = place;
  // GitHub leaves out who may not be assigned; Gitea takes a title for a draft's by a prefix that its administrator chooses.
  server.before = ({ method, template }) => {
    if (method === "PATCH" && template.endsWith("/{issue_number}")) model.users.splice(0);
    return undefined;
  };
  const create = ["pr", "create", "-r", repo, "-t", "Title", "-m", "", "--head", "work", "-a", "bob"];
  server.other = ((real) => (call) => {
    if (call.url.pathname.endsWith("/requested_reviewers")) return { status: 201, body: {} };
    return real?.(call);
  })(server.other);
  const ended = await run(...create, "--reviewer", "eve");
  assertEquals([ended.code, ended.stdout], [6, ""]);
  assertMatch(
    ended.stderr,
    /^muster: created pull request 1, but without: assignee bob, reviewer eve\nhint: it is there: http:.*\/1\n$/,
  );
});

Deno.test("a draft that the forge does not take for one is told", async () => {
  await using place = await open("gitea", (model) => model.branches.add("work"));
  const { model, server, repo, run } = place;
  server.before = ({ method, template }) => {
    const pull = model.items.get(1)?.pull;
    if (pull && method === "GET" && template.endsWith("/pulls/{index}")) pull.draft = false;
    return undefined;
  };
  const ended = await run("pr", "create", "-r", repo, "-t", "Title", "-m", "", "--head", "work", "--draft");
  assertEquals([ended.code, ended.stdout], [6, ""]);
  assertMatch(ended.stderr, /^muster: created pull request 1, but without: being a draft\nhint: it is there: /);
});

Deno.test("a list of several pages that changes while it is read is read again, or is an error", async () => {
  for (const vendor of forgeVendors) {
    await using place = await open(vendor, (model) => {
      model.clamp = 2;
      for (let number = 1; number <= 6; number++) model.issue();
      for (let number = 7; number <= 12; number++) model.pull({ head: `b${number}x` });
    });
    const { model, server, repo, json, run } = place;
    for (const [noun, list, gone] of [["issue", "issues", 6], ["pr", "pulls", 12]] as const) {
      let isDone = false;
      server.before = ({ template, query }) => {
        const isList = /\/(?:issues|pulls|merge_requests)$/.test(template);
        if (isDone || !isList || query.get("page") !== "2") return undefined;
        isDone = true;
        model.change(gone, { state: "closed" }); // so that one of the second page is on the first, which was read
        return undefined;
      };
      const { document } = await json(noun, "list", "-r", repo);
      const numbers = document[list].map(({ number }: { number: number }) => number);
      const first = gone - 5;
      assertEquals([isDone, numbers], [true, [4, 3, 2, 1, 0].map((at) => first + at)]);
      server.before = ({ template, query }) => {
        const isList = /\/(?:issues|pulls|merge_requests)$/.test(template);
        if (isList && query.get("page") === "1") noun === "pr" ? model.pull({ head: "new" }) : model.issue();
        return undefined;
      };
      const ended = await run(noun, "list", "-r", repo);
      assertEquals([ended.code, ended.stdout], [6, ""]);
      assertMatch(
        ended.stderr,
        /^muster: the list could not be read whole: it changed during each of 6 readings\nhint: /,
      );
      server.before = undefined;
    }
  }
});

Deno.test("texts come from -m, -F, standard input and an editor", async () => {
  await using place = await open("gitea");
  const { world, repo, model } = place;
  const env = { MUSTER_TEST_TOKEN: secret };
  const create = ["issue", "create", "-r", repo, "-t", "Title"];
  await world.file("brief.md", "from a file\n");
  assertEquals((await world.muster([...create, "-F", "brief.md"], { env })).code, 0);
  assertEquals((await world.muster(create, { env, stdin: "from é input\n" })).code, 0);
  assertEquals((await world.muster([...create, "-F", "-"], { env, stdin: "also" })).code, 0);
  assertEquals([...model.items.values()].map(({ body }) => body), ["from a file\n", "from é input\n", "also"]);
  const both = await world.muster([...create, "-m", "a", "-F", "brief.md"], { env });
  assertEquals(both, {
    code: 2,
    stdout: "",
    stderr: "muster: two texts: --message and --file\nhint: give one of them\n",
  });
  const none = await world.muster([...create, "-F", "none.md"], { env });
  assertEquals(none, { code: 2, stdout: "", stderr: "muster: no such file: none.md\n" });
  const binary = await world.muster(create, { env, stdin: new Uint8Array([0xff]) });
  assertEquals([binary.code, binary.stderr], [2, "muster: the text is not UTF-8\n"]);

  // A terminal, and an editor on it.
  const editor = `${world.home}/editor`;
  await writeExecutable(editor, '#!/bin/sh\necho "from an editor" > "$1"\n');
  const words = [Deno.execPath(), "run", "--quiet", "-A", new URL("../mod.ts", import.meta.url).pathname, ...create];
  const line = `${words.map((word) => `'${word}'`).join(" ")}; echo "exit $?"; exec cat`;
  const variables = Object.entries({ ...world.env, ...env, EDITOR: editor }).flatMap((
    [name, value],
  ) => ["-e", `${name}=${value}`]);
  await world.tmux(["new-session", "-d", "-x", "100", "-y", "20", "-s", "edit", ...variables, "sh", "-c", line], {
    socket: "t",
  });
  const rows = await world.eventually("the editor's text to be sent", async () => {
    const seen = await world.screen("=edit:", { socket: "t" });
    return seen.some((row) => row.startsWith("exit ")) ? seen : undefined;
  });
  assertEquals(rows.at(-1), "exit 0", rows.join("\n"));
  assertEquals(model.items.get(4)?.body, "from an editor\n");
});

/** A checkout on a branch, whose remote is a bare repo; `insteadOf` leads the forge's address to it. */
async function checkout(
  place: Place,
): Promise<{ readonly git: (...words: string[]) => Promise<string>; readonly env: Record<string, string> }> {
  const { world, server, repo } = place;
  const bare = `${world.directory}/bare/${repo}.git`;
  const env = {
    MUSTER_TEST_TOKEN: secret,
    GIT_CONFIG_GLOBAL: `${world.directory}/gitconfig`,
    GIT_CONFIG_SYSTEM: "/dev/null",
  };
  await Deno.writeTextFile(
    env.GIT_CONFIG_GLOBAL,
    `[user]\n\tname = t\n\temail = t@example.org\n[init]\n\tdefaultBranch = main\n[url "${world.directory}/bare/"]\n\tpushInsteadOf = ${server.url}/\n`,
  );
  const git = async (...words: string[]) => {
    const ended = await world.run("git", words, { env });
    if (ended.code !== 0) throw new Error(`git ${words.join(" ")}: ${show(ended)}`);
    return ended.stdout.trim();
  };
  await git("init", "--quiet", "--bare", bare);
  await git("init", "--quiet", ".");
  await git("commit", "--quiet", "--allow-empty", "-m", "first");
  await git("remote", "add", "origin", `${server.url}/${repo}.git`);
  return { git, env };
}

Deno.test("the head is pushed where the forge does not have it, never by force, and what was pushed is named", async () => {
  await using place = await open("gitea", (model) => model.labels.push("bug"));
  const { world, model, server } = place;
  const { git, env } = await checkout(place);
  const bare = `${world.directory}/bare/${place.repo}.git`;
  await git("switch", "--quiet", "--create", "feat/x");
  await git("commit", "--quiet", "--allow-empty", "-m", "second");
  server.before = async () => {
    // The forge knows what stands in its repo.
    const refs = await git("--git-dir", bare, "for-each-ref", "--format=%(refname:short)");
    for (const name of refs.split("\n")) if (name !== "") model.branches.add(name);
    return undefined;
  };
  const create = (...args: string[]) =>
    world.muster(["pr", "create", "-t", "Title", "-m", "", "-r", place.repo, ...args, "--json"], { env });
  const made = await create();
  assertEquals([made.code, made.stderr], [0, ""]);
  const document = JSON.parse(made.stdout);
  assertEquals([document.head, document.base, document.pushed], ["feat/x", "main", true]);
  assertEquals(await git("--git-dir", bare, "rev-parse", "feat/x"), await git("rev-parse", "HEAD"));

  // There already: not pushed, and refused by the forge.
  const again = await create();
  assertEquals(again.code, 6);
  assertMatch(JSON.parse(again.stdout).error.message, /^refused with status 409: .*already exists/);

  // Pushed, and then refused.
  await git("switch", "--quiet", "--create", "other");
  await git("commit", "--quiet", "--allow-empty", "-m", "third");
  model.refusal = { method: "POST", ending: "/pulls", status: 403, message: "no" };
  const refused = await create();
  assertMatch(JSON.parse(refused.stdout).error.message, /^pushed other, but opened no pull request: forbidden: /);

  // The remote went on: nothing is forced.
  model.refusal = undefined;
  await git("commit", "--quiet", "--amend", "--allow-empty", "-m", "third again");
  const before = await git("--git-dir", bare, "rev-parse", "other");
  const diverged = await create();
  assertEquals(diverged.code, 6);
  const { error } = JSON.parse(diverged.stdout);
  assertMatch(error.message, /^git cannot push other: .*rejected/);
  assertEquals(error.hint, "the remote has commits that are not here: look at them first");
  assertEquals(await git("--git-dir", bare, "rev-parse", "other"), before);

  // An address with a password in it goes to git by no argument.
  const shim = `${world.directory}/shim`;
  const asked = `${world.directory}/asked`;
  await Deno.mkdir(shim);
  const real = (await world.run("sh", ["-c", "command -v git"])).stdout.trim();
  const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${asked}'\nexec '${real}' "$@"\n`;
  await writeExecutable(`${shim}/git`, script);
  await git("config", "remote.origin.pushurl", `file://ada:pa55word@localhost${bare}`);
  await git("switch", "--quiet", "--create", "secret", "feat/x");
  const shimmed = { ...env, PATH: `${shim}:${Deno.env.get("PATH")}` };
  const pushed = await world.muster(["pr", "create", "-t", "T", "-m", "", "-r", place.repo, "--json"], {
    env: shimmed,
  });
  const said = await Deno.readTextFile(asked);
  assertMatch(said, /ls-remote --exit-code muster-push-target refs\/heads\/secret/);
  assertEquals((said + pushed.stdout + pushed.stderr).includes("pa55word"), false, show(pushed));

  // An address without one needs no git that takes its configuration from the environment.
  await git("config", "--unset", "remote.origin.pushurl");
  await git("switch", "--quiet", "--create", "plain", "feat/x");
  await Deno.writeTextFile(`${shim}/git`, `#!/bin/sh\nunset GIT_CONFIG_COUNT\nexec '${real}' "$@"\n`);
  const old = await world.muster(["pr", "create", "-t", "T", "-m", "", "-r", place.repo, "--json"], { env: shimmed });
  assertEquals([old.code, JSON.parse(old.stdout).pushed], [0, true], show(old));

  // A remote of the same path on another host is another repo: nothing is pushed to it.
  await git("remote", "set-url", "origin", `https://elsewhere.example/${place.repo}.git`);
  await git("switch", "--quiet", "--create", "elsewhere");
  const whole = ["pr", "create", "-t", "T", "-m", "", "-r", `${server.url}/${place.repo}`, "--json"];
  const other = await world.muster([...whole, "--head", "elsewhere"], { env });
  assertEquals(JSON.parse(other.stdout).error.code, "not_found"); // the forge has no such branch
  const nothing = JSON.parse((await world.muster(whole, { env })).stdout).error;
  assertEquals([nothing.code, nothing.message], [
    "usage",
    "no branch: none is checked out here that is of that repo",
  ]);
  await git("remote", "set-url", "origin", `${server.url}/${place.repo}.git`);

  await git("switch", "--quiet", "--create", "main2");
  const same = await create("--head", "main");
  assertEquals(JSON.parse(same.stdout).error.message, 'head and base are one branch: "main"');
});
