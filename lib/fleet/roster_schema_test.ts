import { assertEquals, assertThrows } from "../deps/assert.ts";
import { parseConfig } from "../config/read_toml.ts";
import { MusterError } from "../io/error.ts";
import { rosterSchema } from "./roster_schema.ts";

const file = "/r.toml";
const agent = 'version = 1\n[[agents]]\nname = "a"\nruntime = "demo"\n';

function failure(text: string): [string, string | undefined] {
  const error = assertThrows(() => parseConfig(text, { file, schema: rosterSchema }), MusterError);
  assertEquals(error.code, "config");
  return [error.message, error.hint];
}

Deno.test("a roster may hold every key that DESIGN.md names", () => {
  const text = `
version = 1
transport = "tmux"
[tmux]
socket_name = "m"
holder_session = "h"
[defaults]
runtime = "claude"
class = "coder"
[runtimes.claude]
kind = "command"
command = ["claude"]
args = ["--verbose"]
env = { A = "1" }
reset_command = "/clear"
ready = '^> $'
[[agents]]
name = "coder-0_A"
runtime = "claude"
class = "reviewer of code"
working_directory = "~/src"
model = "opus"
model_hint = "the big one 👩‍💻"
persistent_persona = "semi"
reset_between_tasks = true
kickstart = """hi
there"""
command = ["~/bin/claude", ""]
args = []
unattended = true
env = { PORT = "80" }
env_file = "/etc/env"
env_command = ["pass", "show", "x"]
memory_max = "2G"
host = "ada@host.example"
socket = "other"
managed = false
`;
  const roster = parseConfig(text, { file, schema: rosterSchema });
  assertEquals(roster.agents[0]?.persistent_persona, "semi");
  assertEquals(roster.runtimes.claude?.ready, "^> $");
  for (const host of ["h", "10.0.0.1", "u@h", "[::1]", "fe80::1%eth0"]) {
    parseConfig(`${agent}host = "${host}"`, { file, schema: rosterSchema });
  }
});

Deno.test("a roster's top level has its defaults", () => {
  assertEquals(parseConfig("version = 1", { file, schema: rosterSchema }), {
    version: 1,
    transport: "tmux",
    tmux: { socket_name: "muster", holder_session: "_holder" },
    defaults: {},
    runtimes: {},
    agents: [],
  });
});

