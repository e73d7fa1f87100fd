/**
 * What a person gets wrong, and what muster says to it: one true line, a way out, the exit status, the same as JSON, and
 * nothing done.
 *
 * @module
 */

import { assertEquals, assertMatch } from "../lib/deps/assert.ts";
import { type Ended, inTurns, show, World } from "./_world.ts";

const fleet = `version = 1

[[agents]]
name = "coder0"
command = ["cat"]
`;

/** An error as `--json` prints it. */
interface Said {
  readonly code: "usage" | "config" | "not_found" | "failed" | "missing_program" | "held";
  readonly message: string;
  readonly hint?: string;
  readonly command?: string;
}

const statuses: Readonly<Record<Said["code"], number>> = {
  usage: 2,
  config: 2,
  held: 4,
  not_found: 5,
  failed: 6,
  missing_program: 6,
};

/** A command line that cannot be right, and what is said to it. */
interface Mistake {
  readonly title: string;
  readonly args: readonly string[];
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly says: Said;
}

const send = ["tmux", "send", "-t", "coder0"];
const help = (verb: string) => `muster ${verb} --help shows what it takes`;
const usage = (message: string, hint?: string): Said => ({ code: "usage", message, hint });
const notLike = (flag: string, value: string) =>
  usage(
    `invalid value: ${flag}: expected a duration such as 30s, got "${value}"`,
    help("tmux send"),
  );
const asKey = "it would act as a key: take it out, or show it with --sanitize";
const control = (name: string) => usage(`message holds a control character: ${name}`, asKey);
const noMessage = usage("empty message", "give it with -m, with -f FILE, or on standard input");
const neverSeen = (state: string) =>
  usage(
    `never seen ${state}, since the screen of kind command is not read: coder0`,
    "do not wait for that, or say what its program is, in the roster or by --runtime: claude, codex, opencode, pi",
  );
const oneTarget = "one of -n NUMBER, --sha SHA, --branch BRANCH, --pr N";
const tooLongHint = "at most 1048576 bytes (1 MiB): put it in a file and send its path";

