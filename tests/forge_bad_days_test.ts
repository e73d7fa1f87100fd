/**
 * Bad input and bad days of `lane brief`, each with its status: the real muster against servers that do what servers do.
 * Whatever happens, no candidate is printed that was not seen to be one.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { writeExecutable } from "./_executable.ts";
import { ForgeModel, type ForgeVendor, forgeVendors } from "./_vendor/forge_model.ts";
import { openForgeServer } from "./_vendor/forge_server.ts";
import { forgesToml, secret } from "./_vendor/open_model.ts";
import type { Call, VendorServer } from "./_vendor/server.ts";
import { type Ended, inTurns, show, World } from "./_world.ts";

interface Day {
  readonly fill?: (model: ForgeModel) => void;
  readonly toml?: (server: VendorServer, world: World) => string;
  /** What the server does first; `ended` is when muster has ended. */
  readonly before?: (ended: Promise<void>) => VendorServer["before"];
  readonly repo?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly code: number;
  readonly stdout?: RegExp | string;
  readonly stderr: RegExp;
  /** What must hold of the requests. */
  readonly asked?: (calls: readonly Call[]) => void;
}

/** Runs one day on one forge. */
async function live(vendor: ForgeVendor, day: Day): Promise<Ended> {
  const model = new ForgeModel();
  if (vendor === "gitlab") model.repo = "group/tool";
  model.issue({ title: "One" });
  model.issue({ title: "Two" });
  model.pull({ number: 9, body: "Closes #1" });
  day.fill?.(model);
  await using server = openForgeServer(vendor, model);
  await using world = await World.create();
  await Deno.mkdir(world.musterHome, { recursive: true });
  await Deno.writeTextFile(`${world.musterHome}/forges.toml`, day.toml?.(server, world) ?? forgesToml(vendor, server));
  const over = Promise.withResolvers<void>();
  server.before = day.before?.(over.promise);
  const args = ["lane", "brief", "-r", day.repo ?? model.repo, ...day.args ?? []];
  const ended = await world.muster(args, { env: { MUSTER_TEST_TOKEN: secret, ...day.env } }).finally(over.resolve);
  assertEquals([ended.code], [day.code], show(ended));
  assertMatch(ended.stderr, day.stderr);
  if (typeof day.stdout === "string") assertEquals(ended.stdout, day.stdout);
  else if (day.stdout) assertMatch(ended.stdout, day.stdout);
  else assertEquals(ended.stdout, "");
  assert(!ended.stdout.includes(secret) && !ended.stderr.includes(secret), "the token is shown");
  day.asked?.(server.calls);
  return ended;
}

/** Answers once with this, and then as ever. */
function once(answer: () => Response): VendorServer["before"] {
  let first = true;
  return () => {
    if (!first) return undefined;
    first = false;
    return answer();
  };
}

const whole = /1 to dispatch · 1 underway · 0 held/;

