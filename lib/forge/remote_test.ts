import { assertEquals } from "../deps/assert.ts";
import { parseRemote, type Remote } from "./remote.ts";

const tool = ["ada", "tool"];
const cases: readonly (readonly [string, Remote | undefined])[] = [
  ["git@git.example.org:ada/tool.git", { host: "git.example.org", scheme: "ssh", path: tool }],
  ["git.example.org:ada/tool", { host: "git.example.org", scheme: "ssh", path: tool }],
  ["git@git.example.org:/ada/tool.git/", { host: "git.example.org", scheme: "ssh", path: tool }],
  ["git@[git.example.org:2222]:ada/tool.git", { host: "git.example.org", port: "2222", scheme: "ssh", path: tool }],
  ["git@[::1]:ada/tool", { host: "[::1]", scheme: "ssh", path: tool }],
  ["ssh://git@git.example.org/ada/tool.git", { host: "git.example.org", scheme: "ssh", path: tool }],
  ["ssh://git@git.example.org:2222/ada/tool.git", { host: "git.example.org", port: "2222", scheme: "ssh", path: tool }],
  ["git+ssh://git.example.org/ada/tool", { host: "git.example.org", scheme: "ssh", path: tool }],
  ["ssh://git@[::1]:2222/ada/tool", { host: "[::1]", port: "2222", scheme: "ssh", path: tool }],
  ["SSH://Git.Example.ORG/ada/tool", { host: "git.example.org", scheme: "ssh", path: tool }],
  ["https://git.example.org/ada/tool.git", { host: "git.example.org", scheme: "https", path: tool }],
  ["https://git.example.org/ada/tool/", { host: "git.example.org", scheme: "https", path: tool }],
  ["https://ada:s3cret@git.example.org:3000/ada/tool", {
    host: "git.example.org",
    port: "3000",
    scheme: "https",
    path: tool,
  }],
  ["http://127.0.0.1:3000/sub/path/ada/tool.git", {
    host: "127.0.0.1",
    port: "3000",
    scheme: "http",
    path: ["sub", "path", ...tool],
  }],
  ["https://gitlab.example.org/group/sub/deep/tool.git", {
    host: "gitlab.example.org",
    scheme: "https",
    path: ["group", "sub", "deep", "tool"],
  }],
  ["https://git.example.org/ada/a%20b.git", { host: "git.example.org", scheme: "https", path: ["ada", "a b"] }],
  ["https://git.example.org/ada/100%.git", { host: "git.example.org", scheme: "https", path: ["ada", "100%"] }],
  ["git://git.example.org/ada/tool.git", { host: "git.example.org", scheme: "git", path: tool }],
  ["git@git.example.org:ada/tool.git.git", { host: "git.example.org", scheme: "ssh", path: ["ada", "tool.git"] }],
  ["/srv/git/ada/tool.git", undefined],
  ["../tool.git", undefined],
  ["./a:b", undefined],
  ["file:///srv/git/tool.git", undefined],
  ["ext::sh -c evil", undefined],
  ["https:///ada/tool", undefined],
  ["https://git.example.org", undefined],
  ["https://git.example.org/.git", undefined],
  ["git@git.exa mple.org:ada/tool", undefined],
  ["", undefined],
  ["tool", undefined],
];

Deno.test("a remote is read in each of git's spellings", async (t) => {
  for (const [text, expected] of cases) {
    await t.step(JSON.stringify(text), () => assertEquals(parseRemote(text), expected));
  }
});
