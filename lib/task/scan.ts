import {
  AliasNotFoundError,
  FlagNotFoundError,
  InvalidNegatedFlagSyntaxError,
  run,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "../deps/stricli.ts";
import { didYouMean } from "../config/did_you_mean.ts";
import { MusterError } from "../io/error.ts";
import { visible } from "../io/visible.ts";
import { commonFlags, type FlagRow } from "./flag_row.ts";
import { kebabCase } from "./kebab_case.ts";
import type { TaskRow } from "./row.ts";
import { type Scanned, scannerApplication, scannerCommand } from "./scanner.ts";
import type { SplitWords } from "./words.ts";

/**
 * The input that a task's words give, by key; values not checked against its schema yet.
 *
 * @throws {MusterError} of code `usage`.
 */
export async function scanFlags(row: TaskRow, split: SplitWords): Promise<Record<string, unknown>> {
  const found: Scanned = {};
  const valueOf = (word: string) => split.values[Number(word)] ?? word;
  const command = scannerCommand(row, {
    read: (flag, word) => readValue(flag, valueOf(word)),
    accept: (input) => void (found.input = input),
  });
  const silent = { write: () => {} };
  await run(scannerApplication(row.command, command, found), split.words, {
    process: { stdout: silent, stderr: silent },
  });
  if (found.error !== undefined) throw usageError(found.error, row, valueOf);
  if (!found.input) throw new MusterError("internal", `the scanner found nothing in: ${split.words.join(" ")}`);
  return found.input;
}

function readValue(flag: FlagRow, value: string): unknown {
  if (flag.kind === "number") {
    const number = Number(value);
    if (value.trim() === "" || !Number.isFinite(number)) {
      throw new MusterError("usage", `not a number: ${nameOf(flag)} ${visible(value)}`);
    }
    return number;
  }
  if (flag.values && !flag.values.includes(value)) {
    throw new MusterError("usage", `unknown value: ${nameOf(flag)} ${visible(value)}`, {
      hint: didYouMean(value, flag.values, (near) => near) ?? `one of ${flag.values.join(", ")}`,
    });
  }
  return value;
}

function nameOf(flag: FlagRow): string {
  return flag.positional ? flag.placeholder ?? flag.long : `--${flag.long}`;
}

/** What an argument may be, where it is one of a few words. */
function valuesOf(row: TaskRow, placeholder: string): string | undefined {
  const values = row.flags.find((one) => one.positional && one.placeholder === placeholder)?.values;
  return values === undefined ? undefined : `one of ${values.join(", ")}`;
}

function usageError(error: unknown, row: TaskRow, valueOf: (word: string) => string): MusterError {
  const help = `muster ${row.command} --help shows what it takes`;
  if (error instanceof Error && "exception" in error && error.exception instanceof MusterError) return error.exception;
  if (error instanceof MusterError) return error;
  if (error instanceof FlagNotFoundError) {
    const known = [...row.flags, ...commonFlags].filter(({ positional }) => !positional).map(({ long }) => long);
    const name = visible(error.input);
    return new MusterError("usage", `unknown flag: --${name}`, {
      hint: didYouMean(error.input, known, (near) => `--${near}`) ?? help,
    });
  }
  if (error instanceof AliasNotFoundError) {
    return new MusterError("usage", `unknown flag: -${visible(error.input)}`, { hint: help });
  }
  if (error instanceof UnexpectedFlagError) {
    return new MusterError("usage", `given twice: --${kebabCase(error.externalFlagName)}`, { hint: help });
  }
  if (error instanceof UnsatisfiedFlagError) {
    return new MusterError("usage", `missing flag: --${kebabCase(error.externalFlagName)}`, { hint: help });
  }
  if (error instanceof UnsatisfiedPositionalError) {
    return new MusterError("usage", `missing argument: ${error.placeholder}`, {
      hint: valuesOf(row, error.placeholder) ?? help,
    });
  }
  if (error instanceof UnexpectedPositionalError) {
    return new MusterError("usage", `one argument too many: ${visible(valueOf(error.input))}`, { hint: help });
  }
  if (error instanceof InvalidNegatedFlagSyntaxError) {
    return new MusterError("usage", `takes no value: --${kebabCase(error.externalFlagName)}`, { hint: help });
  }
  return new MusterError("usage", visible(error instanceof Error ? error.message : String(error)), { hint: help });
}
