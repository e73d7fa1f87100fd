/**
 * What each runtime reads off the screens that its real program has drawn: `fixtures/screens/<kind>/<version>/`, taken by
 * `tests/agents/take_screens.ts`. And what it does not: a screen that is quoted in a conversation is no screen.
 */

import { type AgentState, type Reading, runtimeOf, type Screen } from "../lib/agents/mod.ts";
import { dialogOffer, isSameOffer } from "../lib/agents/dialog_offer.ts";
import { assert, assertEquals } from "../lib/deps/assert.ts";
import { root } from "./_world.ts";

/** A golden screen, by its name without the size and `.txt`. */
interface Golden {
  readonly kind: string;
  readonly name: string;
  readonly screen: Screen;
}

const directory = new URL("fixtures/screens/", root).pathname;

function goldens(): Golden[] {
  return list(directory).flatMap((kind) =>
    list(`${directory}${kind}`).flatMap((version) =>
      list(`${directory}${kind}/${version}`).map((file): Golden => {
        const [facts = "", ...rows] = Deno.readTextFileSync(`${directory}${kind}/${version}/${file}`).split("\n");
        return { kind, name: file.replace(/\.txt$/, ""), screen: { ...JSON.parse(facts), rows: rows.slice(0, -1) } };
      })
    )
  );
}

function list(path: string): string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
}

const read = ({ kind, screen }: Golden): Reading => runtimeOf(kind).read(screen);

/** The state that each screen shows; a program's own name before one that is only its. */
const states: Readonly<Record<string, AgentState>> = {
  "idle": "idle",
  "answered": "idle",
  "draft": "draft",
  "draft-lines": "draft",
  "fold": "draft",
  "menu-slash": "draft",
  "menu-at": "draft",
  "busy": "busy",
  "busy-draft": "busy",
  "busy-queued": "busy",
  "busy-queued-two": "busy",
  "interrupted": "idle",
  "new-first": "idle",
  "new": "idle",
  "blank-lines": "draft",
  "moved": "draft",
  "tall": "draft",
  "tall-moved": "draft",
  "first": "dialog",
  "dialog-permission": "dialog",
  "menu-help": "dialog",
  "menu-model": "dialog",
  "menu-resume": "dialog",
  "menu-status": "dialog",
  "shell-mode": "draft",
  // Pi puts what was queued back into the composer.
  "pi interrupted": "draft",
  // It asks nobody before it runs a tool, and takes commands that it does not know for text.
  "pi dialog-permission": "busy",
  "pi menu-help": "idle",
  "pi menu-status": "idle",
  // Without a model it says so and ends.
  "pi first": "unknown",
  // A command that it does not know stays, and others print.
  "codex menu-help": "draft",
  "codex menu-resume": "unknown",
  "codex menu-status": "idle",
  "codex waiting": "starting",
  // Goes on with what was queued.
  "claude interrupted": "busy",
  "opencode shell-mode": "unknown",
  "opencode menu-help": "unknown",
  "opencode menu-model": "draft",
  "opencode menu-resume": "unknown",
  "opencode menu-status": "unknown",
};

const bare = (name: string) =>
  name.replace(/^(?:\d+x\d+|drafts|menus|(?:beside|dialog|fresh|unattended|untrusted|unused)(?:-\d+x\d+)?)-/, "");

Deno.test("each golden screen reads as what it shows", () => {
  const screens = goldens();
  assert(screens.length > 100, `${screens.length}`);
  for (const golden of screens) {
    const name = bare(golden.name);
    const own = `${golden.kind} ${name}`;
    const exact = `${golden.kind} ${golden.name}`;
    const expected = exceptions[exact] ?? states[own] ?? states[name];
    assertEquals(read(golden).state, expected, exact);
  }
});

/** Screens that are not what their name says, since the program did otherwise. */
const exceptions: Readonly<Record<string, AgentState>> = {
  // It wants Escape twice.
  "opencode 100x30-interrupted": "busy",
  "opencode 200x50-interrupted": "busy",
  "opencode 200x50-answered": "busy",
  // What it says to its error output takes the place of its footer.
  "codex beside-100x30-waiting": "unknown",
  "codex beside-48x20-waiting": "unknown",
  // Taller than its window, which has lost its top.
  "claude unattended-48x20-first": "unknown",
};

const half = "half a dra";
const lines = ["first of three lines", "second, with `quotes`", "third"];

