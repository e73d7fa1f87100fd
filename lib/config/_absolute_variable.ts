/** A directory that a variable names. */
import { MusterError } from "../io/error.ts";
import type { Environment } from "../io/io.ts";
import { quoted } from "./quoted.ts";

/** The variable's path without a trailing slash; `undefined` where it is not set or empty, as in `${X:-d}`. */
export function absoluteVariable(name: string, env: Environment): string | undefined {
  const value = env.get(name);
  if (value === undefined || value === "") return undefined;
  if (!value.startsWith("/")) {
    throw new MusterError("config", `not an absolute path: ${name}=${quoted(value)}`, {
      hint: `set ${name} to a path that begins with /`,
    });
  }
  return value.replace(/\/+$/, "") || "/";
}