const days: Readonly<Record<string, Day>> = {
  "no token": {
    env: { MUSTER_TEST_TOKEN: undefined },
    code: 2,
    stderr: /^muster: no token for 127\.0\.0\.1:\d+: MUSTER_TEST_TOKEN is not set\nhint: /,
    asked: (calls) => assertEquals(calls.length, 0),
  },
  "no token, and none named": {
    toml: (server) => forgesToml("gitea", server).replace(/token_env.*/, "").replace('"gitea"', '"gitea"'),
    code: 2,
    stderr:
      /^muster: no token for 127\.0\.0\.1:\d+\nhint: set token_env or token_command of its \[\[forge\]\] in .*, or log in with tea\n$/,
  },
  "a token command that fails": {
    toml: (server) => forgesToml("gitea", server).replace(/token_env.*/, 'token_command = ["false"]'),
    code: 6,
    stderr: /^muster: no token for .*: token_command failed with status 1: false\n/,
  },
  "a token command": {
    toml: (server) => forgesToml("gitea", server).replace(/token_env.*/, `token_command = ["echo", "${secret}"]`),
    code: 0,
    stdout: whole,
    stderr: /^$/,
    asked: (calls) => assertEquals(calls[0]?.headers.get("authorization"), `token ${secret}`),
  },
  "a wrong token": {
    before: () => () => Response.json({ message: `bad token ${secret}` }, { status: 401 }),
    code: 6,
    // Of two that are asked side by side, which one refuses first nobody knows.
    stderr:
      /^muster: token refused: (?:GET|POST) http.*: bad token \*\*\*\nhint: token_env or token_command in forges\.toml/,
  },
  "a repo that does not exist": {
    repo: "ada/none",
    code: 5,
    stderr: /^muster: (?:not found|no such repo): /,
  },
  "HTML instead of JSON": {
    before: () => () =>
      new Response("<!doctype html><title>Sign in</title>", { headers: { "content-type": "text/html" } }),
    code: 6,
    stderr: /^muster: HTML in place of JSON: .*\nhint: a login page or a proxy/,
  },
  "an answer of another shape": {
    // GraphQL answers as ever: which of the two is read first, nobody knows.
    before: () => ({ method }) => method === "GET" ? Response.json([{ number: "1", iid: "1" }]) : undefined,
    code: 6,
    stderr: /^muster: answer of another shape: .*\[0\]\.(?:number|iid): expected number, got string/,
  },
  "429 with Retry-After": {
    before: () => once(() => Response.json({}, { status: 429, headers: { "retry-after": "1" } })),
    code: 0,
    stdout: whole,
    stderr: /^127\.0\.0\.1:\d+ answered 429: asking again in 1 s\n$/,
  },
  "429 without Retry-After, and no time to wait for it": {
    before: () => () => Response.json({}, { status: 429 }),
    // Gitea is asked again after 1 s, then after 2, which are not left.
    args: ["--timeout", "3s"],
    code: 6,
    stderr:
      /^(?:127\.0\.0\.1:\d+ answered 429: asking again in 1 s\n)*muster: the lane could not be read whole: rate limit reached: 127\.0\.0\.1:\d+ answered 429, and may be asked again in \d+ s\nhint: that is past the deadline of 3000 ms/,
  },
  "502, then well": {
    before: () => once(() => new Response("<h1>bad gateway</h1>", { status: 502 })),
    code: 0,
    stdout: whole,
    stderr: /^$/,
  },
  "502 for good": {
    before: () => () => new Response("<h1>bad gateway</h1>", { status: 502 }),
    code: 6,
    stderr: /^(?:127\.0\.0\.1:\d+ answered 502: asking again in \d s\n)*muster: refused with status 502: .*\n/,
  },
  "a connection cut halfway through a body": {
    before: () =>
      once(() =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(new TextEncoder().encode('[{"number":1'));
              controller.error(new Error("cut"));
            },
          }),
          { headers: { "content-type": "application/json" } },
        )
      ),
    code: 0,
    stdout: whole,
    stderr: /^$/,
  },
  "one page that cannot be read": {
    fill: (model) => {
      model.clamp = 1;
      model.issue();
    },
    before: () => ({ url, body }) =>
      url.searchParams.get("page") === "2" || body?.variables?.after ? new Response("", { status: 500 }) : undefined,
    code: 6,
    stderr: /^muster: refused with status 500: /,
  },
  "no answer at all": {
    before: (ended) => () => ended.then(() => undefined),
    args: ["--timeout", "2s"],
    code: 6,
    stderr:
      /^muster: the lane could not be read whole: time ran out after 2000 ms waiting for 127\.0\.0\.1:\d+: no answer\nhint: --timeout gives it longer\n$/,
  },
  "titles with escape sequences, and none": {
    fill: (model) => {
      model.issue({ title: "\u001b]0;owned\u0007\u001b[31mred\u001b[0m \u202e" });
      model.issue({ title: "" });
    },
    code: 0,
    stdout: /#10 {2}\\u001b\]0;owned\\u0007\\u001b\[31mred\\u001b\[0m \\u202e\n {2}#11 {2}\(no title\)\n/,
    stderr: /^$/,
  },
  "an unknown milestone": {
    fill: (model) => model.milestone("v1.0"),
    args: ["-m", "v1"],
    code: 5,
    stderr: /^muster: no such milestone: "v1"\nhint: there is "v1\.0"\n$/,
  },
  "an unknown label": {
    fill: (model) => model.labels.push("bug"),
    args: ["-l", "bgu", "--ready"],
    code: 5,
    stderr: /^muster: no such label: "bgu"\nhint: there is "bug"\n$/,
  },
  "--ready prints numbers and nothing else": {
    args: ["--ready"],
    code: 0,
    stdout: "2\n",
    stderr: /^$/,
  },
};

/** Days that one forge is enough for: they are over before it is asked. */
const onGitea = new Set(["no token, and none named", "a token command that fails", "a token command"]);