const mistakes: readonly Mistake[] = [
  // Words
  {
    title: "an unknown verb",
    args: ["fleet", "strat"],
    says: usage("unknown verb: fleet strat", "did you mean muster fleet start?"),
  },
  {
    title: "a verb like no other",
    args: ["fleet", "xyzzyx"],
    says: usage(
      "unknown verb: fleet xyzzyx",
      "one of adopt, init, install, restart, start, status, stop, uninstall, verify, watch",
    ),
  },
  {
    title: "no verb",
    args: ["fleet"],
    says: usage(
      "missing verb: fleet",
      "one of adopt, init, install, restart, start, status, stop, uninstall, verify, watch",
    ),
  },
  {
    title: "an unknown noun",
    args: ["flete", "start"],
    says: usage("unknown command: flete", "did you mean muster fleet?"),
  },
  {
    title: "an argument of few values that is missing",
    args: ["completions"],
    says: usage("missing argument: SHELL", "one of bash, zsh, fish"),
  },
  {
    title: "a verb without its noun",
    args: ["restart"],
    says: usage("missing noun: restart", "did you mean muster agent restart, muster fleet restart?"),
  },
  {
    title: "a verb of another noun",
    args: ["agent", "stop", "coder0"],
    says: usage("unknown verb: agent stop", "did you mean muster fleet stop?"),
  },
  {
    title: "a noun like no other",
    args: ["xyzzyx"],
    says: usage("unknown command: xyzzyx", "muster --help lists the commands"),
  },
  {
    title: "a flag before the verb",
    args: ["--socket", "x", "tmux", "send"],
    says: usage("unknown flag: --socket", "flags come after the verb: muster <noun> <verb> --flag"),
  },
  {
    title: "an unknown flag",
    args: [...send, "--mesage", "x"],
    says: usage("unknown flag: --mesage", "did you mean --message?"),
  },
  {
    title: "an unknown letter",
    args: [...send, "-x", "x"],
    says: usage("unknown flag: -x", help("tmux send")),
  },
  {
    title: "an argument too many",
    args: ["fleet", "status", "coder0"],
    says: usage("one argument too many: coder0", help("fleet status")),
  },
  { title: "no argument", args: ["agent", "tail"], says: usage("missing argument: AGENT", help("agent tail")) },
  {
    title: "no agent",
    args: ["agent", "send"],
    says: usage("no agent named", "give names, or --class CLASS, or --all, or -s TARGET"),
  },
  {
    title: "no target",
    args: ["tmux", "send", "-m", "x"],
    says: usage("missing flag: --target", help("tmux send")),
  },

  // Values
  {
    title: "an unknown value of a choice",
    args: [...send, "-m", "x", "--runtime", "demoo"],
    says: usage("unknown value: --runtime demoo", "did you mean demo?"),
  },
  {
    title: "an unknown value in place",
    args: ["completions", "bsh"],
    says: usage("unknown value: SHELL bsh", "did you mean bash?"),
  },
  {
    title: "another shell, which is near none",
    args: ["completions", "tcsh"],
    says: usage("unknown value: SHELL tcsh", "one of bash, zsh, fish"),
  },
  { title: "no duration", args: [...send, "-m", "x", "--timeout", "soon"], says: notLike("--timeout", "soon") },
  { title: "a negative duration", args: [...send, "-m", "x", "--timeout=-1"], says: notLike("--timeout", "-1") },
  { title: "a duration in days", args: [...send, "-m", "x", "--timeout", "1d"], says: notLike("--timeout", "1d") },
  {
    title: "too long a duration",
    args: [...send, "-m", "x", "--timeout", "9999h"],
    says: usage(
      `invalid value: --timeout: expected less than 24 days, got "9999h"`,
      help("tmux send"),
    ),
  },
  {
    title: "no number",
    args: [...send, "-m", "x", "--retries", "many"],
    says: usage("not a number: --retries many"),
  },
  {
    title: "no whole number",
    args: [...send, "-m", "x", "--retries", "1.5"],
    says: usage("invalid value: --retries: expected integer, got 1.5", help("tmux send")),
  },
  {
    title: "too large a number",
    args: [...send, "-m", "x", "--retries", "21"],
    says: usage("invalid value: --retries: expected at most 20, got 21", help("tmux send")),
  },
  {
    title: "too small a number",
    args: ["agent", "tail", "coder0", "-n", "0"],
    says: usage("invalid value: --lines: expected at least 1, got 0", help("agent tail")),
  },
  {
    title: "a missing value of a letter",
    args: ["tmux", "send", "-m", "x", "-t"],
    says: usage("missing value: -t", "--target takes TARGET"),
  },
  {
    title: "a missing value of a long flag",
    args: [...send, "-m", "x", "--timeout"],
    says: usage("missing value: --timeout", "--timeout takes DURATION"),
  },
  {
    title: "a value of a flag that takes none",
    args: [...send, "-m", "x", "--sanitize=maybe"],
    says: usage("takes no value: --sanitize", help("tmux send")),
  },
  {
    title: "a flag given twice",
    args: [...send, "-m", "x", "-m", "y"],
    says: usage("given twice: --message", help("tmux send")),
  },
  {
    title: "a flag given twice, as a letter and in full",
    args: ["tmux", "send", "-m", "x", "-t", "coder0", "--target", "coder0"],
    says: usage("given twice: --target", help("tmux send")),
  },

  // Messages
  {
    title: "two messages",
    args: [...send, "-m", "x", "-f", "empty"],
    says: usage("two messages: --message and --file", "give one of them"),
  },
  { title: "an empty message", args: [...send, "-m", ""], says: noMessage },
  { title: "an empty message behind =", args: [...send, "--message="], says: noMessage },
  { title: "an empty message behind a letter and =", args: [...send, "-m=", "--timeout", "1s"], says: noMessage },
  {
    title: "a message of blanks",
    args: [...send, "-m", " \n\t"],
    says: { ...noMessage, message: "message of white space alone" },
  },
  { title: "an empty file", args: [...send, "-f", "empty"], says: noMessage },
  { title: "no input", args: send, says: noMessage },
  {
    title: "a message without its -m",
    args: ["agent", "send", "coder0", "hello"],
    says: { ...noMessage, hint: `each word behind the verb names an agent; ${noMessage.hint}` },
  },
  { title: "empty input", args: send, stdin: "", says: noMessage },
  { title: "a missing file", args: [...send, "-f", "nofile"], says: usage("no such file: nofile") },
  { title: "a file without a name", args: [...send, "-f", ""], says: usage('no such file: ""') },
  { title: "a directory", args: [...send, "-f", "."], says: usage("not a file: .") },
  {
    title: "2 MiB by input",
    args: send,
    stdin: "x".repeat(2 << 20),
    says: usage("standard input is too long: more than 1048576 bytes", tooLongHint),
  },
  {
    title: "2 MiB by file",
    args: [...send, "-f", "big"],
    says: usage("message too long: 2097152 bytes", tooLongHint),
  },
  { title: "an end of a paste", args: [...send, "-m", "a\x1b[201~\rb"], says: control("U+001B (ESC)") },
  { title: "an end of a paste, by input", args: send, stdin: "a\x1b[201~b", says: control("U+001B (ESC)") },
  { title: "a carriage return", args: [...send, "-m", "a\rb"], says: control("U+000D (CR)") },
  { title: "a C1 control", args: [...send, "-m", "a\x9b201~"], says: control("U+009B (DEL or C1)") },
  { title: "NUL, by input", args: send, stdin: "a\0b", says: control("U+0000 (NUL)") },
  {
    title: "Latin-1, by input",
    args: send,
    stdin: new Uint8Array([0x68, 0xe9, 0x0a]),
    says: usage("message is not UTF-8", "convert it with iconv -t UTF-8"),
  },
  {
    title: "Latin-1, by file",
    args: [...send, "-f", "latin1"],
    says: usage("message is not UTF-8", "convert it with iconv -t UTF-8"),
  },
  {
    title: "an unknown agent",
    args: ["agent", "send", "coder1", "-m", "x"],
    says: { code: "not_found", message: "no such agent: coder1", hint: "did you mean coder0?" },
  },
  {
    title: "a wait for what a program whose screen is not read never shows",
    args: ["agent", "send", "coder0", "-m", "x", "--wait", "idle"],
    says: neverSeen("idle"),
  },
  {
    title: "the same, of all agents",
    args: ["agent", "send", "--all", "-m", "x", "--wait", "idle", "--task"],
    says: neverSeen("idle"),
  },
  {
    title: "a wait without a send for what such a program never shows",
    args: ["agent", "wait", "coder0"],
    says: neverSeen("idle"),
  },
  {
    title: "the same, for a dialog",
    args: ["agent", "wait", "coder0", "--for", "dialog"],
    says: neverSeen("dialog"),
  },
  {
    title: "an agent like no other",
    args: ["fleet", "stop", "xyzzyx"],
    says: { code: "not_found", message: "no such agent: xyzzyx", hint: "the roster has coder0" },
  },
  {
    title: "an agent without a name",
    args: ["fleet", "stop", ""],
    says: { code: "not_found", message: 'no such agent: ""', hint: "the roster has coder0" },
  },

  // CI
  {
    title: "nothing to wait for",
    args: ["ci", "wait"],
    says: usage("nothing to wait for", oneTarget),
  },
  {
    title: "two things to wait for",
    args: ["ci", "wait", "-n", "12", "--pr", "3"],
    says: usage("more than one thing to wait for", oneTarget),
  },
  {
    title: "a part of a commit",
    args: ["ci", "wait", "--sha", "abc\n"],
    says: usage('not a whole commit: "abc\\n"', "git rev-parse prints it whole"),
  },
  {
    title: "a pipeline that is no number",
    args: ["ci", "wait", "-n", "#12"],
    says: usage("not a number: --number #12"),
  },
  {
    title: "pipeline 0",
    args: ["ci", "log", "-n", "0"],
    says: usage("invalid value: --number: expected at least 1, got 0", help("ci log")),
  },
  {
    title: "a branch without a name",
    args: ["ci", "wait", "--branch", ""],
    says: usage('invalid value: --branch: expected at least 1 character, got ""', help("ci wait")),
  },
  {
    title: "a command that is none",
    args: ["ci", "wait", "-n", "12", "--exec", ""],
    says: usage('invalid value: --exec: expected at least 1 character, got ""', help("ci wait")),
  },
  {
    title: "a kind of CI that is not known",
    args: ["ci", "status", "--provider", "jenkins"],
    says: usage("unknown value: --provider jenkins", "one of woodpecker, github, gitlab, gitea, forgejo, statuses"),
  },
  {
    title: "no repo",
    args: ["ci", "list", "-r", "tool"],
    says: usage('not a repo: "tool"', "write it as owner/repo"),
  },
  {
    title: "an agent to notify that is not there, before anything is asked",
    args: ["ci", "wait", "-r", "ada/tool", "-n", "12", "--notify", "coder1"],
    says: { code: "not_found", message: "no such agent: coder1", hint: "did you mean coder0?" },
  },
  {
    title: "no purpose of a guard",
    args: ["ci", "guard"],
    says: usage("missing flag: --purpose", help("ci guard")),
  },
  {
    title: "a merge that is to be pushed",
    args: ["ci", "guard", "--purpose", "merge", "--push"],
    says: usage("a merge is not pushed", "pr merge --guard merges"),
  },
  {
    title: "a pull request of a push",
    args: ["ci", "guard", "--purpose", "push", "--pr", "3"],
    says: usage("--pr is of a merge", "--purpose merge --pr N"),
  },
  {
    title: "no branch to start a pipeline of",
    args: ["ci", "trigger", "-r", "ada/tool"],
    says: usage("missing flag: --branch", help("ci trigger")),
  },
  {
    title: "no lines of a log",
    args: ["ci", "log", "-n", "12", "--lines", "0"],
    says: usage("invalid value: --lines: expected at least 1, got 0", help("ci log")),
  },

  // The environment
  {
    title: "no tmux",
    args: [...send, "-m", "x"],
    env: { PATH: "/nonexistent" },
    says: {
      code: "missing_program",
      message: "program not found: tmux",
      hint: "install tmux, or put it on PATH",
      command: "tmux",
    },
  },
  {
    title: "no tmux to start a fleet with",
    args: ["fleet", "start"],
    env: { PATH: "/nonexistent" },
    says: {
      code: "missing_program",
      message: "program not found: tmux",
      hint: "install tmux, or put it on PATH",
      command: "tmux",
    },
  },
  {
    title: "a relative home",
    args: ["fleet", "status"],
    env: { MUSTER_HOME: "x" },
    says: {
      code: "config",
      message: 'not an absolute path: MUSTER_HOME="x"',
      hint: "set MUSTER_HOME to a path that begins with /",
    },
  },
];

