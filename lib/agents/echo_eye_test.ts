import { assertEquals } from "../deps/assert.ts";
import type { PaneView } from "../tmux/mod.ts";
import { parsePane } from "../tmux/mod.ts";
import { echoEye } from "./echo_eye.ts";

/** A pane whose cursor stands at `|`. */
function view(...marked: readonly string[]): PaneView {
  const y = marked.findIndex((row) => row.includes("|"));
  const x = marked[y]?.indexOf("|") ?? 0;
  const summary = ["1", "h", "%0", "s", "1", "0", "11", "", ""];
  const values = [...summary, "0", "w", "0", "80", "24", x, y, "1", "0", "0", "", "bash"];
  return { pane: parsePane(values.join("\t")), rows: marked.map((row) => row.replace("|", "")) };
}

Deno.test("echoEye sees a line come and go at a shell's prompt", () => {
  const eye = echoEye("echo hi");
  assertEquals(eye.obstacle(view("$ |")), undefined);
  assertEquals(eye.isShown(view("$ |")), false);
  assertEquals(eye.isShown(view("$ echo|")), false);
  assertEquals(eye.isShown(view("$ echo hi|")), true);
  assertEquals(eye.fate(view("$ echo hi|")), "standing");
  assertEquals(eye.fate(view("$ echo hi", "hi", "$ |")), "unclear");
  assertEquals(eye.fate(view("$ echo hi", "hi", "$ |")), "taken");
});

Deno.test("echoEye is not taken in by a cursor that moves for a moment", () => {
  const eye = echoEye("hi");
  eye.obstacle(view("$ |"));
  assertEquals(eye.isShown(view("$ hi|")), true);
  assertEquals(eye.fate(view("|$ hi")), "unclear");
  assertEquals(eye.fate(view("$ hi|")), "standing");
  assertEquals(eye.fate(view("|$ hi")), "unclear");
});

Deno.test("echoEye sees text wrapped at the screen's edge, and its end below a tall one", () => {
  const eye = echoEye("aaaa bbbb cccc");
  eye.obstacle(view("$ |"));
  assertEquals(eye.isShown(view("$ aaaa b", "bbb cccc|")), true);
});

Deno.test("echoEye gives no Enter to a program that echoes nothing", () => {
  const eye = echoEye("secret");
  eye.obstacle(view("secret", "Password: |"));
  assertEquals(eye.isShown(view("secret", "Password: |")), false);
  const named = echoEye("hello");
  named.obstacle(view("Type hello to go on: |"));
  assertEquals(named.isShown(view("Type hello to go on: |")), false);
  assertEquals(named.isShown(view("Type hello to go on: hello|")), true);
});

Deno.test("echoEye holds where the same text stands already, unless a prompt may end so", () => {
  assertEquals(echoEye("hello").obstacle(view("$ hello|"))?.reason, "the same text stands at the cursor already");
  assertEquals(echoEye("hello").obstacle(view("hello", "$ |")), undefined);
  const eye = echoEye("#");
  assertEquals(eye.obstacle(view("root:~# |")), undefined);
  assertEquals(eye.isShown(view("root:~# |")), false);
  assertEquals(eye.isShown(view("root:~# #|")), true);
});

Deno.test("echoEye takes the terminal's own echo for no answer of the program", () => {
  const eye = echoEye("hello");
  eye.obstacle(view("|"));
  assertEquals(eye.isShown(view("hello|")), true);
  for (let looks = 0; looks < 3; looks++) assertEquals(eye.fate(view("hello", "|")), "unclear");
  assertEquals(eye.fate(view("hello", "hello", "|")), "unclear");
  assertEquals(eye.fate(view("hello", "hello", "|")), "taken");
});

Deno.test("echoEye is not taken in by lines that come above a text that stands", () => {
  const eye = echoEye("hello");
  eye.obstacle(view("> |"));
  assertEquals(eye.isShown(view("> hello|")), true);
  assertEquals(eye.fate(view("line 1", "> hello|")), "standing");
  assertEquals(eye.fate(view("line 1", "line 2", "> hello|")), "standing");
});

Deno.test("echoEye takes no wandering cursor for an answer", () => {
  const eye = echoEye("hello");
  eye.obstacle(view("|"));
  assertEquals(eye.isShown(view("hello|")), true);
  for (let looks = 0; looks < 3; looks++) assertEquals(eye.fate(view("he|llo")), "unclear");
  assertEquals(eye.fate(view("$ |")), "unclear");
  assertEquals(eye.fate(view("$ |")), "taken");
});
