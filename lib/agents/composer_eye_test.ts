import { assertEquals } from "../deps/assert.ts";
import { type PaneView, parsePane } from "../tmux/mod.ts";
import { composerEye } from "./composer_eye.ts";
import type { Reading, Runtime } from "./runtime.ts";

const summary = ["1", "h", "%0", "s", "1", "0", "11", "", ""];
const pane = parsePane([...summary, "0", "w", "0", "80", "24", 0, 0, "1", "0", "0", "", "x"].join("\t"));
/** A view that reads as told: the rows carry the reading. */
const showing = (reading: Partial<Reading>): PaneView => ({
  pane,
  rows: [JSON.stringify({ state: "idle", ...reading })],
});
const runtime: Runtime = { kind: "test", readsScreen: true, read: ({ rows }) => JSON.parse(rows[0] ?? "") };

Deno.test("composerEye holds for a dialog, a draft, and a screen that it does not know", () => {
  const eye = composerEye(runtime, "hi");
  const cases: readonly (readonly [Partial<Reading>, string | undefined])[] = [
    [{ composer: "" }, undefined],
    [{ composer: "", state: "busy" }, undefined],
    [{ state: "dialog", dialog: "Run rm -rf?\n1. Yes" }, "a dialog is open: Run rm -rf?"],
    [{ state: "draft", composer: "half a" }, "a draft is in the composer: half a"],
    [{ state: "busy", composer: "half a" }, "a draft is in the composer: half a"],
    [{ state: "starting" }, "the agent is still starting"],
    [{ state: "unknown" }, "the screen is not one that the test runtime knows"],
  ];
  for (const [reading, reason] of cases) assertEquals(eye.obstacle(showing(reading))?.reason, reason);
});

Deno.test("composerEye sees a message come, go, and be said", () => {
  const eye = composerEye(runtime, "fix the\nparser, please");
  eye.obstacle(showing({ composer: "", conversation: ["❯ hello"] }));
  assertEquals(eye.isShown(showing({ composer: "" })), false);
  assertEquals(eye.isShown(showing({ composer: "fix the" })), false);
  assertEquals(eye.isShown(showing({ composer: "fix the\nparser,\nplease" })), true);
  assertEquals(eye.fate(showing({ composer: "fix the\nparser, please" })), "standing");
  assertEquals(eye.fate(showing({ composer: "" })), "unclear");
  assertEquals(
    eye.fate(showing({ composer: "", conversation: ["❯ hello", "❯ fix the", "  parser, please"] })),
    "taken",
  );
});

Deno.test("composerEye sees the end of a text that is taller than the composer", () => {
  const message = Array.from({ length: 40 }, (_, at) => `line ${at} of a long text`).join("\n");
  const eye = composerEye(runtime, message);
  eye.obstacle(showing({ composer: "" }));
  assertEquals(eye.isShown(showing({ composer: message.split("\n").slice(-12).join("\n") })), true);
  assertEquals(eye.isShown(showing({ composer: message.split("\n").slice(0, 12).join("\n") })), false);
});

Deno.test("composerEye takes a fold for the message, and a queue's cut line for its head", () => {
  const eye = composerEye(runtime, "a long line to be cut somewhere\nand more");
  eye.obstacle(showing({ composer: "", state: "busy" }));
  assertEquals(eye.isShown(showing({ composer: "[Pasted text #1 +40 lines]", folded: true })), true);
  assertEquals(eye.fate(showing({ composer: "", state: "busy", queued: ["another"] })), "unclear");
  assertEquals(eye.fate(showing({ composer: "", conversation: ["❯ [Pasted text #1 +40 lines]"] })), "taken");
  const plain = composerEye(runtime, "a long line to be cut somewhere\nand more");
  plain.obstacle(showing({ composer: "", state: "busy" }));
  assertEquals(plain.fate(showing({ composer: "", state: "busy", queued: ["another"] })), "unclear");
  assertEquals(plain.fate(showing({ composer: "", state: "busy", queued: ["a long line to b…"] })), "queued");
});

