import { assertEquals, assertThrows } from "../deps/assert.ts";
import { formatDuration, parseDuration } from "./duration.ts";

Deno.test("parseDuration reads a number and a unit, and a bare number as seconds", () => {
  const cases: readonly (readonly [string | number, number])[] = [
    ["250ms", 250],
    ["30s", 30_000],
    ["20m", 1_200_000],
    ["1h", 3_600_000],
    ["1.5s", 1500],
    ["0", 0],
    ["7", 7000],
    [7, 7000],
    [" 7s ", 7000],
  ];
  for (const [text, ms] of cases) assertEquals(parseDuration(text), ms, String(text));
});

Deno.test("parseDuration refuses what is no duration, or longer than a timer can wait", () => {
  for (const text of ["", "s", "-1s", "1d", "1e3s", "1 s", "30sec", "0x1s", "NaN", "25h30m", "600h"]) {
    assertThrows(() => parseDuration(text), RangeError, undefined, text);
  }
});

Deno.test("formatDuration writes the unit that a person would", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0.4, "0ms"],
    [999, "999ms"],
    [1000, "1s"],
    [1540, "1.5s"],
    [90_000, "1.5m"],
    [7_200_000, "2h"],
  ];
  for (const [ms, text] of cases) assertEquals(formatDuration(ms), text);
});