for (const [name, day] of Object.entries(days)) {
  Deno.test(`a bad day: ${name}`, async (t) => {
    const vendors = onGitea.has(name) ? ["gitea" as const] : forgeVendors;
    const ended = await inTurns(vendors, (vendor) => live(vendor, day).then(() => undefined, (error) => error), {
      width: 2,
    });
    for (const [at, vendor] of vendors.entries()) {
      await t.step(vendor, () => {
        if (ended[at] !== undefined) throw ended[at];
      });
    }
  });
}

Deno.test("a bad day: a repo that moved is read where it is now, and that is said", async () => {
  for (const vendor of ["gitea", "github"] as const) {
    const model = new ForgeModel();
    model.repo = "ada/new";
    model.issue();
    model.pull({ body: "Closes #1" });
    await using server = openForgeServer(vendor, model);
    await using world = await World.create();
    await Deno.mkdir(world.musterHome, { recursive: true });
    await Deno.writeTextFile(`${world.musterHome}/forges.toml`, forgesToml(vendor, server));
    server.before = ({ url, method, body }) => {
      if (method === "POST" && body.variables.name === "old") body.variables.name = "new"; // as GitHub's GraphQL does
      if (!url.pathname.includes("/ada/old")) return undefined;
      const location = url.pathname.replace("/ada/old", "/ada/new") + url.search;
      return new Response(null, { status: 301, headers: { location } });
    };
    const { code, document } = await world.json<{ underway: { number: number }[]; warnings: { message: string }[] }>(
      ["lane", "brief", "-r", "ada/old"],
      { env: { MUSTER_TEST_TOKEN: secret } },
    );
    assertEquals([code, document.underway.map(({ number }) => number)], [0, [1]]);
    assertEquals(document.warnings.map(({ message }) => message), ["the repo has moved: ada/old is now ada/new"]);
  }
});

Deno.test("a bad day: a redirect to another host, which is not asked and gets no token", async () => {
  const seen: string[] = [];
  const other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    seen.push(url);
    return Response.json([]);
  });
  try {
    for (const vendor of forgeVendors) {
      await live(vendor, {
        before: () => () =>
          new Response(null, { status: 307, headers: { location: `http://127.0.0.1:${other.addr.port}/` } }),
        code: 6,
        stderr:
          /^muster: redirected to another host: .*\nhint: the token is not sent there: if it has moved, change url in forges\.toml\n$/,
      });
    }
    assertEquals(seen, []);
  } finally {
    await other.shutdown();
  }
});

Deno.test("a bad day: a certificate that does not match, and one of one's own authority that does", async () => {
  await using world = await World.create();
  const script = `cd "$1" && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key \
-out ca.pem -days 2 -subj /CN=test-ca -addext basicConstraints=critical,CA:TRUE &&
for name in IP:127.0.0.1 DNS:other.example; do
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$name.key" -out csr -subj /CN=x &&
printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\n' "$name" > ext &&
openssl x509 -req -in csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out "$name.pem"; done`;
  const made = await world.run("sh", ["-c", script, "sh", world.directory]);
  assertEquals(made.code, 0, made.stderr);
  await Deno.mkdir(world.musterHome, { recursive: true });
  for (
    const [name, code, stderr] of [
      ["IP:127.0.0.1", 0, /^$/],
      ["DNS:other.example", 6, /^muster: cannot reach 127\.0\.0\.1:\d+: .*certificate.*\nhint: ca in forges\.toml/],
    ] as const
  ) {
    const [cert = "", key = ""] = ["pem", "key"].map((end) =>
      Deno.readTextFileSync(`${world.directory}/${name}.${end}`)
    );
    const model = new ForgeModel();
    model.issue();
    await using server = openForgeServer("gitea", model, { tls: { cert, key } });
    const toml = forgesToml("gitea", server, `ca = "${world.directory}/ca.pem"`);
    await Deno.writeTextFile(`${world.musterHome}/forges.toml`, toml);
    const ended = await world.muster(["lane", "brief", "-r", "ada/tool", "--ready"], {
      env: { MUSTER_TEST_TOKEN: secret },
    });
    assertEquals([ended.code, ended.stdout], [code, code === 0 ? "1\n" : ""], show(ended));
    assertMatch(ended.stderr, stderr);
    assertEquals(server.calls.length > 0, code === 0);
  }
});

