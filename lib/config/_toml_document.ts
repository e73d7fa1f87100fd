/** The values of a parsed TOML file, and where each of them stands. */
import type { AST } from "../deps/toml_parser.ts";
import type { Position, Problem } from "./_problem.ts";

/** A value of a TOML file. */
export type TomlValue = string | number | boolean | Date | TomlValue[] | TomlTable;
/** A table of a TOML file. */
export interface TomlTable {
  [key: string]: TomlValue;
}

type Container = TomlTable | TomlValue[];
type Place = AST.Position;

/** A TOML file's values and positions. */
export class TomlDocument {
  /** The whole file. */
  readonly root: TomlTable = {};
  /** What no schema has to be asked about: integers that would be rounded, NUL, keys that JavaScript reserves. */
  readonly problems: Problem[] = [];
  /** The keys that hold dates: zod takes a date for a table, so the reader asks the schema itself. */
  readonly datePaths: (string | number)[][] = [];
  readonly #places = new Map<Container, Map<string | number, Place>>();

  constructor(program: AST.TOMLProgram) {
    for (const node of program.body[0].body) {
      if (node.type === "TOMLTable") this.#readTable(node);
      else this.#readKeyValue(this.root, node, []);
    }
  }

  /** Where a key stands, or the nearest table or array above it that is in the file. */
  positionOf(path: readonly PropertyKey[]): Position {
    let place: Place = { line: 1, column: 0 };
    let value: TomlValue = this.root;
    for (const part of path) {
      if (!isContainer(value) || typeof part === "symbol") break;
      const next = this.#places.get(value)?.get(part);
      const child = getOwn(value, part);
      if (next === undefined || child === undefined) break;
      place = next;
      value = child;
    }
    return toPosition(place);
  }

  /** The value of a key, or `undefined` where the file has none. */
  valueAt(path: readonly PropertyKey[]): TomlValue | undefined {
    let value: TomlValue | undefined = this.root;
    for (const part of path) {
      if (value === undefined || !isContainer(value) || typeof part === "symbol") return undefined;
      value = getOwn(value, part);
    }
    return value;
  }

  #readTable(node: AST.TOMLTable): void {
    const path = node.resolvedKey;
    let container: Container = this.root;
    for (const [index, part] of path.entries()) {
      const isLast = index === path.length - 1;
      const made: Container = typeof path[index + 1] === "number" ? [] : {};
      // A header of its own says better where a table is than the first header below it.
      const isNamed = isLast && node.kind === "standard";
      container = this.#child(container, part, node.key.loc.start, path.slice(0, index + 1), made, isNamed);
    }
    for (const child of node.body) this.#readKeyValue(container, child, path);
  }

  #readKeyValue(table: Container, node: AST.TOMLKeyValue, above: readonly (string | number)[]): void {
    const path = [...above];
    let container = table;
    for (const [index, key] of node.key.keys.entries()) {
      const name = key.type === "TOMLBare" ? key.name : key.value;
      path.push(name);
      if (index < node.key.keys.length - 1) {
        container = this.#child(container, name, key.loc.start, path, {}, false);
      } else {
        this.#set(container, name, this.#readValue(node.value, path), key.loc.start, path);
      }
    }
  }

  #readValue(node: AST.TOMLContentNode, path: (string | number)[]): TomlValue {
    if (node.type === "TOMLArray") {
      const array: TomlValue[] = [];
      for (const [index, element] of node.elements.entries()) {
        path.push(index);
        this.#set(array, index, this.#readValue(element, path), element.loc.start, path);
        path.pop();
      }
      return array;
    }
    if (node.type === "TOMLInlineTable") {
      const table: TomlTable = {};
      for (const child of node.body) this.#readKeyValue(table, child, path);
      return table;
    }
    if (node.kind === "integer" && !Number.isSafeInteger(node.value)) {
      this.#refuse("integer out of range", path, node.loc.start, `${node.bigint} is beyond 2^53 - 1`);
    } else if (node.kind === "string" && node.value.includes("\0")) {
      this.#refuse("wrong value", path, node.loc.start, "expected text without NUL");
    } else if (node.value instanceof Date) {
      this.datePaths.push([...path]);
    }
    return node.value;
  }

  /** The table or array at a key, made where there is none. */
  #child(
    container: Container,
    part: string | number,
    place: Place,
    path: readonly (string | number)[],
    made: Container,
    isNamed: boolean,
  ): Container {
    const child = getOwn(container, part);
    // The parser lets no header and no dotted key go through a value.
    if (child !== undefined && isContainer(child)) {
      if (isNamed) this.#places.get(container)?.set(part, place);
      return child;
    }
    this.#set(container, part, made, place, path);
    return made;
  }

  #set(
    container: Container,
    part: string | number,
    value: TomlValue,
    place: Place,
    path: readonly (string | number)[],
  ) {
    if (typeof part === "string") {
      // Assigning it would change the table's prototype, and zod leaves it out of a record without a word.
      if (part === "__proto__") return this.#refuse("reserved key", path, place);
      if (part.includes("\0")) return this.#refuse("wrong key", path, place, "expected a key without NUL");
    }
    let places = this.#places.get(container);
    if (places === undefined) this.#places.set(container, places = new Map());
    places.set(part, place);
    if (Array.isArray(container)) container.push(value);
    else container[part] = value;
  }

  #refuse(what: string, path: readonly (string | number)[], place: Place, detail?: string): void {
    this.problems.push({ what, path: [...path], position: toPosition(place), detail });
  }
}

function isContainer(value: TomlValue): value is Container {
  return typeof value === "object" && !(value instanceof Date);
}

/** Only what the file set: a table has no `constructor` or `toString` of its own. */
function getOwn(container: Container, part: string | number): TomlValue | undefined {
  if (Array.isArray(container)) return typeof part === "number" ? container[part] : undefined;
  return Object.hasOwn(container, part) ? container[part] : undefined;
}

function toPosition(place: Place): Position {
  return { line: place.line, column: place.column + 1 };
}
