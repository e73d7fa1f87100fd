import { assertEquals } from "../deps/assert.ts";
import { z } from "../deps/zod.ts";
import { defineTask } from "./define.ts";
import { describeTask } from "./describe.ts";
import { duration } from "./duration.ts";
import { flag } from "./flag.ts";
import type { FlagRow } from "./flag_row.ts";
import { groupHelp, rootHelp, taskHelp } from "./help.ts";

const small = describeTask(defineTask({
  name: "test it",
  aliases: ["test that"],
  tier: "write",
  summary: "Test one agent",
  description: "Nothing of the agent's is changed.",
  input: z.object({
    agent: flag(z.string().describe("The agent"), { positional: true, placeholder: "AGENT" }),
    count: flag(z.int().describe("How often"), { short: "n", placeholder: "N" }),
    kind: flag(z.enum(["demo", "pi"]).default("pi").describe("The kind"), { placeholder: "KIND" }),
    dryRun: flag(z.boolean().default(false).describe("Only say what would be done"), { short: "d" }),
    pressEnter: z.boolean().default(true).describe("Press Enter"),
    timeout: flag(duration("30s").describe("How long to wait"), { placeholder: "DURATION" }),
  }),
  output: z.object({}),
  permissions: { run: ["tmux"], env: ["HOME"] },
  optional: [{ permissions: { read: ["FILE"] }, buys: "-f FILE" }],
  examples: [{ run: "muster test it coder0 -n 1", does: "test it once" }],
  render: () => "",
  run: () => Promise.resolve({}),
}));

const statuses = `  0    done; the answer is yes
  1    done; the answer is no
  2    usage or configuration: nothing was attempted
  3    time ran out; what is known is reported
  4    held: a person or another owner comes first
  5    not found
  6    something muster needs failed
  130  interrupted
  143  terminated
`;

Deno.test("taskHelp is the whole page of a task", async () => {
  assertEquals(
    await taskHelp(small, "muster test it"),
    `USAGE
  muster test it (--count N) [--kind KIND] [--dry-run] [--press-enter] [--timeout DURATION] [--json] [--debug] <AGENT>
  muster test it --help

Test one agent.

Nothing of the agent's is changed.

FLAGS
  -n  --count                          How often
     [--kind]                          The kind (demo|pi) [default: pi]
  -d [--dry-run]                       Only say what would be done
     [--press-enter/--no-press-enter]  Press Enter
     [--timeout]                       How long to wait [default: 30s]
     [--json]                          Print one JSON document
     [--debug]                         Show stack traces
  -h  --help                           Show this help
      --                               All subsequent inputs should be interpreted as arguments

ARGUMENTS
  AGENT  The agent

EXAMPLES
  muster test it coder0 -n 1
      test it once

EXIT STATUS
${statuses}
PERMISSIONS
  --allow-run=tmux --allow-env=HOME
  --allow-read=FILE  buys -f FILE
`,
  );
});

Deno.test("taskHelp says where a task needs no permission", async () => {
  const page = await taskHelp({ ...small, permissions: [], optional: [] }, "test it");
  assertEquals(page.slice(page.indexOf("PERMISSIONS")), "PERMISSIONS\n  none\n");
  assertEquals(page.split("\n")[2], "  test it --help");
});

Deno.test("taskHelp shows that arguments may be left out", async () => {
  const agents = {
    key: "agents",
    long: "agents",
    kind: "text",
    summary: "",
    positional: true,
    placeholder: "A",
  } as const;
  const usage = async (flag: FlagRow) => (await taskHelp({ ...small, flags: [flag] }, "test it")).split("\n")[1];
  assertEquals(await usage({ ...agents, many: true }), "  test it [--json] [--debug] [A]...");
  assertEquals(await usage({ ...agents, many: true, required: true }), "  test it [--json] [--debug] <A>...");
  assertEquals(await usage(agents), "  test it [--json] [--debug] [<A>]");
  assertEquals(await usage({ ...agents, required: true }), "  test it [--json] [--debug] <A>");
});

const check = { ...small, command: "check", aliases: [], summary: "Check" };
const other = { ...small, command: "lane brief", aliases: [], summary: "Brief" };
const commands = `COMMANDS
  test it, that  Test one agent

  lane brief  Brief

  check  Check
`;

Deno.test("groupHelp is the whole page of several tasks", () => {
  assertEquals(
    groupHelp([check, small, other], "test <verb>"),
    `USAGE
  muster test <verb> [flags]
  muster test <verb> --help

${commands}`,
  );
});

Deno.test("rootHelp is the whole page of muster", () => {
  assertEquals(
    rootHelp([check, small, other]),
    `muster runs fleets of terminal coding agents in tmux.

USAGE
  muster <noun> <verb> [flags]
  muster <noun> <verb> --help

${commands}
EXIT STATUS
${statuses}`,
  );
});
