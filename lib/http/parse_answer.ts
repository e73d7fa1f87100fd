import { describeIssue } from "../config/describe_issue.ts";
import { quoted } from "../config/quoted.ts";
import { showKey } from "../config/show_key.ts";
import type { z } from "../deps/zod.ts";
import { MusterError } from "../io/mod.ts";

/** The beginning of an answer, for an error. */
const shownCharacters = 60;

/**
 * Reads the text of an answer as JSON of a shape.
 *
 * @param where What was asked, such as `GET https://git.example.org/api/v1/version`.
 * @param secret What is masked where the answer repeats it.
 *
 * @throws {MusterError} of code `failed`, which names the field that is wrong, or says that it is no JSON.
 *
 * @example A field of another type
 * ```ts
 * import { parseAnswer } from "./parse_answer.ts";
 * import { z } from "../deps/zod.ts";
 * import { MusterError } from "../io/mod.ts";
 * import { assertEquals, assertThrows } from "../deps/assert.ts";
 *
 * const schema = z.array(z.object({ number: z.int() }));
 * assertEquals(parseAnswer('[{"number":1,"more":true}]', schema, "GET /issues"), [{ number: 1 }]);
 * const error = assertThrows(() => parseAnswer('[{"number":"1"}]', schema, "GET /issues"), MusterError);
 * assertEquals(error.message, "answer of another shape: GET /issues: [0].number: expected number, got string");
 * ```
 */
export function parseAnswer<Schema extends z.ZodType>(
  text: string | undefined,
  schema: Schema,
  where: string,
  secret?: string,
): z.output<Schema> {
  return checkShape(readJson(text, where, secret), schema, where);
}

/**
 * A value of an answer as its shape has it.
 *
 * @param where What was asked, such as `GET https://git.example.org/api/v1/version`.
 *
 * @throws {MusterError} of code `failed`, which names the field that is wrong.
 */
export function checkShape<Schema extends z.ZodType>(value: unknown, schema: Schema, where: string): z.output<Schema> {
  const result = schema.safeParse(value, { error: describeIssue });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue && issue.path.length > 0 ? `${showKey(issue.path)}: ` : "";
  const more = result.error.issues.length > 1 ? ` (and ${result.error.issues.length - 1} more)` : "";
  throw new MusterError("failed", `answer of another shape: ${where}: ${field}${issue?.message}${more}`, {
    hint: "is kind right in forges.toml, and is the server of a version that muster knows?",
    cause: result.error,
  });
}

/** JSON, or `undefined` for no text. */
function readJson(text: string | undefined, where: string, secret: string | undefined): unknown {
  if (text === undefined || text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    // Before it is cut, as half a secret is one too; one so short would be found in any word.
    const masked = secret && secret.length >= 6 ? text.replaceAll(secret, "***") : text;
    const begin = quoted(masked.trimStart().slice(0, shownCharacters));
    if (/^\s*</.test(text)) {
      throw new MusterError("failed", `HTML in place of JSON: ${where}: ${begin}`, {
        hint: "a login page or a proxy may have answered: is url right in forges.toml?",
        cause,
      });
    }
    throw new MusterError("failed", `broken JSON: ${where}: ${begin}`, { cause });
  }
}
