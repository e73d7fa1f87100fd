import { assertEquals, assertThrows } from "../deps/assert.ts";
import { MusterError } from "../io/mod.ts";
import { type Pane, paneFormat, type PaneSummary, parseList, parsePane } from "./pane.ts";
import { isTarget, parseTarget, tmuxTarget } from "./target.ts";

const summaryLine = ["%3", "coder0", "41", "0", "11", "coder0", " p7t1n0a"];
const pane: Pane = parsePane(
  ["40", "vm", ...summaryLine, "1", "main", "2", "200", "50", "4", "7", "1", "9", "0", "demo", "cat"].join("\t"),
);

Deno.test("parsePane reads a line of paneFormat, and parseList the answer to listCommands", () => {
  assertEquals(paneFormat.split("\t").length, 21);
  const summary: PaneSummary = {
    id: "%3",
    session: "coder0",
    pid: 41,
    isInUnit: false,
    isDead: false,
    deadStatus: undefined,
    deadSignal: undefined,
    deadAt: undefined,
    isInMode: false,
    isActive: true,
    agent: "coder0",
    queue: ["p7t1n0a"],
    server: { pid: 40, host: "vm" },
  };
  assertEquals(parseList(`40\tvm\n${summaryLine.join("\t")}\n`), [summary]);
  assertEquals(pane, {
    ...summary,
    windowIndex: 1,
    windowName: "main",
    paneIndex: 2,
    command: "cat",
    width: 200,
    height: 50,
    cursor: { x: 4, y: 7, visible: true },
    historySize: 9,
    isFullScreen: false,
    runtime: "demo",
  });
  const [inUnit] = parseList(`40\tvm\n${["%3", "coder0", "41", "0", "11", "coder0 99", ""].join("\t")}\n`);
  assertEquals([inUnit?.agent, inUnit?.pid, inUnit?.isInUnit, inUnit?.queue], ["coder0", 99, true, []]);
  assertThrows(() => parsePane("%3\tcoder0"), TypeError);
  assertThrows(() => parseList("40\tvm\n%3\tcoder0\n"), TypeError);
});

Deno.test("parseList tells what holds of a pane, and how its program ended as far as tmux knows it", () => {
  const read = (state: string, active = "11") =>
    parseList(["40\tvm", ["%3", "s", "41", state, active, "", ""].join("\t")].join("\n"))[0];
  const cases: readonly (readonly [string, Partial<PaneSummary>])[] = [
    ["dead/3//1700000000", { isDead: true, deadStatus: 3, deadSignal: undefined, deadAt: 1700000000, isInMode: false }],
    ["dead//9/1700000000", { isDead: true, deadStatus: undefined, deadSignal: 9, deadAt: 1700000000 }],
    ["dead///", { isDead: true, deadStatus: undefined, deadSignal: undefined, deadAt: undefined }],
    ["1", { isDead: false, deadStatus: undefined, isInMode: true }],
    ["0", { isDead: false, isInMode: false }],
  ];
  for (const [state, facts] of cases) assertEquals({ ...read(state), ...facts }, { ...read(state) }, state);
  assertEquals(["11", "10", "01", "00"].map((active) => read("0", active)?.isActive), [true, false, false, false]);
});

Deno.test("a target goes to tmux in its exact form", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["coder0", "=coder0:"],
    ["=coder0", "=coder0:"],
    ["coder0:", "=coder0:"],
    ["coder0:1", "=coder0:=1"],
    ["coder0:main.2", "=coder0:=main.2"],
    ["coder0:a.b.2", "=coder0:=a.b.2"],
    ["%3", "%3"],
    ["%x", "=%x:"],
    ["a'; touch x; '", "=a'; touch x; ':"],
  ];
  for (const [text, words] of cases) assertEquals(tmuxTarget(parseTarget(text)), words, text);
  for (const text of ["", "=", ":", ":1.2"]) assertThrows(() => parseTarget(text), MusterError, undefined, text);
});

Deno.test("isTarget holds tmux's answer against the words", () => {
  for (const text of ["coder0", "=coder0", "coder0:1", "coder0:main", "coder0:1.2", "%3"]) {
    assertEquals(isTarget(parseTarget(text), pane), true, text);
  }
  for (const text of ["coder", "coder00", "$0", "coder0:0", "coder0:+1", "coder0:1.1", "coder0:1.+1", "%4", "c*"]) {
    assertEquals(isTarget(parseTarget(text), pane), false, text);
  }
});
