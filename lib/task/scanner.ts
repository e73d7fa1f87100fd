import { buildApplication, buildCommand, type Command, type CommandContext, help, text_en } from "../deps/stricli.ts";
import { commonFlags, type FlagRow } from "./flag_row.ts";
import type { TaskRow } from "./row.ts";

/** What the scanner found: the input, or its error. */
export interface Scanned {
  input?: Record<string, unknown>;
  error?: unknown;
}

/** How one value is read from its word. */
export type ReadValue = (flag: FlagRow, word: string) => unknown;

/** What the shell may offer for a value. */
export type OfferValues = (flag: FlagRow, partial: string) => Promise<readonly string[]>;

/** Options of {@linkcode scannerCommand}. */
export interface ScannerOptions {
  readonly read?: ReadValue;
  readonly offer?: OfferValues;
  /** Called with what was found. */
  readonly accept?: (input: Record<string, unknown>) => void;
}

/** The scanner's command for a task: its flags and arguments, none of its own behaviour. */
export function scannerCommand(row: TaskRow, options: ScannerOptions = {}): Command<CommandContext> {
  const { read = (_flag: FlagRow, word: string) => word, offer, accept } = options;
  const named = [...row.flags.filter(({ positional }) => !positional), ...commonFlags];
  const placed = row.flags.filter(({ positional }) => positional);
  const parameter = (one: FlagRow) => ({
    brief: brief(one),
    placeholder: one.placeholder ?? one.long,
    parse: (word: string) => read(one, word),
    optional: !one.required,
    ...(offer ? { proposeCompletions: (partial: string) => offer(one, partial) } : {}),
  });
  const flags = Object.fromEntries(
    named.map((one) => [
      one.key,
      one.kind === "boolean"
        ? { kind: "boolean", brief: one.summary, optional: true, withNegated: one.default === "true" }
        : { ...parameter(one), kind: "parsed", ...(one.many ? { variadic: true } : {}) },
    ]),
  );
  const rest = placed.find(({ many }) => many);
  // The scanner's types follow the flags of a literal; these are made at run time.
  const parameters = {
    flags,
    aliases: Object.fromEntries(named.flatMap(({ short, key }) => short ? [[short, key]] : [])),
    positional: rest
      ? { kind: "array", parameter: { ...parameter(rest), optional: false }, minimum: rest.required ? 1 : 0 }
      : { kind: "tuple", parameters: placed.map(parameter) },
  } as never;
  const func = (flags: Record<string, unknown>, ...words: unknown[]) => {
    const ones = placed.flatMap(({ key }, at) => words[at] === undefined ? [] : [[key, words[at]]]);
    const given = Object.entries(flags).filter(([, value]) => value !== undefined);
    accept?.(Object.fromEntries([...given, ...(rest ? words.length > 0 ? [[rest.key, words]] : [] : ones)]));
  };
  return buildCommand({
    func: func as never,
    parameters,
    docs: { brief: row.summary, fullDescription: description(row) },
  });
}

/** An application of one command, that tells what it finds and prints only help. */
export function scannerApplication(name: string, command: Command<CommandContext>, found: Scanned) {
  const documentation = {
    useAliasInUsageLine: false,
    onlyRequiredInUsageLine: false,
    caseStyle: "convert-camel-to-kebab",
    alwaysShowHelpAllFlag: false,
    disableAnsiColor: true,
  } as const;
  return buildApplication(command, {
    name,
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation,
    localization: {
      text: {
        ...text_en,
        exceptionWhileParsingArguments: (error) => {
          found.error = error;
          return "";
        },
      },
    },
  }, { help: help({ brief: "Show this help", alias: "h", formatting: documentation }) });
}

function brief(flag: FlagRow): string {
  const values = flag.values ? ` (${flag.values.join("|")})` : "";
  return `${flag.summary}${values}${flag.default === undefined ? "" : ` [default: ${flag.default}]`}`;
}

function description(row: TaskRow): string {
  return row.description ? `${row.summary}.\n\n${row.description}` : `${row.summary}.`;
}
