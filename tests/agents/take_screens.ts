/**
 * Takes golden screens from a real program, into `fixtures/screens/<program>/<version>/`: drives it through what it can
 * show, and writes down each screen with the facts that a runtime reads.
 *
 * ```sh
 * deno run -A tests/agents/take_screens.ts codex
 * ```
 *
 * @module
 */

import { runtimeOf } from "../../lib/agents/mod.ts";
import { realIo } from "../../lib/io/mod.ts";
import type { PaneView } from "../../lib/tmux/mod.ts";
import { type ProgramKind, programs } from "./programs.ts";
import { Stage, type StageOptions } from "./stage.ts";

const [kind, only] = Deno.args as [ProgramKind, string?];
const program = programs[kind];
const directory = new URL(`../../fixtures/screens/${kind}/${program.version}/`, import.meta.url).pathname;
await Deno.mkdir(directory, { recursive: true });

const fold = Array.from({ length: 60 }, (_, at) => `line ${at + 1} of a long paste`).join("\n");
const draft = "look at the parser again; it drops the last token";
const lines = "first of three lines\nsecond, with `quotes`\nthird";
const run: Readonly<Record<ProgramKind, { readonly name: string; readonly input: Record<string, unknown> }>> = {
  claude: { name: "Bash", input: { command: "touch muster-was-here", description: "Touch a file" } },
  codex: {
    name: "exec_command",
    input: {
      cmd: "touch /muster-was-here",
      sandbox_permissions: "require_escalated",
      justification: "May I touch it?",
    },
  },
  pi: { name: "bash", input: { command: "sleep 600" } },
  opencode: { name: "bash", input: { command: "touch muster-was-here", description: "Touch a file" } },
};

/** Writes down what is shown once that stands still, or what was seen on the way. */
type Take = (name: string, seen?: PaneView) => Promise<void>;
type Step = (take: Take, stage: Stage) => Promise<void>;

const ready: Readonly<Record<ProgramKind, RegExp>> = {
  claude: /^❯/,
  codex: /^› /,
  pi: /^─{20}/,
  opencode: /┃/,
};

/** Draws one screen after the other, in one run of the program. */
const tour: Step = async (take, stage) => {
  const { provider } = stage;
  await take("idle");
  await stage.press("-l", "half a dra");
  await take("draft");
  await stage.press("C-u");
  await stage.paste(lines);
  await take("draft-lines");
  await clear(stage);
  await stage.paste(fold);
  await take("fold");
  await clear(stage);
  await stage.press("-l", "/");
  await take("menu-slash");
  await clear(stage);
  await stage.press("-l", "@");
  await take("menu-at");
  await clear(stage);
  provider.answer = ({ fresh }) => ({
    text: `Answer to: ${fresh.at(-1)?.slice(0, 30)}\n\n❯ quoted\n› quoted\n┃  quoted`,
  });
  await stage.paste(draft);
  await stage.press("Enter");
  await stage.shows(/Answer to/);
  await take("answered");
  provider.answer = () => ({ text: "late", delayMs: Infinity });
  await stage.paste("take your time");
  await stage.settled();
  await stage.press("Enter");
  await take("busy");
  await stage.press("-l", "half a dra");
  await take("busy-draft");
  await clear(stage, "BSpace");
  await stage.paste("queued one");
  await stage.settled();
  await stage.press("Enter");
  await take("busy-queued");
  await stage.paste(lines);
  await stage.settled();
  await stage.press("Enter");
  await take("busy-queued-two");
  await stage.press("Escape");
  await take("interrupted");
};

async function clear(stage: Stage, key = "C-u"): Promise<void> {
  for (let at = 0; at < 12; at++) await stage.press(...(key === "C-u" ? ["C-u"] : Array(12).fill("BSpace")));
  await stage.press("BSpace");
  await stage.settled();
}

const dialog: Step = async (take, stage) => {
  stage.provider.answer = () => ({ text: "ran it", tool: run[kind] });
  await stage.paste("run it");
  await stage.settled();
  await stage.press("Enter");
  await stage.settled("a", 2500);
  await take("dialog-permission");
};

const menus: Step = async (take, stage) => {
  for (
    const [name, command] of [["model", "/model"], ["resume", "/resume"], ["help", "/help"], [
      "status",
      "/status",
    ]] as const
  ) {
    await stage.press("-l", command);
    await stage.settled();
    await stage.press("Enter");
    await take(`menu-${name}`);
    await stage.press("Escape");
    await stage.settled();
    await stage.press("Escape");
    await stage.settled();
    await clear(stage);
  }
  await stage.press("-l", "!");
  await take("shell-mode");
};

