import { assertEquals, assertThrows } from "../deps/assert.ts";
import { MusterError } from "../io/mod.ts";
import { type Pane, paneFormat, parsePane } from "./pane.ts";
import { isTarget, parseTarget, tmuxTarget } from "./target.ts";

const pane: Pane = parsePane(
  [
    "%3",
    "coder0",
    "1",
    "main",
    "2",
    "41",
    "cat",
    "0",
    "",
    "",
    "",
    "0",
    "200",
    "50",
    "4",
    "7",
    "1",
    "9",
    "1700000000",
    "coder0",
    "demo",
    "1",
    "1",
    "40",
    "vm",
  ]
    .join("\t"),
);

Deno.test("parsePane reads a line of paneFormat", () => {
  assertEquals(paneFormat.split("\t").length, 25);
  assertEquals(pane, {
    id: "%3",
    session: "coder0",
    windowIndex: 1,
    windowName: "main",
    paneIndex: 2,
    pid: 41,
    command: "cat",
    isDead: false,
    deadStatus: undefined,
    deadSignal: undefined,
    deadAt: undefined,
    isInMode: false,
    width: 200,
    height: 50,
    cursor: { x: 4, y: 7, visible: true },
    historySize: 9,
    createdAt: 1700000000,
    agent: "coder0",
    runtime: "demo",
    isActive: true,
    server: { pid: 40, host: "vm" },
  });
  assertThrows(() => parsePane("%3\tcoder0"), TypeError);
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
