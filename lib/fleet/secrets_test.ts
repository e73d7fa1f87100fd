import { parseEnv } from "node:util";
import { assertEquals, assertRejects } from "../deps/assert.ts";
import { fakeIo } from "../io/fake.ts";
import { MusterError, pollUntil, realIo } from "../io/mod.ts";
import type { ResolvedAgent } from "./resolve_roster.ts";
import { agentEnvironment, readSecretsFile } from "./secrets.ts";

const plain: ResolvedAgent = {
  name: "coder0",
  runtime: "command",
  kind: "command",
  workingDirectory: "/",
  command: ["cat"],
  args: [],
  env: {},
  persistentPersona: false,
  resetBetweenTasks: false,
  unattended: false,
  restart: "on-failure",
  restartLimit: 5,
  log: false,
  socket: "muster",
  managed: true,
};

/** What is read of a text that `vault read` prints. */
async function read(stdout: string): Promise<Readonly<Record<string, string>>> {
  const command = ["sh", "-c", 'exec "$0" "$@"', "vault", "read"];
  const io = fakeIo({ runs: [{ command, result: { stdout } }] });
  const variables = await agentEnvironment(io, { ...plain, envCommand: ["vault", "read"] });
  io.verify();
  return variables;
}

/** What is said of a text that cannot be read. */
async function refusal(stdout: string): Promise<string> {
  const error = await assertRejects(() => read(stdout), MusterError);
  assertEquals(error.code, "config");
  return error.message;
}

const key = "-----BEGIN PRIVATE KEY-----\nMIIB+/x=\nNAME=no statement\n# no comment\n\n-----END PRIVATE KEY-----\n";

/** Texts that can be read, and what they say. */
const readable: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["", {}],
  ['\n \t\n# a comment with = and "\n  # and one more\n', {}],
  ["A=1", { A: "1" }],
  ["A=1\r\nB=2\r\n", { A: "1", B: "2" }],
  ["export A=1\n  export B = 2  \n_c9=3", { A: "1", B: "2", _c9: "3" }],
  ["A=\nB=''\nC=\"\"\nD=``\n", { A: "", B: "", C: "", D: "" }],
  ["A=one two # a comment\nB='one # two'\t# a comment\n", { A: "one two", B: "one # two" }],
  ['A=it\'s\nB=a"b"c\nC=a=b==\nD=$HOME\\n\n', { A: "it's", B: 'a"b"c', C: "a=b==", D: "$HOME\\n" }],
  ["A=\"a\\nb\"\nB='a\\nb'\nC=`\"a'`", { A: "a\nb", B: "a\\nb", C: "\"a'" }],
  [`A="${key}"\nB=2`, { A: key, B: "2" }],
  [`export A='${key}' # a comment\nB=2`, { A: key, B: "2" }],
  [`A=\`${key}\`\nB=2`, { A: key, B: "2" }],
  ["A='x\r\ny'\r\nB=2", { A: "x\ny", B: "2" }],
  ["A=1\nA=2", { A: "2" }],
  ["__proto__=1", Object.fromEntries([["__proto__", "1"]])],
  ["A=é漢🙂\nB='é\n漢'", { A: "é漢🙂", B: "é\n漢" }],
];

Deno.test("secrets are read as parseEnv reads them", async () => {
  for (const [text, variables] of readable) {
    assertEquals(Object.entries(await read(text)), Object.entries(variables), text);
    assertEquals(Object.entries(parseEnv(text)), Object.entries(variables), text);
  }
});

/** parseEnv takes the line after a value of blanks for that value, and `export` before a tab or no value for a name. */
const misread = /=[ \t]+(?:\n|$)|export *\t|export[^\n]*=(?:\n|$)/;

Deno.test("what parseEnv reads amiss, and is plain, is read", async () => {
  const text = "A= \nB=2\nexport\tC=3\nexport D=\nE=5";
  assertEquals(misread.test(text), true);
  assertEquals(await read(text), { A: "", B: "2", C: "3", D: "", E: "5" });
});

