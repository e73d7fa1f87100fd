/** Sources of values that the shell can offer. */
export type Completer = "agents" | "sessions";

/** A flag as help, parsing, completion and the generated index know it. */
export interface FlagRow {
  /** The key of the input. */
  readonly key: string;
  /** The long name, without dashes. */
  readonly long: string;
  readonly kind: "boolean" | "text" | "number" | "duration" | "choice";
  /** One line. */
  readonly summary: string;
  readonly short?: string;
  readonly placeholder?: string;
  readonly positional?: boolean;
  readonly complete?: Completer;
  /** The values of a choice. */
  readonly values?: readonly string[];
  /** Given when the flag is not, as text; booleans are false. */
  readonly default?: string;
  /** May be given many times. */
  readonly many?: boolean;
  readonly required?: boolean;
}

/** Flags that every task takes. */
export const commonFlags: readonly FlagRow[] = [
  { key: "json", long: "json", kind: "boolean", summary: "Print one JSON document" },
  { key: "debug", long: "debug", kind: "boolean", summary: "Show stack traces" },
];
