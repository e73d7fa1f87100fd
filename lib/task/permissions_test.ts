import { assertEquals, assertThrows } from "../deps/assert.ts";
import { fakeIo } from "../io/fake.ts";
import { MusterError } from "../io/mod.ts";
import {
  homeDirectory,
  permissionPath,
  type Permissions,
  permissionWords,
  requirePermissions,
  stateDirectory,
  unitePermissions,
} from "./permissions.ts";

const all: Permissions = {
  write: [stateDirectory],
  read: [homeDirectory, "/tmp"],
  net: ["a:1", "b"],
  sys: ["hostname"],
  env: ["HOME", "LANG"],
  run: ["tmux", "sh"],
};

Deno.test("permissionWords writes each kind once, in a fixed order", () => {
  const cases: readonly (readonly [Permissions, readonly string[]])[] = [
    [{}, []],
    [{ run: [], read: [] }, []],
    [{ run: ["tmux", "sh"] }, ["--allow-run=tmux,sh"]],
    [all, [
      "--allow-run=tmux,sh",
      "--allow-read=$HOME/.config/muster,/tmp",
      "--allow-write=$HOME/.local/state/muster",
      "--allow-env=HOME,LANG",
      "--allow-net=a:1,b",
      "--allow-sys=hostname",
    ]],
  ];
  for (const [permissions, words] of cases) assertEquals(permissionWords(permissions), words);
});

Deno.test("unitePermissions has each scope once, sorted", () => {
  const united = unitePermissions([{ run: ["tmux", "sh"] }, {}, { run: ["git", "tmux"], env: ["HOME"] }]);
  assertEquals(permissionWords(united), ["--allow-run=git,sh,tmux", "--allow-env=HOME"]);
  assertEquals(permissionWords(unitePermissions([])), []);
});

Deno.test("requirePermissions names all that is missing, and what is needed where paths cannot be looked at", () => {
  const env = { HOME: "/home/ada", MUSTER_STATE: "/var/muster" };
  const install = "; if it is there, install what is not on PATH of tmux,sh";
  const cases = [
    [["--allow-env=LANG"], "--allow-env=HOME,LANG", `, which needs ${permissionWords(all).join(" ")}`],
    [["--allow-run=sh"], "--allow-run=tmux,sh", install],
    [["--allow-sys"], "--allow-sys=hostname", ""],
    [["--allow-net=b"], "--allow-net=b", ""],
    [["--allow-read=/tmp"], "--allow-read=/tmp", ""],
    [["--allow-read=/home", "--allow-read=/tmp"], "--allow-read=/home/ada/.config/muster,/tmp", ""],
    [["--allow-write=/var"], "--allow-write=/var/muster", ""],
    [
      ["--allow-run", "--allow-read=/tmp", "--allow-write", "--allow-net", "--allow-sys"],
      "--allow-run=tmux,sh --allow-read=/tmp --allow-write=/var/muster --allow-net=a:1,b --allow-sys=hostname",
      install,
    ],
  ] as const;
  for (const [denied, flags, more] of cases) {
    const io = fakeIo({ env, denied });
    const error = assertThrows(() => requirePermissions(all, io), MusterError);
    assertEquals([error.code, error.message, error.hint], [
      "permission",
      `missing permission: ${flags}`,
      `add ${flags} to the deno run line${more}`,
    ]);
  }
  requirePermissions(all, fakeIo({ env }));
  requirePermissions({}, fakeIo({ denied: ["--allow-run", "--allow-env", "--allow-read", "--allow-write"] }));
});

Deno.test("permissionPath puts a home in its place as it is", () => {
  const cases = [
    ["/tmp", "/tmp"],
    ["$HOME/.claude", "/home/$&$1/.claude"],
    [homeDirectory, "/home/$&$1/.config/muster"],
    [stateDirectory, "/home/$&$1/.local/state/muster"],
  ] as const;
  const { env } = fakeIo({ env: { HOME: "/home/$&$1" } });
  for (const [word, path] of cases) assertEquals(permissionPath(word, env), path);
  assertEquals(permissionPath(homeDirectory, fakeIo({ env: { MUSTER_HOME: "/etc/muster" } }).env), "/etc/muster");
  assertEquals(permissionPath("$HOME/.claude", fakeIo().env), "$HOME/.claude");
});
