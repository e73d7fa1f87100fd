import { assertEquals, assertThrows } from "../deps/assert.ts";
import { parseConfig } from "../config/read_toml.ts";
import { MusterError } from "../io/error.ts";
import { type ResolvedAgent, resolveRoster } from "./resolve_roster.ts";
import { rosterSchema } from "./roster_schema.ts";

const ada = { get: (name: string) => name === "HOME" ? "/home/ada" : undefined };

function resolve(text: string, env = ada) {
  return resolveRoster(parseConfig(text, { file: "/r.toml", schema: rosterSchema }), env);
}

function resolveOne(text: string): ResolvedAgent | undefined {
  return resolve(`version = 1\n${text}`).agents[0];
}

Deno.test("an agent that says nothing has the defaults of muster", () => {
  assertEquals(resolve("version = 1\n[[agents]]\nname = 'a'\nruntime = 'demo'"), {
    version: 1,
    transport: "tmux",
    tmux: { socketName: "muster", holderSession: "_holder" },
    agents: [{
      name: "a",
      runtime: "demo",
      kind: "demo",
      class: undefined,
      workingDirectory: "/home/ada",
      command: [],
      args: [],
      env: {},
      envFile: undefined,
      envCommand: undefined,
      model: undefined,
      modelHint: undefined,
      persistentPersona: false,
      resetBetweenTasks: false,
      kickstart: undefined,
      kickstartTemplate: undefined,
      ready: undefined,
      resetCommand: "/clear",
      unattended: false,
      memoryMax: undefined,
      cpuWeight: undefined,
      tasksMax: undefined,
      restart: "on-failure",
      restartLimit: 5,
      log: false,
      host: undefined,
      socket: "muster",
      managed: true,
    }],
  });
});

Deno.test("an agent comes before [defaults], and those before the runtime", () => {
  const roster = resolve(`
version = 1
[tmux]
socket_name = "mine"
[defaults]
runtime = "claude"
class = "coder"
working_directory = "/srv"
args = ["--default"]
env = { A = "defaults", B = "defaults" }
managed = false
reset_between_tasks = true
persistent_persona = "semi"
[runtimes.claude]
kind = "command"
command = ["claude", "--from-runtime"]
args = ["--runtime"]
env = { A = "runtime", B = "runtime", C = "runtime" }
reset_command = "/clear"
ready = "^> "
[[agents]]
name = "plain"
[[agents]]
name = "own"
class = "reviewer"
working_directory = "~/src"
command = ["~/bin/claude"]
args = ["--agent"]
env = { A = "agent" }
managed = true
reset_between_tasks = false
persistent_persona = false
socket = "other"
[[agents]]
name = "bare"
args = []
runtime = "demo"
`);
  const [plain, own, bare] = roster.agents;
  assertEquals(plain?.runtime, "claude");
  assertEquals(plain?.kind, "command");
  assertEquals(plain?.class, "coder");
  assertEquals(plain?.workingDirectory, "/srv");
  assertEquals(plain?.command, ["claude", "--from-runtime"]);
  assertEquals(plain?.args, ["--runtime", "--default"]);
  assertEquals(plain?.env, { A: "defaults", B: "defaults", C: "runtime" });
  assertEquals(plain?.ready, /^> /mu);
  assertEquals(plain?.resetCommand, "/clear");
  assertEquals([plain?.managed, plain?.resetBetweenTasks, plain?.persistentPersona], [false, true, "semi"]);
  assertEquals(plain?.socket, "mine");
  assertEquals(own?.class, "reviewer");
  assertEquals(own?.workingDirectory, "/home/ada/src");
  assertEquals(own?.command, ["/home/ada/bin/claude"]);
  assertEquals(own?.args, ["--runtime", "--agent"]);
  assertEquals(own?.env, { A: "agent", B: "defaults", C: "runtime" });
  assertEquals([own?.managed, own?.resetBetweenTasks, own?.persistentPersona], [true, false, false]);
  assertEquals(own?.socket, "other");
  assertEquals([bare?.kind, bare?.command, bare?.args], ["demo", [], []]);
});

Deno.test("an agent with a command needs no runtime", () => {
  const agent = resolveOne("[[agents]]\nname = 'a'\ncommand = ['sh', '-i']");
  assertEquals([agent?.runtime, agent?.kind, agent?.command], ["command", "command", ["sh", "-i"]]);
});

Deno.test("a table of [runtimes] comes before the kind of its name", () => {
  const agent = resolveOne(
    "[runtimes.demo]\nkind = 'command'\ncommand = ['x']\n[[agents]]\nname = 'a'\nruntime = 'demo'",
  );
  assertEquals([agent?.runtime, agent?.kind, agent?.command], ["demo", "command", ["x"]]);
  const inherited = resolveOne(
    "[runtimes.constructor]\nkind = 'demo'\n[[agents]]\nname = 'a'\nruntime = 'constructor'",
  );
  assertEquals([inherited?.runtime, inherited?.kind], ["constructor", "demo"]);
});

Deno.test("an agent's first message of either kind stands in place of the default's", () => {
  const agent = resolveOne(
    "[defaults]\nkickstart_template = '~/t'\n[[agents]]\nname = 'a'\nruntime = 'demo'\nkickstart = 'hi'",
  );
  assertEquals([agent?.kickstart, agent?.kickstartTemplate], ["hi", undefined]);
  const other = resolveOne("[defaults]\nkickstart_template = '~/t'\n[[agents]]\nname = 'a'\nruntime = 'demo'");
  assertEquals([other?.kickstart, other?.kickstartTemplate], [undefined, "/home/ada/t"]);
});

Deno.test("~ is the home directory on the agent's own host", () => {
  const agent = resolveOne(`[[agents]]
name = "a"
host = "far"
command = ["~/bin/x"]
env_file = "~/env"
kickstart_template = "~/first"
`);
  assertEquals(agent?.workingDirectory, "~");
  assertEquals(agent?.command, ["~/bin/x"]);
  assertEquals(agent?.envFile, "~/env");
  assertEquals(agent?.kickstartTemplate, "/home/ada/first");
});

Deno.test("a path under ~ needs a HOME", () => {
  const homeless = { get: () => undefined };
  const text = "version = 1\n[[agents]]\nname = 'a'\nruntime = 'demo'\n";
  const error = assertThrows(() => resolve(text, homeless), MusterError);
  assertEquals([error.code, error.message, error.hint], [
    "config",
    "missing variable: HOME",
    "set HOME to your home directory",
  ]);
  assertEquals(resolve(`${text}working_directory = '/srv'`, homeless).agents[0]?.workingDirectory, "/srv");
});
