/**
 * Reads TOML into a zod schema, with errors that name file, line and key. The roster, the forges and the project files
 * all come through here.
 *
 * Every message is one line, `<what is wrong>: <file>:<line>: <key>[: <detail>][ (and <n> more)]`; text of the file
 * shows in it with JSON escapes. A file that is not TOML gives `broken TOML: <file>:<line>:<column>: <detail>`.
 *
 * @module
 */
import { type AST, parseTOML } from "../deps/toml_parser.ts";
import type { z } from "../deps/zod.ts";
import { brokenTomlError } from "./_broken_toml.ts";
import { describeIssue } from "./describe_issue.ts";
import { issueProblems } from "./_issue_problems.ts";
import { type Problem, problemError } from "./_problem.ts";
import { schemasAt } from "./_schemas_at.ts";
import { TomlDocument } from "./_toml_document.ts";

/** Options of {@linkcode parseConfig}. */
export interface ParseConfigOptions<Schema extends z.ZodType> {
  /** The file's path, for messages. */
  readonly file: string;
  /**
   * What the file has to be. A table whose unknown keys are errors is a `z.strictObject`. An issue that the schema adds
   * (`ctx.addIssue({ code: "custom", path, message, params })`) may name `params.what` (`wrong value` by default) and
   * `params.hint`.
   */
  readonly schema: Schema;
}

/**
 * Parses TOML and validates it. Beyond what the schema says it refuses integers past 2^53 - 1, which would be rounded,
 * NUL in any key or string, and the key `__proto__`.
 *
 * @throws {MusterError} of code `config`, for the first problem in file order. A key that is missing is reported on the
 * line of the table that lacks it.
 *
 * @example A key that is not known
 * ```ts
 * import { parseConfig } from "./read_toml.ts";
 * import { MusterError } from "../io/error.ts";
 * import { z } from "../deps/zod.ts";
 * import { assertEquals, assertThrows } from "../deps/assert.ts";
 *
 * const schema = z.strictObject({ colour: z.string() });
 * assertEquals(parseConfig('colour = "red"', { file: "/etc/x.toml", schema }), { colour: "red" });
 *
 * const error = assertThrows(() => parseConfig('colour = "red"\ncolor = 1', { file: "/etc/x.toml", schema }), MusterError);
 * assertEquals(error.message, "unknown key: /etc/x.toml:2: color");
 * assertEquals(error.hint, 'did you mean "colour"?');
 * ```
 */
export function parseConfig<Schema extends z.ZodType>(
  text: string,
  options: ParseConfigOptions<Schema>,
): z.output<Schema> {
  const { file, schema } = options;
  const document = parseDocument(text, file);
  const problems = [...document.problems, ...dateProblems(document, schema)];
  const result = schema.safeParse(document.root, { error: describeIssue });
  if (result.success && problems.length === 0) return result.data;
  const found = (result.error?.issues ?? []).flatMap((issue) => issueProblems(issue, document, schema));
  const known = new Set(problems.map((problem) => JSON.stringify(problem.path)));
  // What zod made of a value that is refused already, and of what is in it, is no problem of its own.
  const isNew = ({ path }: Problem) => path.every((_, at) => !known.has(JSON.stringify(path.slice(0, at + 1))));
  throw problemError(file, [...problems, ...found.filter(isNew)], result.error);
}

/** zod takes a date, which is an object, for a table without keys. */
function dateProblems(document: TomlDocument, schema: z.core.$ZodType): Problem[] {
  return document.datePaths
    .filter((path) => {
      const types = schemasAt(schema, path).map(({ _zod: { def } }) => def.type);
      return types.includes("object") && !types.includes("date");
    })
    .map((path) => ({
      what: "wrong type",
      path,
      position: document.positionOf(path),
      detail: "expected table, got date",
    }));
}

function parseDocument(text: string, file: string): TomlDocument {
  const withoutMark = text.startsWith("\uFEFF") ? text.slice(1) : text;
  try {
    const program: AST.TOMLProgram = parseTOML(withoutMark);
    return new TomlDocument(program);
  } catch (error) {
    throw brokenTomlError(withoutMark, file, error);
  }
}
