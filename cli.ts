#!/usr/bin/env -S deno run --allow-all
/**
 * The CLI, as it is installed. It is what `mod.ts` is when it is run, and starts sooner: before anything runs, Deno looks at
 * every module that an `import()` with a plain text may ever load, and there that is all of muster. Here it is the one
 * verb's, by an address that is made when it is asked for, which takes leave to read or import muster's own files.
 *
 * ```sh
 * deno install --global --name muster --allow-all cli.ts
 * ```
 *
 * @module
 */

import { MusterError } from "./lib/io/error.ts";
import { permissionFlag } from "./lib/io/permission.ts";
import { realIo } from "./lib/io/real.ts";
import { main } from "./lib/task/cli.ts";
import { rows } from "./tasks/rows.ts";

const own = new URL(".", import.meta.url);
const leave: Deno.PermissionDescriptor = own.protocol === "file:"
  ? { name: "read", path: decodeURIComponent(own.pathname) }
  : { name: "import", host: own.host };

// deno-lint-ignore no-explicit-any -- what a module holds is known when it is loaded
async function load(path: string): Promise<any> {
  if (!realIo.permissions.isGranted(leave)) {
    const flag = permissionFlag(leave);
    throw new MusterError("permission", `missing permission: ${flag}`, {
      hint: `add ${flag} to the deno run line, or run mod.ts, which needs none for its own files`,
    });
  }
  return await import(new URL(path, own).href);
}

const tasks = rows.map((row) => ({ ...row, load: async () => (await load(row.path))[row.symbol] }));
if (import.meta.main) await main(tasks, async () => (await load("tasks/_names.ts")).readNames);
