import { MusterError } from "../io/mod.ts";
import { quoted } from "../config/quoted.ts";

/**
 * A path of an address whose values are encoded, one segment each: a name with a slash stays one name.
 *
 * @throws {MusterError} of code `usage` for a value that is empty, `.` or `..`, which would name another path.
 *
 * @example
 * ```ts
 * import { path } from "./path.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * const [repo, branch] = ["tool", "feat/a b"];
 * assertEquals(path`/repos/${repo}/branches/${branch}`, "/repos/tool/branches/feat%2Fa%20b");
 * ```
 */
export function path(texts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return texts.map((text, at) => at < values.length ? text + encode(String(values[at])) : text).join("");
}

function encode(value: string): string {
  if (value === "" || value === "." || value === "..") {
    throw new MusterError("usage", `not a name: ${quoted(value)}`);
  }
  // A lone surrogate cannot be encoded.
  return encodeURIComponent(value.toWellFormed());
}