Deno.test("each wrong value of an agent is named with its line", () => {
  const path = "expected a path that begins with / or ~/";
  const program = "expected the name of a program, or a path that begins with / or ~/";
  const words = 'write an array of words, such as ["program", "argument"]';
  const line = "expected one line of text without control characters";
  const cases: [string, string, string?][] = [
    ["class = 3", "wrong type: /r.toml:5: agents[0].class: expected string, got number", "write it in quotes"],
    ['class = "a\\nb"', `wrong value: /r.toml:5: agents[0].class: ${line}, got "a\\nb"`],
    ['model = "\\u001b[31m"', `wrong value: /r.toml:5: agents[0].model: ${line}, got "\\u001b[31m"`],
    ["model_hint = '\u202e'", `wrong value: /r.toml:5: agents[0].model_hint: ${line}, got "\\u202e"`],
    ["working_directory = 'src'", `wrong value: /r.toml:5: agents[0].working_directory: ${path}, got "src"`],
    ["working_directory = '~bob'", `wrong value: /r.toml:5: agents[0].working_directory: ${path}, got "~bob"`],
    ["env_file = './env'", `wrong value: /r.toml:5: agents[0].env_file: ${path}, got "./env"`],
    ["kickstart_template = ''", `wrong value: /r.toml:5: agents[0].kickstart_template: ${path}, got ""`],
    [
      'kickstart = "\\u001b"',
      'wrong value: /r.toml:5: agents[0].kickstart: expected text without control characters, got "\\u001b"',
    ],
    [
      "kickstart = 'a'\nkickstart_template = '/a'",
      "conflicting key: /r.toml:6: agents[0].kickstart_template: kickstart is set too",
      "keep one of the two",
    ],
    ["command = 'claude -c'", "wrong type: /r.toml:5: agents[0].command: expected array, got string", words],
    ["env_command = 'pass x'", "wrong type: /r.toml:5: agents[0].env_command: expected array, got string", words],
    ["command = []", "wrong value: /r.toml:5: agents[0].command: expected at least 1 element, got 0"],
    ["command = ['bin/x']", `wrong value: /r.toml:5: agents[0].command[0]: ${program}, got "bin/x"`],
    ["command = ['']", `wrong value: /r.toml:5: agents[0].command[0]: ${program}, got ""`],
    [
      "args = [\n'a',\n1]",
      "wrong type: /r.toml:7: agents[0].args[1]: expected string, got number",
      "write it in quotes",
    ],
    [
      "env = { PORT = 80 }",
      "wrong type: /r.toml:5: agents[0].env.PORT: expected string, got number",
      "write it in quotes",
    ],
    [
      "env.1A = 'x'",
      'wrong key: /r.toml:5: agents[0].env.1A: expected letters, digits and "_", not first a digit, as the name of a variable',
    ],
    ["env = { __proto__ = 'x' }", "reserved key: /r.toml:5: agents[0].env.__proto__"],
    ['args = ["a\\u0000"]', "wrong value: /r.toml:5: agents[0].args[0]: expected text without NUL"],
    [
      "memory_max = '512'",
      'wrong value: /r.toml:5: agents[0].memory_max: expected a whole number and K, M, G or T, such as "512M", got "512"',
    ],
    [
      "host = '-oProxyCommand=x'",
      'wrong value: /r.toml:5: agents[0].host: expected a host or user@host, as for ssh, got "-oProxyCommand=x"',
    ],
    [
      "socket = '/tmp/x'",
      'wrong value: /r.toml:5: agents[0].socket: expected 1 to 64 letters, digits, "_", "." or "-", first no "." or "-", got "/tmp/x"',
    ],
    [
      "persistent_persona = 'half'",
      'wrong value: /r.toml:5: agents[0].persistent_persona: expected boolean or "semi", got "half"',
    ],
    [
      "workingdirectory = '/x'",
      "unknown key: /r.toml:5: agents[0].workingdirectory",
      'did you mean "working_directory"?',
    ],
    ["cwd = '/x'\ndir = '/y'", "unknown key: /r.toml:5: agents[0].cwd (and 1 more)", "muster check shows them all"],
    ['"a\\n\\u001b" = 1', 'unknown key: /r.toml:5: agents[0]."a\\n\\u001b"'],
    ["name = 'b'", "duplicate key: /r.toml:5: agents[0].name", "first set on line 3"],
    ["[agents.tmux", "broken TOML: /r.toml:5:13: Unterminated table-key"],
  ];
  for (const [text, message, hint] of cases) assertEquals(failure(agent + text), [message, hint]);
});

Deno.test("each wrong value elsewhere is named with its line", () => {
  const cases: [string, string, string?][] = [
    ["", "missing key: /r.toml:1: version", "write version = 1"],
    ["version = 2", "wrong value: /r.toml:1: version: expected 1, got 2"],
    [
      "version = 1\ntransport = 'matrix'",
      'wrong value: /r.toml:2: transport: expected "tmux": "matrix" is not built yet',
    ],
    [
      "version = 1\ntransport = 'tmx'",
      'wrong value: /r.toml:2: transport: expected "tmux", got "tmx"',
      'did you mean "tmux"?',
    ],
    [
      "version = 1\ntransport = 'carrier pigeon\\'",
      'wrong value: /r.toml:2: transport: expected "tmux", got "carrier pigeon\\\\"',
    ],
    [
      "version = 1\n[tmux]\nholder_session = 'a.b'",
      'wrong value: /r.toml:3: tmux.holder_session: expected 1 to 64 letters, digits, "_" or "-", got "a.b"',
    ],
    ["version = 1\n[defaults]\nname = 'x'", "unknown key: /r.toml:3: defaults.name"],
    [
      "version = 1\n[defaults]\nruntime = 'dmo'\n" + agent.slice(12),
      'unknown runtime: /r.toml:3: defaults.runtime: "dmo"',
      'did you mean "demo"?',
    ],
    ["version = 1\n[runtimes.x]\n", "missing key: /r.toml:2: runtimes.x.kind"],
    [
      "version = 1\n[runtimes.x]\nkind = 'comand'",
      'wrong value: /r.toml:3: runtimes.x.kind: expected "claude", "codex", "command", "demo", "opencode" or "pi", got "comand"',
      'did you mean "command"?',
    ],
    [
      "version = 1\n[runtimes.x]\nkind = 'demo'\nready = '(['",
      "wrong value: /r.toml:4: runtimes.x.ready: not a regular expression: Unterminated character class",
    ],
    [
      "version = 1\n[runtimes.'a b']\nkind = 'demo'",
      'wrong key: /r.toml:2: runtimes."a b": expected 1 to 64 letters, digits, "_" or "-", got "a b"',
    ],
    [
      "version = 1\n[agents]\nname = 'a'",
      "wrong type: /r.toml:2: agents: expected array, got table",
      "write [[agents]]",
    ],
    ["version = 1\n[__proto__]\nx = 1", "reserved key: /r.toml:2: __proto__"],
    ["version = 1\n[runtimes.__proto__]\nkind = 'demo'", "reserved key: /r.toml:2: runtimes.__proto__"],
  ];
  for (const [text, message, hint] of cases) assertEquals(failure(text), [message, hint]);
});

