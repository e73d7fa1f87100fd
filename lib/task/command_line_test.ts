import { assertEquals, assertRejects } from "../deps/assert.ts";
import { MusterError } from "../io/mod.ts";
import { parseCommandLine, parseTaskLine } from "./command_line.ts";
import { defineTask } from "./define.ts";
import { describeTask } from "./describe.ts";
import { duration } from "./duration.ts";
import { flag } from "./flag.ts";
import { z } from "../deps/zod.ts";

const base = {
  tier: "read",
  output: z.object({}),
  permissions: {},
  examples: [],
  render: () => "",
  run: () => Promise.resolve({}),
} as const;
const send = defineTask({
  ...base,
  name: "tmux send",
  summary: "Send",
  input: z.object({
    target: flag(z.string().describe("Where"), { short: "t", placeholder: "TARGET" }),
    host: flag(z.string().optional(), { short: "H" }),
    message: flag(z.string().optional(), { short: "m" }),
    label: flag(z.array(z.string()).default([]), { short: "l" }),
    count: flag(z.int().default(3), { short: "n" }),
    kind: z.enum(["command", "demo"]).default("command"),
    dryRun: flag(z.boolean().default(false), { short: "d" }),
    enter: z.boolean().default(true),
    timeout: duration("30s"),
  }),
});
const stop = defineTask({
  ...base,
  name: "fleet stop",
  aliases: ["fleet halt"],
  summary: "Stop",
  input: z.object({ agents: flag(z.array(z.string()).default([]), { positional: true, placeholder: "AGENT" }) }),
});
const tail = defineTask({
  ...base,
  name: "agent tail",
  summary: "Tail",
  input: z.object({ agent: flag(z.string(), { positional: true, placeholder: "AGENT" }) }),
});
const check = defineTask({ ...base, name: "check", summary: "Check", input: z.object({}) });
const rows = [send, stop, tail, check].map(describeTask);

Deno.test("parseCommandLine reads words to the task's input", async () => {
  const cases: readonly (readonly [words: readonly string[], command: string, input: Record<string, unknown>])[] = [
    [["tmux", "send", "-t", "a"], "tmux send", { target: "a" }],
    [["tmux", "send", "--target=a", "--message", "x"], "tmux send", { target: "a", message: "x" }],
    [["tmux", "send", "-ta", "-mhi"], "tmux send", { target: "a", message: "hi" }],
    [["tmux", "send", "-t=a"], "tmux send", { target: "a" }],
    [["tmux", "send", "-t", "a", "-m", "--help"], "tmux send", { target: "a", message: "--help" }],
    [["tmux", "send", "-t", "a", "-m", "--"], "tmux send", { target: "a", message: "--" }],
    [["tmux", "send", "-t", "a", "-m", "-t"], "tmux send", { target: "a", message: "-t" }],
    [["tmux", "send", "-t", "a", "-m", ""], "tmux send", { target: "a", message: "" }],
    [["tmux", "send", "-t", "a", "--message="], "tmux send", { target: "a", message: "" }],
    [["tmux", "send", "-t", "a", "-m", "1\n2=\n"], "tmux send", { target: "a", message: "1\n2=\n" }],
    [["tmux", "send", "-t", "a", "-m", "0"], "tmux send", { target: "a", message: "0" }],
    [["tmux", "send", "-t", "a", "-H", "u@h"], "tmux send", { target: "a", host: "u@h" }],
    [["tmux", "send", "-t", "a", "-l", "x", "--label", "y z"], "tmux send", { target: "a", label: ["x", "y z"] }],
    [["tmux", "send", "-t", "a", "-n", "5"], "tmux send", { target: "a", count: 5 }],
    [["tmux", "send", "-t", "a", "-n", "-5"], "tmux send", { target: "a", count: -5 }],
    [["tmux", "send", "-dt", "a", "--no-enter"], "tmux send", { target: "a", dryRun: true, enter: false }],
    [["tmux", "send", "-t", "a", "--dry-run", "--kind", "demo"], "tmux send", {
      target: "a",
      dryRun: true,
      kind: "demo",
    }],
    [["tmux", "send", "-t", "a", "--timeout", "5x"], "tmux send", { target: "a", timeout: "5x" }],
    [["fleet", "stop"], "fleet stop", {}],
    [["fleet", "halt", "a"], "fleet stop", { agents: ["a"] }],
    [["fleet", "stop", "a", "b"], "fleet stop", { agents: ["a", "b"] }],
    [["fleet", "stop", "--", "-a", "--help"], "fleet stop", { agents: ["-a", "--help"] }],
    [["agent", "tail", "a b\nc"], "agent tail", { agent: "a b\nc" }],
    [["check"], "check", {}],
  ];
  for (const [words, command, input] of cases) {
    const request = await parseCommandLine(rows, words);
    assertEquals(request.kind, "run", words.join(" "));
    if (request.kind !== "run") continue;
    assertEquals({ command: request.row.command, input: request.input }, { command, input }, words.join(" "));
    assertEquals(request.mode, { json: false, debug: false });
  }
});

