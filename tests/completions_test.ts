import { tasks } from "../tasks/index.ts";
import { assertEquals } from "../lib/deps/assert.ts";
import { realIo } from "../lib/io/mod.ts";
import { proposals } from "../lib/task/completion.ts";
import { writeExecutable } from "./_executable.ts";
import { root, World } from "./_world.ts";

const roster = `version = 1
[[agents]]
name = "coder0"
command = ["cat"]
[[agents]]
name = "reviewer0"
command = ["cat"]
`;

/** A world with `muster` on its PATH. */
async function worldWithMuster(): Promise<World> {
  const world = await World.create(roster);
  const run = `#!/bin/sh\nexec "${Deno.execPath()}" run --allow-all "${new URL("cli.ts", root).pathname}" "$@"\n`;
  await writeExecutable(`${world.cwd}/muster`, run);
  return world;
}

const pathWith = (world: World) => ({ PATH: `${world.cwd}:${Deno.env.get("PATH")}` });

Deno.test("proposals offers verbs, flags, values and names in their places", async () => {
  const values = async (...words: readonly string[]) =>
    (await proposals(tasks, words, (source) => Promise.resolve(source === "agents" ? ["coder0", "coder1"] : ["s 1"])))
      .map(({ value }) => value);
  assertEquals(await values("fl"), ["fleet"]);
  assertEquals(await values("fleet", "st"), ["start", "status", "stop"]);
  assertEquals(await values("tmux", "send", "--sa"), ["--sanitize"]);
  assertEquals(await values("tmux", "send", "--runtime", "d"), ["demo"]);
  assertEquals(await values("tmux", "send", "--runtime", "=", "d"), ["demo"]);
  assertEquals(await values("tmux", "send", "--runtime", "="), [
    "claude",
    "codex",
    "command",
    "demo",
    "opencode",
    "pi",
  ]);
  assertEquals(await values("tmux", "send", "-t", ""), ["s 1"]);
  assertEquals((await values("agent", "tail", "co")).filter((value) => !value.startsWith("-")), ["coder0", "coder1"]);
  assertEquals(await values("completions", "f"), ["fish"]);
  assertEquals(await values("nonsense", ""), []);
});

Deno.test("completion needs no permission, and offers names only where it may read them", async () => {
  await using world = await World.create(roster);
  const complete = (permissions: readonly string[], ...words: readonly string[]) =>
    world.deno(["run", ...permissions, new URL("mod.ts", root).pathname, "complete", "--", ...words]);
  const verbs = await complete([], "fleet", "ini");
  assertEquals(verbs, { code: 0, stdout: "init\tWrite a first roster, which starts as it is\n", stderr: "" });
  assertEquals((await complete([], "agent", "tail", "c")).stdout, "");
  assertEquals((await complete(["--allow-env", "--allow-read"], "agent", "tail", "c")).stdout.split("\t")[0], "coder0");
});

Deno.test("bash completes by muster's script", async () => {
  await using world = await worldWithMuster();
  const script = `eval "$(muster completions bash)"; eval "$(muster completions bash)"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _muster; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const complete = (...words: readonly string[]) =>
    world.run("bash", ["--norc", "-c", script, "bash", "muster", ...words], { env: pathWith(world) });
  assertEquals(await complete("fleet", "sta"), { code: 0, stdout: "start\nstatus\n", stderr: "" });
  assertEquals((await complete("agent", "send", "cod")).stdout, "coder0\n");
  const hostile = await complete("tmux", "send", "-m", "$(touch harm)`touch harm`", "--sa");
  assertEquals([hostile.stdout, [...Deno.readDirSync(world.cwd)].map(({ name }) => name)], ["--sanitize\n", [
    "muster",
  ]]);
});

const missing = (shell: string) =>
  new Deno.Command("sh", { args: ["-c", `command -v ${shell}`] }).outputSync().code !== 0;
for (const shell of ["zsh", "fish"]) {
  if (missing(shell)) {
    realIo.terminal.err(`not tested: completion in ${shell}, which is not installed (CI installs it)\n`);
  }
}

Deno.test({
  name: "fish completes by muster's script",
  ignore: missing("fish"),
  fn: async () => {
    await using world = await worldWithMuster();
    const script =
      'muster completions fish | source; complete -C "muster fleet sta"; complete -C "muster agent send cod"';
    const { code, stdout } = await world.run("fish", ["--no-config", "-c", script], { env: pathWith(world) });
    assertEquals([code, stdout.split("\n").map((line) => line.split("\t")[0])], [0, ["start", "status", "coder0", ""]]);
  },
});

Deno.test({
  name: "zsh completes by muster's script",
  ignore: missing("zsh"),
  fn: async () => {
    await using world = await worldWithMuster();
    // Debian's zshenv sets a PATH of its own.
    await world.tmux(["new-session", "-d", "-s", "z", "-x", "200", "-y", "20", "zsh", "-f"]);
    await world.tmux(["send-keys", "-t", "=z:", `export PATH='${pathWith(world).PATH}'`, "Enter"]);
    const type = (...keys: readonly string[]) => world.tmux(["send-keys", "-t", "=z:", ...keys]);
    const sees = (what: string, text: RegExp) =>
      world.eventually(
        what,
        async () => text.test(await world.tmux(["capture-pane", "-p", "-t", "=z:"])) || undefined,
      );
    await type(
      "PS1='> '; autoload -Uz compinit; compinit -D -u; eval \"$(muster completions zsh)\"; echo re''ady",
      "Enter",
    );
    await sees("zsh to be ready", /^ready$/m);
    await type("muster fleet ini", "Tab");
    await sees("zsh to complete a verb", /^> muster fleet init/m);
    await type("C-u", "muster agent send rev", "Tab");
    await sees("zsh to complete an agent", /^> muster agent send reviewer0/m);
  },
});
