#!/usr/bin/env -S deno run --allow-run=tmux,sh --allow-read=/tmp --allow-write=/tmp --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,TMUX,TMUX_PANE,PATH,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS
/**
 * Shows muster's main job on a fleet of three demo agents, in a home and a tmux server of its own, and leaves nothing
 * behind.
 *
 * ```sh
 * deno run --allow-run=tmux,sh --allow-read=/tmp --allow-write=/tmp --allow-env=HOME,MUSTER_HOME,XDG_CONFIG_HOME,TMUX,TMUX_PANE,PATH,MUSTER_PI_SKILL_MODE,MUSTER_PI_FORCE_SKILLS tasks/demo.ts
 * ```
 *
 * @module
 */

import agentProgram from "../fixtures/agents/demo.ts" with { type: "text" };
import { stringifyToml } from "../lib/deps/toml.ts";
import { stopServerOf } from "../lib/fleet/mod.ts";
import { type Io, MusterError, pollUntil, withEnvironment } from "../lib/io/mod.ts";
import { callTask } from "../lib/task/call.ts";
import { parseCommandLine } from "../lib/task/command_line.ts";
import { piSkillVariables } from "../lib/agents/mod.ts";
import { defineTask, formatDuration, homeVariables, runAsMain, styleFor, z } from "../lib/task/mod.ts";
import { tasks } from "./index.ts";

const socket = "muster";

const longMessage = [
  `Please review "src/parser.ts": it's wrong about $HOME, \`backticks\` and $(subshells).`,
  "\tKeep the tabs, and \\ the backslashes.",
  "Unicode: naïve, 日本語, مرحبا, 🚀 👩‍💻",
  "- one",
  "- two",
  "- three",
  "- four",
  "- five",
  "- six",
  "- seven",
  "- eight",
  "It ends in a semicolon;",
].join("\n");

/** `muster demo`. */
export const demo = defineTask({
  name: "demo",
  tier: "write",
  summary: "Show muster's main job on a fleet of three demo agents, and leave nothing behind",
  input: z.object({}),
  output: z.object({
    title: z.string().describe("What is being done"),
    command: z.string().optional().describe("The command line"),
    printed: z.string().optional().describe("What it prints"),
    exit: z.int().optional().describe("Its exit status"),
    observed: z.string().optional().describe("What was seen beside that"),
  }),
  permissions: {
    run: ["tmux", "sh"],
    read: ["/tmp"],
    write: ["/tmp"],
    env: [...homeVariables, "TMUX", "TMUX_PANE", "PATH", ...piSkillVariables],
  },
  examples: [{ run: "muster demo", does: "run it" }],
  render: ({ title, command, printed, exit, observed }, { style }) =>
    [
      style.strong(title),
      ...(command ? [`  $ ${command}`] : []),
      ...(printed ? printed.split("\n").map((line) => `  ${line}`) : []),
      ...(exit ? [style.quiet(`  exit ${exit}`)] : []),
      ...(observed ? [`  ${style.good("✓")} ${observed}`] : []),
      "",
      "",
    ].join("\n"),
  run: async (_input, outer, { signal, emit }) => {
    const started = outer.clock.elapsed();
    const home = await outer.files.makeTemporaryDirectory("/tmp", "muster-demo-");
    const io = withEnvironment(outer, {
      HOME: home,
      MUSTER_HOME: `${home}/muster`,
      MUSTER_STATE: `${home}/state`,
      XDG_STATE_HOME: `${home}/state`,
      XDG_CONFIG_HOME: `${home}/config`,
      DENO_DIR: `${home}/deno`,
      TMUX_TMPDIR: home,
      TMUX: "",
      TMUX_PANE: "",
    });
    try {
      emit({ title: `A fleet of three demo agents, with a home and a tmux server of its own in ${home}` });
      await play(io, home, signal, emit);
    } finally {
      try {
        await stopServerOf(io, socket);
      } finally {
        await outer.files.remove(home);
      }
    }
    const took = formatDuration(outer.clock.elapsed() - started);
    return { title: "Done", observed: `server stopped, ${home} removed, nothing left behind (${took})` };
  },
});

type Emit = (step: z.output<typeof demo.output>) => void;

