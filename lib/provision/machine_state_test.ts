import { assertEquals } from "../deps/assert.ts";
import { fakeIo } from "../io/fake.ts";
import { historyOf, knownMachine, usualMs } from "./history.ts";
import { MachineState } from "./machine_state.ts";
import type { Project } from "./project.ts";
import type { JournalRecord } from "./record.ts";

const project = { root: "/p", machine: { driver: "host", name: "box" } } as Project;
const at = "2026-01-01T00:00:00.000Z";

function step(
  name: string,
  result: "running" | "ok" | "unneeded" | "failed" | "interrupted",
  fingerprint: string,
  more: { readonly instance?: string; readonly elapsedMs?: number } = {},
): JournalRecord {
  return { kind: "step", at, run: "r", step: name, result, instance: "i", boot: "b", fingerprint, ...more };
}

const created: JournalRecord = {
  ...{ kind: "action", at, run: "r", action: "create", result: "ok", instance: "i", boot: "b" },
  settings: { image: "x" },
};
const applied: JournalRecord = {
  ...{ kind: "applied", at, run: "r", instance: "i", digest: "d" },
  steps: { a: "a1", b: "b9" },
  packs: ["a", "b"],
};

/** A state whose journal has these records, and a fingerprint for each of these names. */
async function stateWith(records: readonly JournalRecord[], fingerprints: readonly string[], runs: readonly string[]) {
  const io = fakeIo({ env: { HOME: "/h" } });
  const state = await MachineState.of(io, project);
  await state.journal.rewrite(records);
  for (const name of fingerprints) await io.files.write(`${state.directory}/fingerprints/${name}.json`, "{}");
  for (const run of runs) await io.files.write(`${state.logs(run)}/01-a.log`, "");
  return { io, state };
}

Deno.test("a journal that has grown long is cut down to what counts, by step and result", async () => {
  // A step that last ended well very long ago, and another that has failed ever since: both are known afterwards.
  const often = Array.from({ length: 2_500 }, (_, one) => [
    step("b", "running", `b${one}`),
    step("b", one % 500 === 0 ? "ok" : "failed", `b${one}`, { elapsedMs: one }),
  ]).flat();
  const records = [
    step("a", "ok", "other", { instance: "gone" }),
    created,
    step("a", "ok", "a1", { elapsedMs: 5 }),
    step("c", "unneeded", "c1"),
    step("d", "ok", "d1"),
    step("d", "interrupted", "d2"),
    applied,
    ...often,
  ];
  const { state } = await stateWith(records, [], []);
  await state.prune(records);
  const { records: kept } = await state.journal.read();
  assertEquals(kept.length < 30, true, String(kept.length));
  assertEquals(historyOf(kept, "i"), historyOf(records, "i"));
  assertEquals(knownMachine(kept), knownMachine(records));
  for (const name of ["a", "b"]) assertEquals(usualMs(kept, name), usualMs(records, name));
  assertEquals(kept.every(({ instance }) => instance === "i"), true);
});

Deno.test("a journal that is not long stays as it is, the records of other instances too", async () => {
  const records = [step("a", "ok", "other", { instance: "gone" }), created, step("a", "ok", "a1")];
  const { state } = await stateWith(records, [], []);
  await state.prune(records);
  assertEquals((await state.journal.read()).records, records);
});

Deno.test("fingerprints that nothing refers to are removed, and logs but for the last 50 runs", async () => {
  const records = [created, step("a", "ok", "a1"), step("a", "failed", "a2"), applied];
  const runs = Array.from({ length: 53 }, (_, one) => `run${String(one).padStart(2, "0")}`);
  const { io, state } = await stateWith(records, ["a1", "a2", "b9", "old"], runs);
  await state.prune(records);
  const names = async (below: string) =>
    (await io.files.list(`${state.directory}/${below}`) ?? []).map(({ name }) => name);
  assertEquals(await names("fingerprints"), ["a1.json", "a2.json", "b9.json"]);
  assertEquals(await names("runs"), runs.slice(3));
});