Deno.test("parseCommandLine reads the flags that every task takes", async () => {
  const request = await parseCommandLine(rows, ["check", "--json", "--debug"]);
  assertEquals(request.kind === "run" && request.mode, { json: true, debug: true });
});

Deno.test("parseCommandLine says what is wrong, and the nearest that is right", async () => {
  const help = (command: string) => `muster ${command} --help shows what it takes`;
  const cases: readonly (readonly [words: readonly string[], message: string, hint: string | undefined])[] = [
    [["tmxu"], "unknown command: tmxu", "did you mean muster tmux?"],
    [["zzzzzz"], "unknown command: zzzzzz", "muster --help lists the commands"],
    [["send"], "missing noun: send", "did you mean muster tmux send?"],
    [["tmux", "stop"], "unknown verb: tmux stop", "did you mean muster fleet stop?"],
    [["a\x1b[31m"], "unknown command: a\\u001b[31m", "muster --help lists the commands"],
    [["tmux", "sned"], "unknown verb: tmux sned", "did you mean muster tmux send?"],
    [["fleet", "x".repeat(200)], `unknown verb: fleet ${"x".repeat(200)}`, "one of stop, halt"],
    [["tmux"], "missing verb: tmux", "one of send"],
    [["--json", "check"], "unknown flag: --json", "flags come after the verb: muster <noun> <verb> --flag"],
    [["tmux", "send", "--taget", "a"], "unknown flag: --taget", "did you mean --target?"],
    [["tmux", "send", "-t", "a", "-Z"], "unknown flag: -Z", help("tmux send")],
    [["tmux", "send", "-t", "a", "--kind", "dmeo"], "unknown value: --kind dmeo", "did you mean demo?"],
    [["tmux", "send", "-t", "a", "--kind", "\n"], "unknown value: --kind \\n", "one of command, demo"],
    [["tmux", "send"], "missing flag: --target", help("tmux send")],
    [["tmux", "send", "-t"], "missing value: -t", "--target takes TARGET"],
    [["tmux", "send", "-t", "a", "-t", "b"], "given twice: --target", help("tmux send")],
    [["tmux", "send", "-t", "a", "-n", "x"], "not a number: --count x", undefined],
    [["tmux", "send", "-t", "a", "b"], "one argument too many: b", help("tmux send")],
    [["agent", "tail"], "missing argument: AGENT", help("agent tail")],
    [["agent", "tail", "a", "b"], "one argument too many: b", help("agent tail")],
  ];
  for (const [words, message, hint] of cases) {
    const error = await assertRejects(() => parseCommandLine(rows, words), MusterError);
    assertEquals([error.code, error.message, error.hint], ["usage", message, hint], words.join(" "));
  }
});

Deno.test("parseCommandLine gives help wherever it is asked for, and only there", async () => {
  for (const words of [[], ["--help"], ["help"], ["-h"]]) {
    const request = await parseCommandLine(rows, words);
    assertEquals(request.kind === "help" && request.text.includes("tmux send"), true);
  }
  for (const words of [["tmux", "send", "-h"], ["tmux", "send", "-t", "a", "--help"], ["help", "tmux", "send"]]) {
    const request = await parseCommandLine(rows, words);
    assertEquals(
      request.kind === "help" && request.text.startsWith("USAGE\n  muster tmux send "),
      true,
      words.join(" "),
    );
  }
  const group = await parseCommandLine(rows, ["fleet", "--help"]);
  assertEquals(group.kind === "help" && [group.text.includes("fleet stop"), group.text.includes("tmux send")], [
    true,
    false,
  ]);
  assertEquals((await parseCommandLine(rows, ["--version"])).kind, "version");
  assertEquals((await parseCommandLine(rows, ["check", "--version"])).kind, "version");
});

Deno.test("parseTaskLine reads a script's words, where no name stands before the flags", async () => {
  const row = describeTask(send);
  const request = await parseTaskLine(row, ["-t", "a"], "tmux send");
  assertEquals(request.kind === "run" && request.input, { target: "a" });
});