async function play(io: Io, home: string, signal: AbortSignal, emit: Emit): Promise<void> {
  const brief = `${home}/brief.md`;
  await io.files.write(brief, longMessage);
  const transcript = (name: string) => `${home}/${name}.jsonl`;
  await io.files.write(`${home}/demo.ts`, agentProgram);
  await io.files.write(`${home}/muster/fleet/roster.toml`, roster(io, home, transcript));

  const muster = async (title: string, words: readonly string[], see: (output: never) => string | Promise<string>) => {
    const request = await parseCommandLine(tasks, words);
    if (request.kind !== "run") throw new MusterError("internal", `not a run: ${words.join(" ")}`);
    const task = await request.row.load();
    const output = await callTask(task, request.input, { io, signal });
    const color = io.terminal.isTerminal.out && !io.terminal.noColor;
    const printed = task.render(output, { columns: 100, style: styleFor({ color }) }).trimEnd();
    const command = ["muster", ...words.map(shellWord)].join(" ");
    emit({
      title,
      command,
      printed,
      exit: task.exit?.(output, request.input) ?? 0,
      observed: await see(output as never),
    });
    return output;
  };

  await muster("Start three agents in a tmux server of muster's own", ["fleet", "start"], (output: Start) => {
    expect(output.agents.every(({ result }) => result === "started"), "every agent starts");
    return "each one's screen is one that muster knows";
  });

  await muster("Send one a message", ["agent", "send", "coder0", "-m", "run the tests"], async (output: Sent) => {
    expect(output.outcome === "submitted", "the message is submitted");
    expect((await said(io, transcript("coder0"))).some((text) => text.endsWith("run the tests")), "the agent has it");
    return "the agent's own transcript has it";
  });

  await untilIdle(io, "coder0", signal);
  await muster("Send many lines with quotes, $, emoji and a trailing ;", [
    "tmux",
    "send",
    "-t",
    "coder0",
    "-f",
    brief,
  ], async (output: Sent) => {
    expect(output.outcome === "submitted", "the message is submitted");
    await pollUntil(io.clock, async () => (await said(io, transcript("coder0"))).includes(longMessage) || undefined, {
      what: "the agent's transcript to have the message byte for byte",
      timeoutMs: 5_000,
      signal,
    });
    return "the agent's own transcript has it byte for byte";
  });

  await muster("Give another a long job", ["agent", "send", "coder1", "-m", "refactor everything"], (output: Sent) => {
    expect(output.outcome === "submitted", "the message is submitted");
    return "it is taken up";
  });
  await muster(
    "Send to it while it is busy",
    ["agent", "send", "coder1", "-m", "then update the docs"],
    (output: Sent) => {
      expect(output.outcome === "queued", "the message is queued");
      return "its screen shows the message waiting";
    },
  );

  await muster(
    "Send to one that asks for permission",
    ["agent", "send", "reviewer0", "-m", "look at the diff"],
    async (output: Sent) => {
      expect(output.outcome === "held", "the send is held");
      const text = new TextDecoder().decode(await io.files.read(transcript("reviewer0")));
      expect(!/"(dialog|lost|user)"/.test(text), "the agent got no key");
      return "nothing was typed: its dialog is unanswered";
    },
  );

  await untilIdle(io, "coder0", signal);
  const before = await muster("Look at the fleet", ["fleet", "status"], (output: Status) => {
    expect(output.agents.map(({ state }) => state).join() === "idle,busy,dialog", "idle, busy, dialog");
    return "one tmux call for the whole fleet";
  }) as Status;

  const [victim] = before.agents;
  await io.process.run("sh", ["-c", 'kill -9 "$1"', "sh", String(victim?.pid)], { signal });
  await pollUntil(io.clock, async () => await stateOf(io, victim?.name ?? "", signal) === "dead" || undefined, {
    what: "the killed agent to be seen dead",
    timeoutMs: 5_000,
    signal,
  });
  await muster(`Kill ${victim?.name} with SIGKILL, and look again`, ["fleet", "status"], (output: Status) => {
    expect(output.agents[0]?.state === "dead", "the killed one is dead");
    expect(
      output.agents.slice(1).every(({ pid }, at) => pid > 0 && pid === before.agents[at + 1]?.pid),
      "the others live",
    );
    expect(output.servers[0]?.pid === before.servers[0]?.pid, "the server lives");
    return "the others and the server are the same processes as before";
  });

  await muster("Stop everything", ["fleet", "stop", "--now"], (output: Stop) => {
    expect(output.server?.result === "stopped", "the server stops");
    return "their processes are gone";
  });
}

/** Waits until an agent has finished its work. */
async function untilIdle(io: Io, name: string, signal: AbortSignal): Promise<void> {
  await pollUntil(io.clock, async () => await stateOf(io, name, signal) === "idle" || undefined, {
    what: `${name} to finish its work`,
    timeoutMs: 5_000,
    signal,
  });
}

type Start = { readonly agents: readonly { readonly result: string }[] };
type Sent = { readonly outcome: string };
type Status = {
  readonly servers: readonly { readonly pid: number }[];
  readonly agents: readonly { readonly name: string; readonly state: string; readonly pid: number }[];
};
type Stop = { readonly server?: { readonly result: string } };

function expect(isTrue: boolean, what: string): void {
  if (!isTrue) throw new MusterError("failed", `the demo did not see what it should: ${what}`);
}

/** What the agent's transcript says that it was told. */
async function said(io: Io, path: string): Promise<string[]> {
  const lines = new TextDecoder().decode(await io.files.read(path)).split("\n").filter((line) => line.endsWith("}"));
  return lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "user").map(({ text }) => text);
}

async function stateOf(io: Io, name: string, signal: AbortSignal): Promise<string | undefined> {
  const { fleetStatus } = await import("./fleet/status.ts");
  const { agents } = await callTask(fleetStatus, {}, { io, signal });
  return agents.find((agent) => agent.name === name)?.state;
}

function roster(io: Io, home: string, transcript: (name: string) => string): string {
  const agent = (name: string, role: string, ...flags: readonly string[]) => {
    const path = transcript(name);
    const deno = [io.process.deno, "run", "--quiet", "--no-config", "--no-lock", `--allow-write=${path}`];
    const command = [...deno, `${home}/demo.ts`, "--name", name, "--transcript", path, ...flags];
    return { name, runtime: "demo", class: role, command };
  };
  return stringifyToml({
    version: 1,
    tmux: { socket_name: socket },
    agents: [
      agent("coder0", "implementer", "--busy", "100"),
      agent("coder1", "implementer", "--busy", "forever"),
      agent("reviewer0", "reviewer", "--dialog", "start"),
    ],
  });
}

function shellWord(word: string): string {
  return /^[\w./=:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

if (import.meta.main) await runAsMain(demo);