/** Drafts that are taller than their place, and one whose cursor a person has moved. */
const drafts: Step = async (take, stage) => {
  await stage.paste(Array.from({ length: 9 }, (_, at) => `${at} ${"long words ".repeat(9)}`).join("\n").slice(0, 900));
  await take("tall");
  await stage.press("Up", "Up", "Up", "Home");
  await take("tall-moved");
  await clear(stage);
  await stage.press("-l", "one line");
  await stage.press("Home");
  await take("moved");
  await clear(stage);
  await stage.paste("  indented\n\nwith a blank line\n");
  await take("blank-lines");
};

/** What a program shows when it was made to forget: after something was said, and once more. */
const fresh: Step = async (take, stage) => {
  const command = runtimeOf(kind).resetCommand ?? "";
  const forget = async () => {
    await stage.press("-l", command);
    await stage.settled();
    await stage.press("Enter");
    await stage.settled("a", 1500);
  };
  await forget();
  await take("new-first");
  stage.provider.answer = () => ({ text: "Answer of one line" });
  await stage.paste(draft);
  await stage.settled();
  await stage.press("Enter");
  await stage.shows(/Answer of/);
  await stage.settled("a", 1500);
  await forget();
  await take("new");
};

/** What a program shows before it was ever used so, or there. */
const first: Step = async (take) => await take("first");

/** What a program says over its own screen while another one makes the files of their home, which both have just begun. */
const beside: Step = async (take, stage) => {
  const { width, height } = (await stage.view()).pane;
  await stage.start({ session: "b", width, height });
  const seen = await stage.world.eventually("one to say that it waits for the other", async () => {
    const views = await Promise.all(["a", "b"].map((session) => stage.view(session)));
    return views.find(({ rows }) => rows.some((row) => row.startsWith("› state db backfill")));
  });
  await take("waiting", seen);
};

const asking: Readonly<Record<ProgramKind, StageOptions>> = {
  pi: {},
  codex: { args: ["--ask-for-approval", "on-request", "--sandbox", "read-only"] },
  claude: {},
  opencode: { env: { OPENCODE_CONFIG_CONTENT: '{ "permission": { "bash": "ask" } }' } },
};

const unused: Readonly<Record<ProgramKind, StageOptions>> = {
  pi: { files: { ".pi/agent/models.json": undefined } },
  codex: { files: { ".codex/config.toml": undefined } },
  claude: { files: { ".claude.json": '{ "hasCompletedOnboarding": true }' } },
  opencode: { files: { ".config/opencode/opencode.json": undefined } },
};

/** As the roster's `unattended` starts Claude Code, for the first time. */
const unattended: StageOptions = { args: ["--dangerously-skip-permissions"], env: { IS_SANDBOX: "1" } };

const tours: Readonly<Record<string, readonly [StageOptions, Step]>> = {
  "100x30": [{}, tour],
  "200x50": [{ width: 200, height: 50 }, tour],
  "48x20": [{ width: 48, height: 20 }, tour],
  dialog: [asking[kind], dialog],
  "dialog-48x20": [{ ...asking[kind], width: 48, height: 20 }, dialog],
  drafts: [{}, drafts],
  "fresh-100x30": [{}, fresh],
  "fresh-200x50": [{ width: 200, height: 50 }, fresh],
  "fresh-48x20": [{ width: 48, height: 20 }, fresh],
  menus: [{}, menus],
  ...(kind === "codex"
    ? {
      "beside-100x30": [{}, beside],
      "beside-200x50": [{ width: 200, height: 50 }, beside],
      "beside-48x20": [{ width: 48, height: 20 }, beside],
      "untrusted-100x30": [{ inRepository: true }, first],
      "untrusted-48x20": [{ inRepository: true, width: 48, height: 20 }, first],
    }
    : {}),
  ...(kind === "claude"
    ? {
      "unattended-100x30": [unattended, first],
      "unattended-48x20": [{ ...unattended, width: 48, height: 20 }, first],
      "unused-48x20": [{ ...unused.claude, width: 48, height: 20 }, first],
    }
    : {}),
  unused: [unused[kind], first],
};

for (const [name, [options, step]] of Object.entries(tours)) {
  if (only !== undefined && only !== name) continue;
  try {
    await using stage = await Stage.open(program);
    await stage.start(options);
    if (step !== beside && step !== first) await stage.shows(ready[kind]);
    if (step !== beside) await stage.settled("a", step === first ? 3000 : 600);
    await step(async (state, seen) => {
      const { pane, rows } = seen ?? await stage.settled();
      const facts = { width: pane.width, height: pane.height, cursor: pane.cursor, command: pane.command };
      // The directory of this one run, at the same length.
      const text = rows.join("\n").replaceAll(/muster-test-[0-9a-f]+/g, (it) => "muster-test-".padEnd(it.length, "0"));
      await Deno.writeTextFile(`${directory}${name}-${state}.txt`, `${JSON.stringify(facts)}\n${text}\n`);
      realIo.terminal.err(`${name}-${state}\n`);
    }, stage);
  } catch (error) {
    realIo.terminal.err(`${name}: ${error}\n`);
  }
}
