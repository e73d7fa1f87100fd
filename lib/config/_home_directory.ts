/** The person's home directory. */
import { MusterError } from "../io/error.ts";
import type { Environment } from "../io/io.ts";
import { absoluteVariable } from "./_absolute_variable.ts";

/** `HOME`, or a `MusterError` of code `config`, whose hint may name another variable that would do. */
export function homeDirectory(env: Environment, hint = "set HOME to your home directory"): string {
  const home = absoluteVariable("HOME", env);
  if (home === undefined) throw new MusterError("config", "missing variable: HOME", { hint });
  return home;
}
