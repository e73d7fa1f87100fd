/** Words for what zod found, in terms of TOML: zod asks for them where a schema says nothing of its own. */
import type { z } from "../deps/zod.ts";
import { quoted } from "./quoted.ts";
import { showValue } from "./show_value.ts";

/** What was expected and what was found, on one line. */
export function describeIssue(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${typeWord(issue.expected)}, got ${
        isOtherNumber(issue) ? showValue(issue.input) : kindOf(issue.input)
      }`;
    case "invalid_value":
      return `expected ${oneOf(issue.values.map(showValue))}, got ${showValue(issue.input)}`;
    case "invalid_union":
      return `expected ${oneOf(issue.errors.flatMap(expectedOf))}, got ${showValue(issue.input)}`;
    case "invalid_key":
      return issue.issues[0]?.message ?? "";
    case "too_small":
    case "too_big":
      return describeSize(issue);
    case "invalid_format":
      return `expected ${issue.pattern ? `text that matches ${issue.pattern}` : issue.format}, got ${
        showValue(issue.input)
      }`;
    default:
      return `got ${showValue(issue.input)}`;
  }
}

/** A number, but not of the kind that was expected: the number itself tells more than its kind. */
function isOtherNumber(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): boolean {
  return typeof issue.input === "number" && (issue.expected === "number" || issue.expected === "int");
}

type SizeIssue = Extract<z.core.$ZodRawIssue, { code: "too_small" | "too_big" }>;

function describeSize(issue: SizeIssue): string {
  const [bound, limit] = issue.code === "too_small" ? ["at least", issue.minimum] : ["at most", issue.maximum];
  const exactBound = issue.inclusive === false ? (issue.code === "too_small" ? "more than" : "less than") : bound;
  const { input } = issue;
  if (typeof input === "string") {
    return `expected ${exactBound} ${limit} ${limit === 1 ? "character" : "characters"}, got ${quoted(input)}`;
  }
  if (Array.isArray(input)) {
    return `expected ${exactBound} ${limit} ${limit === 1 ? "element" : "elements"}, got ${input.length}`;
  }
  return `expected ${exactBound} ${limit}, got ${showValue(input)}`;
}

function expectedOf(issues: readonly z.core.$ZodIssue[]): string[] {
  const [issue] = issues;
  if (issue?.code === "invalid_type") return [typeWord(issue.expected)];
  if (issue?.code === "invalid_value") return issue.values.map(showValue);
  return issue === undefined ? [] : [issue.message.replace(/^expected |, got .*$/gs, "")];
}

function oneOf(words: readonly string[]): string {
  const unique = [...new Set(words)];
  if (unique.length < 2) return unique.join();
  return `${unique.slice(0, -1).join(", ")} or ${unique.at(-1)}`;
}

function typeWord(expected: string): string {
  if (expected === "object" || expected === "record") return "table";
  return expected === "int" ? "integer" : expected;
}

/** The kind of a value, in TOML's words. */
export function kindOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return typeof value;
  if (Array.isArray(value)) return "array";
  return value instanceof Date ? "date" : "table";
}
