import { MusterError } from "../io/mod.ts";

/** What an issue or a pull request was to have. */
export interface Wanted {
  /** The names of its labels. */
  readonly labels: readonly string[];
  /** The title of its milestone. */
  readonly milestone?: string;
  /** Those it is assigned to. */
  readonly assignees: readonly string[];
  /** Those who are asked to look at it. */
  readonly reviewers?: readonly string[];
  /** Whether it is not done. */
  readonly isDraft?: boolean;
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
  /** Those who are asked to look at it, where that is known. */
  readonly reviewers?: readonly string[];
  /** Whether it is not done. */
  readonly isDraft?: boolean;
}

/**
 * Throws where a forge took something and left out a part without a word, as GitHub does with who may not be assigned.
 *
 * @throws {MusterError} of code `failed`, which names what is there and what it lacks.
 */
export function checkCreated(what: string, wanted: Wanted, made: Made): void {
  const isIn = (names: readonly string[], name: string) =>
    names.some((one) => one.toLowerCase() === name.toLowerCase());
  const people = (names: readonly string[], known: readonly string[] | undefined, role: string) =>
    known === undefined ? [] : names.filter((login) => !isIn(known, login)).map((login) => `${role} ${login}`);
  const missing = [
    ...wanted.labels.filter((label) => !isIn(made.labels, label)).map((label) => `label ${label}`),
    ...(wanted.milestone === undefined || wanted.milestone === made.milestone ? [] : [`milestone ${wanted.milestone}`]),
    ...people(wanted.assignees, made.assignees, "assignee"),
    ...people(wanted.reviewers ?? [], made.reviewers, "reviewer"),
    ...(wanted.isDraft === true && made.isDraft === false ? ["being a draft"] : []),
  ];
  if (missing.length === 0) return;
  throw new MusterError("failed", `created ${what} ${made.number}, but without: ${missing.join(", ")}`, {
    hint: `it is there: ${made.url}`,
  });
}
