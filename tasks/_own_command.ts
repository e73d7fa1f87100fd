/** The words by which this muster can be run again, from another working directory and without a login. @module */

import type { Io } from "../lib/io/mod.ts";
import { permissionPath, type Permissions, permissionWords } from "../lib/task/permissions.ts";

/**
 * The command line of muster's CLI with the permissions of a task: the compiled program, the bundle that this module is part
 * of, or deno with `mod.ts` from where this module came.
 */
export function ownCommand(io: Io, permissions: Permissions): string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  const own = new URL(import.meta.url);
  const isModule = own.pathname.endsWith("/tasks/_own_command.ts");
  const main = isModule ? new URL("../mod.ts", own) : own;
  const paths = (words: readonly string[] | undefined) => words?.map((word) => permissionPath(word, io.env));
  const granted = { ...permissions, read: paths(permissions.read), write: paths(permissions.write) };
  return [
    io.process.deno,
    "run",
    "--quiet",
    "--no-prompt",
    "--no-config",
    "--no-lock",
    ...permissionWords(granted),
    main.protocol === "file:" ? decodeURIComponent(main.pathname) : main.href,
  ];
}
