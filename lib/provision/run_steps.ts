/**
 * Runs steps in order, and records each: `running` before its first effect, then how it ended.
 *
 * @module
 */
import { MusterError } from "../io/error.ts";
import type { FileWriter, Io } from "../io/io.ts";
import { visible } from "../io/visible.ts";
import { changedInputs } from "../state/fingerprint.ts";
import type { DueStep } from "./due_steps.ts";
import type { OnEvent, StepResult } from "./events.ts";
import { usualMs } from "./history.ts";
import type { Look } from "./look.ts";
import { Masker } from "./masker.ts";
import { readSteps } from "./read_steps.ts";
import type { StepRecord } from "./record.ts";
import { type MachineProcess, runScript, type ScriptEnd } from "./run_script.ts";
import type { Script, Step } from "./step.ts";

/** So many last lines are kept of what a step printed. */
export const tailLines = 40;

/** How long a check may take. */
const checkMs = 120_000;

/** Options of {@linkcode runSteps}. */
export interface RunStepsOptions {
  /** The run's id, which its logs go by. */
  readonly run: string;
  /** The machine's instance, as it is now. */
  readonly instance: string;
  /** Which of its starts this is. */
  readonly boot: string;
  /** Whether somebody was shown these steps, and a step that is another by now must not run. */
  readonly isPlanned: boolean;
  /** How long what a step started may take to end after SIGTERM. */
  readonly graceMs: number;
  /** Writes the records of a step that ended; the last one's stand together with what the whole run applied. */
  readonly record: (record: Omit<StepRecord, "at">, isLast: boolean) => Promise<void>;
  /** Told what happens. */
  readonly onEvent: OnEvent;
  /** Ends the step that runs, and begins no other. */
  readonly signal: AbortSignal;
}

/** How one step went. */
export interface StepOutcome {
  /** The step. */
  readonly name: string;
  /** How it ended. */
  readonly result: StepResult;
  /** What it took, in milliseconds. */
  readonly elapsedMs: number;
  /** Why it is not ok. */
  readonly reason?: string;
  /** Its whole output. */
  readonly log?: string;
  /** The last lines that it printed, where it failed. */
  readonly tail?: readonly string[];
  /** The step as it was just before it ran. */
  readonly step: Step;
}

/** Runs the steps that are due; those after a failure do not run. Packs whose check finds nothing to do are left out. */
export async function runSteps(
  io: Io,
  seen: Look,
  due: readonly DueStep[],
  options: RunStepsOptions,
): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  let isOver = false;
  for (const [at, one] of due.entries()) {
    options.signal.throwIfAborted();
    const { step } = one;
    if (isOver) {
      if (one.reason !== "check") outcomes.push({ name: step.name, result: "skipped", elapsedMs: 0, step });
      continue;
    }
    const isLast = at === due.length - 1;
    const outcome = await runStep(io, seen, one, isLast, at + 1, options);
    if (outcome) outcomes.push(outcome);
    if (outcome?.result === "interrupted") {
      if (options.signal.aborted) options.onEvent({ kind: "note", text: `the next up resumes with ${step.name}` });
      options.signal.throwIfAborted();
      isOver = true;
    }
    if (outcome?.result === "failed") isOver = true;
  }
  return outcomes;
}

