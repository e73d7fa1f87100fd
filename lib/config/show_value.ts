/**
 * Shows a value of a TOML file in an error message.
 *
 * @module
 */
import { quoted } from "./quoted.ts";

/**
 * A scalar as TOML writes it, cut at 80 characters, and only the kind of a table, an array or a date. Call it for
 * values that hold no secret: a variable of `env` is never shown.
 *
 * @example A string and a table
 * ```ts
 * import { showValue } from "./show_value.ts";
 * import { assertEquals } from "../deps/assert.ts";
 *
 * assertEquals(showValue("matrix"), '"matrix"');
 * assertEquals(showValue({ a: 1 }), "a table");
 * ```
 */
export function showValue(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : showSpecialFloat(value);
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "an array";
  return value instanceof Date ? "a date" : "a table";
}

function showSpecialFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}
