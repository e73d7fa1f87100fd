import { MusterError } from "../io/error.ts";
import { commonFlags, type FlagRow } from "./flag_row.ts";
import type { TaskRow } from "./row.ts";

/** Words of a command line, with each value taken out. */
export interface SplitWords {
  /** Flags and places of values: `--message=0` and `1` stand for `values[0]` and `values[1]`. */
  readonly words: readonly string[];
  /** The values, byte for byte. */
  readonly values: readonly string[];
  /** What is asked for instead of a run. */
  readonly asks?: "help" | "version";
}

/**
 * Takes the values out of a task's words, so that no text of a person's is ever read as a flag: `-m "--help"` sends
 * `--help`. (The scanner behind this would take it for a flag, and loses a value that is empty or has a newline.)
 *
 * @throws {MusterError} of code `usage` where a flag's value is missing, or one is given that takes none.
 */
export function splitWords(row: TaskRow, given: readonly string[]): SplitWords {
  const flags = [...row.flags.filter(({ positional }) => !positional), ...commonFlags];
  const words: string[] = [];
  const values: string[] = [];
  const hold = (value: string) => String(values.push(value) - 1);
  let asks: SplitWords["asks"];
  for (let at = 0; at < given.length; at++) {
    const word = given[at] as string;
    const take = (flag: FlagRow, rest: string | undefined) => {
      const value = rest ?? given[++at];
      if (value === undefined) {
        throw new MusterError("usage", `missing value: ${word}`, {
          hint: `--${flag.long} takes ${flag.placeholder ?? flag.kind}`,
        });
      }
      words.push(`--${flag.long}=${hold(value)}`);
    };
    if (word === "--") {
      words.push("--", ...given.slice(at + 1).map(hold));
      break;
    } else if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const long = word.slice(2, equals < 0 ? undefined : equals);
      const flag = flags.find((one) => one.long === long);
      if (flag && flag.kind !== "boolean") take(flag, equals < 0 ? undefined : word.slice(equals + 1));
      else if (flag && equals >= 0) {
        throw new MusterError("usage", `takes no value: --${long}`, {
          hint: `muster ${row.command} --help shows what it takes`,
        });
      } else if (word === "--help") asks ??= "help";
      else if (word === "--version") asks ??= "version";
      else words.push(word);
    } else if (word.startsWith("-") && word !== "-") {
      for (let letter = 1; letter < word.length; letter++) {
        const flag = flags.find(({ short }) => short === word[letter]);
        if (flag && flag.kind !== "boolean") {
          const rest = word.slice(letter + 1);
          take(flag, rest === "" ? undefined : rest.replace(/^=/, ""));
          break;
        } else if (flag) words.push(`--${flag.long}`);
        else if (word[letter] === "h") asks ??= "help";
        else words.push(`-${word[letter]}`);
      }
    } else words.push(hold(word));
  }
  return { words, values, asks };
}
