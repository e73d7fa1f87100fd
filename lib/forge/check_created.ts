import { MusterError } from "../io/mod.ts";

/** What an issue or a pull request was to have. */
export interface Wanted {
  /** The names of its labels. */
  readonly labels: readonly string[];
  /** The title of its milestone. */
  readonly milestone?: string;
  /** Those it is assigned to. */
  readonly assignees: readonly string[];
}

/** What it has. */
export interface Made {
  /** Its number. */
  readonly number: number;
  /** Its page. */
  readonly url: string;
  /** The names of its labels. */
  readonly labels: readonly string[];
  /** The title of its milestone. */
  readonly milestone?: string;
  /** Those it is assigned to, where that is known. */
  readonly assignees?: readonly string[];
}

/**
 * Throws where a forge took something and left out a part without a word, as GitHub does with who may not be assigned.
 *
 * @throws {MusterError} of code `failed`, which names what is there and what it lacks.
 */
export function checkCreated(what: string, wanted: Wanted, made: Made): void {
  const isIn = (names: readonly string[], name: string) =>
    names.some((one) => one.toLowerCase() === name.toLowerCase());
  const missing = [
    ...wanted.labels.filter((label) => !isIn(made.labels, label)).map((label) => `label ${label}`),
    ...(wanted.milestone === undefined || wanted.milestone === made.milestone ? [] : [`milestone ${wanted.milestone}`]),
    ...(made.assignees === undefined
      ? []
      : wanted.assignees.filter((login) => !isIn(made.assignees ?? [], login)).map((login) => `assignee ${login}`)),
  ];
  if (missing.length === 0) return;
  throw new MusterError("failed", `created ${what} ${made.number}, but without: ${missing.join(", ")}`, {
    hint: `it is there: ${made.url}`,
  });
}