/** What a person reads. */
function pageOf({ code, message, hint }: Said): Ended {
  const way = hint === undefined ? "" : `hint: ${hint}\n`;
  return { code: statuses[code], stdout: "", stderr: `muster: ${message}\n${way}` };
}

/** What a script reads. */
function documentOf({ code, message, hint, command }: Said): Ended {
  const error = { code, message, hint, command }; // undefined keys are left out of JSON
  return { code: statuses[code], stdout: `${JSON.stringify({ error })}\n`, stderr: "" };
}

/** `--json` goes behind the verb: at the end it could be the value of the flag before it. */
function withJson(args: readonly string[]): string[] {
  const at = args[0] === "completions" ? 1 : 2;
  return [...args.slice(0, at), "--json", ...args.slice(at)];
}

/** Makes a mistake twice, for a person and for a script. */
async function makeMistake(world: World, { args, stdin, env }: Omit<Mistake, "says" | "title">): Promise<Ended[]> {
  return [await world.muster(args, { stdin, env }), await world.muster(withJson(args), { stdin, env })];
}

Deno.test("a mistake is told in one line with a way out, and nothing is done", async (t) => {
  await using world = await World.create(fleet);
  await world.file("empty", "");
  await world.file("big", "x".repeat(2 << 20));
  await world.file("latin1", new Uint8Array([0x68, 0xe9, 0x0a]));
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  const panes = await world.tmux(["list-panes", "-a", "-F", "#{session_name} #{pane_id} #{pane_pid}"]);
  const ended = await inTurns(mistakes, (mistake) => makeMistake(world, mistake));
  for (const [at, { title, says }] of mistakes.entries()) {
    await t.step(title, () => assertEquals(ended[at], [pageOf(says), documentOf(says)]));
  }
  await t.step("nothing was typed, started or stopped", async () => {
    assertEquals(await world.screen("=coder0:"), [""]);
    assertEquals(await world.tmux(["list-buffers"]), "");
    assertEquals(await world.tmux(["list-panes", "-a", "-F", "#{session_name} #{pane_id} #{pane_pid}"]), panes);
  });
});

