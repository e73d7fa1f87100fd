import { assertEquals } from "../deps/assert.ts";
import { proposals } from "./completion.ts";
import type { Completer, FlagRow } from "./flag_row.ts";
import type { TaskRow } from "./row.ts";

function rowOf(command: string, flags: readonly FlagRow[], aliases: readonly string[] = []): TaskRow {
  return {
    command,
    aliases,
    tier: "read",
    summary: `Does ${command}`,
    flags,
    examples: [],
    permissions: [],
    optional: [],
  };
}

const agents: FlagRow = {
  key: "agents",
  long: "agents",
  kind: "text",
  summary: "Who",
  positional: true,
  many: true,
  complete: "agents",
};
const kind: FlagRow = {
  key: "kind",
  long: "kind",
  kind: "choice",
  summary: "Kind",
  short: "k",
  values: ["demo", "pi"],
};
const session: FlagRow = {
  key: "session",
  long: "session",
  kind: "text",
  summary: "Session",
  short: "s",
  complete: "sessions",
};
const dryRun: FlagRow = { key: "dryRun", long: "dry-run", kind: "boolean", summary: "Dry", short: "d" };
const rows = [
  rowOf("fleet start", [agents, kind, session, dryRun]),
  rowOf("fleet stop", [agents], ["fleet halt"]),
  rowOf("check", []),
];
const names: Readonly<Record<Completer, readonly string[]>> = { agents: ["coder0", "coder1"], sessions: ["main"] };

Deno.test("proposals offers what may stand in the place of the last word", async () => {
  const common = ["--json", "--debug"];
  const flags = ["--", "--kind", "--session", "--dry-run", ...common];
  const cases: readonly (readonly [words: readonly string[], values: readonly string[]])[] = [
    [[""], ["check", "fleet"]],
    [["f"], ["fleet"]],
    [["x"], []],
    [["x", ""], []],
    [["fleet", ""], ["start", "stop", "halt"]],
    [["fleet", "st"], ["start", "stop"]],
    [["check", ""], []],
    [["check", "-"], ["--", ...common]],
    [["fleet", "start", ""], names.agents],
    [["fleet", "start", "-"], flags],
    [["fleet", "start", "--d"], ["--dry-run", "--debug"]],
    [["fleet", "start", "--dry-run", "--d"], ["--debug"]],
    [["fleet", "start", "c"], names.agents],
    [["fleet", "start", "coder0", "coder1"], ["coder1"]],
    [["fleet", "halt", "coder1"], ["coder1"]],
    [["fleet", "start", "--kind", ""], ["demo", "pi"]],
    [["fleet", "start", "--kind", "d"], ["demo"]],
    [["fleet", "start", "-k", "p"], ["pi"]],
    [["fleet", "start", "--kind", "="], ["demo", "pi"]],
    [["fleet", "start", "--kind", "=", "d"], ["demo"]],
    [["fleet", "start", "-s", ""], names.sessions],
  ];
  for (const [words, values] of cases) {
    const found = await proposals(rows, words, (source) => Promise.resolve(names[source]));
    assertEquals(found.map(({ value }) => value), values, words.join(" "));
  }
});

Deno.test("proposals says what each means", async () => {
  const find = (words: readonly string[]) => proposals(rows, words, () => Promise.resolve(["a"]));
  assertEquals(await find(["fleet", "sto"]), [{ value: "stop", summary: "Does fleet stop" }]);
  assertEquals(await find(["fl"]), [{ value: "fleet", summary: "start, stop, halt" }]);
  assertEquals(await find(["fleet", "start", "--ki"]), [{ value: "--kind", summary: "Kind (demo|pi)" }]);
  assertEquals(await find(["fleet", "stop", "a"]), [{ value: "a", summary: "Who" }]);
});

Deno.test("proposals reads only the names that it needs", async () => {
  for (
    const [words, sources] of [
      [["fleet", ""], []],
      [["fleet", "start", "--kind", ""], []],
      [["fleet", "start", "-s", ""], ["sessions"]],
      [["fleet", "stop", ""], ["agents"]],
    ] as const
  ) {
    const read: Completer[] = [];
    await proposals(rows, words, (source) => {
      read.push(source);
      return Promise.resolve([]);
    });
    assertEquals(read, [...sources], words.join(" "));
  }
});
