/**
 * A task: one job of muster, defined once and reached as a script, a verb, a deno task, a typed function and a schema.
 *
 * @module
 */

import type { z } from "../deps/zod.ts";
import type { Io } from "../io/mod.ts";
import type { ExitStatus } from "./exit.ts";
import type { OptionalPermission, Permissions } from "./permissions.ts";
import type { Style } from "./style.ts";

/** A command line that the tests run, and what it is for. */
export interface Example {
  /** The command line, starting with `muster`. */
  readonly run: string;
  /** What it does. */
  readonly does: string;
}

/** What a running task may use beside its input and the world. */
export interface Job<Output> {
  /** Aborts when the person interrupts. */
  readonly signal: AbortSignal;
  /** Hands out one document of a stream, before the last, which is returned. */
  emit(output: Output): void;
  /** Tells a person how it goes; on standard error, never part of the answer. */
  say(line: string): void;
  /** Shows a line, or several, that the next call replaces, and nothing where nobody looks: no terminal, `--json`. */
  live(line: string): void;
}

/** How output is laid out for a person. */
export interface Page {
  /** Columns to lay out for. */
  readonly columns: number;
  /** Colours, which do nothing where there is no terminal. */
  readonly style: Style;
}

/** The definition of a task. */
export interface Task<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodType = z.ZodType> {
  /** Noun and verb, as on the command line. */
  readonly name: string;
  /** Other names of the same task. @default {[]} */
  readonly aliases?: readonly string[];
  /** Whether it changes anything. */
  readonly tier: "read" | "write";
  /** One line, active voice, no full stop. */
  readonly summary: string;
  /** What else a person should know, as help shows it. */
  readonly description?: string;
  /** Every flag: type, default, one-line description; {@linkcode flag} adds the short letter. */
  readonly input: Input;
  /** The JSON that `--json` prints, and what the function returns. */
  readonly output: Output;
  /** What it cannot do without. */
  readonly permissions: Permissions;
  /** What it can go without. @default {[]} */
  readonly optional?: readonly OptionalPermission[];
  /** Command lines, run by the tests. */
  readonly examples: readonly Example[];
  /** The exit status that an output means, with what was asked for. @default {() => 0} */
  readonly exit?: (output: z.output<Output>, input: Readonly<Record<string, unknown>>) => ExitStatus;
  /** What a person reads. */
  readonly render: (output: z.output<Output>, page: Page) => string;
  /** Does the job. */
  readonly run: (input: z.output<Input>, io: Io, job: Job<z.output<Output>>) => Promise<z.output<Output>>;
}

/** What a caller of the task's function gives. */
export type TaskInput<T> = T extends Task<infer Input, z.ZodType> ? z.input<Input> : never;

/** What the task's function returns. */
export type TaskOutput<T> = T extends Task<z.ZodObject, infer Output> ? z.output<Output> : never;

/** Types a definition; the task itself is the value given. */
export function defineTask<Input extends z.ZodObject, Output extends z.ZodType>(
  definition: Task<Input, Output>,
): Task<Input, Output> {
  return definition;
}