Deno.test("composerEye sees a text that was folded by its end, where its beginning has scrolled away", () => {
  const lines = Array.from({ length: 1000 }, (_, at) => `line ${at}`);
  const eye = composerEye(runtime, lines.join("\n"));
  const end = lines.slice(-30).map((line) => ` ${line}`);
  eye.obstacle(showing({ composer: "", conversation: ["line 999"] }));
  assertEquals(eye.isShown(showing({ composer: "[paste #1 +1000 lines]", folded: true })), true);
  assertEquals(eye.fate(showing({ composer: "", conversation: ["line 999", "line 999"] })), "unclear");
  assertEquals(eye.fate(showing({ composer: "half", conversation: [...end, "", " Done."] })), "unclear");
  assertEquals(eye.fate(showing({ composer: "", conversation: [...end, "", " Done."] })), "taken");
});

Deno.test("composerEye never answers: a dialog after the paste is neither shown nor taken", () => {
  const eye = composerEye(runtime, "hi");
  eye.obstacle(showing({ composer: "" }));
  assertEquals(eye.isShown(showing({ state: "dialog", dialog: "hi" })), false);
  assertEquals(eye.fate(showing({ state: "dialog", dialog: "hi" })), "unclear");
});

Deno.test("composerEye is not taken in by an earlier message of the same words", () => {
  const eye = composerEye(runtime, "again");
  eye.obstacle(showing({ composer: "", conversation: ["❯ again"] }));
  assertEquals(eye.fate(showing({ composer: "", conversation: ["❯ again"] })), "unclear");
  assertEquals(eye.fate(showing({ composer: "", conversation: ["❯ again", "❯ again"] })), "taken");
});

Deno.test("composerEye tells a message from another behind the same preamble, and in the same queue", () => {
  const preamble = "[ci-runner-0123456789:lead -> ci-runner-0123456789:coder0] ";
  const eye = composerEye(runtime, `${preamble}second`);
  eye.obstacle(showing({ composer: "", state: "busy", queued: [`${preamble}first`] }));
  assertEquals(eye.fate(showing({ composer: "", state: "busy", queued: [`${preamble}first`] })), "unclear");
  assertEquals(
    eye.fate(showing({ composer: "", state: "busy", queued: [`${preamble}first`, `${preamble}second`] })),
    "queued",
  );
  const again = composerEye(runtime, "same");
  again.obstacle(showing({ composer: "", state: "busy", queued: ["same"] }));
  assertEquals(again.fate(showing({ composer: "", state: "busy", queued: ["same"] })), "unclear");
  assertEquals(again.fate(showing({ composer: "", state: "busy", queued: ["same", "same"] })), "queued");
});

Deno.test("composerEye sees a message said again while the earlier one scrolls away", () => {
  const eye = composerEye(runtime, "again");
  eye.obstacle(showing({ composer: "", conversation: ["❯ again", "● done that"] }));
  assertEquals(eye.fate(showing({ composer: "", conversation: ["❯ again", "● done that", "● more"] })), "unclear");
  assertEquals(eye.fate(showing({ composer: "", conversation: ["● done that", "❯ again"] })), "taken");
});

Deno.test("composerEye looks for a message of emoji as it is", () => {
  const eye = composerEye(runtime, "🚀 👩‍💻");
  eye.obstacle(showing({ composer: "" }));
  assertEquals(eye.isShown(showing({ composer: "🎉" })), false);
  assertEquals(eye.isShown(showing({ composer: "🚀 👩‍💻" })), true);
  assertEquals(eye.fate(showing({ composer: "", conversation: ["❯ 🎉"] })), "unclear");
  assertEquals(eye.fate(showing({ composer: "", conversation: ["❯ 🚀 👩‍💻"] })), "taken");
});

Deno.test("composerEye takes no draft with a fold in it for the message", () => {
  const eye = composerEye(runtime, "a\nb");
  eye.obstacle(showing({ composer: "" }));
  assertEquals(eye.isShown(showing({ composer: "see [Pasted text #1 +40 lines] above", folded: true })), false);
});
