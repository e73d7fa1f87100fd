import { didYouMean } from "../config/did_you_mean.ts";
import { describeIssue } from "../config/describe_issue.ts";
import type { z } from "../deps/zod.ts";
import { MusterError } from "../io/error.ts";
import type { Io } from "../io/io.ts";
import { visible } from "../io/visible.ts";
import type { Job, Task } from "./define.ts";
import { kebabCase } from "./kebab_case.ts";
import { requirePermissions } from "./permissions.ts";

/** Options of {@linkcode callTask} and of every function of `mod.ts`. */
export interface CallOptions<Output = unknown> {
  /** The world to act in. @default {realIo} */
  readonly io?: Io;
  /** Takes the documents of a stream, before the last, which is returned. */
  readonly emit?: (output: Output) => void;
  /** Takes what a person would be told on standard error. */
  readonly say?: (line: string) => void;
  /** Takes lines of which each replaces the one before: how something goes on that takes its time. */
  readonly live?: (line: string) => void;
  /** Stops the task; what it began is undone or journaled. */
  readonly signal?: AbortSignal;
}

/**
 * Calls a task as a function: checks its input, then its permissions, then runs it.
 *
 * @throws {MusterError}
 */
export async function callTask<Input extends z.ZodObject, Output extends z.ZodType>(
  task: Task<Input, Output>,
  input: unknown,
  options: CallOptions<z.output<Output>> & { readonly io: Io },
): Promise<z.output<Output>> {
  const checked = task.input.strict().safeParse(input, { error: describeIssue });
  if (!checked.success) throw inputError(task, checked.error);
  requirePermissions(task.permissions, options.io);
  const job: Job<z.output<Output>> = {
    signal: options.signal ?? new AbortController().signal,
    emit: options.emit ?? (() => {}),
    say: options.say ?? (() => {}),
    live: options.live ?? (() => {}),
  };
  return await task.run(checked.data as z.output<Input>, options.io, job);
}

function inputError(task: Task, error: z.ZodError): MusterError {
  const [issue] = error.issues;
  const help = `muster ${task.name} --help shows what it takes`;
  if (issue?.code === "unrecognized_keys") {
    const [unknown = ""] = issue.keys;
    return new MusterError("usage", `unknown key: ${visible(unknown)}`, {
      hint: didYouMean(unknown, Object.keys(task.input.shape), (near) => near) ?? help,
      cause: error,
    });
  }
  const [key] = issue?.path ?? [];
  const name = typeof key === "string" ? `--${kebabCase(key)}: ` : "";
  return new MusterError("usage", `invalid value: ${name}${visible(issue?.message ?? "not what it takes")}`, {
    hint: help,
    cause: error,
  });
}