Deno.test("a bad day: 5,000 open issues and 800 pull requests, each read once", async () => {
  for (const vendor of ["gitea", "github"] as const) {
    const model = new ForgeModel();
    model.keepsDependencies = false; // else each candidate is asked for what blocks it: the test after this one
    for (let number = 1; number <= 5_000; number++) model.issue({ milestone: "m" });
    for (let number = 1; number <= 800; number++) model.pull({ body: `Closes #${number}`, head: `b${number}x` });
    await using server = openForgeServer(vendor, model);
    await using world = await World.create();
    await Deno.mkdir(world.musterHome, { recursive: true });
    await Deno.writeTextFile(`${world.musterHome}/forges.toml`, forgesToml(vendor, server));
    const { code, document } = await world.json<{ candidates: unknown[]; underway: unknown[]; requests: number }>(
      ["lane", "brief", "-r", "ada/tool", "-m", "m", "--timeout", "60s"],
      { env: { MUSTER_TEST_TOKEN: secret } },
    );
    const least = vendor === "gitea" ? 5_000 / 50 + 800 / 50 : 5_000 / 100 + 800 / 100;
    assertEquals([code, document.candidates.length, document.underway.length, document.requests], [
      0,
      4_200,
      800,
      least + (vendor === "gitea" ? 2 : 1),
    ]);
  }
});

Deno.test("the login: by flag, by variable, by the entry, by the forge's own program", async (t) => {
  const model = new ForgeModel();
  model.issue();
  await using server = openForgeServer("gitea", model);
  await using world = await World.create();
  await Deno.mkdir(`${world.home}/.config/tea`, { recursive: true });
  await Deno.mkdir(world.musterHome, { recursive: true });
  const tea =
    ["carl", "dora"].map((name) =>
      `- name: ${name}\n  url: ${server.url}\n  token: ${name}-token\n  default: ${name === "dora"}\n`
    ).join("") + "- name: elsewhere\n  url: https://git.example.org\n  token: elsewhere-token\n  default: true\n";
  await Deno.writeTextFile(`${world.home}/.config/tea/config.yml`, `logins:\n${tea}`);
  const entry = (login: string, token: string) =>
    forgesToml("gitea", server, `login = "${login}"`).replace(/token_env.*/, token);
  const two = entry("ada", 'token_env = "ADA"') + entry("bob", 'token_env = "BOB"');
  const bare = forgesToml("gitea", server).replace(/token_env.*/, "");
  const env = { ADA: "ada-token", BOB: "bob-token" };
  const cases: readonly (readonly [string, string, readonly string[], Record<string, string>, string])[] = [
    ["the first entry", two, [], env, "ada-token"],
    ["by flag", two, ["-L", "bob"], env, "bob-token"],
    ["by variable", two, [], { ...env, GITEA_LOGIN: "bob" }, "bob-token"],
    ["the flag before the variable", two, ["-L", "ada"], { ...env, GITEA_LOGIN: "bob" }, "ada-token"],
    ["one of tea's, by flag", two, ["-L", "carl"], env, "carl-token"],
    ["tea's default", bare, [], {}, "dora-token"],
    ["the entry's login, of tea's", entry("carl", ""), [], {}, "carl-token"],
  ];
  for (const [name, toml, args, variables, token] of cases) {
    await t.step(name, async () => {
      await Deno.writeTextFile(`${world.musterHome}/forges.toml`, toml);
      const ended = await world.muster(["lane", "brief", "-r", "ada/tool", "--ready", ...args], { env: variables });
      assertEquals(ended, { code: 0, stdout: "1\n", stderr: "" });
      assertEquals(server.calls.at(-1)?.headers.get("authorization"), `token ${token}`);
    });
  }
  await t.step("one that is not there", async () => {
    await Deno.writeTextFile(`${world.musterHome}/forges.toml`, two);
    const ended = await world.muster(["lane", "brief", "-r", "ada/tool", "-L", "elsewhere"], { env });
    assertEquals([ended.code, ended.stdout], [2, ""]);
    assertMatch(ended.stderr, /^muster: no token of the login "elsewhere" for 127\.0\.0\.1:\d+\n/);
  });
});

