import { assertEquals, assertRejects } from "../deps/assert.ts";
import { type Io, MusterError, realIo, withEnvironment } from "../io/mod.ts";
import { findRepo } from "./find_repo.ts";

const forges = `
[[forge]]
host = "git.example.org"
kind = "gitea"
url = "https://git.example.org"
login = "ada"
owners = ["ada", "team"]
token_env = "ADA"

[[forge]]
host = "git.example.org"
kind = "gitea"
url = "https://git.example.org"
login = "bob"
owners = ["team"]
token_env = "BOB"

[[forge]]
host = "lab.example.org"
kind = "gitlab"
url = "https://lab.example.org/sub"
owners = ["group", "both"]

[[forge]]
host = "127.0.0.1:3000"
kind = "forgejo"
url = "http://127.0.0.1:3000"
owners = ["three", "both"]

[[forge]]
host = "127.0.0.1:4000"
kind = "forgejo"
url = "http://127.0.0.1:4000"
owners = ["four"]
`;

/** A checkout with a remote, and the forges above. */
async function checkout(origin?: string, toml = forges) {
  const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "muster-repo-" }));
  const io = withEnvironment(realIo, {
    HOME: directory,
    MUSTER_HOME: `${directory}/home`,
    MUSTER_STATE: `${directory}/state`,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_CEILING_DIRECTORIES: directory,
  });
  await io.files.write(`${directory}/home/forges.toml`, toml);
  const cwd = `${directory}/tree`;
  await io.files.makeDirectory(cwd);
  if (origin !== undefined) {
    for (const args of [["init", "--quiet"], ["remote", "add", "origin", origin]]) {
      const { code, stderr } = await io.process.run("git", args, { cwd });
      if (code !== 0) throw new Error(stderr);
    }
  }
  return { io, cwd, directory, [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
}

interface Case {
  readonly origin?: string;
  readonly repo?: string;
  readonly login?: string;
  /** Host, login, repo; or the error. */
  readonly finds: readonly [string, string | undefined, string] | string;
}

const cases: Readonly<Record<string, Case>> = {
  "the origin": { origin: "git@git.example.org:ada/tool.git", finds: ["git.example.org", "ada", "ada/tool"] },
  "the origin, a login": {
    origin: "git@git.example.org:ada/tool.git",
    login: "bob",
    finds: ["git.example.org", "bob", "ada/tool"],
  },
  "ssh on another port": {
    origin: "ssh://git@git.example.org:2222/ada/tool",
    finds: ["git.example.org", "ada", "ada/tool"],
  },
  "below a path": {
    origin: "https://lab.example.org/sub/group/deep/tool.git",
    finds: ["lab.example.org", undefined, "group/deep/tool"],
  },
  "below a path, over ssh": {
    origin: "git@lab.example.org:group/deep/tool.git",
    finds: ["lab.example.org", undefined, "group/deep/tool"],
  },
  "a port of pages": { origin: "http://127.0.0.1:4000/x/tool", finds: ["127.0.0.1:4000", undefined, "x/tool"] },
  "a host of two ports, over ssh": {
    origin: "git@127.0.0.1:four/tool",
    finds: ["127.0.0.1:4000", undefined, "four/tool"],
  },
  "a host of two ports, over ssh, an unknown owner": {
    origin: "git@127.0.0.1:x/tool",
    finds: 'usage more than one forge for the host "127.0.0.1": 127.0.0.1:3000, 127.0.0.1:4000',
  },
  "-r, and an origin that names it": {
    origin: "git@127.0.0.1:four/tool",
    repo: "Four/Tool",
    finds: ["127.0.0.1:4000", undefined, "four/tool"],
  },
  "-r, and an origin of another repo": {
    origin: "git@127.0.0.1:four/tool",
    repo: "ada/tool",
    finds: ["git.example.org", "ada", "ada/tool"],
  },
  "-r, an origin whose path ends so": {
    origin: "git@lab.example.org:group/ada/tool.git",
    repo: "ada/tool",
    finds: ["git.example.org", "ada", "ada/tool"],
  },
  "-r without an origin": { repo: "three/tool", finds: ["127.0.0.1:3000", undefined, "three/tool"] },
  "-r of a deep group": { repo: "group/sub/deep/tool", finds: ["lab.example.org", undefined, "group/sub/deep/tool"] },
  "-r of an owner with two logins": { repo: "team/tool", login: "bob", finds: ["git.example.org", "bob", "team/tool"] },
  "-r of an owner on two forges": {
    repo: "both/tool",
    finds: 'usage more than one forge for the owner "both": lab.example.org, 127.0.0.1:3000',
  },
  "-r of an owner of none": { repo: "thre/tool", finds: 'usage no forge for the owner "thre"' },
  "-r as an address": {
    origin: "git@127.0.0.1:four/tool",
    repo: "https://git.example.org/x/y",
    finds: ["git.example.org", "ada", "x/y"],
  },
  "-r as scp has it": { repo: "git@lab.example.org:a/b/c.git", finds: ["lab.example.org", undefined, "a/b/c"] },
  "-r of one word": { repo: "tool", finds: 'usage not a repo: "tool"' },
  "-r that climbs": { repo: "../tool", finds: 'usage not a repo: "../tool"' },
  "-r with a newline": { repo: "ada/to\nol", finds: 'usage not a repo: "ada/to\\nol"' },
  "-r that is empty": { repo: "", finds: 'usage not a repo: ""' },
  "no checkout, no -r": { finds: "usage no repo: this is no checkout with a remote named origin on a forge" },
  "an origin that is a path": {
    origin: "/srv/git/tool.git",
    finds: "usage no repo: this is no checkout with a remote named origin on a forge",
  },
};

Deno.test("a repo is found by -r, by the origin, by the owner", async (t) => {
  for (const [name, { origin, finds, ...options }] of Object.entries(cases)) {
    await t.step(name, async () => {
      await using place = await checkout(origin);
      const find = () => findRepo(place.io, { ...options, cwd: place.cwd });
      if (typeof finds === "string") {
        const error = await assertRejects(find, MusterError);
        assertEquals(`${error.code} ${error.message}`, finds);
      } else {
        const { forge, repo } = await find();
        assertEquals([forge.host, forge.login, repo], finds);
      }
    });
  }
});

Deno.test("where no forge is named, the hint says what to write", async () => {
  await using place = await checkout(undefined, "");
  const error = await assertRejects(() => findRepo(place.io, { repo: "ada/tool", cwd: place.cwd }), MusterError);
  assertEquals(
    error.hint,
    `name your forge in ${place.io.env.get("MUSTER_HOME")}/forges.toml: ` +
      "a [[forge]] with host, kind, url, owners and token_env",
  );
});

Deno.test("a login that no entry has is one of the forge's program: the entry's token is not it", async () => {
  await using place = await checkout("git@git.example.org:ada/tool.git");
  const { forge } = await findRepo(place.io, { cwd: place.cwd, login: "eve" });
  assertEquals([forge.login, forge.tokenEnv], ["eve", undefined]);
});

/** A host that is what it says, and what it was asked. */
function host(answers: Readonly<Record<string, Response>>) {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname + (request.headers.has("authorization") ? " with a token" : ""));
    return answers[pathname]?.clone() ??
      new Response("<html>", { status: 404, headers: { "content-type": "text/html" } });
  });
  return { asked, host: `127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

const version = (text: string) => Response.json({ version: text });
const unauthorized = Response.json({ message: "401 Unauthorized" }, { status: 401 });

Deno.test("an unknown host is asked once what it is, without a token, and the answer is kept", async (t) => {
  const kinds: Readonly<Record<string, readonly [Readonly<Record<string, Response>>, string]>> = {
    gitea: [{ "/api/v1/version": version("1.26.3") }, "/x/tool"],
    forgejo: [
      { "/api/forgejo/v1/version": version("15.0.3"), "/api/v1/version": version("15.0.3+gitea-1.22.0") },
      "/x/tool",
    ],
    github: [{ "/api/v3/meta": Response.json({ verifiable_password_authentication: true }) }, "/x/tool"],
    gitlab: [{ "/api/v4/metadata": unauthorized }, "/x/y/tool"],
  };
  for (const [kind, [answers, path]] of Object.entries(kinds)) {
    await t.step(kind, async () => {
      await using server = host(answers);
      await using place = await checkout(`http://${server.host}${path}.git`, "");
      const find = (io: Io) => findRepo(io, { cwd: place.cwd });
      const first = await find(place.io);
      assertEquals(
        [first.forge.kind, first.forge.url, first.repo],
        [kind, `http://${server.host}`, path.slice(1)] as never,
      );
      const asked = [...server.asked];
      assertEquals(asked.some((one) => one.includes("token")), false);
      assertEquals(await find(place.io), first);
      assertEquals(server.asked, asked);
      await Deno.writeTextFile(`${place.directory}/state/forges.json`, "{broken");
      assertEquals(await find(place.io), first);
      assertEquals(server.asked.length, 2 * asked.length);
    });
  }
  await t.step("below a path", async () => {
    await using server = host({ "/sub/api/v1/version": version("1.26.3") });
    await using place = await checkout(`http://${server.host}/sub/x/tool.git`, "");
    const { forge, repo } = await findRepo(place.io, { cwd: place.cwd });
    assertEquals([forge.kind, forge.url, repo], ["gitea", `http://${server.host}/sub`, "x/tool"]);
  });
  await t.step("none of them", async () => {
    await using server = host({});
    await using place = await checkout(`http://${server.host}/x/tool.git`, "");
    const error = await assertRejects(() => findRepo(place.io, { cwd: place.cwd }), MusterError);
    assertEquals([error.code, error.message], ["config", `not a forge that muster knows: "${server.host}"`]);
  });
});
