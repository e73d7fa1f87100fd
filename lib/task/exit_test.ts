import { assertEquals } from "../deps/assert.ts";
import { type ErrorCode, MusterError } from "../io/mod.ts";
import { exitMeanings, type ExitStatus, exitStatusOf, worstExit } from "./exit.ts";

Deno.test("exitStatusOf gives each code its status, and 6 to what muster did not expect", () => {
  const statuses: Readonly<Record<ErrorCode, ExitStatus>> = {
    usage: 2,
    config: 2,
    timeout: 3,
    held: 4,
    not_found: 5,
    permission: 6,
    missing_program: 6,
    failed: 6,
    internal: 6,
    interrupted: 143,
  };
  for (const [code, status] of Object.entries(statuses)) {
    assertEquals(exitStatusOf(new MusterError(code as ErrorCode, "x")), status, code);
    assertEquals(exitMeanings[status].length > 0, true);
  }
  assertEquals(exitStatusOf(new MusterError("interrupted", "interrupted: SIGINT")), 130);
  for (const error of [new TypeError("x"), "x", undefined]) assertEquals(exitStatusOf(error), 6);
});

Deno.test("worstExit is the worst of several: an interruption, then 6, 5, 4, 3, 2, 1, 0", () => {
  const cases: readonly (readonly [ExitStatus[], ExitStatus])[] = [
    [[], 0],
    [[0, 0], 0],
    [[0, 1], 1],
    [[1, 2], 2],
    [[2, 3, 1], 3],
    [[3, 4, 0], 4],
    [[4, 5, 3], 5],
    [[5, 6, 4], 6],
    [[6, 130], 130],
    [[143, 130, 6], 143],
  ];
  for (const [statuses, worst] of cases) assertEquals(worstExit(statuses), worst, String(statuses));
});