/** Of a program's own file in a home: the server, the file as the program writes it, and the header that is to be sent. */
const kept: readonly {
  readonly name: string;
  readonly vendor: "github" | "gitlab";
  readonly path: string;
  readonly text: (host: string) => string;
  readonly args?: readonly string[];
  readonly header: string;
  readonly value: string;
  readonly login: string | null;
}[] = [
  {
    name: "gh, one account",
    vendor: "github",
    path: ".config/gh/hosts.yml",
    text: (host) =>
      `github.com:\n    user: other\n    oauth_token: gho_elsewhere\n    git_protocol: ssh\n"${host}":\n    oauth_token: gho_one\n    user: ada\n    git_protocol: https\n`,
    header: "authorization",
    value: "Bearer gho_one",
    login: "ada",
  },
  {
    name: "gh, the active one of two accounts",
    vendor: "github",
    path: ".config/gh/hosts.yml",
    text: (host) =>
      `"${host}":\n    git_protocol: https\n    users:\n        bob:\n            oauth_token: gho_bob\n        ada:\n            oauth_token: gho_ada\n    user: ada\n    oauth_token: gho_ada\n`,
    header: "authorization",
    value: "Bearer gho_ada",
    login: "ada",
  },
  {
    name: "gh, the other account by flag",
    vendor: "github",
    path: ".config/gh/hosts.yml",
    text: (host) =>
      `"${host}":\n    git_protocol: https\n    users:\n        bob:\n            oauth_token: gho_bob\n        ada:\n            oauth_token: gho_ada\n    user: ada\n    oauth_token: gho_ada\n`,
    args: ["-L", "bob"],
    header: "authorization",
    value: "Bearer gho_bob",
    login: "bob",
  },
  {
    name: "glab, a token as it writes it",
    vendor: "gitlab",
    path: ".config/glab-cli/config.yml",
    text: (host) =>
      `# What protocol to use when performing Git operations. Supported values: ssh, https.\ngit_protocol: ssh\neditor:\ncheck_update: true\nhost: ${host}\nhosts:\n    gitlab.com:\n        api_protocol: https\n        token: !!null glpat-elsewhere\n    "${host}":\n        # Your GitLab access token.\n        token: !!null glpat-ada\n        api_host: ${host}\n        git_protocol: https\n        api_protocol: http\n        user: ada\n`,
    header: "private-token",
    value: "glpat-ada",
    login: "ada",
  },
  {
    name: "glab, a token that a browser gave",
    vendor: "gitlab",
    path: ".config/glab-cli/config.yml",
    text: (host) =>
      `hosts:\n    "${host}":\n        token: 5f2c0d\n        is_oauth2: "true"\n        oauth2_refresh_token: more\n        oauth2_expiry_date: 01 Jan 50 00:00 UTC\n        user: ada\n`,
    header: "authorization",
    value: "Bearer 5f2c0d",
    login: "ada",
  },
];