/** A roster that is none, and what is said to it; `<roster>` stands for its path. */
const rosters: readonly { readonly title: string; readonly roster?: string; readonly says: Said }[] = [
  {
    title: "no roster",
    says: { code: "not_found", message: "no roster: <roster>", hint: "run muster fleet init" },
  },
  {
    title: "an empty roster",
    roster: "",
    says: { code: "config", message: "missing key: <roster>:1: version", hint: "write version = 1" },
  },
  {
    title: "a wrong type",
    roster: 'version = 1\n[[agents]]\nname = 5\ncommand = ["cat"]\n',
    says: {
      code: "config",
      message: "wrong type: <roster>:3: agents[0].name: expected string, got number",
      hint: "write it in quotes",
    },
  },
  {
    title: "a command that is one text",
    roster: 'version = 1\n[[agents]]\nname = "coder0"\ncommand = "cat"\n',
    says: {
      code: "config",
      message: "wrong type: <roster>:4: agents[0].command: expected array, got string",
      hint: 'write an array of words, such as ["program", "argument"]',
    },
  },
  {
    title: "a duplicate name",
    roster: `${fleet}\n[[agents]]\nname = "coder0"\ncommand = ["cat"]\n`,
    says: {
      code: "config",
      message: 'duplicate name: <roster>:8: agents[1].name: "coder0"',
      hint: "agents[0] has this name already",
    },
  },
  {
    title: "a bad name",
    roster: 'version = 1\n[[agents]]\nname = "a b"\ncommand = ["cat"]\n',
    says: {
      code: "config",
      message: 'wrong value: <roster>:3: agents[0].name: expected 1 to 64 letters, digits, "_" or "-", got "a b"',
    },
  },
  {
    title: "an unknown key",
    roster: 'version = 1\n[[agents]]\nname = "coder0"\nclas = "x"\ncommand = ["cat"]\n',
    says: { code: "config", message: "unknown key: <roster>:4: agents[0].clas", hint: 'did you mean "class"?' },
  },
  {
    title: "a duplicate key",
    roster: "version = 1\nversion = 1\n",
    says: { code: "config", message: "duplicate key: <roster>:2: version", hint: "first set on line 1" },
  },
  {
    title: "a relative directory",
    roster: 'version = 1\n[[agents]]\nname = "coder0"\ncommand = ["cat"]\nworking_directory = "src"\n',
    says: {
      code: "config",
      message:
        'wrong value: <roster>:5: agents[0].working_directory: expected a path that begins with / or ~/, got "src"',
    },
  },
  {
    title: "broken TOML",
    roster: 'version = 1\n[[agents]]\nname = "coder0\n',
    says: { code: "config", message: "broken TOML: <roster>:3:15: Unterminated string constant" },
  },
];