/** Texts that are refused: what is wrong with them, and on which line. */
const unreadable: readonly (readonly [string, string, number])[] = [
  ["TOKEN hunter2", "not NAME=value", 1],
  ["A=1\n\nexport TOKEN hunter2\nB=2", "not NAME=value", 3],
  ["export TOKEN", "not NAME=value", 1],
  ["TOKEN: hunter2", "not NAME=value", 1],
  ["=hunter2", "not NAME=value", 1],
  ["1A=hunter2", "not NAME=value", 1],
  ["A-B=hunter2", "not NAME=value", 1],
  ["A.B=hunter2", "not NAME=value", 1],
  ["A B=hunter2", "not NAME=value", 1],
  ["export export A=hunter2", "not NAME=value", 1],
  ['{"TOKEN":"hunter2"}', "not NAME=value", 1],
  ["A=1\nhunter2", "not NAME=value", 2],
  ["A=-----BEGIN KEY-----\nhunter2\n", "not NAME=value", 2],
  ['A=a"b\nhunter2"', "not NAME=value", 2],
  ['A=1\nB="hunter2\nC=3\n', "a quote that is not closed", 2],
  ["A='x\nhunter2\nC='3'", "text after the closing quote", 3],
  ['A="hunter2"3', "text after the closing quote", 1],
  ["A='hunter2'#3", "text after the closing quote", 1],
  ['A="hunter2\\"3"', 'a \\" in a value', 1],
  ['A="hunter2\\"', 'a \\" in a value', 1],
  ["A=hunter2#3", "a # in a value without quotes", 1],
  ["A=#hunter2", "a # in a value without quotes", 1],
  ["A=hunter2#3 # a comment", "a # in a value without quotes", 1],
  ["A=hunter2\rB=3", "a control character in a value", 1],
  ["A='hunter2\0'", "a control character in a value", 1],
];

Deno.test("what is not plainly NAME=value is refused with its line and nothing of it", async () => {
  for (const [text, what, line] of unreadable) {
    assertEquals(await refusal(text), `${what}: line ${line} of env_command vault`, text);
  }
});

Deno.test("of any text, what is read is what parseEnv reads", async () => {
  const parts = ["A", "B", "=", "=", "=", " ", "\n", "\n", '"', "'", "`", "#", "\\", "n", "x", "export ", "1", "\t"];
  let seed = 1;
  const next = (below: number) => (seed = seed * 48271 % 0x7fffffff) % below;
  let accepted = 0;
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: 1 + next(14) }, () => parts[next(parts.length)]).join("");
    if (misread.test(text)) continue;
    let variables: Readonly<Record<string, string>>;
    try {
      variables = await read(text);
    } catch (error) {
      if (error instanceof MusterError && error.code === "config") continue;
      throw error;
    }
    accepted++;
    assertEquals(Object.entries(variables), Object.entries(parseEnv(text)), JSON.stringify(text));
  }
  assertEquals(accepted > 500, true, `${accepted} accepted`);
});