Deno.test("the login that gh or glab keeps, from the file that it writes", async (t) => {
  for (const { name, vendor, path, text, args = [], header, value, login } of kept) {
    await t.step(name, async () => {
      const model = new ForgeModel();
      model.issue();
      await using server = openForgeServer(vendor, model);
      await using world = await World.create();
      await Deno.mkdir(world.musterHome, { recursive: true });
      const file = `${world.home}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(file, text(server.host));
      const toml = forgesToml(vendor, server).replace(/token_env.*/, "");
      await Deno.writeTextFile(`${world.musterHome}/forges.toml`, toml);
      const words = ["lane", "brief", "-r", "ada/tool", ...args];
      const { code, document } = await world.json<{ login: string | null; candidates: unknown[] }>(words);
      assertEquals([code, document.login, document.candidates.length], [0, login, 1]);
      assertEquals(new Set(server.calls.map(({ headers }) => headers.get(header))), new Set([value]));
    });
  }
  await t.step("one that the system's keyring has, and gh is asked for", async () => {
    const model = new ForgeModel();
    model.issue();
    await using server = openForgeServer("github", model);
    await using world = await World.create();
    await Deno.mkdir(world.musterHome, { recursive: true });
    await Deno.mkdir(`${world.home}/.config/gh`, { recursive: true });
    await Deno.mkdir(`${world.home}/bin`);
    const yaml = `"${server.host}":\n    git_protocol: https\n    users:\n        ada:\n    user: ada\n`;
    await Deno.writeTextFile(`${world.home}/.config/gh/hosts.yml`, yaml);
    const script = `#!/bin/sh\n[ "$*" = "auth token --hostname ${server.host} --user ada" ] && echo gho_ring\n`;
    await writeExecutable(`${world.home}/bin/gh`, script);
    const toml = forgesToml("github", server).replace(/token_env.*/, "");
    await Deno.writeTextFile(`${world.musterHome}/forges.toml`, toml);
    const env = { PATH: `${world.home}/bin:${Deno.env.get("PATH")}` };
    const ended = await world.muster(["lane", "brief", "-r", "ada/tool", "--ready"], { env });
    assertEquals(ended, { code: 0, stdout: "1\n", stderr: "" });
    assertEquals(server.calls[0]?.headers.get("authorization"), "Bearer gho_ring");
  });
});

Deno.test("--ready tells its warnings beside the numbers, on standard error", async () => {
  const ended = await live("gitea", {
    fill: (model) => {
      model.issue({ hiddenBlockers: 1 });
      model.pull({ body: "Closes #1, #2\u001b[31m", head: "x" });
    },
    args: ["--ready"],
    code: 0,
    stdout: "2\n",
    stderr:
      /^warning: #10 depends on an issue that the token may not see: whether that one is closed is not known\nwarning: pull request 11: "Closes #1, #2" closes only #1 on gitea: #2 needs a keyword of its own\n$/,
  });
  assert(!ended.stderr.includes("\u001b"));
});

Deno.test("--mine crosses the lane with the fleet: whose branch or worktree carries which number", async () => {
  const model = new ForgeModel();
  for (let number = 1; number <= 4; number++) model.issue();
  model.pull({ number: 9, body: "Closes #4" });
  await using server = openForgeServer("gitea", model);
  await using world = await World.create();
  const names = ["coder0", "coder1", "coder2"];
  const trees = [`${world.directory}/main`, `${world.directory}/wt/issue-2`, `${world.directory}/other`];
  const env = { MUSTER_TEST_TOKEN: secret, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  const git = async (...words: string[]) => {
    const ended = await world.run("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...words], { env });
    if (ended.code !== 0) throw new Error(show(ended));
  };
  for (const [at, origin] of [[0, `${server.url}/ada/tool.git`], [2, `${server.url}/ada/else.git`]] as const) {
    const tree = trees[at] as string;
    await git("init", "--quiet", "--initial-branch", "feat/3-x", tree);
    await git("-C", tree, "commit", "--quiet", "--allow-empty", "-m", "first");
    await git("-C", tree, "remote", "add", "origin", origin);
  }
  await git("-C", trees[0] as string, "worktree", "add", "--quiet", "-b", "work", trees[1] as string);
  await world.roster(
    `version = 1\n${
      names.map((name, at) => `[[agents]]\nname = "${name}"\ncommand = ["cat"]\nworking_directory = "${trees[at]}"\n`)
        .join("")
    }`,
  );
  await Deno.writeTextFile(`${world.musterHome}/forges.toml`, forgesToml("gitea", server));
  const started = await world.muster(["fleet", "start"]);
  assertEquals(started.code, 0, show(started));
  interface Brief {
    readonly candidates: { readonly number: number; readonly agents: string[] }[];
    readonly warnings: { readonly message: string }[];
    readonly mine: { readonly branch: string; readonly numbers: number[] } | null;
    readonly ready?: number[];
  }
  const brief = async (...args: string[]) =>
    (await world.json<Brief>(["lane", "brief", "-r", "ada/tool", ...args], { env })).document;
  const seen = await brief("--mine", "coder0");
  assertEquals(seen.candidates.map(({ number, agents }) => [number, agents]), [[1, []], [2, ["coder1"]], [3, [
    "coder0",
  ]]]);
  assertEquals([seen.mine?.branch, seen.mine?.numbers], ["feat/3-x", [3]]);
  assertEquals(seen.warnings.map(({ message }) => message), [
    "#2 has no pull request, and is carried by coder1",
    "#3 has no pull request, and is carried by coder0",
  ]);
  // What another agent carries is not this one's to take.
  assertEquals((await brief("--mine", "coder0", "--ready")).ready, [1, 3]);
  assertEquals((await brief("--mine", "coder2")).mine, null);
  const unknown = await world.muster(["lane", "brief", "-r", "ada/tool", "--mine", "coder9"], { env });
  assertEquals([unknown.code, unknown.stdout], [5, ""]);

  // One whose checkout git cannot read may carry any of them: nothing is ready then, and a person is told.
  await Deno.writeTextFile(`${trees[2]}/.git/HEAD`, "broken");
  const ready = await world.muster(["lane", "brief", "-r", "ada/tool", "--mine", "coder0", "--ready"], { env });
  assertEquals(ready, {
    code: 6,
    stdout: "",
    stderr: "muster: not known what is ready: not known what these agents carry: coder2\n" +
      "hint: muster fleet status says more; without --mine the fleet is not looked at\n",
  });
  assertEquals((await brief("--mine", "coder0")).warnings.at(-1)?.message, "not known what they carry: coder2");
});