for (const { title, roster, says } of rosters) {
  Deno.test(`a roster that cannot be read: ${title}`, async () => {
    await using world = await World.create(roster);
    const said = { ...says, message: says.message.replace("<roster>", world.rosterPath) };
    for (const args of [["fleet", "start"], ["fleet", "status"]]) {
      assertEquals(await makeMistake(world, { args }), [pageOf(said), documentOf(said)]);
    }
    assertEquals(await world.socketFiles(), []);
  });
}

Deno.test("a roster that is Latin-1", async () => {
  await using world = await World.create("");
  await Deno.writeFile(world.rosterPath, new Uint8Array([0x23, 0x0a, 0x23, 0xe9, 0x0a]));
  const says: Said = { code: "config", message: `broken TOML: ${world.rosterPath}:2:1: not UTF-8` };
  assertEquals(await makeMistake(world, { args: ["fleet", "status"] }), [pageOf(says), documentOf(says)]);
});

/** What `forges.toml` says of CI, what is asked of it, and what is said to that; `<forges>` stands for its path. */
const servers: readonly {
  readonly title: string;
  readonly forge: string;
  readonly args: readonly string[];
  readonly says: Said;
}[] = [
  {
    title: "an owner that no forge has",
    forge: "",
    args: ["-r", "bob/tool"],
    says: {
      code: "usage",
      message: 'no forge for the owner "bob"',
      hint: "add it to the owners of its [[forge]] in <forges>",
    },
  },
  {
    title: "a server that has no such name",
    forge: '[forge.ci]\nname = "main"\nkind = "woodpecker"\nurl = "http://127.0.0.1:1"\n',
    args: ["-a", "mian"],
    says: { code: "config", message: 'no CI server of that name: "mian"', hint: "one of main" },
  },
  {
    title: "a kind that it has no server of",
    forge: "",
    args: ["--provider", "woodpecker"],
    says: {
      code: "config",
      message: "no woodpecker server for git.example.org",
      hint: 'name it in a [forge.ci] of its [[forge]] in forges.toml: kind = "woodpecker", url',
    },
  },
  {
    title: "no token",
    forge: '[forge.ci]\nkind = "woodpecker"\nurl = "http://127.0.0.1:1"\ntoken_env = "WOODPECKER_TOKEN"\n',
    args: [],
    says: {
      code: "config",
      message: "no token for 127.0.0.1:1: WOODPECKER_TOKEN is not set",
      hint: "set WOODPECKER_TOKEN, or name another token_env or a token_command in forges.toml",
    },
  },
];