Deno.test("agents have names of their own", () => {
  assertEquals(
    failure(`${agent}\n[[agents]]\nname = "b"\nruntime = "demo"\n[[agents]]\nruntime = "demo"\nname = "a"`),
    [
      'duplicate name: /r.toml:11: agents[2].name: "a"',
      "agents[0] has this name already",
    ],
  );
  assertEquals(failure(agent.replace('"a"', '"_holder"')), [
    'reserved name: /r.toml:3: agents[0].name: "_holder" is the session of the holder',
    "rename the agent or set holder_session in [tmux]",
  ]);
  assertEquals(failure(`${agent}[tmux]\nholder_session = "a"`), [
    'reserved name: /r.toml:3: agents[0].name: "a" is the session of the holder',
    "rename the agent or set holder_session in [tmux]",
  ]);
  for (const name of ["", "a b", "é", "a.b", "x".repeat(65)]) {
    assertEquals(failure(agent.replace('"a"', `"${name}"`)), [
      `wrong value: /r.toml:3: agents[0].name: expected 1 to 64 letters, digits, "_" or "-", got "${name}"`,
      undefined,
    ]);
  }
  assertEquals(failure("version = 1\n\n[[agents]]\nruntime = 'demo'"), [
    "missing key: /r.toml:3: agents[0].name",
    undefined,
  ]);
});

Deno.test("an agent has a runtime that is there, and a program", () => {
  const runtime = "version = 1\n[runtimes.claude]\nkind = 'command'\n";
  const cases: [string, string, string][] = [
    [
      `${runtime}[[agents]]\nname = "a"\nruntime = "cluade"`,
      'unknown runtime: /r.toml:6: agents[0].runtime: "cluade"',
      'did you mean "claude"?',
    ],
    [
      agent.replace("demo", "toString"),
      'unknown runtime: /r.toml:4: agents[0].runtime: "toString"',
      "declare it as [runtimes.toString]",
    ],
    [
      "version = 1\n\n[[agents]]\nname = 'a'",
      "missing key: /r.toml:3: agents[0].runtime: neither the agent nor [defaults] names a runtime",
      "name a runtime, or give the agent a command",
    ],
    [
      `${runtime}[[agents]]\nname = "a"\nruntime = "claude"`,
      'missing key: /r.toml:4: agents[0].command: the runtime "claude" names no program',
      'write command = ["program", "argument"]',
    ],
    [
      agent.replace("demo", "command"),
      'missing key: /r.toml:2: agents[0].command: the runtime "command" names no program',
      'write command = ["program", "argument"]',
    ],
  ];
  for (const [text, message, hint] of cases) assertEquals(failure(text), [message, hint]);
});

Deno.test("the value of a variable is in no message", () => {
  for (
    const text of ["env = 'TOKEN=s3cret'", "env = ['s3cret']", "env.A = ['s3cret']", 'env = { A = "s3cret\\u0000" }']
  ) {
    const [message, hint] = failure(agent + text);
    assertEquals(`${message}${hint}`.includes("s3cret"), false);
  }
});
