/** The error for a file that is not TOML. */
import { MusterError } from "../io/error.ts";
import { ParseError, parseTOML } from "../deps/toml_parser.ts";
import { type Position, type Problem, problemError } from "./_problem.ts";
import { TomlDocument, type TomlValue } from "./_toml_document.ts";
import { visible } from "../io/visible.ts";

/** The parser's words for a duplicate key; its error has no code (toml-eslint-parser 1.0.3, `MESSAGES`). */
const DUPLICATE = "Defining a key multiple times is invalid";
/** One part of a dotted key. */
const KEY = /[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/y;
/** Each costs another reading of the file. */
const MAX_DUPLICATES = 20;

/** Turns what the parser threw into a `MusterError` that names file and line. */
export function brokenTomlError(text: string, file: string, error: unknown): MusterError {
  // A file may nest arrays deeper than the stack is.
  if (error instanceof RangeError) {
    return new MusterError("config", `broken TOML: ${visible(file)}: nested too deeply`, { cause: error });
  }
  if (!(error instanceof ParseError)) throw error;
  if (error.message === DUPLICATE) return duplicateKeyError(text, file, error);
  const { line, column } = positionOf(text, error);
  return new MusterError("config", `broken TOML: ${visible(file)}:${line}:${column}: ${visible(error.message)}`, {
    cause: error,
  });
}

/** The parser names the line after a key without a value; the key's own line is the one to mend. */
function positionOf(text: string, error: ParseError): Position {
  const before = text.slice(0, error.index);
  const gap = /=[ \t]*(?:#[^\r\n]*)?\r?\n\s*$/.exec(before);
  if (gap === null) return { line: error.lineNumber, column: error.column + 1 };
  const lines = before.slice(0, gap.index + 1).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

interface Duplicate {
  readonly position: Position;
  /** The key, without the tables above it. */
  readonly name: string;
  /** What stands for it in the renamed text. */
  readonly placeholder: string;
}

/**
 * The parser says where a duplicate is, not which, and stops at one: each is renamed until the file reads, and then the
 * place of the new name tells the path of the old one.
 */
function duplicateKeyError(text: string, file: string, error: ParseError): MusterError {
  const duplicates: Duplicate[] = [];
  let stem = "muster-duplicate-";
  while (text.includes(stem)) stem += "-";
  let document: TomlDocument | undefined;
  let renamed = text;
  let next: unknown = error;
  while (isDuplicate(next) && duplicates.length < MAX_DUPLICATES) {
    KEY.lastIndex = next.index;
    const written = KEY.exec(renamed)?.[0] ?? "";
    const placeholder = stem + duplicates.length;
    duplicates.push({
      position: { line: next.lineNumber, column: next.column + 1 },
      name: readKey(written),
      placeholder,
    });
    renamed = renamed.slice(0, next.index) + placeholder + renamed.slice(next.index + written.length);
    try {
      document = new TomlDocument(parseTOML(renamed));
      next = undefined;
    } catch (other) {
      next = other;
    }
  }
  return problemError(file, duplicates.map((duplicate) => toProblem(duplicate, document)), error);
}

/** Without a document, because something else is wrong further down, the key alone must do. */
function toProblem({ position, name, placeholder }: Duplicate, document: TomlDocument | undefined): Problem {
  const above = document && findKey(document.root, placeholder);
  if (document === undefined || above === undefined) return { what: "duplicate key", path: [name], position };
  const path = [...above, name];
  return { what: "duplicate key", path, position, hint: `first set on line ${document.positionOf(path).line}` };
}

function isDuplicate(error: unknown): error is ParseError {
  return error instanceof ParseError && error.message === DUPLICATE;
}

/** A key without its quotes and escapes. */
function readKey(written: string): string {
  const [first] = parseTOML(`${written} = 0`).body[0].body;
  const key = first?.type === "TOMLKeyValue" ? first.key.keys[0] : undefined;
  return key === undefined ? written : key.type === "TOMLQuoted" ? key.value : key.name;
}

/** The path of the table that has a key. */
function findKey(value: TomlValue, key: string): (string | number)[] | undefined {
  if (typeof value !== "object" || value instanceof Date) return undefined;
  if (Object.hasOwn(value, key)) return [];
  for (const [name, child] of Object.entries(value)) {
    const below = findKey(child, key);
    if (below !== undefined) return [Array.isArray(value) ? Number(name) : name, ...below];
  }
  return undefined;
}