for (const { title, forge, args, says } of servers) {
  Deno.test(`CI that cannot be found: ${title}`, async () => {
    await using world = await World.create();
    const path = `${world.musterHome}/forges.toml`;
    await Deno.mkdir(world.musterHome, { recursive: true });
    const head = '[[forge]]\nhost = "git.example.org"\nkind = "gitea"\nurl = "http://127.0.0.1:1"\nowners = ["ada"]\n';
    await Deno.writeTextFile(path, head + forge);
    const said = { ...says, ...(says.hint === undefined ? {} : { hint: says.hint.replace("<forges>", path) }) };
    const repo = args.includes("-r") ? [] : ["-r", "ada/tool"];
    for (const verb of [["wait", "-n", "12"], ["status"], ["trigger", "-B", "main"]]) {
      const ended = await makeMistake(world, { args: ["ci", ...verb, ...repo, ...args] });
      assertEquals(ended, [pageOf(said), documentOf(said)], verb.join(" "));
    }
  });
}

Deno.test("a working directory that is not there is told before anything is started", async () => {
  await using world = await World.create(`${fleet}working_directory = "/nonexistent/directory"\n`);
  const says: Said = {
    code: "config",
    message: "no such working directory: /nonexistent/directory (agent coder0)",
    hint: "make the directory, or change working_directory in the roster",
  };
  assertEquals(await makeMistake(world, { args: ["fleet", "start"] }), [pageOf(says), documentOf(says)]);
  assertEquals(await world.socketFiles(), []);
});

