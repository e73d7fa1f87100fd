/** Turns what zod found into problems with a line. */
import type { z } from "../deps/zod.ts";
import { kindOf } from "./describe_issue.ts";
import { didYouMean } from "./did_you_mean.ts";
import type { Problem } from "./_problem.ts";
import { knownKeys } from "./_schemas_at.ts";
import { showKey } from "./show_key.ts";
import { showValue } from "./show_value.ts";
import type { TomlDocument } from "./_toml_document.ts";
import { visible } from "../io/visible.ts";

/** The problems of one issue: an issue about unknown keys has one for each. */
export function issueProblems(issue: z.core.$ZodIssue, document: TomlDocument, schema: z.core.$ZodType): Problem[] {
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return { what: "unknown key", path, position: document.positionOf(path), hint: didYouMean(key, known) };
    });
  }
  if (issue.code === "invalid_union" && kindOf(document.valueAt(issue.path)) === "table") {
    // Of a value that may be of several kinds, what is wrong is what is wrong with it as the kind that it is.
    const inner = issue.errors.find((issues) =>
      issues.every(({ path, code }) => path.length > 0 || code !== "invalid_type")
    );
    if (inner && inner.length > 0) {
      return inner.flatMap((one) => issueProblems({ ...one, path: [...issue.path, ...one.path] }, document, schema));
    }
  }
  const position = document.positionOf(issue.path);
  const detail = visible(issue.message);
  if (issue.code === "custom") {
    const what = stringOf(issue.params?.what) ?? "wrong value";
    return [{ what, path: issue.path, position, detail, hint: stringOf(issue.params?.hint) }];
  }
  if (issue.path.length > 0 && document.valueAt(issue.path) === undefined) {
    return [{ what: "missing key", path: issue.path, position, hint: hintForMissing(issue) }];
  }
  return [{
    what: whatIsWrong(issue.code),
    path: issue.path,
    position,
    detail,
    hint: hintFor(issue, document.valueAt(issue.path)),
  }];
}

function whatIsWrong(code: z.core.$ZodIssue["code"]): string {
  if (code === "invalid_type") return "wrong type";
  return code === "invalid_key" ? "wrong key" : "wrong value";
}

function hintForMissing(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code !== "invalid_value" || issue.values.length !== 1) return undefined;
  return `write ${showKey(issue.path.slice(-1))} = ${showValue(issue.values[0])}`;
}

function hintFor(issue: z.core.$ZodIssue, value: unknown): string | undefined {
  if (issue.code === "invalid_type") {
    if (issue.expected === "array" && typeof value === "string") {
      return 'write an array of words, such as ["program", "argument"]';
    }
    if (issue.expected === "array" && kindOf(value) === "table") return `write [[${showKey(issue.path)}]]`;
    if (issue.expected === "string" && (typeof value === "number" || typeof value === "boolean")) {
      return "write it in quotes";
    }
  }
  if (issue.code === "invalid_value" && typeof value === "string") {
    return didYouMean(value, issue.values.filter((known) => typeof known === "string"));
  }
  return undefined;
}

function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? visible(value) : undefined;
}
