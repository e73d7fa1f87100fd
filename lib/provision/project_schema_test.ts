import { assertEquals, assertThrows } from "../deps/assert.ts";
import { parseConfig } from "../config/read_toml.ts";
import { MusterError } from "../io/error.ts";
import firstProject from "../../fixtures/projects/first.toml" with { type: "text" };
import { projectJsonSchema } from "./project_json_schema.ts";
import { projectSchema } from "./project_schema.ts";
import { resolveProject } from "./resolve_project.ts";

const env = { get: (name: string) => name === "HOME" ? "/home/ada" : undefined };

function project(toml: string, root = "/src/my app") {
  return resolveProject(parseConfig(toml, { file: "/p/muster.toml", schema: projectSchema }), root, env);
}

Deno.test("an empty file is a project of this machine without steps", () => {
  const { machine, packs, hooks, notes } = project("");
  assertEquals([machine.name, machine.driver, machine.directory], ["my-app", "host", "/src/my app"]);
  assertEquals([packs, hooks, notes], [[], {}, []]);
});

Deno.test("a hook is a script or a table, and what is left out has its default", () => {
  const { hooks } = project(`[hooks]
post_create = "scripts/setup.sh"
post_start = "echo started"
post_attach = { run = "x.py", interpreter = ["python3"], inputs = ["a"], args = ["b"], timeout = "1.5m", cwd = "c", env = { A = "1" } }`);
  const interpreter = ["bash", "-euo", "pipefail"];
  const plain = { inputs: [], args: [], variables: {}, secrets: [], cwd: ".", interpreter };
  assertEquals(hooks.post_create, { run: "scripts/setup.sh", isPath: true, ...plain });
  assertEquals(hooks.post_start, { run: "echo started", isPath: false, ...plain });
  const table = { inputs: ["a"], args: ["b"], variables: { A: "1" }, secrets: [], cwd: "c", interpreter: ["python3"] };
  assertEquals(hooks.post_attach, { run: "x.py", isPath: false, timeoutMs: 90_000, ...table });
});

Deno.test("a list of variables names secrets", () => {
  const { hooks } = project('[hooks]\npost_create = { run = "true", env = ["TOKEN"] }');
  assertEquals([hooks.post_create?.secrets, hooks.post_create?.variables], [["TOKEN"], {}]);
});

Deno.test("the old names are read as post_create, with a hint", () => {
  const cases = [
    ['provision = "a.sh"', "provision is read as hooks.post_create: rename it"],
    ['[scripts]\nprovision = "a.sh"', "scripts.provision is read as hooks.post_create: rename it"],
    ['[scripts]\npost_create = "a.sh"', "scripts.post_create is read as hooks.post_create: rename it"],
    ['[hooks]\nprovision = "a.sh"', "hooks.provision is read as hooks.post_create: rename it"],
  ] as const;
  for (const [toml, note] of cases) {
    const { hooks, notes } = project(toml);
    assertEquals([hooks.post_create?.run, notes], ["a.sh", [note]], toml);
  }
  const { hooks, notes } = project('[scripts]\npost_start = "b.sh"\n[hooks]\npost_create = "a.sh"');
  assertEquals([hooks.post_create?.run, hooks.post_start?.run, notes.length], ["a.sh", "b.sh", 1]);
});

Deno.test("a container sees the project, or what is declared", () => {
  const base = '[machine]\ndriver = "podman"\nimage = "debian:12"\n';
  const { machine } = project(base, "/src/app");
  assertEquals([machine.mounts, machine.directory], [
    [{ source: "/src/app", target: "/workspace", readOnly: false }],
    "/workspace",
  ]);
  const mounts = 'mounts = [{ source = ".", target = "/app" }, { source = "~/x", target = "/x", read_only = true }]\n';
  assertEquals(project(base + mounts, "/src/app").machine.mounts, [
    { source: "/src/app", target: "/app", readOnly: false },
    { source: "/home/ada/x", target: "/x", readOnly: true },
  ]);
  assertEquals(project(base + mounts, "/src/app").machine.directory, "/app");
});

