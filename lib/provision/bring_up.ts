/**
 * Brings a machine to its declared state, and runs what that calls for.
 *
 * @module
 */
import { ulid } from "../deps/ulid.ts";
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import type { Inputs } from "../state/fingerprint.ts";
import type { Action } from "./action.ts";
import { declaredDigest, machineSettings } from "./drift.ts";
import type { OnEvent } from "./events.ts";
import { isSettled } from "./history.ts";
import { type Look, look } from "./look.ts";
import { MachineState } from "./machine_state.ts";
import type { Project } from "./project.ts";
import { readSteps } from "./read_steps.ts";
import type { JournalRecord, StepRecord } from "./record.ts";
import type { StepOutcome } from "./run_steps.ts";

/** Options of {@linkcode bringUp}. */
export interface BringUpOptions {
  /** Steps: those that are due, those and packs, post_start and post_attach again, or also post_create; or none. @default {"due"} */
  readonly ask?: "due" | "again" | "full" | "none";
  /** Leaves the machine as it is: one that does not run is an error. @default {false} */
  readonly keepMachine?: boolean;
  /** The plan that this has to be. */
  readonly plan?: string;
  /** Reads every declared file anew. @default {false} */
  readonly strict?: boolean;
  /** How long to wait for another that has the machine's lease. */
  readonly timeoutMs: number;
  /** How long what a step started may take to end after SIGTERM. @default {10_000} */
  readonly graceMs?: number;
  /** Told what happens. */
  readonly onEvent: OnEvent;
  /** Ends the step that runs, and records that. */
  readonly signal: AbortSignal;
}

/** What was done. */
export interface BringUpReport {
  /** The machine. */
  readonly machine: string;
  /** What was done with it. */
  readonly action: Action;
  /** The run's id, which its logs go by. */
  readonly run: string;
  /** The steps, in order. */
  readonly steps: readonly StepOutcome[];
  /** The digest of all that is applied now; `null` where no run ended well. */
  readonly provisioned: string | null;
  /** Whether all that is declared is applied now. */
  readonly isCurrent: boolean;
}

/** Brings a machine up, under its lease; one that is up, with nothing due and nobody else at it, is only looked at. */
export async function bringUp(io: Io, project: Project, options: BringUpOptions): Promise<BringUpReport> {
  const { onEvent, signal, timeoutMs } = options;
  const state = await MachineState.of(io, project);
  const idle = await reportIdle(io, project, state, options);
  if (idle) return idle;
  const { acquireLease, describeHolder } = await import("../state/lease.ts");
  await using lease = await acquireLease(io, state.lease, {
    what: `provisioning ${project.machine.name}`,
    timeoutMs,
    signal,
    onWait: (holder) => onEvent({ kind: "note", text: `waiting for ${describeHolder(holder)}` }),
  });
  if (lease.tookOverFrom) {
    onEvent({ kind: "note", text: `took over from ${describeHolder(lease.tookOverFrom)}, which has ended` });
  }
  return await bringUpHeld(io, project, options);
}

/**
 * The report of a machine for which there is nothing to do, nothing to write and nothing to tell; `undefined` where there may
 * be, and where anybody has the lease, or had it when a kill came.
 */
async function reportIdle(
  io: Io,
  project: Project,
  state: MachineState,
  { ask = "due", plan, strict, signal }: BringUpOptions,
): Promise<BringUpReport | undefined> {
  // Looked for before all else: who takes it later comes after this look.
  if (ask !== "due" || plan !== undefined || await io.files.facts(state.lease)) return undefined;
  const seen = await look(io, project, { strict, signal });
  const { action, due, changes, torn, records, observation, applied } = seen;
  const isIdle = action === "none" && due.length === 0 && changes.length === 0 && torn.length === 0 &&
    isSettled(records, observation.instance) && openSteps(records).length === 0 && await isApplied(seen);
  if (!isIdle) return undefined;
  return {
    machine: project.machine.name,
    action,
    run: ulid(io.clock.now()),
    steps: [],
    provisioned: applied,
    isCurrent: true,
  };
}

