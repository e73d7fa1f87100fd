/**
 * The command line: words to a task and its input. Only parses; it neither loads a task nor prints.
 *
 * @module
 */

import { didYouMean } from "../config/did_you_mean.ts";
import { MusterError } from "../io/error.ts";
import { visible } from "../io/visible.ts";
import { groupHelp, rootHelp, taskHelp } from "./help.ts";
import type { TaskRow } from "./row.ts";
import { scanFlags } from "./scan.ts";
import { splitWords } from "./words.ts";

/** What every task takes beside its own flags. */
export interface Mode {
  /** Print one JSON document. */
  readonly json: boolean;
  /** Show stack traces. */
  readonly debug: boolean;
}

/** What a command line asks for. */
export type Request<Row extends TaskRow> =
  | { readonly kind: "run"; readonly row: Row; readonly input: Record<string, unknown>; readonly mode: Mode }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" };

/**
 * Understands the words after `muster`: noun, verb, flags.
 *
 * @throws {MusterError} of code `usage`, with the nearest verb, flag or value as its hint.
 */
export async function parseCommandLine<Row extends TaskRow>(
  rows: readonly Row[],
  words: readonly string[],
): Promise<Request<Row>> {
  const found = findRow(rows, words);
  if (found) return await parseTaskLine(...found, `muster ${found[0].command}`);
  if (words.length === 0) return { kind: "help", text: rootHelp(rows) };
  if (words[0] === "--version") return { kind: "version" };
  const isHelp = ["-h", "--help", "help"].includes(words.at(-1) ?? "") || words[0] === "help";
  const named = words.filter((word) => !["-h", "--help", "help"].includes(word));
  const group = rows.filter(({ command }) => named.every((word, at) => command.split(" ")[at] === word));
  if (isHelp && group.length === 1 && group[0]) {
    return { kind: "help", text: await taskHelp(group[0], `muster ${group[0].command}`) };
  }
  if (isHelp && named.length === 0) return { kind: "help", text: rootHelp(rows) };
  if (isHelp && group.length > 0) return { kind: "help", text: groupHelp(group, `${named[0]} <verb>`) };
  throw unknownCommand(rows, isHelp ? named : words);
}

/**
 * How an error of a command line is to be told, where the words themselves may be what is wrong: a value that looks like
 * a flag is none.
 */
export function readMode(rows: readonly TaskRow[], words: readonly string[]): Mode {
  const [row, rest] = findRow(rows, words) ?? [undefined, words];
  let flags = rest;
  try {
    if (row) flags = splitWords(row, rest).words;
  } catch (error) {
    if (!(error instanceof MusterError)) throw error; // a value is missing, and told by the parsing
  }
  return { json: flags.includes("--json"), debug: flags.includes("--debug") };
}

/** The task that the first words name, and the words after its name. */
function findRow<Row extends TaskRow>(rows: readonly Row[], words: readonly string[]) {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(" ");
    const row = rows.find(({ command, aliases }) => command === name || aliases.includes(name));
    if (row && words.length >= length) return [row, words.slice(length)] as const;
  }
}

/** Understands the words after a task's name: a verb of the CLI, or a task run as a script. */
export async function parseTaskLine<Row extends TaskRow>(
  row: Row,
  words: readonly string[],
  program: string,
): Promise<Request<Row>> {
  const split = splitWords(row, words);
  if (split.asks === "help") return { kind: "help", text: await taskHelp(row, program) };
  if (split.asks === "version") return { kind: "version" };
  const { json, debug, ...input } = await scanFlags(row, split);
  return { kind: "run", row, input, mode: { json: json === true, debug: debug === true } };
}

function unknownCommand(rows: readonly TaskRow[], words: readonly string[]): MusterError {
  const [noun = "", verb] = words;
  const names = rows.flatMap(({ command, aliases }) => [command, ...aliases]);
  const nouns = [...new Set(names.map((name) => name.split(" ")[0] ?? ""))];
  if (noun.startsWith("-")) {
    return new MusterError("usage", `unknown flag: ${visible(noun)}`, {
      hint: "flags come after the verb: muster <noun> <verb> --flag",
    });
  }
  if (!nouns.includes(noun)) {
    const hint = verbElsewhere(names, noun);
    if (hint !== undefined) return new MusterError("usage", `missing noun: ${visible(noun)}`, { hint });
    return new MusterError("usage", `unknown command: ${visible(noun)}`, {
      hint: didYouMean(noun, nouns, (near) => `muster ${near}`) ?? "muster --help lists the commands",
    });
  }
  const verbs = names.filter((name) => name.startsWith(`${noun} `)).map((name) => name.slice(noun.length + 1));
  if (verb === undefined || verb.startsWith("-")) {
    return new MusterError("usage", `missing verb: ${noun}`, { hint: `one of ${verbs.join(", ")}` });
  }
  return new MusterError("usage", `unknown verb: ${noun} ${visible(verb)}`, {
    hint: verbElsewhere(names, verb) ?? didYouMean(verb, verbs, (near) => `muster ${noun} ${near}`) ??
      `one of ${verbs.join(", ")}`,
  });
}

/** A hint with the nouns that do have a verb. */
function verbElsewhere(names: readonly string[], verb: string): string | undefined {
  const having = names.filter((name) => name.endsWith(` ${verb}`)).map((name) => `muster ${name}`);
  return having.length === 0 ? undefined : `did you mean ${having.join(", ")}?`;
}