Deno.test("a draft reads as its text, whoever else types, and a fold as a fold", () => {
  for (const golden of goldens()) {
    const { composer, folded, queued } = read(golden);
    const name = bare(golden.name);
    const where = `${golden.kind} ${golden.name}`;
    if (name === "draft" || name === "busy-draft") assertEquals(composer, half, where);
    if (name === "draft-lines" && !folded) assertEquals(composer?.split("\n"), lines, where);
    if (name === "fold") assertEquals([folded, /^\[[^\]]*\d+[^\]]*\]$/.test(composer ?? "")], [true, true], where);
    if (name === "idle" || name === "answered" || name === "busy") assertEquals(composer, "", where);
    if (name.startsWith("busy-queued") && golden.kind !== "codex") {
      assertEquals(queued?.filter((row) => row === "queued one"), ["queued one"], where);
    }
  }
});

Deno.test("a conversation in which nothing was said is fresh where its program says so, and no other one is", () => {
  for (const golden of goldens()) {
    const name = bare(golden.name);
    const { state, isFresh = false } = read(golden);
    // opencode has its name there, in large letters, until something is said; the others say it once they were reset.
    const isBegun = name.startsWith("new") || golden.kind === "opencode" && name === "idle";
    if (state === "idle") assertEquals(isFresh, isBegun, `${golden.kind} ${golden.name}`);
  }
  const pi = goldens().find(({ kind, name }) => kind === "pi" && name === "fresh-100x30-new") as Golden;
  const rows = pi.screen.rows.map((row) => row.startsWith("0.0%") ? `↑10 ↓5 ${row}` : row);
  assertEquals(read({ ...pi, screen: { ...pi.screen, rows } }).isFresh, false, "an answer may say the same");
});

Deno.test("a dialog reads as its question", () => {
  const wanted: Readonly<Record<string, RegExp>> = {
    "claude dialog-permission": /^Bash command\n[^]*Do you want to proceed\?\n ?❯ 1\. Yes/,
    "codex dialog-permission": /^Would you like to run the following command\?[^]*› 1\. Yes, proceed/,
    "codex unused-first": /^Welcome to Codex,[^]*Choose how you want to use Codex\./,
    "codex untrusted-100x30-first": /^Folder access\n[^]*Trust this folder\?/,
    "codex untrusted-48x20-first": /^Folder access\n[^]*Trust this folder\?/,
    "claude unused-first": /^Accessing workspace:/,
    "claude unused-48x20-first": /^Accessing workspace:/,
    "claude unattended-100x30-first": /^WARNING: Claude Code running in Bypass Permissions mode/,
    "codex menu-model": /^Select Model and Effort/,
    "pi menu-model": /^Only showing models/,
  };
  const seen = new Set<string>();
  for (const golden of goldens()) {
    const exact = `${golden.kind} ${golden.name}`;
    const name = wanted[exact] ? exact : `${golden.kind} ${bare(golden.name)}`;
    const pattern = wanted[name];
    if (!pattern) continue;
    seen.add(name);
    const { dialog = "" } = read(golden);
    assert(pattern.test(dialog), `${name}: ${dialog}`);
  }
  assertEquals([...seen].sort(), Object.keys(wanted).sort());
});

Deno.test("a dialog's answers are read, and known again as the choice moves", () => {
  const allow = "Yes, and always allow access to /tmp/muster-test-0000000000000000/cwd from this project";
  const again = "Yes, and don't ask again for commands that start with `touch /muster-was-here` (p)";
  const no = "No, and tell Codex what to do differently (esc)";
  const auto = "Yes, and switch to auto mode · auto mode handles these prompts for you";
  const wanted: Readonly<Record<string, readonly string[]>> = {
    "claude dialog-dialog-permission": ["Yes", allow, auto, "No"],
    "claude dialog-48x20-dialog-permission": ["Yes", allow, auto, "No"],
    "codex dialog-dialog-permission": ["Yes, proceed (y)", again, no],
    "codex dialog-48x20-dialog-permission": ["Yes, proceed (y)", again, no],
    "codex untrusted-100x30-first": ["Trust and continue", "Back to Agent Command Center"],
    "codex untrusted-48x20-first": ["Trust and continue", "Back to Agent Command Center"],
    "claude unused-first": ["No, exit", "Yes, I trust this folder"],
    "claude unused-48x20-first": ["No, exit", "Yes, I trust this folder"],
    "claude unattended-100x30-first": ["No, exit", "Yes, I accept"],
  };
  for (const [name, choices] of Object.entries(wanted)) {
    const golden = goldens().find((one) => `${one.kind} ${one.name}` === name) as Golden;
    const offer = dialogOffer(read(golden));
    assertEquals([offer?.choices, offer?.selected], [choices, 0], name);
    // What points at the first answer, at the second: in the same column.
    const pointer = /^( *)[❯›](?= \S)/;
    const second = /^( *) {2}(?=2\. |Yes, I )/;
    const rows = golden.screen.rows.map((row) => {
      if (pointer.test(row)) return row.replace(pointer, "$1 ");
      return row.replace(second, golden.kind === "claude" ? "$1❯ " : "$1› ");
    });
    const moved = dialogOffer(read({ ...golden, screen: { ...golden.screen, rows } }));
    assert(offer && moved && isSameOffer(offer, moved), name);
    assertEquals(moved.selected, 1, name);
  }
});