async function bringUpHeld(io: Io, project: Project, options: BringUpOptions): Promise<BringUpReport> {
  const { onEvent, signal, ask = "due", graceMs = 10_000, strict } = options;
  const seen = await look(io, project, { strict, signal, ask: ask === "none" ? "due" : ask });
  const { state, torn, observation, action, due } = seen;
  if (torn.length > 0) {
    onEvent({
      kind: "note",
      text: `the journal has lines that a kill cut short: ${torn.join(", ")} of ${state.journal.path}`,
    });
  }
  if (options.plan !== undefined && options.plan !== seen.plan) {
    throw new MusterError("held", `the plan has changed: ${options.plan} is now ${seen.plan}`, {
      hint: "muster provision plan shows what would run now",
    });
  }
  if (options.keepMachine && seen.action !== "none") {
    throw new MusterError("not_found", `the machine does not run as declared: ${project.machine.name}`, {
      hint: "muster provision up brings it up",
    });
  }
  // What runs steps is loaded when there are any.
  const runner = ask === "none" || due.length === 0 ? undefined : await import("./run_steps.ts");
  // A secret that is not set is told before anything is done.
  for (const { step } of runner ? due : []) runner?.secretValues(io, step);
  const run = ulid(io.clock.now());
  const stamp = () => new Date(io.clock.now()).toISOString();
  await endOrphans(io, seen, graceMs, stamp, options);
  tellDrift(seen, ask, onEvent);
  let { instance, boot } = observation;
  let { settings } = seen;
  if (action !== "none") {
    ({ instance, boot, settings } = await act(seen, run, stamp, options));
    await state.saveProject(project);
  } else {
    if (!isSettled(seen.records, instance)) settings = await adopt(seen, run, stamp);
    if (due.length > 0) await state.saveProject(project);
  }
  const report = { machine: project.machine.name, action, run };
  if (ask === "none") {
    return { ...report, steps: [], provisioned: seen.applied, isCurrent: isCurrent(seen) && due.length === 0 };
  }
  if (runner === undefined) {
    if (!await isApplied(seen)) {
      await state.journal.append(await appliedRecord(seen, new Map(), { run, instance, settings, at: stamp() }));
    }
    return {
      ...report,
      steps: [],
      provisioned: await declaredDigest(seen.steps, settings),
      isCurrent: isCurrent(seen),
    };
  }
  const good = new Map<string, string>();
  let provisioned = seen.applied;
  const record = async (one: Omit<StepRecord, "at">, isLast: boolean) => {
    const line: StepRecord = { ...one, at: stamp() };
    const lines: JournalRecord[] = [line];
    if (one.result === "ok" || one.result === "unneeded") good.set(one.step, one.fingerprint);
    if (isLast && good.has(one.step)) {
      const applied = await appliedRecord(seen, good, { run, instance, settings, at: stamp() });
      provisioned = applied.digest;
      lines.push(applied);
    }
    await state.journal.append(...lines);
  };
  const outcomes = await runner.runSteps(io, seen, due, {
    ...{ run, instance, boot, graceMs, record, onEvent, signal },
    isPlanned: options.plan !== undefined,
  });
  // The last of all may have been a pack that its check left out: nothing was recorded for it.
  if (provisioned === seen.applied && outcomes.every(({ result }) => result === "ok" || result === "unneeded")) {
    const applied = await appliedRecord(seen, good, { run, instance, settings, at: stamp() });
    if (applied.digest !== seen.applied) await state.journal.append(applied);
    provisioned = applied.digest;
  }
  await tellChanges(io, seen, outcomes, options);
  await state.prune((await state.journal.read()).records);
  return {
    ...report,
    steps: outcomes,
    provisioned,
    isCurrent: isCurrent(seen) && outcomes.every(({ result }) => result !== "failed" && result !== "skipped"),
  };
}

/** Whether the machine is made of what is declared, as far as that takes a new one. */
function isCurrent({ changes }: Look): boolean {
  return changes.every(({ needs }) => needs !== "new machine");
}

async function isApplied({ steps, settings, applied }: Look): Promise<boolean> {
  return applied === await declaredDigest(steps, settings);
}

/** The steps of every instance that began, and of which no end is recorded. */
function openSteps(records: readonly JournalRecord[]): StepRecord[] {
  const last = new Map<string, StepRecord>();
  for (const record of records) if (record.kind === "step") last.set(`${record.instance} ${record.step}`, record);
  return [...last.values()].filter(({ result }) => result === "running");
}

/** Ends and records what was left of steps by a kill. */
async function endOrphans(
  io: Io,
  { records, machine, state, observation }: Look,
  graceMs: number,
  stamp: () => string,
  { onEvent, signal }: BringUpOptions,
): Promise<void> {
  for (const record of openSteps(records)) {
    const mayRun = observation.running && record.instance === observation.instance && record.boot === observation.boot;
    const { endOrphan } = await import("./end_orphans.ts");
    if (mayRun && await endOrphan(io, machine, record, graceMs, signal)) {
      onEvent({ kind: "note", text: `ended what was left of ${record.step}, whose muster was killed` });
    }
    const { supervisor: _supervisor, process: _process, ...rest } = record;
    await state.journal.append({ ...rest, at: stamp(), result: "interrupted", reason: "muster was killed" });
  }
}