/** A directory of the test's own, with a file of mode 0600. */
async function withFile(
  content: string | Uint8Array,
  test: (path: string, directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "muster-test-" });
  try {
    const path = `${directory}/secrets.env`;
    await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    await Deno.chmod(path, 0o600);
    await test(path, directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("readSecretsFile reads a key of several lines, and names the file and the line of what it cannot", async () => {
  await withFile(
    `\uFEFFKEY="${key}"\n`,
    async (path) => assertEquals(await readSecretsFile(realIo, path), { KEY: key }),
  );
  await withFile("A=1\nTOKEN hunter2\n", async (path) => {
    const error = await assertRejects(() => readSecretsFile(realIo, path), MusterError);
    assertEquals([error.code, error.message], ["config", `not NAME=value: line 2 of env_file ${path}`]);
  });
  await withFile(new Uint8Array([0x41, 0x3d, 0xe9]), async (path) => {
    const error = await assertRejects(() => readSecretsFile(realIo, path), MusterError);
    assertEquals([error.code, error.message, error.cause], ["config", `not UTF-8: env_file ${path}`, undefined]);
  });
});

Deno.test("readSecretsFile refuses a file that is open to others, or is none", async () => {
  await withFile("A=hunter2", async (path, directory) => {
    await Deno.chmod(path, 0o640);
    const open = await assertRejects(() => readSecretsFile(realIo, path), MusterError);
    assertEquals([open.code, open.message, open.hint], [
      "config",
      `env_file is open to others: ${path} (mode 640)`,
      `chmod 600 ${path}`,
    ]);
    for (const missing of [directory, `${directory}/none`]) {
      const error = await assertRejects(() => readSecretsFile(realIo, missing), MusterError);
      assertEquals([error.code, error.message], ["config", `no such env_file: ${missing}`]);
    }
  });
});

Deno.test("agentEnvironment: the command's variables over the file's over the roster's", async () => {
  await withFile("B=file\nC=file\n", async (path) => {
    const agent = {
      ...plain,
      env: { A: "roster", B: "roster", C: "roster" },
      envFile: path,
      envCommand: ["printf", "%s\\n", "C=command", "D=two words"],
    };
    assertEquals(await agentEnvironment(realIo, agent), { A: "roster", B: "file", C: "command", D: "two words" });
  });
});

Deno.test("agentEnvironment names a command that fails by its program alone", async () => {
  const envCommand = ["sh", "-c", "echo TOKEN=hunter2; echo hunter2 >&2; exit 7"];
  const error = await assertRejects(() => agentEnvironment(realIo, { ...plain, envCommand }), MusterError);
  const { code, message, hint, command, cause } = error;
  assertEquals({ code, message, hint, command, cause }, {
    code: "failed",
    message: "env_command failed with status 7: sh",
    hint: undefined,
    command: "sh",
    cause: undefined,
  });
});

/** Waits until no process of this number is left. */
async function waitForEnd(pid: string): Promise<void> {
  const look = async () =>
    (await realIo.process.run("sh", ["-c", 'kill -s 0 "$1"', "sh", pid])).code !== 0 || undefined;
  await pollUntil(realIo.clock, look, { what: `process ${pid} to end`, timeoutMs: 10_000 });
}

/** A command that says which process it is, prints a secret and hangs. */
function hanging(path: string): string[] {
  return ["sh", "-c", 'echo "$$" >"$0"; echo TOKEN=hunter2; exec tail -f /dev/null', path];
}

Deno.test("agentEnvironment ends a command that hangs, and names it by its program alone", async () => {
  await withFile("", async (path) => {
    const agent = { ...plain, envCommand: hanging(path) };
    const failed = assertRejects(() => agentEnvironment(realIo, agent, undefined, { timeoutMs: 300 }), MusterError);
    const { code, message, hint, command, cause } = await failed;
    assertEquals({ code, message, hint, command, cause }, {
      code: "timeout",
      message: "env_command did not end within 300 ms: sh",
      hint: "run it by hand: it may be waiting for a password or for the network",
      command: "sh",
      cause: undefined,
    });
    await waitForEnd((await Deno.readTextFile(path)).trim());
  });
});

Deno.test("agentEnvironment that is interrupted ends its command, and throws the signal's own reason", async () => {
  await withFile("", async (path) => {
    const agent = { ...plain, envCommand: hanging(path) };
    const controller = new AbortController();
    const reason = new MusterError("interrupted", "interrupted: SIGINT");
    const failed = assertRejects(() => agentEnvironment(realIo, agent, controller.signal), MusterError);
    const look = async () => (await Deno.readTextFile(path)).trim() || undefined;
    const pid = await pollUntil(realIo.clock, look, { what: "the command", timeoutMs: 10_000 });
    controller.abort(reason);
    assertEquals(await failed, reason);
    await waitForEnd(pid);
  });
});