Deno.test("what is wrong with a file is told with file, line, key and a way out", () => {
  const cases: readonly (readonly [string, string, string?])[] = [
    ["colour = 1", "unknown key: /p/muster.toml:1: colour"],
    [
      "[machine]\ndriver = 'vm'",
      'wrong value: /p/muster.toml:2: machine.driver: expected "host", "ssh", "podman", "docker" or "tart", got "vm"',
    ],
    [
      "[machine]\ndriver = 'ssh'",
      "missing key: /p/muster.toml:1: machine.destination: ssh needs a destination",
      'write destination = "user@host"',
    ],
    [
      "[machine]\ndriver = 'podman'",
      "missing key: /p/muster.toml:1: machine.image: podman needs an image",
      'write image = "name:tag"',
    ],
    ["[machine]\nimage = 'x'", 'unused key: /p/muster.toml:2: machine.image: a machine of driver "host" has none'],
    [
      "[machine]\ndriver = 'ssh'\ndestination = '-oProxyCommand=x'",
      'wrong value: /p/muster.toml:3: machine.destination: expected a host or user@host, as for ssh, got "-oProxyCommand=x"',
    ],
    [
      "[packs]\nenabled = ['a', 'a']",
      'duplicate pack: /p/muster.toml:2: packs.enabled[1]: "a"',
      "enabled[0] is this pack already",
    ],
    [
      "[packs]\nenabled = ['../x']",
      'wrong value: /p/muster.toml:2: packs.enabled[0]: expected 1 to 63 letters, digits, "_" or "-", first a letter or digit, got "../x"',
    ],
    [
      "[packs]\nenabled = ['post_start']",
      'reserved name: /p/muster.toml:2: packs.enabled[0]: "post_start" is a hook',
      "rename the pack",
    ],
    [
      "[packs]\nenabled = 'node'",
      "wrong type: /p/muster.toml:2: packs.enabled: expected array, got string",
      'write an array of words, such as ["program", "argument"]',
    ],
    ["[hooks]\npost_creat = 'x'", "unknown key: /p/muster.toml:2: hooks.post_creat", 'did you mean "post_create"?'],
    ["[hooks]\npost_create = 5", "wrong value: /p/muster.toml:2: hooks.post_create: expected string or table, got 5"],
    [
      "[hooks]\npost_create = { run = 'x', tiemout = '1m' }",
      "unknown key: /p/muster.toml:2: hooks.post_create.tiemout",
      'did you mean "timeout"?',
    ],
    [
      "[hooks]\npost_create = { run = 'x', timeout = '10 minutes' }",
      'wrong value: /p/muster.toml:2: hooks.post_create.timeout: expected a duration such as 10m, got "10 minutes"',
    ],
    ["[hooks]\npost_create = { inputs = [] }", "missing key: /p/muster.toml:2: hooks.post_create.run"],
    [
      "provision = 'a.sh'\n[hooks]\npost_create = 'b.sh'",
      "conflicting key: /p/muster.toml:1: provision: hooks.post_create is set too",
      "keep one of the two",
    ],
    [
      "[machine]\ndriver = 'ssh'\ndestination = 'h'\n[hooks]\npost_create = { run = 'x', inputs = ['../y'] }",
      'wrong value: /p/muster.toml:5: hooks.post_create.inputs[0]: expected a path in the project, got "../y"',
    ],
    ["[machine\n", "broken TOML: /p/muster.toml:2:1: Unterminated table-key"],
  ];
  for (const [toml, message, hint] of cases) {
    const error = assertThrows(() => project(toml), MusterError);
    assertEquals([error.message, error.hint], [message, hint], toml);
    assertEquals(error.code, "config");
  }
});

Deno.test("the project that init writes is one", () => {
  assertEquals(project(firstProject).hooks.post_create?.run, "echo 'a new machine'");
});

Deno.test("the JSON Schema describes every key of a project, and allows no other", () => {
  interface Node {
    readonly description?: string;
    readonly properties?: Readonly<Record<string, Node>>;
    readonly items?: Node;
    readonly anyOf?: readonly Node[];
    readonly additionalProperties?: unknown;
  }
  const check = (node: Node, path: string) => {
    for (const [name, child] of Object.entries(node.properties ?? {})) {
      assertEquals(typeof child.description, "string", `${path}${name}`);
      check(child, `${path}${name}.`);
    }
    if (node.properties) assertEquals(node.additionalProperties, false, path);
    if (node.items) check(node.items, `${path}[].`);
    for (const one of node.anyOf ?? []) check(one, path);
  };
  const schema = projectJsonSchema();
  assertEquals(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
  check(schema, "");
});