async function runStep(
  io: Io,
  seen: Look,
  { step: planned, reason }: DueStep,
  isLast: boolean,
  number: number,
  options: RunStepsOptions,
): Promise<StepOutcome | undefined> {
  const { machine, state, project, records } = seen;
  const { run, instance, boot, onEvent, signal } = options;
  const step = await freshStep(io, seen, planned, signal);
  if (options.isPlanned && step.fingerprint.digest !== planned.fingerprint.digest) {
    const changed = changedInputs(planned.fingerprint.inputs, step.fingerprint.inputs).map(({ input }) => input);
    throw new MusterError("held", `the plan has changed: ${step.name}: ${visible(changed.join(", "))}`, {
      hint: "what ran before it is recorded; muster provision plan shows what would run now",
    });
  }
  const secrets = secretValues(io, step);
  const log = `${state.logs(run)}/${String(number).padStart(2, "0")}-${step.name}.log`;
  await using output = await Output.open(io, log, Object.values(secrets), (text) => {
    onEvent({ kind: "output", step: step.name, text });
  });
  const others = seen.steps.filter(({ name }) => name !== step.name);
  await machine.bring(project.root, step.files, { declared: others.flatMap(({ files }) => files), signal });
  const common = { kind: "step", run, step: step.name, instance, boot, fingerprint: step.fingerprint.digest } as const;
  const script = (which: Script, more: Partial<Parameters<typeof runScript>[2]>) =>
    runScript(io, which, {
      bash: machine.bash(),
      directory: joined(machine.declaration.directory, step.cwd),
      variables: {
        ...{ MUSTER_MACHINE: machine.declaration.name, MUSTER_STEP: step.name, MUSTER_RUN: run },
        ...step.variables,
        ...secrets,
      },
      graceMs: options.graceMs,
      signal,
      onOutput: (text) => output.write(text),
      ...more,
    });
  if (step.check && ["check", "never ran", "new machine"].includes(reason)) {
    const quiet = { timeoutMs: checkMs, onOutput: (text: string) => output.write(text, { quietly: true }) };
    const { result } = await script(step.check, quiet);
    signal.throwIfAborted();
    if (result === "ok") {
      if (reason === "check") return undefined;
      await state.saveInputs(step.fingerprint);
      await options.record({ ...common, result: "unneeded", reason: "its check finds nothing to do" }, isLast);
      onEvent({ kind: "end", step: step.name, result: "unneeded", elapsedMs: 0, tail: [] });
      return { name: step.name, result: "unneeded", elapsedMs: 0, step };
    }
  }
  await state.saveInputs(step.fingerprint);
  const usual = usualMs(records, step.name);
  onEvent({ kind: "begin", step: step.name, reason, ...(usual === undefined ? {} : { usualMs: usual }) });
  const started = io.clock.elapsed();
  let supervisor: MachineProcess | undefined;
  let end: ScriptEnd;
  try {
    end = await script(step.script, {
      ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
      onReady: async (process) => {
        supervisor = process;
        await options.record({ ...common, result: "running", supervisor, log }, false);
      },
      onBegun: async (process) => {
        await options.record(
          { ...common, result: "running", ...(supervisor ? { supervisor } : {}), process, log },
          false,
        );
      },
    });
  } catch (error) {
    if (!(error instanceof MusterError) || supervisor !== undefined) throw error;
    end = { result: "failed", code: -1, reason: error.message, left: 0 };
  }
  output.end();
  const elapsedMs = Math.round(io.clock.elapsed() - started);
  const { result, code } = end;
  const why = end.reason === undefined ? {} : { reason: end.reason };
  await options.record({ ...common, result, code, elapsedMs, log, ...why }, isLast);
  const tail = output.tail();
  onEvent({ kind: "end", step: step.name, result, elapsedMs, log, tail, ...why });
  if (output.failure) onEvent({ kind: "note", text: `the log of ${step.name} is not whole: ${output.failure}` });
  if (result === "ok" && end.left > 0) {
    const processes = end.left === 1 ? "1 process" : `${end.left} processes`;
    onEvent({ kind: "note", text: `${step.name} left ${processes} running` });
  }
  return { name: step.name, result, elapsedMs, log, step, ...why, ...(result === "ok" ? {} : { tail }) };
}

/** The step as it is now: what ran before it may have written what it reads. */
async function freshStep(io: Io, { state, project }: Look, planned: Step, signal: AbortSignal): Promise<Step> {
  const { steps: [step = planned] } = await readSteps(io, project, {
    ...{ cache: () => state.loadCache(), key: state.secretKey, signal },
    only: planned.name,
  });
  return step;
}

/**
 * The values of a step's secrets.
 *
 * @throws {MusterError} of code `config` for one that is not set: the step would run without it.
 */
export function secretValues(
  io: Pick<Io, "env">,
  step: Pick<Step, "name" | "secrets">,
): Readonly<Record<string, string>> {
  return Object.fromEntries(step.secrets.map((name) => {
    const value = io.env.get(name);
    if (value === undefined) {
      throw new MusterError("config", `a variable of ${step.name} is not set: ${name}`, {
        hint: `export ${name} first`,
      });
    }
    return [name, value];
  }));
}

/** A directory below the machine's, or an absolute one. */
export function joined(directory: string, below: string): string {
  if (below.startsWith("/")) return below;
  const path = below.replace(/^(\.\/)+/, "").replace(/^\.$/, "");
  return path === "" ? directory : `${directory}/${path}`;
}

/** What a step prints: masked, then shown, logged, and its last lines kept. */
class Output implements AsyncDisposable {
  readonly #writer: FileWriter | undefined;
  readonly #masker: Masker;
  readonly #show: (text: string) => void;
  #last = "";
  /** Why the log is not whole. */
  failure: string | undefined;

  private constructor(writer: FileWriter | undefined, secrets: readonly string[], show: (text: string) => void) {
    this.#writer = writer;
    this.#masker = new Masker(secrets);
    this.#show = show;
  }

  static async open(io: Io, path: string, secrets: readonly string[], show: (text: string) => void): Promise<Output> {
    try {
      return new Output(await io.files.writer(path, { mode: 0o600 }), secrets, show);
    } catch (error) {
      const output = new Output(undefined, secrets, show);
      output.#failed(error);
      return output;
    }
  }

  write(text: string, { quietly = false } = {}): void {
    this.#take(this.#masker.push(text), quietly);
  }

  /** Lets out what was held back. */
  end(): void {
    this.#take(this.#masker.end(), false);
  }

  /** The last lines. */
  tail(): string[] {
    return this.#last.replace(/\n$/, "").split("\n").slice(-tailLines).filter((line, at) => at > 0 || line !== "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer?.[Symbol.asyncDispose]();
  }

  #take(text: string, quietly: boolean): void {
    if (text === "") return;
    if (this.failure === undefined) {
      try {
        this.#writer?.write(text);
      } catch (error) {
        this.#failed(error);
      }
    }
    if (quietly) return;
    this.#last = (this.#last + text).slice(-64 * 1024);
    this.#show(text);
  }

  /** A full disk ends the log, and not the step, which says for itself how it fares. */
  #failed(error: unknown): void {
    if (!(error instanceof MusterError)) throw error;
    this.failure = error.message;
  }
}
