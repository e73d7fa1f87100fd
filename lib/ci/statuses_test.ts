import { assertEquals } from "../deps/assert.ts";
import { classify, isRest, type PipelineClass, providerKinds, statusTables } from "./statuses.ts";

/** The table of the guide, written out again: a change of a meaning has to be made twice. */
const expected: Readonly<Record<string, Readonly<Partial<Record<PipelineClass, string>>>>> = {
  woodpecker: {
    live: "created pending running",
    needs_person: "blocked",
    success: "success",
    neutral: "skipped",
    bad: "canceled declined error failure killed",
  },
  github: {
    live: "in_progress pending queued requested",
    needs_person: "action_required waiting",
    success: "success",
    neutral: "neutral skipped",
    bad: "cancelled failure stale startup_failure timed_out",
  },
  gitlab: {
    live: "canceling created pending preparing running scheduled waiting_for_callback waiting_for_resource",
    needs_person: "manual",
    success: "success",
    neutral: "skipped",
    bad: "canceled failed",
  },
  gitea: {
    live: "in_progress queued",
    needs_person: "waiting",
    success: "success",
    neutral: "skipped",
    bad: "cancelled failure",
  },
  forgejo: {
    live: "running unknown waiting",
    needs_person: "blocked need_approval",
    success: "success",
    neutral: "skipped",
    bad: "cancelled failure",
  },
  statuses: { live: "pending", success: "success", neutral: "skipped warning", bad: "error failure" },
};

Deno.test("the status tables are those of the vendors", () => {
  for (const kind of providerKinds) {
    const byClass: Record<string, string[]> = {};
    for (const [status, one] of Object.entries(statusTables[kind])) (byClass[one] ??= []).push(status);
    const told = Object.fromEntries(Object.entries(byClass).map(([one, all]) => [one, all.sort().join(" ")]));
    assertEquals(told, expected[kind], kind);
  }
});

Deno.test("a status that is in no table is unknown, whatever an object has by nature", () => {
  for (const kind of providerKinds) {
    for (const status of ["", "flaky", "SUCCESS", "success ", "constructor", "toString", "__proto__"]) {
      assertEquals(classify(kind, status), "unknown", `${kind} ${status}`);
    }
  }
  assertEquals(isRest("unknown"), false);
});
