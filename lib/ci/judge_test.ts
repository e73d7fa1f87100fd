import { assertEquals } from "../deps/assert.ts";
import { type Circumstances, judge, type Seen, waitExits, type WaitOutcome, waitOutcomes } from "./judge.ts";
import type { PipelineClass } from "./statuses.ts";

const seen = (...classes: readonly PipelineClass[]): Seen[] => classes.map((one) => ({ class: one }));

interface Case {
  readonly all: readonly Seen[];
  readonly about?: Circumstances;
  readonly outcome: WaitOutcome | undefined;
  readonly exit?: number;
}

const cases: Readonly<Record<string, Case>> = {
  "success": { all: seen("success"), outcome: "success", exit: 0 },
  "success and success": { all: seen("success", "success"), outcome: "success", exit: 0 },
  "success and failure": { all: seen("success", "bad"), outcome: "failed", exit: 1 },
  "two that are bad": { all: seen("bad", "bad"), outcome: "failed", exit: 1 },
  "success and running": { all: seen("success", "live"), outcome: undefined },
  "failure and running": { all: seen("bad", "live"), outcome: undefined },
  "success and running, with no time": {
    all: seen("success", "live"),
    about: { isLate: true },
    outcome: "timeout",
    exit: 3,
  },
  "success at the deadline": { all: seen("success"), about: { isLate: true }, outcome: "success", exit: 0 },
  "skipped beside success": { all: seen("success", "neutral"), outcome: "success", exit: 0 },
  "skipped beside success, strict": {
    all: seen("success", "neutral"),
    about: { strict: true },
    outcome: "no_success",
    exit: 1,
  },
  "all success, strict": { all: seen("success", "success"), about: { strict: true }, outcome: "success", exit: 0 },
  "all skipped": { all: seen("neutral"), outcome: "no_success", exit: 1 },
  "a status that is in no table": { all: seen("unknown", "success"), outcome: undefined },
  "a status that is in no table, at the deadline": {
    all: seen("unknown", "success"),
    about: { isLate: true },
    outcome: "timeout",
    exit: 3,
  },
  "waits for a person": { all: seen("needs_person", "success"), outcome: "needs_person", exit: 4 },
  "waits for a person while another runs": { all: seen("needs_person", "live"), outcome: undefined },
  "waits for a person while another runs, at the deadline": {
    all: seen("needs_person", "live"),
    about: { isLate: true },
    outcome: "timeout",
    exit: 3,
  },
  "nothing yet": { all: [], outcome: undefined },
  "nothing at the deadline": { all: [], about: { isLate: true }, outcome: "timeout", exit: 3 },
  "nothing registered": { all: [], about: { isEmpty: true }, outcome: "none_registered", exit: 5 },
  "moved": { all: seen("live"), about: { hasMoved: true }, outcome: "superseded", exit: 1 },
  "restarted": { all: [{ class: "live", superseded: true }], outcome: "superseded", exit: 1 },
  "vanished": { all: [{ class: "live", vanished: true }], outcome: "vanished", exit: 5 },
  "vanished while another runs": {
    all: [{ class: "live", vanished: true }, { class: "live" }],
    outcome: undefined,
  },
  "unreachable": { all: seen("live"), about: { isUnreachable: true }, outcome: "unreachable", exit: 6 },
  // Where several hold: 6, 5, 3, 1, 4.
  "6 before 5": {
    all: [{ class: "live", vanished: true }],
    about: { isUnreachable: true },
    outcome: "unreachable",
    exit: 6,
  },
  "5 before 3": {
    all: [{ class: "live", vanished: true }, { class: "live" }],
    about: { isLate: true },
    outcome: "vanished",
    exit: 5,
  },
  "3 before 1": { all: seen("live", "bad"), about: { isLate: true }, outcome: "timeout", exit: 3 },
  "1 before 4": { all: seen("bad", "needs_person"), outcome: "failed", exit: 1 },
  "4 before 0": { all: seen("needs_person", "success"), about: { isLate: true }, outcome: "needs_person", exit: 4 },
};

Deno.test("what was seen decides the outcome, and the outcome the exit status", async (t) => {
  for (const [name, { all, about, outcome, exit }] of Object.entries(cases)) {
    await t.step(name, () => {
      const judged = judge(all, about);
      assertEquals([judged, judged && waitExits[judged]], [outcome, exit]);
    });
  }
});

Deno.test("no mixture of classes is success unless one is success and none is bad, live, unknown or a person's", () => {
  const classes: readonly PipelineClass[] = ["success", "neutral", "bad", "needs_person", "live", "unknown"];
  for (let mask = 0; mask < 2 ** classes.length; mask++) {
    const all = seen(...classes.filter((_, at) => mask & 2 ** at));
    for (const isLate of [false, true]) {
      const has = (one: PipelineClass) => all.some((given) => given.class === one);
      const isGood = has("success") && !["bad", "needs_person", "live", "unknown"].some((one) => has(one as "bad"));
      assertEquals(judge(all, { isLate }) === "success", isGood, JSON.stringify(all));
    }
  }
});

Deno.test("the outcomes have every exit status of a wait", () => {
  assertEquals(new Set(waitOutcomes.map((outcome) => waitExits[outcome])), new Set([0, 1, 3, 4, 5, 6]));
});
