import { assertEquals } from "../deps/assert.ts";
import { type Action, actions } from "./action.ts";
import { dueSteps, type Situation } from "./due_steps.ts";
import { historyOf } from "./history.ts";
import type { JournalRecord, StepRecord } from "./record.ts";
import type { Step } from "./step.ts";

const script = { path: "", text: "", before: [], after: [] };

function step(name: string, digest = "1", more: Partial<Step> = {}): Step {
  const cadence = name.startsWith("post_") ? name as Step["cadence"] : "pack";
  const fingerprint = { digest, inputs: { [name]: digest } };
  return { name, cadence, script, cwd: ".", variables: {}, secrets: [], files: [], fingerprint, ...more };
}

const all = [step("a"), step("b"), step("post_create"), step("post_start"), step("post_attach")];

function record(name: string, result: StepRecord["result"] = "ok", more: Partial<StepRecord> = {}): StepRecord {
  const at = "2026-01-01T00:00:00.000Z";
  return { kind: "step", at, run: "r", step: name, result, instance: "i", boot: "1", fingerprint: "1", ...more };
}

/** All steps ended well, on this machine, since its last start. */
const allGood = all.map(({ name }) => record(name));

function due(more: Partial<Situation> & { readonly records?: readonly JournalRecord[] }): string[] {
  const { records = allGood, ...rest } = more;
  const situation = { action: "none", steps: all, boot: "1", isApplied: true, ...rest } as const;
  const history = historyOf(records, "i");
  const inputsOf = (digest: string) => ({ x: digest });
  return dueSteps({ history, inputsOf, ...situation }).map(({ step: { name }, reason }) => `${name}: ${reason}`);
}

/** The cadences: for each action, without and with a change of each step, what runs. */
const matrix: Readonly<Record<Action, Readonly<Record<"nothing" | Step["cadence"], readonly string[]>>>> = {
  create: {
    nothing: ["a", "b", "post_create", "post_start", "post_attach"],
    pack: ["a", "b", "post_create", "post_start", "post_attach"],
    post_create: ["a", "b", "post_create", "post_start", "post_attach"],
    post_start: ["a", "b", "post_create", "post_start", "post_attach"],
    post_attach: ["a", "b", "post_create", "post_start", "post_attach"],
  },
  start: {
    nothing: ["post_start", "post_attach"],
    pack: ["b", "post_start", "post_attach"],
    post_create: ["post_create", "post_start", "post_attach"],
    post_start: ["post_start", "post_attach"],
    post_attach: ["post_start", "post_attach"],
  },
  update_mount_and_restart: {
    nothing: ["post_start", "post_attach"],
    pack: ["b", "post_start", "post_attach"],
    post_create: ["post_create", "post_start", "post_attach"],
    post_start: ["post_start", "post_attach"],
    post_attach: ["post_start", "post_attach"],
  },
  attach_mount_and_start: {
    nothing: ["post_start", "post_attach"],
    pack: ["b", "post_start", "post_attach"],
    post_create: ["post_create", "post_start", "post_attach"],
    post_start: ["post_start", "post_attach"],
    post_attach: ["post_start", "post_attach"],
  },
  none: {
    nothing: [],
    pack: ["b", "post_attach"],
    post_create: ["post_create", "post_attach"],
    post_start: ["post_start", "post_attach"],
    post_attach: ["post_attach"],
  },
};

Deno.test("the cadence matrix, every cell", async (t) => {
  for (const action of actions) {
    for (const [changed, expected] of Object.entries(matrix[action])) {
      await t.step(`${action}, ${changed} changed`, () => {
        const name = changed === "pack" ? "b" : changed;
        const steps = all.map((one) => one.name === name ? step(name, "2") : one);
        assertEquals(due({ action, steps }).map((line) => line.split(":")[0] ?? ""), [...expected]);
      });
    }
  }
});

Deno.test("why a step is due", () => {
  const cases: readonly (readonly [string, readonly JournalRecord[], readonly string[]])[] = [
    ["nothing happened yet", [], all.map(({ name }) => `${name}: never ran`)],
    [
      "all of it on another machine",
      allGood.map((one) => ({ ...one, instance: "other" })),
      all.map(({ name }) => `${name}: never ran`),
    ],
    ["a pack failed", [...allGood, record("a", "failed")], ["a: failed", "post_attach: attach"]],
    ["a pack was interrupted", [...allGood, record("a", "interrupted")], ["a: interrupted", "post_attach: attach"]],
    ["muster was killed meanwhile", [...allGood, record("a", "running")], ["a: interrupted", "post_attach: attach"]],
    ["it failed, then ended well", [...allGood, record("a", "failed"), record("a")], []],
    ["its check found nothing to do", [...allGood, record("a", "unneeded")], []],
    ["the machine was started since", allGood.map((one) => ({ ...one, boot: "0" })), [
      "post_start: machine started",
      "post_attach: attach",
    ]],
    ["post_attach failed", [...allGood, record("post_attach", "failed")], ["post_attach: failed"]],
  ];
  for (const [title, records, expected] of cases) assertEquals(due({ records }), expected, title);
});

Deno.test("what somebody asks for runs, whatever is due", () => {
  const again = ["a: asked for", "b: asked for", "post_start: asked for", "post_attach: asked for"];
  assertEquals(due({ ask: "again" }), again);
  assertEquals(due({ ask: "full" }), [...again.slice(0, 2), "post_create: asked for", ...again.slice(2)]);
});

Deno.test("a pack's check is asked only when anything is due", () => {
  const steps = all.map((one) => one.name === "a" ? step("a", "1", { check: script }) : one);
  assertEquals(due({ steps }), []);
  const changed = steps.map((one) => one.name === "b" ? step("b", "2") : one);
  assertEquals(due({ steps: changed }), ["a: check", "b: changed", "post_attach: attach"]);
});

Deno.test("a pack that is enabled no more is drift: post_attach runs", () => {
  assertEquals(due({ isApplied: false }), ["post_attach: attach"]);
});

Deno.test("a due step names the inputs that changed", () => {
  const steps = all.map((one) => one.name === "b" ? step("b", "2") : one);
  const history = historyOf(allGood, "i");
  const inputsOf = () => ({ b: "1", gone: "missing" });
  const [first] = dueSteps({ action: "none", steps, history, inputsOf, boot: "1", isApplied: true });
  assertEquals(first?.changes, [{ input: "b", before: "1", after: "2" }, {
    input: "gone",
    before: "missing",
    after: null,
  }]);
});
