import { assert, assertEquals } from "../deps/assert.ts";
import { medianMs, pauseMs } from "./interval.ts";

Deno.test("the pause is never above the most, and not below the least but for the jitter", () => {
  for (const usualMs of [undefined, 1, 60_000, 3_600_000]) {
    for (const elapsedMs of [0, 1_000, 59_000, 61_000, 600_000, 1e7]) {
      for (const jitter of [0, 0.5, 1]) {
        const pause = pauseMs({ elapsedMs, usualMs, mostMs: 30_000 }, jitter);
        assert(pause <= 30_000 && pause >= 2_700, `${usualMs} ${elapsedMs} ${jitter}: ${pause}`);
      }
    }
  }
  assertEquals(pauseMs({ elapsedMs: 0, mostMs: 1_000 }, 0), 1_000);
});

Deno.test("looks are many near the usual end, and few before it", () => {
  const looks = (fromMs: number, toMs: number) => {
    let count = 0;
    for (let at = fromMs; at < toMs; count++) at += pauseMs({ elapsedMs: at, usualMs: 600_000, mostMs: 30_000 }, 0);
    return count;
  };
  assertEquals([looks(0, 300_000), looks(540_000, 600_000), looks(600_000, 615_000)], [10, 6, 5]);
});

Deno.test("the median is one of the durations, and none of none", () => {
  assertEquals([medianMs([3, 1, 2]), medianMs([4, 1]), medianMs([])], [2, 1, undefined]);
});