/** How each program draws what was said: the columns before each row. */
const prefixes: Readonly<Record<string, readonly string[]>> = {
  claude: ["  ", "● ", "❯ "],
  codex: ["  ", "• ", "› "],
  opencode: ["     ", "  ┃  "],
  pi: [" "],
};

Deno.test("a screen that is quoted in a conversation is never taken for the real one", () => {
  const all = goldens();
  for (const kind of Object.keys(prefixes)) {
    const own = all.filter((golden) => golden.kind === kind);
    const idle = own.find(({ name }) => name === "200x50-idle") as Golden;
    const before = read(idle);
    assertEquals([before.state, before.composer], ["idle", ""]);
    for (const quoted of all.filter(({ screen }) => screen.width <= 100)) {
      for (const prefix of prefixes[kind] ?? []) {
        const screen = withAbove(idle.screen, quoted.screen.rows.map((row) => `${prefix}${row}`.trimEnd()));
        const { state, composer, isFresh } = runtimeOf(kind).read(screen);
        const where = `${kind} quoting ${quoted.kind} ${quoted.name} behind ${JSON.stringify(prefix)}`;
        // A spinner that is the last thing said cannot be told from a real one; no key is pressed for it.
        const isSafe = state === "idle" || state === "busy";
        assertEquals([isSafe, composer, isFresh], [true, "", false], where);
      }
    }
  }
});

/** A screen with other rows in the place of what was said, at the same height. */
function withAbove(screen: Screen, rows: readonly string[]): Screen {
  const kept = screen.rows.findLastIndex((row, at) => at < screen.cursor.y - 1 && row.trim() === "");
  const below = screen.rows.slice(kept);
  const above = rows.slice(-kept);
  const padding = Array.from({ length: kept - above.length }, () => "");
  return { ...screen, rows: [...padding, ...above, ...below] };
}

Deno.test("an empty screen, a shell and another program's screen are unknown", () => {
  const all = goldens();
  for (const kind of Object.keys(prefixes)) {
    const facts = { width: 100, height: 30, cursor: { x: 2, y: 1, visible: true }, command: "bash" };
    assertEquals(runtimeOf(kind).read({ ...facts, rows: [] }).state, "unknown", kind);
    assertEquals(runtimeOf(kind).read({ ...facts, rows: ["$ ls", "$ "] }).state, "unknown", kind);
    assertEquals(runtimeOf(kind).read({ ...facts, rows: ["❯ ls", "❯ "] }).state, "unknown", kind);
    for (const other of all.filter((golden) => golden.kind !== kind)) {
      const { state, composer } = runtimeOf(kind).read(other.screen);
      assertEquals(composer, undefined, `${kind} reads ${other.kind} ${other.name} as ${state}`);
    }
  }
});

Deno.test("a screen that is cut, at any row, is never taken for an empty composer elsewhere", () => {
  for (const golden of goldens()) {
    const { rows } = golden.screen;
    const whole = read(golden);
    for (let end = 0; end < rows.length; end++) {
      const { state, composer } = runtimeOf(golden.kind).read({ ...golden.screen, rows: rows.slice(0, end) });
      const isSame = composer === whole.composer;
      const isEmpty = composer === "" && whole.composer !== "";
      assert(!isEmpty, `${golden.kind} ${golden.name} cut at ${end}: ${state}, ${isSame}`);
    }
  }
});
