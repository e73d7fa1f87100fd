/**
 * A key of an input as its flag is written: `dryRun` is `dry-run`. The scanner behind the command line reads names by the
 * same rule.
 *
 * @example
 * ```ts
 * import { kebabCase } from "./kebab_case.ts";
 *
 * if (kebabCase("dryRun") !== "dry-run") throw new Error("unreachable");
 * ```
 */
export function kebabCase(key: string): string {
  return key.replace(/(?!^)[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