Deno.test("a directory of sockets that cannot be used is told with where it comes from", async () => {
  await using world = await World.create(fleet);
  const directory = `${world.directory}/blocked`;
  await Deno.mkdir(directory);
  await Deno.writeTextFile(`${directory}/tmux-${Deno.uid()}`, "a file");
  const says: Said = {
    code: "failed",
    message: `tmux refused: ${directory}/tmux-${Deno.uid()} is not a directory`,
    hint: "tmux keeps its sockets in $TMUX_TMPDIR, or /tmp: make that directory writable",
    command: "tmux",
  };
  for (const args of [["fleet", "start"], ["fleet", "status"], ["fleet", "stop"], [...send, "-m", "x"]]) {
    const ended = await makeMistake(world, { args, env: { TMUX_TMPDIR: directory } });
    assertEquals(ended, [pageOf(says), documentOf(says)], args.join(" "));
  }
  assertEquals(await Deno.readTextFile(`${directory}/tmux-${Deno.uid()}`), "a file");
});

Deno.test("a directory of sockets that others may write is refused", async () => {
  await using world = await World.create(fleet);
  const directory = `${world.directory}/open`;
  await Deno.mkdir(`${directory}/tmux-${Deno.uid()}`, { recursive: true });
  await Deno.chmod(`${directory}/tmux-${Deno.uid()}`, 0o777);
  const says: Said = {
    code: "failed",
    message: `tmux refused: directory ${directory}/tmux-${Deno.uid()} has unsafe permissions`,
    hint: "tmux keeps its sockets in $TMUX_TMPDIR, or /tmp: make that directory writable",
    command: "tmux",
  };
  const ended = await makeMistake(world, { args: ["fleet", "start"], env: { TMUX_TMPDIR: directory } });
  // Not "writable": it is too much so.
  assertEquals(ended[0]?.code, 6, show(ended[0] ?? { code: -1, stdout: "", stderr: "" }));
  assertEquals(ended[0]?.stderr.split("\n")[0], `muster: ${says.message}`);
  assertMatch(ended[0]?.stderr ?? "", /\nhint: .*(chmod|mode|0700|0?700)/);
});

Deno.test("a text that looks like --json is no wish for JSON", async () => {
  await using world = await World.create(fleet);
  const says = usage("missing flag: --target", help("tmux send"));
  assertEquals(await world.muster(["tmux", "send", "-m", "--json"]), pageOf(says));
});

Deno.test("a program that ends at once is shown with its last words", async () => {
  await using world = await World.create(
    'version = 1\n[runtimes.x]\nkind = "command"\nready = "welcome"\n' +
      '[[agents]]\nname = "coder0"\nruntime = "x"\ncommand = ["sh", "-c", "echo no licence found >&2; exit 3"]\n',
  );
  const ended = await world.muster(["fleet", "start"]);
  assertEquals([ended.code, ended.stderr], [1, ""]);
  // The kernel may drop what a program says as it ends: then that is told.
  assertMatch(
    ended.stdout,
    /^coder0 {2}failed {2}%1 {2}its program ended with status 3(\nlast lines of coder0:\n {2}│ no licence found\n|, and what it said was lost\n)$/,
  );
});

Deno.test("control characters are sent visibly with --sanitize", async () => {
  await using world = await World.create(fleet);
  assertEquals((await world.muster(["fleet", "start"])).code, 0);
  const lines: readonly (readonly [string, string])[] = [
    ["a\x1b[201~b", "a\\u001b[201~b"],
    ["c\rd", "c\\rd"],
    ["g\x03h\x7f", "g\\u0003h\\u007f"],
  ];
  for (const [given] of lines) {
    const { code, stderr, document } = await world.json<{ readonly outcome: string }>([
      ...send,
      "--sanitize",
      "-m",
      given,
    ]);
    assertEquals([code, stderr, document.outcome], [0, "", "submitted"], JSON.stringify(given));
  }
  const wanted = lines.flatMap(([, shown]) => [shown, shown]); // typed, and said by cat
  await world.eventually("cat to have said all of it", async () => {
    return (await world.screen("=coder0:")).length === wanted.length || undefined;
  });
  assertEquals(await world.screen("=coder0:"), wanted);
});
