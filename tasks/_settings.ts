/** The flag `--set NAME=VALUE`, which fills the places of a kickstart. @module */

import { MusterError, visible } from "../lib/io/mod.ts";
import { flag, z } from "../lib/task/mod.ts";

/** The flag. */
export const settingsField = flag(
  z.array(z.string()).default([]).describe("A value for {{NAME}} in the kickstart; may be given again"),
  { placeholder: "NAME=VALUE" },
);

/**
 * The values by their names.
 *
 * @throws {MusterError} of code `usage` for what is not NAME=VALUE, or a name given twice.
 */
export function readSettings(words: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const word of words) {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=([^]*)$/.exec(word) ?? [];
    if (name === undefined || value === undefined) {
      throw new MusterError("usage", `not NAME=VALUE: --set ${visible(word)}`, { hint: "such as --set task=docs" });
    }
    if (Object.hasOwn(values, name)) throw new MusterError("usage", `given twice: --set ${name}`);
    values[name] = value;
  }
  return values;
}
