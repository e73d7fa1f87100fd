import { MusterError, type MusterErrorOptions } from "../io/error.ts";

/** One thing wrong with a configuration file, as a line and a way out. */
export interface ConfigProblem {
  /** What is wrong, where, and with which key. */
  readonly message: string;
  /** The way out. */
  readonly hint?: string;
}

/** A configuration file is wrong: the message tells the first problem, {@linkcode ConfigError.problems} all of them. */
export class ConfigError extends MusterError {
  /** All that is wrong, in the order of the file. */
  readonly problems: readonly ConfigProblem[];

  /** Creates the error of the first problem, which carries all of them. */
  constructor(message: string, problems: readonly ConfigProblem[], options: MusterErrorOptions = {}) {
    super("config", message, options);
    this.problems = problems;
  }
}