function tellDrift({ applied, declared, due, changes, action }: Look, ask: string, onEvent: OnEvent): void {
  for (const { input, needs } of changes) {
    if (needs !== "new machine") continue;
    onEvent({
      kind: "note",
      text: `${input} changed, which needs a new machine: muster provision down --destroy, then up`,
    });
  }
  if (applied === null || applied === declared || action === "create") return;
  const what = due.filter(({ reason }) => reason !== "check").map(({ step }) => step.name);
  const will = ask === "none"
    ? "not reprovisioned, as asked"
    : `will reprovision: ${what.length > 0 ? what.join(", ") : "nothing"}`;
  onEvent({ kind: "note", text: `config changed (${applied.slice(0, 8)} → ${declared.slice(0, 8)}), ${will}` });
}

/** Records a machine that is as declared, and whose last action was left to a kill: what it was made with is kept. */
async function adopt(seen: Look, run: string, stamp: () => string): Promise<Inputs> {
  const { state, project, observation: { instance, boot } } = seen;
  const settings = asDeclared(seen);
  await state.saveProject(project);
  await state.journal.append(
    { kind: "action", run, action: "none", settings, at: stamp(), result: "ok", instance, boot },
  );
  return settings;
}

/** What a machine is made with, once its mounts are as declared. */
function asDeclared({ project, settings }: Look): Inputs {
  return { ...settings, ...pick(machineSettings(project.machine), ["machine.mounts"]) };
}

/** Does what the machine's state calls for, recorded before and after. */
async function act(
  seen: Look,
  run: string,
  stamp: () => string,
  { onEvent, signal }: BringUpOptions,
): Promise<{ readonly instance: string; readonly boot: string; readonly settings: Inputs }> {
  const { action, machine, state, project, observation } = seen;
  if (action === "none") throw new TypeError("Cannot act: expected something to do");
  const settings = action === "create" ? machineSettings(project.machine) : asDeclared(seen);
  const instance = action === "create" ? crypto.randomUUID() : observation.instance;
  const common = { kind: "action", run, action, settings } as const;
  onEvent({ kind: "action", action });
  await state.journal.append({ ...common, at: stamp(), result: "running", instance, boot: "" });
  try {
    await machine.act(action, instance, signal);
    const after = await machine.observe(Promise.resolve({ instance, boot: "", settings }), signal);
    const now = { instance: after.instance === "" ? instance : after.instance, boot: after.boot };
    await state.journal.append({ ...common, at: stamp(), result: "ok", ...now });
    return { ...now, settings };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // A machine that is somebody else's is no instance of this one.
    const whose = error instanceof MusterError && error.code === "held" ? "" : instance;
    await state.journal.append({ ...common, at: stamp(), result: "failed", instance: whose, boot: "", reason });
    throw error;
  }
}

function pick(inputs: Inputs, names: readonly string[]): Inputs {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => names.includes(name)));
}

/** All steps as they are applied now: those of this run as they were before they ran, others as they last ended well. */
async function appliedRecord(
  { steps, history }: Look,
  good: ReadonlyMap<string, string>,
  { run, instance, settings, at }: { run: string; instance: string; settings: Inputs; at: string },
): Promise<Extract<JournalRecord, { kind: "applied" }>> {
  const applied = steps.map((step) => {
    const digest = good.get(step.name) ?? history.steps.get(step.name)?.lastGood?.fingerprint ??
      step.fingerprint.digest;
    return { ...step, fingerprint: { ...step.fingerprint, digest } };
  });
  return {
    kind: "applied",
    at,
    run,
    instance,
    digest: await declaredDigest(applied, settings),
    steps: Object.fromEntries(applied.map(({ name, fingerprint }) => [name, fingerprint.digest])),
    packs: steps.filter(({ cadence }) => cadence === "pack").map(({ name }) => name),
  };
}

/** Looks again at what ran: an edit made meanwhile is drift, and told. */
async function tellChanges(
  io: Io,
  { project, state }: Look,
  outcomes: readonly StepOutcome[],
  { onEvent, signal }: BringUpOptions,
): Promise<void> {
  const ran = outcomes.filter(({ result }) => result === "ok");
  if (ran.length === 0) return;
  const { steps: now } = await readSteps(io, project, { cache: () => state.loadCache(), key: state.secretKey, signal });
  for (const { step } of ran) {
    const after = now.find(({ name }) => name === step.name);
    if (after === undefined || after.fingerprint.digest === step.fingerprint.digest) continue;
    onEvent({ kind: "note", text: `${step.name} changed while it ran: the next up will run it again` });
  }
}
