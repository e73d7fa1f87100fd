/**
 * Looks at a project and its machine: what is declared, what was applied, what differs, and what is to be done.
 *
 * @module
 */
import type { Io } from "../io/io.ts";
import { digestText, frame } from "../state/digest.ts";
import type { DigestCache } from "../state/digest_cache.ts";
import type { Inputs } from "../state/fingerprint.ts";
import { type Action, actionFor, type Observation } from "./action.ts";
import { type Change, changesSince, declaredDigest, machineSettings } from "./drift.ts";
import { type DueStep, dueSteps, type Situation } from "./due_steps.ts";
import { type History, historyOf, knownMachine, noHistory } from "./history.ts";
import type { Known, Machine } from "./machine.ts";
import { machineFor } from "./machine_for.ts";
import { MachineState } from "./machine_state.ts";
import type { Project } from "./project.ts";
import { type ReadSteps, readSteps } from "./read_steps.ts";
import type { JournalRecord } from "./record.ts";
import { Stamps } from "./stamps.ts";
import type { Step } from "./step.ts";

/** Options of {@linkcode look}. */
export interface LookOptions {
  /** Reads every declared file anew, whatever is remembered of it. @default {false} */
  readonly strict?: boolean;
  /** What is to run beside what is due. @default {"due"} */
  readonly ask?: Situation["ask"];
  /** Stops the looking. */
  readonly signal: AbortSignal;
}

/** What was seen. */
export interface Look {
  /** The project. */
  readonly project: Project;
  /** Its machine. */
  readonly machine: Machine;
  /** What muster keeps of it. */
  readonly state: MachineState;
  /** The journal. */
  readonly records: readonly JournalRecord[];
  /** Lines of the journal that a kill cut short. */
  readonly torn: readonly number[];
  /** The machine as it was last known. */
  readonly known?: Known;
  /** The machine as it is. */
  readonly observation: Observation;
  /** What its state calls for. */
  readonly action: Action;
  /** All steps. */
  readonly steps: readonly Step[];
  /** How they went on this machine. */
  readonly history: History;
  /** The steps that are due. */
  readonly due: readonly DueStep[];
  /** What changed since the last run that ended well on this machine. */
  readonly changes: readonly Change[];
  /** What the machine is made with. */
  readonly settings: Inputs;
  /** The digest of all that is declared. */
  readonly declared: string;
  /** The digest of all that was applied; `null` where no run ended well on this machine. */
  readonly applied: string | null;
  /** What holds `up --plan` to this look. */
  readonly plan: string;
}

/** Looks at a project and its machine, and changes neither. */
export async function look(io: Io, project: Project, options: LookOptions): Promise<Look> {
  const { signal, strict, ask = "due" } = options;
  const state = await MachineState.of(io, project);
  const machine = await machineFor(io, project, state.key);
  const journal = state.journal.read();
  const knowing = journal.then(({ records }) => knownMachine(records));
  let cache: DigestCache | undefined;
  const reading = { strict, key: state.secretKey, signal, cache: async () => cache ??= await state.loadCache() };
  const stamping = strict ? undefined : Stamps.load(io.files, state.stampsFile);
  const readFirst = async () => {
    const stamps = await stamping;
    return await readSteps(io, project, { ...reading, ...(stamps ? { stamps } : {}) });
  };
  const [observation, { records, torn }, known, stamps, first] = await Promise.all([
    machine.observe(knowing, signal),
    journal,
    knowing,
    stamping,
    readFirst(),
  ]);
  const action = actionFor(observation);
  const history = observation.exists ? historyOf(records, observation.instance) : noHistory;
  const declaredSettings = machineSettings(project.machine);
  const isKnown = known !== undefined && known.instance === observation.instance;
  const settings = isKnown ? known.settings : declaredSettings;
  const applied = history.applied?.digest ?? null;
  const judge = async (steps: readonly Step[]) => {
    const inputsOf = await loadInputs(state, steps, history);
    const isApplied = applied === await declaredDigest(steps, settings);
    const due = dueSteps({ action, steps, history, inputsOf, boot: observation.boot, isApplied, ask });
    const changes = changesSince(steps, history, inputsOf, { before: settings, after: declaredSettings });
    return { steps, due, changes };
  };
  let { steps, due, changes } = await judge(first.steps);
  let isWhole = first.recalled.length === 0;
  if (!isWhole && (due.length > 0 || changes.length > 0)) {
    // Whoever acts on a step, or tells what changed of it, has to know its inputs.
    ({ steps, due, changes } = await judge((await readSteps(io, project, reading)).steps));
    isWhole = true;
  }
  const hasRead = cache?.isChanged;
  // Of what nobody looked at, the cache would forget the digests.
  if (cache && isWhole) await state.saveCache(cache);
  if (stamps && hasRead === false) {
    await rememberStamps(io, state, stamps, first, () => readSteps(io, project, reading), signal);
  }
  const declared = await declaredDigest(steps, declaredSettings);
  const parts = due.map(({ step, reason }) => frame([step.name, reason, step.fingerprint.digest]));
  const plan = (await digestText(frame([observation.instance, action, declared, ...parts]))).slice(0, 12);
  return {
    ...{
      project,
      machine,
      state,
      records,
      torn,
      observation,
      action,
      steps,
      history,
      due,
      changes,
      settings,
      declared,
    },
    ...{ applied, plan },
    ...(known ? { known } : {}),
  };
}

/** Remembers steps with very many inputs of which none had to be read: the next look at them is a look at their stamps. */
async function rememberStamps(
  io: Io,
  state: MachineState,
  stamps: Stamps,
  { stamped, steps }: ReadSteps,
  lookAgain: () => Promise<ReadSteps>,
  signal: AbortSignal,
): Promise<void> {
  if (stamped.length === 0 || !io.permissions.isGranted({ name: "write", path: state.directory })) return;
  const digestIn = (all: readonly Step[], name: string) => all.find((step) => step.name === name)?.fingerprint.digest;
  for (const one of stamped) {
    await stamps.remember(io, state.stampsFile, one, async () => {
      const digest = digestIn((await lookAgain()).steps, one.name);
      return digest === digestIn(steps, one.name) ? digest : undefined;
    }, signal);
  }
}

/** The inputs of the fingerprints that are not as they are now; of others nobody needs them. */
async function loadInputs(
  state: MachineState,
  steps: readonly Step[],
  { steps: past, applied }: History,
): Promise<(digest: string) => Inputs | undefined> {
  const now = new Set(steps.map(({ fingerprint }) => fingerprint.digest));
  const digests = new Set([
    ...[...past.values()].flatMap(({ lastGood }) => lastGood ? [lastGood.fingerprint] : []),
    ...Object.values(applied?.steps ?? {}),
  ]);
  const loaded = new Map<string, Inputs | undefined>();
  for (const digest of digests) if (!now.has(digest)) loaded.set(digest, await state.loadInputs(digest));
  return (digest) => loaded.get(digest);
}
